package dev.proffer.events.log.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.proffer.configs.ConfigException;
import dev.proffer.configs.Problems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaSpecTest {
  @TempDir Path directory;

  @Test
  void theShippedFileIsWithoutKafkaAndSaysEveryDefault() {
    Problems problems = new Problems();
    KafkaSpec shipped = KafkaSpec.read(Path.of("..", "configs"), problems);
    problems.throwIfAny();
    assertThat(shipped.enabled()).isFalse();
    assertThat(shipped).isEqualTo(KafkaSpecs.read(directory, "{}"));
  }

  @Test
  void namesEveryMistake() {
    ConfigException refused =
        catchThrowableOfType(
            ConfigException.class,
            () ->
                KafkaSpecs.read(
                    directory,
                    """
                    bootstrap-servers: "broker"
                    source: " "
                    replication-factor: 0
                    partition: 3
                    topics:
                      events: "a topic"
                      items: proffer.dead-letters
                    security:
                      protocol: sasl-ssl
                      password: secret
                      trust-store: nowhere.p12
                    producer:
                      in-flight: 6
                      delivery-timeout-ms: 2000
                    properties:
                      acks: 1
                    """));
    assertThat(refused.getMessage())
        .contains(
            "bootstrap-servers: \"broker\"",
            "source: must not be blank",
            "replication-factor: 0",
            "partition: unknown key",
            "topics.events: \"a topic\"",
            "topics.dead-letters: \"proffer.dead-letters\" is the topic of items too",
            "security.user: is required by protocol sasl-ssl",
            "security.password: a password has no place here",
            "security.password-file: or password-variable is required",
            "security.trust-store: \"nowhere.p12\" cannot be read",
            "producer.in-flight: 6 is out of range; expected a whole number from 1 to 5",
            "producer.delivery-timeout-ms: 2000 is out of range; expected at least",
            "properties.acks: is not passed on");
  }

  @Test
  void readsPasswordsFromFilesAndQuotesThem() throws IOException {
    Path password = Files.writeString(directory.resolve("password"), "a\"b\\c\n");
    KafkaSpec spec =
        KafkaSpecs.read(
            directory,
            """
            bootstrap-servers: "one:9092, two:9093"
            security:
              protocol: sasl-plaintext
              mechanism: SCRAM-SHA-256
              user: ann
              password-file: "%s"
            properties:
              client.rack: here
            """
                .formatted(password));
    assertThat(spec.clientProperties("me"))
        .containsEntry("bootstrap.servers", "one:9092, two:9093")
        .containsEntry("client.rack", "here")
        .containsEntry("sasl.mechanism", "SCRAM-SHA-256")
        .containsEntry(
            "sasl.jaas.config",
            "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"ann\""
                + " password=\"a\\\"b\\\\c\";");
    assertThat(spec.toString()).doesNotContain("b\\c");
  }
}
