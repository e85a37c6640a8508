package dev.proffer.perf;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.proffer.offline.cli.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The bench on a home of a few real clicks: that it measures, not what. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
@Tag("slow")
final class BenchIT {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final String ROOT_PROPERTY = "proffer.root";
  private static final int CLICKS = 3_000;

  @TempDir static Path trained;
  private static Path config;
  private static Path home;

  @TempDir Path temporary;

  /** Once for all: no bench changes the home it is given. */
  @BeforeAll
  static void train() throws IOException {
    config = trained.resolve("configs");
    home = trained.resolve("home");
    Home.copyAll(ROOT.resolve("configs"), config);
    Path models = config.resolve("models.yaml");
    Files.writeString(models, Files.readString(models).replaceAll("rounds: \\d+", "rounds: 3"));
    Path clicks = RealClicks.first(CLICKS, ROOT, trained.resolve("clicks.csv"));
    run("ingest", "--dataset", config.resolve("datasets/eshop.yaml").toString(), clicks.toString());
    run("train", "--task", "ranking");
    run("publish", "--task", "ranking", "--force");
  }

  @BeforeEach
  void sayWhereTheProgramsAre() {
    System.setProperty(ROOT_PROPERTY, ROOT.toString());
  }

  @AfterEach
  void forgetWhereTheProgramsAre() {
    System.clearProperty(ROOT_PROPERTY);
  }

  @Test
  void measuresBothServersAndWritesWhatItSaw() throws IOException {
    long logBefore = bytes(home);
    JsonNode figures =
        measured(
            "suggest",
            "--seconds",
            "1",
            "--rounds",
            "1",
            "--warm-up",
            "0",
            "--connections",
            "2",
            "--load",
            "50");
    assertThat(figures.path("due_at_fixed_times")).hasSize(2);
    assertThat(figures.path("machine").path("jdk").asText()).isNotEmpty();
    assertThat(figures.path("garbage_collectors").asText()).isNotEmpty();
    assertThat(figures.path("cells")).hasSize(2);
    for (JsonNode cell : figures.path("cells")) {
      for (String server : List.of("ours", "bare")) {
        JsonNode side = cell.path(server);
        assertThat(side.path("rounds")).hasSize(1);
        assertThat(side.path("rounds").path(0).path("requests").asLong()).isPositive();
        assertThat(side.path("requests_per_second").path("median").asDouble()).isPositive();
        assertThat(side.path("latency_us").path("p50").asDouble()).isPositive();
      }
      assertThat(cell.path("ours").path("ratio").path("median").asDouble()).isPositive();
    }
    assertThat(bytes(home)).as("the home itself is left as it was").isEqualTo(logBefore);
  }

  @Test
  void measuresIntakeBesideABareHandlerAndSuggestionsBesideIntake() throws IOException {
    JsonNode figures =
        measured(
            "intake",
            "--quick",
            "--durability",
            "power",
            "--suggestions-per-second",
            "50",
            "--events-per-second",
            "50");
    assertThat(figures.path("cells")).hasSize(3);
    for (JsonNode cell : figures.path("cells")) {
      assertThat(cell.path("bare").path("requests_per_second").path("median").asDouble())
          .isPositive();
      for (String durability : List.of("power", "handover")) {
        JsonNode side = cell.path(durability);
        assertThat(side.path("requests_per_second").path("median").asDouble()).isPositive();
        assertThat(side.path("ratio").path("median").asDouble()).isPositive();
      }
    }
    assertThat(figures.path("suggestions_beside_intake")).hasSize(2);
    for (JsonNode beside : figures.path("suggestions_beside_intake")) {
      assertThat(beside.path("p99_ratio").path("median").asDouble()).isPositive();
      assertThat(beside.path("events_per_second").asDouble()).isPositive();
    }
    assertThat(figures.path("events_beside_a_busy_disk")).hasSize(1);
  }

  @Test
  void measuresTheStoreBesideAPlainClient() throws IOException {
    Path json = temporary.resolve("figures.json");
    assertThat(Bench.run("store", "--quick", "--users", "2000", "--json", json.toString()))
        .isZero();
    JsonNode figures = new JsonMapper().readTree(json.toFile());
    assertThat(figures.path("users").asInt()).isEqualTo(2_000);
    List<String> tails = new ArrayList<>();
    figures
        .properties()
        .forEach(
            figure -> {
              if (figure.getKey().endsWith("_p99_us")) {
                tails.add(figure.getKey());
                assertThat(figure.getValue().asDouble()).as(figure.getKey()).isPositive();
              }
            });
    assertThat(tails).hasSizeGreaterThan(4);
  }

