package dev.proffer.events.log.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.events.log.kafka.RelayFigures.Failure;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.Test;

class FailureKindsTest {
  @Test
  void buriesOnlyWhatIsWrongWithTheRecordItself() {
    assertKind(Failure.TOO_LARGE, new RecordTooLargeException("m"));
    assertKind(Failure.REFUSED, new InvalidRecordException("m"));
    assertKind(Failure.REFUSED, new InvalidTimestampException("m"));
    assertKind(Failure.REFUSED, new SerializationException("m"));
  }

  @Test
  void sendsAgainWhatWasNotTheRecordsFault() {
    assertKind(Failure.UNREACHABLE, new TimeoutException("m"));
    assertKind(Failure.UNREACHABLE, new NotLeaderOrFollowerException("m"));
    assertKind(Failure.UNREACHABLE, new KafkaException("m", new ConfigException("no host")));
    assertKind(Failure.TOPIC_MISSING, new UnknownTopicOrPartitionException("m"));
    assertKind(
        Failure.TOPIC_MISSING, new TimeoutException("m", new UnknownTopicOrPartitionException()));
    assertKind(Failure.UNAUTHORIZED, new TopicAuthorizationException("m"));
    assertKind(Failure.UNAUTHENTICATED, new KafkaException(new SaslAuthenticationException("m")));
    assertKind(Failure.DISK, new UncheckedIOException(new IOException("m")));
  }

  @Test
  void makesAProducerAnewThatCannotGoOn() {
    assertKind(Failure.PRODUCER_BROKEN, new ProducerFencedException("m"));
    assertKind(Failure.PRODUCER_BROKEN, new InvalidProducerEpochException("m"));
    assertKind(Failure.PRODUCER_BROKEN, new OutOfOrderSequenceException("m"));
    assertKind(Failure.PRODUCER_BROKEN, new ClusterAuthorizationException("m"));
    assertKind(Failure.PRODUCER_BROKEN, new IllegalStateException("closed"));
  }

  /** The words are those of {@code Sender.failBatch} of the clients this house is built with. */
  @Test
  void knowsARecordThatStoodBesideOneThatIsRefused() {
    assertThat(
            FailureKinds.isBystander(
                new KafkaException(
                    "Failed to append record because it was part of a batch which had one more"
                        + " more invalid records")))
        .isTrue();
    assertThat(FailureKinds.isBystander(new KafkaException("closed"))).isFalse();
    assertThat(FailureKinds.isBystander(new InvalidRecordException("m"))).isFalse();
  }

  @Test
  void saysTheInnermostCause() {
    assertThat(FailureKinds.message(new KafkaException("outer", new IOException("inner"))))
        .isEqualTo("outer (inner)");
    assertThat(FailureKinds.message(new KafkaException("outer"))).isEqualTo("outer");
  }

  private static void assertKind(Failure expected, Exception e) {
    assertThat(FailureKinds.failureOf(e)).as("%s", e).isEqualTo(expected);
  }
}
