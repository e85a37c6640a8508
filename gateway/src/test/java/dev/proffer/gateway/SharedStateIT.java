package dev.proffer.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.proffer.fixtures.KafkaBroker;
import dev.proffer.fixtures.Ports;
import dev.proffer.fixtures.RedisServer;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Gateways that share what they know through a real Redis, fed by a real Kafka. */
@ExtendWith(NoBlockedLoops.class)
final class SharedStateIT {
  @TempDir private Path dir;

  @Tag("slow")
  @Test
  void aClickThroughOneGatewayChangesTheSuggestionOfAnotherAndRedisMayComeAndGo() throws Exception {
    try (KafkaBroker kafka = KafkaBroker.in(dir.resolve("kafka")).start();
        RedisServer redis = RedisServer.in(dir.resolve("redis")).start()) {
      String endpoint = "127.0.0.1:" + redis.port();
      Path one = dir.resolve("one");
      Path two = dir.resolve("two");
      Shop.open(one.resolve("var"));
      // The other has a log of its own, and no items: they come through Kafka.
      try (RunningGateway a = RunningGateway.on(one, shared(one, kafka, endpoint));
          RunningGateway b = RunningGateway.on(two, shared(two, kafka, endpoint))) {
        await().until(() -> parts(b).getJsonObject("statistics"), SharedStateIT::ok);
        await().until(() -> redis(a) && redis(b));
        await()
            .until(
                () ->
                    a.metric("proffer_updater_partitions") + b.metric("proffer_updater_partitions")
                        == 6);
        await().until(() -> onTime(asked(b, "walker")));

        // Nobody has seen the walker; then A alone sees a click.
        assertThat(reasons(asked(b, "walker"))).doesNotContain("You looked at it before");
        click(a, "walker", "T3");
        await()
            .untilAsserted(
                () -> assertThat(reasons(asked(b, "walker"))).contains("You looked at it before"));

        // Every gateway relays its own log, and says so.
        await().until(() -> ok(parts(a).getJsonObject("kafka")));
        await().until(() -> a.metric("proffer_relay_behind") == 0);
        double relayed = a.metric("proffer_relay_relayed_total");
        assertThat(parts(a).getJsonObject("kafka").getString("detail"))
            .contains(" entries relayed, 0 to go");
        assertThat(a.metric("proffer_relay_connected")).isOne();
        assertThat(relayed).isGreaterThan(1);
        for (String none : List.of("dead_letters_total", "behind_age_seconds")) {
          assertThat(a.metric("proffer_relay_" + none)).as(none).isZero();
        }
        assertThat(a.metric("proffer_relay_failures_total", "reason=\"too_large\"")).isZero();
        click(a, "walker", "T4");
        await().until(() -> a.metric("proffer_relay_relayed_total") == relayed + 1);

        redis.freeze();
        await()
            .untilAsserted(
                () -> assertThat(asked(b, "another").degraded()).contains("features_late"));
        await()
            .untilAsserted(
                () -> assertThat(asked(b, "walker").degraded()).contains("features_stale"));
        assertThat(reasons(asked(b, "walker"))).contains("You looked at it before");
        await().until(() -> !redis(b));
        click(b, "another", "T4"); // one's own clicks are seen at once, with Redis or without
        assertThat(reasons(asked(b, "another"))).contains("You looked at it before");
        redis.thaw();
        await().until(() -> redis(a) && redis(b));
        await().until(() -> onTime(asked(b, "stranger")));

        redis.kill();
        await().until(() -> !redis(a) && !redis(b));
        assertThat(asked(a, "walker").status()).isEqualTo(200);
        assertThat(a.management().get("/readyz").status()).isEqualTo(200);
        redis.start(); // empty: the updaters fold Kafka again
        await().until(() -> redis(a) && redis(b));
        await()
            .untilAsserted(
                () -> assertThat(reasons(asked(a, "another"))).contains("You looked at it before"));

        // Who is deleted at one gateway is gone from Redis, whichever gateway writes there.
        click(b, "another", "T3");
        await().until(() -> whereRedisNames(redis, "another"), found -> found > 0);
        HttpResponse<String> deleted =
            HttpClient.newHttpClient()
                .send(
                    b.management().request("/users/another").DELETE().build(),
                    HttpResponse.BodyHandlers.ofString());
        assertThat(deleted.statusCode()).isEqualTo(202);
        await().until(() -> whereRedisNames(redis, "another"), found -> found == 0);
        assertThat(whereRedisNames(redis, "proffer.events")).as("of all else").isPositive();
        await()
            .untilAsserted(
                () ->
                    assertThat(reasons(asked(a, "another")))
                        .doesNotContain("You looked at it before"));
      }
    }
  }