  @Test
  void measuresBuilds() throws IOException {
    Path json = temporary.resolve("figures.json");
    int code =
        Bench.run(
            "build",
            "--events",
            "20000",
            "--threads",
            "2",
            "--config",
            config.toString(),
            "--json",
            json.toString());
    assertThat(code).isZero();
    JsonNode figure = new JsonMapper().readTree(json.toFile()).path("figures").path(0);
    assertThat(figure.path("rows").asLong()).isGreaterThan(1_000);
    assertThat(figure.path("seconds").asDouble()).isPositive();
    assertThat(figure.path("peak_mib").asLong()).isPositive();
  }

  @Test
  void measuresOverloadAndWhatTheTailComesTo() throws IOException {
    JsonNode overload = measured("overload", "--quick", "--connections", "100");
    assertThat(overload.path("saturation_per_second").asDouble()).isPositive();
    assertThat(overload.path("goodput_per_second").asDouble()).isPositive();
    assertThat(
            overload.path("answered_by_model").asDouble()
                + overload.path("answered_by_rules").asDouble())
        .isPositive();
    assertThat(overload.path("afterwards_by_half_second")).isNotEmpty();

    JsonNode tail =
        measured(
            "tail",
            "--seconds",
            "1",
            "--rounds",
            "1",
            "--warm-up",
            "0",
            "--suggestions-per-second",
            "20");
    assertThat(tail.path("tails")).hasSize(4);
    for (JsonNode one : tail.path("tails")) {
      assertThat(one.path("latency_us").path("p99.9").asDouble()).isPositive();
    }
  }

  @Test
  void measuresRankingBySeventeenFeatures() throws IOException {
    JsonNode rank = measured("rank", "--quick");
    assertThat(rank.path("cells")).hasSize(4);
    assertThat(rank.path("cells").path(0).path("scenario").asText()).isEqualTo("20 given items");
    assertThat(rank.path("cells").path(3).path("scenario").asText()).isEqualTo("100 given items");
  }

  private JsonNode measured(String bench, String... more) throws IOException {
    Path json = temporary.resolve(bench + ".json");
    List<String> line = new ArrayList<>(List.of(bench));
    line.addAll(List.of("--home", home.toString(), "--config", config.toString()));
    line.addAll(List.of("--json", json.toString()));
    line.addAll(List.of(more));
    assertThat(Bench.run(line.toArray(new String[0]))).as("exit code of %s", line).isZero();
    return new JsonMapper().readTree(json.toFile());
  }

  @Test
  void makesAShopWithAModel() {
    Path shop = temporary.resolve("shop");
    assertThat(
            Bench.run(
                "shop",
                "--home",
                shop.toString(),
                "--config",
                config.toString(),
                "--items",
                "300",
                "--people",
                "500",
                "--events",
                "20000",
                "--trees",
                "5"))
        .isZero();
    assertThat(shop.resolve("models").resolve("ranking").resolve("champion")).exists();
  }

  @Test
  void saysWhatToDoWhereNothingIsTrained() {
    assertThat(Bench.run("suggest", "--home", temporary.resolve("nothing").toString())).isOne();
    assertThat(Bench.run("pipeline", "--home", temporary.resolve("nothing").toString())).isOne();
    assertThat(temporary.resolve("nothing")).doesNotExist();
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    assertThat(Bench.run()).isEqualTo(2);
    assertThat(Bench.run("everything")).isEqualTo(2);
    assertThat(Bench.run("suggest", "--rounds", "0")).isEqualTo(2);
    assertThat(Bench.run("suggest", "--connections", "1,0")).isEqualTo(2);
    assertThat(Bench.run("suggest", "--scenarios", "guess")).isEqualTo(2);
    assertThat(Bench.run("suggest", "--help")).isZero();
    assertThat(Bench.run("intake", "--millis", "1")).isEqualTo(2);
    assertThat(Bench.run("intake", "--durability", "eternal")).isEqualTo(2);
    assertThat(Bench.run("freshness", "--clicks", "0")).isEqualTo(2);
    assertThat(Bench.run("relay", "--outage-minutes", "0")).isEqualTo(2);
    assertThat(Bench.run("overload", "--times", "0")).isEqualTo(2);
    assertThat(Bench.run("tail", "--seconds", "0")).isEqualTo(2);
    assertThat(Bench.run("shop", "--home", home.toString())).isEqualTo(2);
  }

  private static void run(String command, String... more) {
    List<String> line = new ArrayList<>(List.of(command));
    line.addAll(List.of("--home", home.toString(), "--config", config.toString()));
    line.addAll(List.of(more));
    assertThat(Main.run(line.toArray(new String[0]))).as("exit code of %s", line).isZero();
  }

  /** The bytes of the log that say something; a queue's file is made larger than what it holds. */
  private static long bytes(Path home) throws IOException {
    try (Stream<Path> files = Files.walk(home)) {
      long sum = 0;
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        for (byte b : Files.readAllBytes(file)) {
          sum += b == 0 ? 0 : 1;
        }
      }
      return sum;
    }
  }
}
