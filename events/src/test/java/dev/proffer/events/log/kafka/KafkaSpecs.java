package dev.proffer.events.log.kafka;

import dev.proffer.configs.Problems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Specifications written as YAML, as people write them. */
final class KafkaSpecs {
  private KafkaSpecs() {}

  /** Topics of their own, two partitions each, and short timeouts, so that a test need not wait. */
  static KafkaSpec of(Path directory, String servers, String prefix, String more) {
    return read(
        directory,
        """
        bootstrap-servers: "%1$s"
        source: /test
        partitions: 2
        topics:
          events: %2$s.events
          impressions: %2$s.impressions
          items: %2$s.items
          dead-letters: %2$s.dead-letters
        producer:
          delivery-timeout-ms: 2000
          request-timeout-ms: 1000
          max-record-kib: 64
        %3$s
        """
            .formatted(servers, prefix, more));
  }

  static KafkaSpec read(Path directory, String yaml) {
    Problems problems = new Problems();
    try {
      Files.writeString(directory.resolve(KafkaSpec.FILE), yaml);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    KafkaSpec spec = KafkaSpec.read(directory, problems);
    problems.throwIfAny();
    return spec;
  }
}
