package dev.proffer.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.proffer.features.tables.TableRegistry;
import dev.proffer.features.tables.TableSpec;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoBlockedLoops.class)
final class TablesTest {
  @TempDir private Path dir;

  /** The shipped configuration with a table of users and one of items, and a feature of each. */
  static Configuration configuration(Path dir) {
    Configuration configuration = Configuration.shipped(dir);
    return configuration
        .with(
            "tables.yaml",
            configuration.text("tables.yaml")
                + """
                    customer:
                      entity: user
                      columns: [{name: age, type: number}]
                    shape:
                      entity: item
                      columns: [{name: size, type: number}]
                  """)
        .with(
            "features.yaml",
            configuration
                .text("features.yaml")
                .replace(
                    "  ranking:\n    features:\n",
                    "  ranking:\n    features:\n"
                        + "      - {name: age, transformation: user-table, parameters: {table:"
                        + " customer, column: age}, default: -1}\n"
                        + "      - {name: size, transformation: item-table, parameters: {table:"
                        + " shape, column: size}, default: -1}\n"));
  }

  static float feature(RunningGateway running, String name, String user, long at) {
    Answer answer =
        running
            .open()
            .post(
                "/suggest",
                "{\"user_id\":\""
                    + user
                    + "\",\"limit\":1,\"explain\":true,\"items\":[\"S1\"],\"timestamp\":"
                    + at
                    + "}");
    JsonObject first = answer.json().getJsonArray("propositions").getJsonObject(0);
    return first.getJsonObject("features").getFloat(name);
  }

  private static void publish(
      Path home, Settings settings, String table, String version, long asOf, String id, float value)
      throws IOException {
    TableSpec spec = Objects.requireNonNull(settings.contracts().tables().table(table));
    new TableRegistry(home.resolve(TableRegistry.DIRECTORY))
        .publish(
            spec,
            version,
            asOf,
            out -> {
              out.begin(id);
              out.number(0, value);
            });
  }

  @Test
  void takesAVersionAsItIsPublishedAndKeepsItWhenTheNextIsDamaged() throws Exception {
    Path home = dir.resolve("var");
    Configuration configuration = configuration(dir).gateway("model-poll-ms", 50);
    Settings settings = configuration.settings();
    Shop.open(home);
    new Models(settings, home).publish("ranking", "v1");
    long now = Shop.OPENED + 1_000;
    publish(home, settings, "shape", "first", now, "S1", 7);
    try (RunningGateway running = RunningGateway.on(dir, configuration)) {
      assertThat(feature(running, "size", "u", now)).isEqualTo(7);
      assertThat(feature(running, "size", "u", now - 1)).as("not known yet").isEqualTo(-1);
      assertThat(feature(running, "age", "u", now)).isEqualTo(-1);
      assertThat(running.open().get("/health").body())
          .contains("customer: no version, its features are missing")
          .contains("product: no version, and nothing that is served reads it");

      publish(home, settings, "customer", "one", now, "u", 42);

      await().until(() -> feature(running, "age", "u", now) == 42);
      assertThat(feature(running, "age", "somebody else", now)).isEqualTo(-1);
      await()
          .until(
              () ->
                  running.metric("proffer_table_rows", "table=\"customer\"", "version=\"one\"")
                      == 1);

      publish(home, settings, "customer", "two", now, "u", 43);
      await().until(() -> feature(running, "age", "u", now) == 43);

      TableRegistry registry = new TableRegistry(home.resolve(TableRegistry.DIRECTORY));
      registry.makeCurrent("customer", "one");
      await().until(() -> feature(running, "age", "u", now) == 42);
      Files.writeString(home.resolve("tables/customer/versions/two/table"), "cut");
      registry.makeCurrent("customer", "two");

      await().until(() -> running.metric("proffer_table_refused_total") == 1);
      assertThat(feature(running, "age", "u", now)).isEqualTo(42);
      await()
          .untilAsserted(
              () ->
                  assertThat(running.open().get("/health").body())
                      .contains("customer: version one", "damaged"));
    }
  }
}
