package dev.proffer.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.events.Event;
import dev.proffer.events.Item;
import dev.proffer.offline.build.BuildReport;
import dev.proffer.offline.build.BuildSpec;
import dev.proffer.offline.build.DuckDbEngine;
import dev.proffer.offline.build.KnownAt;
import dev.proffer.offline.build.Sets;
import dev.proffer.offline.cli.Main;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Spark and DuckDB build the same rows in the same order, to the bit, from real data. More of it:
 * {@code -Dproffer.spark.labels=5000}, some 120,000 rows a test.
 */
class SparkEngineTest {
  private static final Path CONFIG = Path.of("../configs");
  private static final int LABELS = Integer.getInteger("proffer.spark.labels", 500);

  /** What is clicked in between gives rows too; an order has nothing in between. */
  private static final int ORDERS_A_LABEL = 4;

  private static final int SHOWN = 6;

  @TempDir private Path dir;

  @Test
  void bothEnginesGiveTheSameRowsOfEshop() throws Exception {
    compare("eshop", "eshop/2008-04.csv.gz", "ranking");
  }

  @Test
  void bothEnginesGiveTheSameRowsOfOnlineRetail() throws Exception {
    compare("online-retail", "online-retail/2009-12.csv.gz", "shop");
  }

  /** Of tables too, of which one is not there yet for the first labels. */
  @Test
  void bothEnginesGiveTheSameRowsWithTablesAndEmbeddings() throws Exception {
    compare("eshop", "eshop/2008-05.csv.gz", "similar");
  }

  private static void tables(Path home, List<Event> events) {
    String half =
        Instant.ofEpochMilli(events.get(events.size() - LABELS / 2).timeMillis()).toString();
    offline(home, "tables", "import", "product", "--as-of", "2008-01-01T00:00:00Z");
    offline(home, "embed", "item-embedding", "--as-of", half, "--rounds", "5");
  }

  private static void offline(Path home, String... arguments) {
    List<String> line = new ArrayList<>(List.of(arguments));
    line.addAll(List.of("--home", home.toString(), "--config", CONFIG.toString()));
    if (line.contains("import")) {
      line.addAll(List.of("--source", "../data/eshop/products.csv"));
    }
    assertThat(Main.run(line.toArray(new String[0]))).as("exit code of %s", line).isZero();
  }

  private void compare(String dataset, String file, String contract) throws Exception {
    List<Item> items = new ArrayList<>();
    List<Event> events = new ArrayList<>();
    Sets.real(dataset, file, items, events);
    int labels = contract.equals("shop") ? ORDERS_A_LABEL * LABELS : LABELS;
    Path home = Sets.warehouse(dir.resolve("home"), Sets.answered(items, events, labels, SHOWN));
    if (contract.equals("similar")) {
      tables(home, events);
    }
    long from = events.get(Math.max(0, events.size() - 2 * labels)).timeMillis();
    BuildSpec spec =
        Sets.spec(CONFIG, "ranking", contract, Long.MAX_VALUE / 4, KnownAt.TIME).from(from);
    BuildReport duckdb =
        Sets.build(new DuckDbEngine(), spec, CONFIG, home, dir.resolve("duckdb"), 2);
    BuildReport spark = Sets.build(new SparkEngine(), spec, CONFIG, home, dir.resolve("spark"), 3);
    List<String> expected = Sets.read(dir.resolve("duckdb"));
    List<String> rows = Sets.read(dir.resolve("spark"));
    System.out.printf(
        "duckdb and spark: %,d rows of %s, contract %s, compared to the bit%n",
        rows.size(), dataset, contract);
    assertThat(rows).hasSizeGreaterThan(labels * SHOWN);
    assertThat(rows.equals(expected)).as("every row, in the same order").isTrue();
    assertThat(spark.rows()).isEqualTo(duckdb.rows()).isEqualTo(rows.size());
    assertThat(spark.outcomes()).isEqualTo(duckdb.outcomes());
    assertThat(spark.labels()).isEqualTo(duckdb.labels());
  }
}
