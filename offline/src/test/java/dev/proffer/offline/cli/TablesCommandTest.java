package dev.proffer.offline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.configs.Problems;
import dev.proffer.events.Hash64;
import dev.proffer.features.tables.AttributeTable;
import dev.proffer.features.tables.TableRegistry;
import dev.proffer.features.tables.TableSpec;
import dev.proffer.features.tables.TablesSpec;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class TablesCommandTest {
  private static final String CSV =
      """
      who,age,member,tier,taste
      ada,36,yes,gold,"[0.5, -1]"
      bob,,false,,
      """;

  @TempDir Path dir;
  private String out = "";
  private String err = "";

  @BeforeEach
  void declare() throws IOException {
    Files.writeString(
        dir.resolve("tables.yaml"),
        """
        tables:
          customer:
            entity: user
            id: who
            columns:
              - {name: age}
              - {name: member, type: boolean}
              - {name: tier, type: category}
              - {name: taste, type: vector, dimensions: 2}
        """);
  }

  private int run(String... arguments) {
    StringWriter said = new StringWriter();
    StringWriter complained = new StringWriter();
    CommandLine line =
        new CommandLine(new TablesCommand())
            .setOut(new PrintWriter(said))
            .setErr(new PrintWriter(complained));
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          complained.append(failure.getMessage());
          return 1;
        });
    int code = line.execute(arguments);
    out = said.toString();
    err = complained.toString();
    return code;
  }

  private int load(Path source, String version) {
    return run(
        "import",
        "customer",
        "--home",
        dir.toString(),
        "--config",
        dir.toString(),
        "--source",
        source.toString(),
        "--version-id",
        version,
        "--as-of",
        "2026-01-01T00:00:00Z");
  }

  private AttributeTable open(String version) throws Exception {
    TableSpec spec = Objects.requireNonNull(TablesSpec.read(dir, new Problems()).table("customer"));
    return new TableRegistry(dir.resolve(TableRegistry.DIRECTORY)).open(spec, version);
  }

  @Test
  void importsTheSameFromCsvAndParquet() throws Exception {
    Path csv = Files.writeString(dir.resolve("customers.csv"), CSV);
    Path parquet = dir.resolve("customers.parquet");
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement()) {
      statement.execute(
          "COPY (SELECT 'ada' AS who, 36.0::DOUBLE AS age, true AS member, 'gold' AS tier,"
              + " [0.5, -1.0]::FLOAT[] AS taste UNION ALL SELECT 'bob', NULL, false, NULL, NULL)"
              + " TO '"
              + parquet
              + "' (FORMAT PARQUET)");
    }
    assertThat(load(csv, "from-csv")).as(err).isZero();
    assertThat(load(parquet, "from-parquet")).as(err).isZero();

    for (String version : new String[] {"from-csv", "from-parquet"}) {
      AttributeTable table = open(version);
      int ada = table.row(Hash64.of("ada"));
      assertThat(table.number(ada, 0)).isEqualTo(36);
      assertThat(table.number(ada, 1)).isEqualTo(1);
      assertThat(table.text(2, table.code(ada, 2))).isEqualTo("gold");
      float[] taste = new float[2];
      assertThat(table.vector(ada, 3, taste)).isTrue();
      assertThat(taste).containsExactly(0.5f, -1);
      int bob = table.row(Hash64.of("bob"));
      assertThat(table.number(bob, 0)).isNaN();
      assertThat(table.number(bob, 1)).isZero();
      assertThat(table.code(bob, 2)).isZero();
      assertThat(table.vector(bob, 3, taste)).isFalse();
    }
    assertThat(run("list", "--home", dir.toString(), "--config", dir.toString())).isZero();
    assertThat(out)
        .contains("    from-csv  2 rows, as of 2026-01-01T00:00:00Z", "  * from-parquet  2 rows");

    String[] use = {"use", "customer", "from-csv", "--home", dir.toString(), "--config"};
    assertThat(run(use[0], use[1], use[2], use[3], use[4], use[5], dir.toString())).isZero();
    run("list", "--home", dir.toString(), "--config", dir.toString());
    assertThat(out).contains("  * from-csv  2 rows");
  }

  @Test
  void namesEveryMistakeAndImportsNothing() throws Exception {
    Path csv =
        Files.writeString(
            dir.resolve("customers.csv"),
            CSV + "cid,old,perhaps,,\"[1, 2, 3]\"\n,1,,,\ndan,NaN,,,[x]\n");

    assertThat(load(csv, "v1")).isEqualTo(1);

    assertThat(err)
        .contains("6 mistakes, nothing was imported")
        .contains(csv + ", row 3, age: \"old\" is not a finite number")
        .contains("row 3, member: \"perhaps\" is not one of [true, false, 1, 0, yes, no]")
        .contains("row 3, taste: \"[1, 2, 3]\" is not 2 finite numbers as in [0.5, -1.25]")
        .contains("row 4, who: is empty; expected the id of a user")
        .contains("row 5, age: \"NaN\" is not a finite number");
    assertThat(new TableRegistry(dir.resolve("tables")).versions("customer")).isEmpty();
    assertThat(load(dir.resolve("nothing-*.csv"), "v1")).isEqualTo(1);
    assertThat(err).contains("no file matches");
  }
}
