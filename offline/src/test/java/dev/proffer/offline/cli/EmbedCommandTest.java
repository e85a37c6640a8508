package dev.proffer.offline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.configs.Problems;
import dev.proffer.events.Hash64;
import dev.proffer.events.LogEntry;
import dev.proffer.features.tables.AttributeTable;
import dev.proffer.features.tables.TableRegistry;
import dev.proffer.features.tables.TableSpec;
import dev.proffer.features.tables.TablesSpec;
import dev.proffer.offline.Shop;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbedCommandTest {
  private static final String TABLES =
      """
        shape:
          entity: item
          columns:
            - {name: vector, type: vector, dimensions: 4}
        customer:
          entity: user
          columns:
            - {name: age}
      """;

  @TempDir Path dir;

  private int run(Path config, String... more) {
    List<String> line = new ArrayList<>(List.of("embed", "--home", dir.toString()));
    line.addAll(List.of("--config", config.toString()));
    line.addAll(List.of(more));
    return Main.run(line.toArray(new String[0]));
  }

  @Test
  void makesAVersionOfTheTableAsOfTheInstant() throws Exception {
    Path config = Shop.quickConfig(dir.resolve("configs"));
    Path tables = config.resolve(TablesSpec.FILE);
    Files.writeString(tables, Files.readString(tables) + TABLES);
    Shop shop = Shop.simulate(1, 60);
    List<LogEntry> entries = new ArrayList<>(shop.items);
    entries.addAll(shop.events);
    Shop.append(dir, entries);
    Instant half = Instant.ofEpochMilli(shop.events.get(shop.events.size() / 2).timeMillis());

    assertThat(run(config, "shape", "--version-id", "v1")).isZero();
    assertThat(run(config, "shape", "--version-id", "v2", "--as-of", half.toString())).isZero();
    assertThat(run(config, "shape", "--version-id", "v3")).isZero();
    assertThat(run(config, "customer")).isOne();
    assertThat(run(config, "nothing")).isOne();
    assertThat(run(config, "shape", "--as-of", "1970-01-02T00:00:00Z")).isOne();

    Problems problems = new Problems();
    TableSpec spec = Objects.requireNonNull(TablesSpec.read(config, problems).table("shape"));
    TableRegistry registry = new TableRegistry(dir.resolve(TableRegistry.DIRECTORY));
    assertThat(registry.versions("shape")).containsExactly("v1", "v2", "v3");
    assertThat(registry.current("shape")).isEqualTo("v3");
    AttributeTable all = registry.open(spec, "v1");
    AttributeTable again = registry.open(spec, "v3");
    assertThat(registry.open(spec, "v2").header().asOfMillis()).isEqualTo(half.toEpochMilli());
    assertThat(all.header().asOfMillis())
        .isEqualTo(shop.events.get(shop.events.size() - 1).timeMillis() + 1);
    float[] one = new float[4];
    float[] two = new float[4];
    long itemHash = Hash64.of(Objects.requireNonNull(shop.events.get(0).itemId()));
    assertThat(all.vector(all.row(itemHash), 0, one)).isTrue();
    assertThat(again.vector(again.row(itemHash), 0, two)).isTrue();
    assertThat(one).as("the same log and seed").isEqualTo(two);
  }
}
