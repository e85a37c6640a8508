package dev.proffer.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.proffer.features.tables.TableRegistry;
import dev.proffer.features.tables.TableSpec;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Candidates by vectors of items and users, from published tables to answers. */
@ExtendWith(NoBlockedLoops.class)
final class SimilarTest {
  private static final int DIMENSIONS = 32;

  @TempDir private Path dir;

  @Test
  void findsWhatIsLikeTheItemLookedAtAndWhatPeopleWhoChooseAlikeChose() throws Exception {
    Configuration configuration = Configuration.shipped(dir).gateway("model-poll-ms", 50);
    configuration
        .with(
            "tables.yaml",
            configuration.text("tables.yaml")
                + """
                    user-embedding:
                      entity: user
                      columns: [{name: vector, type: vector, dimensions: 32}]
                  """)
        .with(
            "candidates.yaml",
            """
            max-candidates: 200
            sources:
              - {name: similar-items, table: item-embedding, column: vector, quota: 2, reason: "Like what you look at"}
              - {name: similar-users, users: user-embedding, items: item-embedding, column: vector, quota: 2, reason: "Chosen by people like you"}
              - {name: popular, quota: 200, reason: "Popular with everyone"}
            """);
    Path home = dir.resolve("var");
    Settings settings = configuration.settings();
    Shop.open(home);
    new Models(settings, home).publish("ranking", "v1");
    Map<String, float[]> items = new LinkedHashMap<>();
    items.put("S1", vector(1, 0));
    items.put("T4", vector(1, 0.1f));
    items.put("B3", vector(1, 0.2f));
    items.put("S3", vector(0.2f, 1));
    items.put("B2", vector(0, 1));
    items.put("S2", vector(-1, 0));
    publish(home, settings, "item-embedding", "first", items);
    try (RunningGateway running = RunningGateway.on(dir, configuration)) {
      await()
          .untilAsserted(
              () ->
                  assertThat(foundBy(running, "similar-items", "nobody", "S1"))
                      .containsExactlyInAnyOrder("T4", "B3"));
      assertThat(foundBy(running, "similar-users", "nobody", "S1")).isEmpty();
      assertThat(foundBy(running, "similar-items", "nobody", "T1"))
          .as("an item without a vector")
          .isEmpty();

      publish(home, settings, "user-embedding", "one", Map.of("u", vector(0, 2)));

      await()
          .untilAsserted(
              () ->
                  assertThat(foundBy(running, "similar-users", "u", "S1"))
                      .containsExactlyInAnyOrder("S3", "B2"));
      assertThat(foundBy(running, "similar-users", "nobody", "S1")).isEmpty();

      // A later version is searched as soon as it is served, and the one before no longer.
      items.put("T4", vector(-1, 0.1f));
      items.put("T3", vector(1, 0.05f));
      publish(home, settings, "item-embedding", "second", items);
      await()
          .untilAsserted(
              () ->
                  assertThat(foundBy(running, "similar-items", "nobody", "S1"))
                      .containsExactlyInAnyOrder("T3", "B3"));
    }
  }

  /** The items of an answer that a source found. */
  private static List<String> foundBy(
      RunningGateway running, String source, String user, String lookedAt) {
    Answer answer =
        running
            .open()
            .post(
                "/suggest",
                new JsonObject()
                    .put("user_id", user)
                    .put("context", lookedAt)
                    .put("context_type", "item")
                    .put("limit", 12)
                    .put("explain", true)
                    .put("timestamp", Shop.OPENED + 1_000)
                    .encode());
    assertThat(answer.status()).isEqualTo(200);
    JsonArray propositions = answer.json().getJsonArray("propositions");
    return propositions.stream()
        .map(JsonObject.class::cast)
        .filter(one -> one.getJsonArray("sources").contains(source))
        .map(one -> one.getString("id"))
        .toList();
  }

  private static float[] vector(float first, float second) {
    float[] vector = new float[DIMENSIONS];
    vector[0] = first;
    vector[1] = second;
    return vector;
  }

  private static void publish(
      Path home, Settings settings, String table, String version, Map<String, float[]> vectors)
      throws IOException {
    TableSpec spec = Objects.requireNonNull(settings.contracts().tables().table(table));
    new TableRegistry(home.resolve(TableRegistry.DIRECTORY))
        .publish(
            spec,
            version,
            Shop.OPENED,
            out -> {
              for (Map.Entry<String, float[]> one : vectors.entrySet()) {
                out.begin(one.getKey());
                out.vector(0, one.getValue());
              }
            });
  }
}
