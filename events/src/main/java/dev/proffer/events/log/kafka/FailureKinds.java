package dev.proffer.events.log.kafka;

import dev.proffer.events.log.kafka.RelayFigures.Failure;
import java.io.UncheckedIOException;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** What an exception of Kafka's clients means for the relay: of a record, a topic, or all. Pure. */
final class FailureKinds {
  private static final String BYSTANDER = "Failed to append record because it was part of a batch";

  private FailureKinds() {}

  /** The kind that decides what the relay does. */
  static Failure failureOf(Exception e) {
    if (e instanceof RecordTooLargeException || e instanceof RecordBatchTooLargeException) {
      return Failure.TOO_LARGE;
    }
    if (e instanceof InvalidRecordException
        || e instanceof InvalidTimestampException
        || e instanceof SerializationException) {
      return Failure.REFUSED;
    }
    if (e instanceof UnknownTopicOrPartitionException
        || e instanceof InvalidTopicException
        || e.getCause() instanceof UnknownTopicOrPartitionException) {
      return Failure.TOPIC_MISSING;
    }
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof AuthenticationException) {
        return Failure.UNAUTHENTICATED;
      }
      if (cause instanceof ClusterAuthorizationException) {
        return Failure.PRODUCER_BROKEN;
      }
      if (cause instanceof AuthorizationException) {
        return Failure.UNAUTHORIZED;
      }
      if (cause instanceof UncheckedIOException) {
        return Failure.DISK;
      }
      if (cause instanceof ConfigException) {
        return Failure
            .UNREACHABLE; // the settings are checked: what is left is a host without address
      }
    }
    return e instanceof RetriableException ? Failure.UNREACHABLE : Failure.PRODUCER_BROKEN;
  }

  /**
   * Whether nothing is wrong with a record but another in its batch, which is refused. Kafka has no
   * exception of its own for it.
   */
  static boolean isBystander(Exception e) {
    return e.getClass() == KafkaException.class
        && String.valueOf(e.getMessage()).startsWith(BYSTANDER);
  }

  /** In words for people, with the innermost cause. */
  static String message(Exception e) {
    Throwable root = e;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    String first = String.valueOf(e.getMessage());
    return root == e ? first : first + " (" + root.getMessage() + ")";
  }
}
