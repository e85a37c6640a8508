package dev.proffer.offline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.offline.Shop;
import dev.proffer.offline.build.TrainingSet;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tables and the contract {@code similar} that are shipped, by the documented commands. */
class ShippedTablesTest {
  private static final int CLICKS = 4_000;
  private static final String HALF = "2008-04-02T00:00:00Z";

  @TempDir private Path dir;

  @Test
  void theProductsAreWhatTheClicksSay() throws SQLException {
    String clicks = "read_csv('" + Shop.DATA + "/2008-*.csv.gz', all_varchar = true)";
    String products = "read_csv('" + Shop.DATA + "/products.csv', all_varchar = true)";
    String said =
        "SELECT DISTINCT model, price,"
            + " CASE price_above_avg WHEN '1' THEN 'yes' WHEN '2' THEN 'no' END AS above,"
            + " CASE photo WHEN '1' THEN 'en face' WHEN '2' THEN 'profile' END AS photo FROM "
            + clicks;
    assertThat(numbers("SELECT count(*), count(DISTINCT model) FROM " + products))
        .containsExactly(217.0, 217.0);
    assertThat(
            numbers(
                "SELECT count(*) FROM (("
                    + said
                    + ") EXCEPT (SELECT model, price, \"above-average\", photo FROM "
                    + products
                    + "))"))
        .containsExactly(0.0);
  }

  @Test
  void areMadeAndReadByFeaturesAsOfTheirInstant() throws Exception {
    Path clicks = dir.resolve("clicks.csv");
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement()) {
      statement.execute(
          "COPY (SELECT * FROM read_csv('"
              + Shop.DATA
              + "/2008-04.csv.gz') LIMIT "
              + CLICKS
              + ") TO '"
              + clicks
              + "' (HEADER)");
    }
    String dataset = Shop.SHIPPED.resolve("datasets/eshop.yaml").toString();
    String products = Shop.DATA.resolve("products.csv").toString();
    Path set = dir.resolve("set");
    run("ingest", "--dataset", dataset, clicks.toString());
    run("tables", "import", "product", "--source", products, "--as-of", "2008-04-01T00:00:00Z");
    run("embed", "item-embedding", "--as-of", HALF, "--rounds", "5");
    run("compact");
    run(
        "features",
        "build",
        "--contract",
        "similar",
        "--as-of",
        "2008-05-01T00:00:00Z",
        "--known-at",
        "time",
        "--negatives",
        "3",
        "--out",
        set.toString());

    String rows =
        "read_parquet("
            + TrainingSet.parquet(set).stream()
                .map(file -> "'" + file + "'")
                .collect(Collectors.joining(", ", "[", "]"))
            + ")";
    String early = " FROM " + rows + " WHERE as_of < epoch_ms(TIMESTAMP '2008-04-02 00:00:00')";
    String late = early.replace("as_of <", "as_of >=");
    double[] before = numbers("SELECT count(*), count(*) FILTER (NOT isnan(like_recent))" + early);
    assertThat(before[0]).isGreaterThan(1_000);
    assertThat(before[1]).as("no vector is seen before its instant").isZero();
    double[] after =
        numbers(
            "SELECT count(*), count(*) FILTER (NOT isnan(like_recent)),"
                + " min(like_recent) FILTER (NOT isnan(like_recent)),"
                + " max(like_recent) FILTER (NOT isnan(like_recent)),"
                + " avg(like_recent) FILTER (label AND NOT isnan(like_recent))"
                + " - avg(like_recent) FILTER (NOT label AND NOT isnan(like_recent))"
                + late);
    assertThat(after[0]).isGreaterThan(1_000);
    assertThat(after[1]).as("most items have a vector").isGreaterThan(after[0] / 2);
    assertThat(after[2]).isGreaterThanOrEqualTo(-1.0001);
    assertThat(after[3]).isLessThanOrEqualTo(1.0001);
    assertThat(after[4]).as("what is chosen is more like what was, on average").isPositive();
    double[] joined =
        numbers(
            "SELECT count(*), count(*) FILTER (s.table_price = p.price::FLOAT"
                + " AND s.above_average = (p.\"above-average\" = 'yes') AND s.in_profile = (p.photo = 'profile'))"
                + " FROM "
                + rows
                + " s JOIN read_csv('"
                + products
                + "', all_varchar = true) p ON s.item_id = p.model");
    assertThat(joined[0]).isEqualTo(before[0] + after[0]);
    assertThat(joined[1]).isEqualTo(joined[0]);
  }

  private void run(String... arguments) {
    List<String> line = new ArrayList<>(List.of(arguments));
    line.addAll(List.of("--home", dir.resolve("home").toString()));
    line.addAll(List.of("--config", Shop.SHIPPED.toString()));
    assertThat(Main.run(line.toArray(new String[0]))).as("exit code of %s", line).isZero();
  }

  private static double[] numbers(String query) throws SQLException {
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      result.next();
      double[] numbers = new double[result.getMetaData().getColumnCount()];
      for (int at = 0; at < numbers.length; at++) {
        numbers[at] = result.getDouble(at + 1);
      }
      return numbers;
    }
  }
}
