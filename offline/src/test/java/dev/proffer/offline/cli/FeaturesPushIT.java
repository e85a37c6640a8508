package dev.proffer.offline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.proffer.fixtures.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code proffer features push} into a real Redis, killed in the middle and run again. */
class FeaturesPushIT {
  private static final int ROWS = 20_000;
  private static final String POINTER = "proffer:table:customer";

  @TempDir private Path dir;

  @Tag("slow")
  @Test
  void goesOnAfterAKillAndShowsAVersionOnlyOnceItIsWhole() throws Exception {
    try (RedisServer redis = RedisServer.in(dir.resolve("redis")).start()) {
      declare(redis.port());
      load("v1", 1);
      assertThat(run("features", "push", "--rows-per-second", "0")).isZero();
      assertThat(redis.ask("HGET", POINTER, "version")).containsExactly("v1");
      List<String> buckets = buckets(redis, "v1");
      assertThat(rows(redis, buckets)).isEqualTo(ROWS);

      load("v2", 2);
      Process killed = start("features", "push", "--rows-per-second", "5000"); // four seconds of it
      try {
        await().until(() -> !redis.ask("HGET", POINTER, "at:v2").isEmpty() || !killed.isAlive());
      } finally {
        killed.destroyForcibly();
        assertThat(killed.waitFor(20, TimeUnit.SECONDS)).isTrue();
      }
      int reached = Integer.parseInt(redis.ask("HGET", POINTER, "at:v2").get(0));
      assertThat(reached).isBetween(1, ROWS - 1);
      assertThat(redis.ask("HGET", POINTER, "version")).as("none of it is seen").contains("v1");
      assertThat(rows(redis, buckets)).as("what is served is whole").isEqualTo(ROWS);

      redis.ask("CONFIG", "RESETSTAT");
      assertThat(run("features", "push", "--rows-per-second", "0")).isZero();
      assertThat(redis.ask("HGET", POINTER, "version")).containsExactly("v2");
      List<String> anew = buckets(redis, "v2");
      assertThat(rows(redis, anew)).isEqualTo(ROWS);
      String counted = redis.ask("INFO", "commandstats").get(0);
      long writes = Long.parseLong(counted.replaceAll("(?s).*cmdstat_hset:calls=(\\d+),.*", "$1"));
      assertThat(writes)
          .as("what was there is not written again: %d rows were", reached)
          .isLessThan(anew.size());
      assertThat(redis.ask("HKEYS", POINTER))
          .containsExactlyInAnyOrder("version", "bits", "header");
      for (String bucket : buckets) {
        assertThat(Integer.parseInt(redis.ask("TTL", bucket).get(0))).isPositive();
      }
    }
  }

  @Test
  void saysWhatToDoWithoutARedis() throws IOException {
    declare(1); // nobody listens there
    load("v1", 1);
    assertThat(run("features", "push")).isOne();
    assertThat(run("features", "push", "--rows-per-second", "-1")).isOne();
    Files.writeString(dir.resolve("redis.yaml"), "endpoints: []\n");
    assertThat(run("features", "push")).isOne();
  }

  private void declare(int port) throws IOException {
    Files.writeString(
        dir.resolve("tables.yaml"),
        """
        tables:
          customer:
            entity: user
            id: who
            columns: [{name: age}]
        """);
    Files.writeString(dir.resolve("redis.yaml"), "endpoints: [\"127.0.0.1:%d\"]\n".formatted(port));
  }

  private void load(String version, int age) throws IOException {
    List<String> lines = new ArrayList<>(List.of("who,age"));
    for (int row = 0; row < ROWS; row++) {
      lines.add("user-" + row + "," + age);
    }
    Path source = Files.write(dir.resolve(version + ".csv"), lines);
    assertThat(
            run("tables", "import", "customer", "--source", source + "", "--version-id", version))
        .isZero();
  }

  private static List<String> buckets(RedisServer redis, String version) {
    return redis.ask("KEYS", "proffer:rows:customer:" + version + ":*");
  }

  private static long rows(RedisServer redis, List<String> buckets) {
    return buckets.stream().mapToLong(key -> Long.parseLong(redis.ask("HLEN", key).get(0))).sum();
  }

  private List<String> line(String... arguments) {
    List<String> line = new ArrayList<>(List.of(arguments));
    line.addAll(List.of("--home", dir.resolve("home").toString(), "--config", dir.toString()));
    return line;
  }

  private int run(String... arguments) {
    return Main.run(line(arguments).toArray(new String[0]));
  }

  private Process start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-cp", System.getProperty("java.class.path")));
    command.add(Main.class.getName());
    command.addAll(line(arguments));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(dir.resolve("push.log").toFile())
        .start();
  }
}
