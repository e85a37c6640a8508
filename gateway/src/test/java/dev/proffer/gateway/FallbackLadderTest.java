package dev.proffer.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.proffer.events.time.Time;
import dev.proffer.fixtures.S3Server;
import dev.proffer.fixtures.TcpProxy;
import dev.proffer.pipeline.World;
import dev.proffer.ranker.Calibration;
import dev.proffer.ranker.Scorer;
import dev.proffer.ranker.ServedModel;
import dev.proffer.ranker.artifact.ModelRegistry;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.classification.sgd.kernel.KernelSVMTrainer;
import org.tribuo.math.kernel.Linear;

@ExtendWith(NoBlockedLoops.class)
final class FallbackLadderTest {
  private static final String ASK = "{\"user_id\":\"u1\"}";
  private static final String OTHER_CONTRACT = "0".repeat(64);

  @TempDir private Path dir;
  private Configuration configuration;
  private Models models;

  @BeforeEach
  void configure() {
    configuration = Configuration.shipped(dir);
    models = new Models(configuration.settings(), dir.resolve("var"));
  }

  private RunningGateway start() {
    return RunningGateway.on(dir, configuration);
  }

  @Test
  void answersFromTheStaticListWhenThereIsNothingElse() {
    configuration.with("ranking.yaml", "static: [welcome, offer]\n");
    try (RunningGateway running = start()) {
      Answer answer = running.open().post("/suggest", ASK);

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.ids()).containsExactly("welcome", "offer");
      assertThat(answer.json().getString("served_by")).isEqualTo("static");
      assertThat(answer.json().getString("model_version")).isNull();
      assertThat(answer.degraded()).containsExactly("no_model", "no_statistics");
    }
  }

  @Test
  void answersByRulesWhenThereIsNoModel() {
    Shop.open(dir.resolve("var"));
    try (RunningGateway running = start()) {
      Answer answer = running.open().post("/suggest", ASK);

      assertThat(answer.json().getString("served_by")).isEqualTo("rule_based");
      assertThat(answer.degraded()).containsExactly("no_model");
      assertThat(answer.ids()).startsWith("S1").hasSize(10);
    }
  }

  @Test
  void servesTheChampionWhenAllIsWell() {
    Shop.open(dir.resolve("var"));
    models.publish("ranking", "v1");
    try (RunningGateway running = start()) {
      Answer answer = running.open().post("/suggest", ASK);

      assertThat(answer.json().getString("served_by")).isEqualTo("ml_ranker");
      assertThat(answer.json().getString("model_version")).isEqualTo("v1");
      assertThat(answer.degraded()).isEmpty();
    }
  }

  @Test
  void answersByRulesWhenTheModelFileIsBroken() throws IOException {
    Shop.open(dir.resolve("var"));
    models.publish("ranking", "v1");
    Files.writeString(models.file("ranking", "v1"), "not a model");
    try (RunningGateway running = start()) {
      Answer answer = running.open().post("/suggest", ASK);

      assertThat(answer.json().getString("served_by")).isEqualTo("rule_based");
      assertThat(answer.degraded()).containsExactly("no_model");
      assertThat(running.open().get("/health").body()).contains("v1 was refused");
    }
  }

  @Test
  void answersByRulesWhenTheModelIsOfAnotherContract() {
    Shop.open(dir.resolve("var"));
    models.publish("ranking", "v1", OTHER_CONTRACT);
    try (RunningGateway running = start()) {
      Answer answer = running.open().post("/suggest", ASK);

      assertThat(answer.json().getString("served_by")).isEqualTo("rule_based");
      assertThat(running.management().get("/models").json().toString())
          .contains("was trained on contract ranking with hash 000000000000")
          .contains("the same features, of which some are declared otherwise");
      assertThat(running.metric("proffer_model_refused_total", "task=\"ranking\"")).isEqualTo(1);
    }
  }

  @Test
  void answersFromTheStaticListWhenTheModelIsRefusedAndThereAreNoStatistics() {
    Shop.append(dir.resolve("var"), Shop.items());
    models.publish("ranking", "v1", OTHER_CONTRACT);
    try (RunningGateway running = start()) {
      Answer answer = running.open().post("/suggest", ASK);

      assertThat(answer.json().getString("served_by")).isEqualTo("static");
      assertThat(answer.ids()).hasSize(10);
    }
  }

  @Test
  void servesThePreviousModelWhenTheChampionIsRefusedAtTheStart() {
    Shop.open(dir.resolve("var"));
    models.publish("ranking", "v1").publish("ranking", "v2", OTHER_CONTRACT);
    try (RunningGateway running = start()) {
      Answer answer = running.open().post("/suggest", ASK);

      assertThat(answer.json().getString("served_by")).isEqualTo("previous_model");
      assertThat(answer.json().getString("model_version")).isEqualTo("v1");
    }
  }

  @Test
  void asksTribuoBesideTheLoopWhereNoScorerIsKnown() {
    Shop.open(dir.resolve("var"));
    models.publish("ranking", "v1").publish("leave", "l1");
    configuration.gateway("model-poll-ms", 50);
    try (RunningGateway running = start()) {
      assertThat(running.open().post("/suggest", ASK).json().getString("model_version"))
          .isEqualTo("v1");
      assertThat(running.metric("proffer_off_loop_duration_seconds_count", "outcome=\"done\""))
          .isZero();
      for (String task : List.of("ranking", "leave")) {
        String contract =
            Objects.requireNonNull(configuration.settings().models().tasks().get(task)).contract();
        String sha =
            Objects.requireNonNull(configuration.settings().contracts().contract(contract))
                .sha256();
        models.publish(task, "slow", sha, new KernelSVMTrainer(new Linear(), 0.1, 1, 7));
      }

      await()
          .until(
              () ->
                  running
                      .open()
                      .post("/suggest", ASK)
                      .json()
                      .getString("model_version")
                      .equals("slow"));
      Answer answer = running.open().post("/suggest", ASK.replaceFirst("}$", ",\"explain\":true}"));
      assertThat(answer.json().getString("served_by")).isEqualTo("ml_ranker");
      assertThat(answer.json().getJsonArray("degraded")).isEmpty();
      assertThat(answer.json().getJsonArray("propositions")).isNotEmpty();
      assertThat(
              answer
                  .json()
                  .getJsonArray("propositions")
                  .getJsonObject(0)
                  .getJsonObject("contributions"))
          .as("nobody knows them")
          .isEmpty();
      assertThat(running.metric("proffer_off_loop_duration_seconds_count", "outcome=\"done\""))
          .isPositive();
      await()
          .untilAsserted(
              () -> {
                Answer leaving =
                    running.open().post("/predict", "{\"user_id\":\"u\",\"task\":\"leave\"}");
                assertThat(leaving.json().getString("model_version")).isEqualTo("slow");
                assertThat(leaving.json().getString("served_by")).isEqualTo("ml_ranker");
                assertThat(leaving.json().getJsonArray("reasons")).isEmpty();
              });
    }
  }

  @Test
  void servesFromItsCopyWhenTheBucketOfModelsIsAwayAndFollowsItWhenItIsBack() {
    Path home = dir.resolve("var");
    Shop.open(home);
    try (S3Server bucket =
            S3Server.start(dir.resolve("objects"), "models", null, "", S3Server.Conditions.HEEDED);
        TcpProxy network = TcpProxy.to(bucket.port())) {
      configuration
          .gateway("model-poll-ms", 50)
          .with(
              "models.yaml",
              configuration
                  .text("models.yaml")
                  .replace(
                      "registry: {place: home}",
                      "registry: {place: 's3://models/shop', credentials: anonymous, endpoint: "
                          + "'http://127.0.0.1:"
                          + network.port()
                          + "'}"));
      Settings settings = configuration.settings();
      Models publisher = new Models(settings, registry(settings, dir.resolve("elsewhere")));
      publisher.publish("ranking", "v1");
      try (ModelRegistry before = registry(settings, home)) {
        before.aliases("ranking");
        before.directory("ranking", "v1");
      }
      network.down();
      try (RunningGateway running = start()) {
        serves(running, "v1");
        await()
            .until(
                () ->
                    running
                        .open()
                        .get("/health")
                        .body()
                        .contains("s, what is loaded goes on: s3://models/shop at http://"));
        assertThat(running.metric("proffer_model_store_up")).isZero();
        assertThat(running.management().get("/models").json().getJsonObject("store").toString())
            .contains("\"place\":\"s3://models/shop\",\"answers\":false,\"trouble\":\"s3://");
        Answer refused = rollback(running);
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.body()).contains("model_store_away");

        network.up();
        publisher.publish("ranking", "v2");
        await().untilAsserted(() -> serves(running, "v2"));
        await() // that the store answers is said when every task was looked at
            .untilAsserted(
                () -> {
                  assertThat(running.metric("proffer_model_store_up")).isEqualTo(1);
                  assertThat(running.open().get("/health").body()).doesNotContain("goes on");
                });
        await()
            .until(
                () ->
                    publisher
                        .registry()
                        .served("ranking", Time.system().millis())
                        .containsAll(Set.of("v1", "v2")));
        assertThat(rollback(running).json().getString("champion")).isEqualTo("v1");
        serves(running, "v1");
      }
      publisher.registry().close();
    }
  }

  private static void serves(RunningGateway running, String version) {
    Answer answer = running.open().post("/suggest", ASK);
    assertThat(answer.json().getString("served_by")).isEqualTo("ml_ranker");
    assertThat(answer.json().getString("model_version")).isEqualTo(version);
  }

  private static Answer rollback(RunningGateway running) {
    Client client = running.management();
    return client.send(
        "POST",
        "/models/{task}/rollback",
        client.request("/models/ranking/rollback").POST(BodyPublishers.noBody()));
  }

  private static ModelRegistry registry(Settings settings, Path home) {
    return ModelRegistry.open(settings.models().registry(), home, Time.system(), Map.of());
  }

  @Test
  void fallsRungByRungAsScorersThrow() {
    Shop.open(dir.resolve("var"));
    models.publish("ranking", "v1");
    try (RunningGateway running = start()) {
      ServedModel good =
          Objects.requireNonNull(running.gateway().worlds().now().models("ranking").champion());
      ServedModel throwing = throwing(good);

      put(running, new World.Models(throwing, good));
      Answer previous = running.open().post("/suggest", ASK);
      assertThat(previous.json().getString("served_by")).isEqualTo("previous_model");
      assertThat(previous.json().getString("model_version")).isEqualTo("v1");
      assertThat(previous.degraded()).containsExactly("champion_failed");

      put(running, new World.Models(throwing, throwing));
      Answer rules = running.open().post("/suggest", ASK);
      assertThat(rules.json().getString("served_by")).isEqualTo("rule_based");
      assertThat(rules.degraded()).containsExactly("champion_failed", "previous_failed");
      assertThat(running.metric("proffer_degraded_total", "cause=\"champion_failed\""))
          .isEqualTo(2);
    }
  }

  @Test
  void takesANewChampionWhileItRunsAndKeepsItWhenTheNextIsRefused() {
    Shop.open(dir.resolve("var"));
    configuration.gateway("model-poll-ms", 50);
    try (RunningGateway running = start()) {
      assertThat(servedBy(running)).isEqualTo("rule_based null");

      models.publish("ranking", "v1");
      await().untilAsserted(() -> assertThat(servedBy(running)).isEqualTo("ml_ranker v1"));

      models.publish("ranking", "v2", OTHER_CONTRACT);
      await().untilAsserted(() -> assertThat(servedBy(running)).isEqualTo("previous_model v1"));

      models.publish("ranking", "v3");
      await().untilAsserted(() -> assertThat(servedBy(running)).isEqualTo("ml_ranker v3"));
      await()
          .untilAsserted(
              () ->
                  assertThat(
                          running.metric(
                              "proffer_model_info", "model_version=\"v3\"", "alias=\"champion\""))
                      .isEqualTo(1));
      assertThat(running.metric("proffer_model_refused_total")).isEqualTo(1);
    }
  }

  @Test
  void keepsWhatServedLastWhenNeitherAliasCanBeLoaded() {
    Shop.open(dir.resolve("var"));
    configuration.gateway("model-poll-ms", 50);
    models.publish("ranking", "v1");
    try (RunningGateway running = start()) {
      models.publish("ranking", "v2", OTHER_CONTRACT).publish("ranking", "v3", OTHER_CONTRACT);

      await()
          .untilAsserted(
              () ->
                  assertThat(running.management().get("/models").body()).contains("\"v3\",\"rea"));
      assertThat(servedBy(running)).isEqualTo("previous_model v1");
    }
  }

  private static String servedBy(RunningGateway running) {
    Answer answer = running.open().post("/suggest", ASK);
    return answer.json().getString("served_by") + " " + answer.json().getString("model_version");
  }

  private static void put(RunningGateway running, World.Models models) {
    running.gateway().worlds().update(world -> world.with("ranking", models));
  }

  private static ServedModel throwing(ServedModel like) {
    return new ServedModel(
        "broken",
        "ranking",
        like.contract(),
        like.contractSha(),
        new ThrowingScorer(like.scorer().width()),
        Calibration.NONE);
  }

  private record ThrowingScorer(int width) implements Scorer {
    @Override
    public void score(float[] rows, int count, float[] scores) {
      throw new IllegalStateException("on purpose");
    }

    @Override
    public void contribute(float[] rows, int row, float[] contributions) {
      throw new IllegalStateException("on purpose");
    }

    @Override
    public float baseline() {
      return 0;
    }
  }
}
