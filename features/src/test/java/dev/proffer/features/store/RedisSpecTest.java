package dev.proffer.features.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.proffer.configs.ConfigException;
import dev.proffer.configs.Problems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedisSpecTest {
  @TempDir private Path dir;

  @Test
  void shipsWithoutARedis() {
    Problems problems = new Problems();
    RedisSpec spec = RedisSpec.read(Path.of("../configs"), problems);
    problems.throwIfAny();
    assertThat(spec.enabled()).isFalse();
    assertThat(spec.reading().deadlineMillis()).isEqualTo(5);
  }

  @Test
  void namesEveryMistake() throws IOException {
    Files.writeString(
        dir.resolve(RedisSpec.FILE),
        """
        endpoints: ["redis://a:1", "b:2"]
        mode: ring
        prefix: "a{b"
        security:
          trust-store: /nowhere/trust.p12
          password: secret
          password-variable: PROFFER_NO_SUCH_VARIABLE
        reading:
          deadline-ms: 0
          deadlines: 3
        """);
    Problems problems = new Problems();
    RedisSpec.read(dir, problems);
    assertThatThrownBy(problems::throwIfAny)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("\"redis://a:1\" is not host:port")
        .hasMessageContaining("2 are named; expected one with mode standalone")
        .hasMessageContaining("\"ring\"")
        .hasMessageContaining("holds a space or a brace")
        .hasMessageContaining("\"/nowhere/trust.p12\" cannot be read")
        .hasMessageContaining("is of use with tls: true only")
        .hasMessageContaining("a password has no place here")
        .hasMessageContaining("\"PROFFER_NO_SUCH_VARIABLE\" is not set")
        .hasMessageContaining("deadline-ms")
        .hasMessageContaining("deadlines");
  }

  @Test
  void takesUserPasswordAndClusterOver() throws IOException {
    Path password = Files.writeString(dir.resolve("password"), "hush\n");
    Files.writeString(
        dir.resolve(RedisSpec.FILE),
        """
        endpoints: ["a:1", "b:2"]
        mode: cluster
        security:
          tls: true
          user: ranker
          password-file: %s
        """
            .formatted(password));
    Problems problems = new Problems();
    RedisSpec spec = RedisSpec.read(dir, problems);
    problems.throwIfAny();
    var options = spec.options(3, 7);
    assertThat(options.getEndpoints()).containsExactly("rediss://a:1", "rediss://b:2");
    assertThat(options.getUser()).isEqualTo("ranker");
    assertThat(options.getPassword()).isEqualTo("hush");
    assertThat(options.getMaxPoolSize()).isEqualTo(3);
    assertThat(options.getNetClientOptions().isSsl()).isTrue();
  }
}