  @Test
  void startsAndSuggestsWithoutTheRedisItIsToldOf() {
    Shop.open(dir.resolve("var"));
    Configuration configuration = Configuration.shipped(dir);
    configuration.with("redis.yaml", "endpoints: [\"127.0.0.1:" + Ports.free() + "\"]\n");
    try (RunningGateway running = RunningGateway.on(dir, configuration)) {
      Answer answer = asked(running, "p1");
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.degraded()).contains("features_late");
      assertThat(reasons(answer)).contains("You looked at it before"); // of its own log
      Answer prediction =
          running.open().post("/predict", "{\"user_id\":\"p1\",\"task\":\"leave\"}");
      assertThat(prediction.degraded()).contains("features_late");
      await()
          .untilAsserted(
              () ->
                  assertThat(parts(running).getJsonObject("redis").getString("detail"))
                      .contains("sequences: ", "Connection refused"));
      assertThat(running.metric("proffer_redis_reads_total", "outcome=\"late\"")).isEqualTo(2);
      assertThat(running.metric("proffer_redis_available_ratio")).isZero();
    }
  }

  private static Configuration shared(Path home, KafkaBroker kafka, String redis) {
    Configuration configuration = Configuration.shipped(home);
    return configuration
        .with(
            "kafka.yaml",
            configuration
                .text("kafka.yaml")
                .replace(
                    "bootstrap-servers: \"\"",
                    "bootstrap-servers: \"" + kafka.bootstrapServers() + "\"")
                .replace("partitions: 12", "partitions: 3"))
        .with(
            "redis.yaml",
            """
            endpoints: ["%s"]
            reading:
              deadline-ms: 50
              staleness-ms: 20
              breaker-retry-ms: 100
            updater:
              statistics-write-ms: 100
              timeout-ms: 1000
            """
                .formatted(redis));
  }

  /** How many keys, and fields of hashes, have a text in their names or in what they hold. */
  private static long whereRedisNames(RedisServer redis, String text) {
    List<String> names = new ArrayList<>();
    String cursor = "0";
    do {
      List<String> page = redis.ask("SCAN", cursor, "COUNT", "1000");
      cursor = page.get(0);
      for (String key : page.subList(1, page.size())) {
        names.add(key);
        names.addAll(
            switch (redis.ask("TYPE", key).get(0)) {
              case "hash" -> redis.ask("HGETALL", key);
              case "string" -> redis.ask("GET", key);
              case "none" -> List.of(); // written away since
              default -> throw new IllegalStateException(key + " is neither hash nor string");
            });
      }
    } while (!cursor.equals("0"));
    return names.stream().filter(name -> name.contains(text)).count();
  }

  private static Answer asked(RunningGateway gateway, String user) {
    return gateway.open().post("/suggest", "{\"user_id\":\"" + user + "\",\"limit\":12}");
  }

  private static boolean onTime(Answer answer) {
    return answer.degraded().stream().noneMatch(cause -> cause.startsWith("features_"));
  }

  private static List<String> reasons(Answer answer) {
    return answer.json().getJsonArray("propositions").stream()
        .map(one -> ((JsonObject) one).getString("reason"))
        .toList();
  }

  private static void click(RunningGateway gateway, String user, String item) {
    Answer answer =
        gateway
            .open()
            .post(
                "/log_event",
                "{\"type\":\"click\",\"user_id\":\"%s\",\"item_id\":\"%s\"}".formatted(user, item));
    assertThat(answer.status()).isEqualTo(202);
  }

  private static JsonObject parts(RunningGateway gateway) {
    return gateway.open().get("/health").json().getJsonObject("parts");
  }

  private static boolean redis(RunningGateway gateway) {
    return ok(parts(gateway).getJsonObject("redis"));
  }

  private static boolean ok(JsonObject part) {
    return part.getString("status").equals("ok");
  }
}
