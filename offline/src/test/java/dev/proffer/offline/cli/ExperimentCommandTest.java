package dev.proffer.offline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.proffer.events.Event;
import dev.proffer.events.Impression;
import dev.proffer.events.LogEntry;
import dev.proffer.offline.Shop;
import dev.proffer.pipeline.experiments.StopDirectory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExperimentCommandTest {
  private static final long DAY = 86_400_000L;
  private static final long NOON = 1_790_000_000_000L;
  private static final String EXPERIMENTS =
      """
      layers:
        - name: one
          experiments:
            - {name: e, variants: [{name: a}, {name: b, weight: 3}]}
        - name: two
          unit: session
          experiments:
            - {name: f, variants: [{name: a}, {name: b}]}
      """;

  @TempDir Path home;
  private Path config;
  private final List<LogEntry> entries = new ArrayList<>();
  private int number;

  @BeforeEach
  void write() throws IOException {
    config = Shop.quickConfig(home.resolve("configs"));
    Files.writeString(config.resolve("experiments.yaml"), EXPERIMENTS);
  }

  private String shown(String user, long time, String variant, int propositions, long nanos) {
    return shown(user, null, time, variant, propositions, nanos);
  }

  private String shown(
      String user,
      @Nullable String session,
      long time,
      String variant,
      int propositions,
      long nanos) {
    String request = "r" + number++;
    entries.add(
        new Impression(
            request,
            user,
            session,
            null,
            null,
            "home",
            time,
            "ml_ranker",
            "v",
            variant,
            null,
            user.equals("u3") ? List.of("no_model") : List.of(),
            9,
            Collections.nCopies(
                propositions, new Impression.Shown("i", List.of(), 0, 0, 1, new float[0])),
            nanos));
    return request;
  }

  private void event(
      String type, String user, @Nullable String request, long time, @Nullable Double value) {
    entries.add(
        new Event(
            "e" + number++,
            type,
            user,
            "i",
            request,
            "s-" + user,
            time,
            time,
            value == null ? Map.of() : Map.of("value", value)));
  }

  private int run(String... line) {
    List<String> all = new ArrayList<>(List.of(line));
    all.addAll(List.of("--home", home.toString(), "--config", config.toString()));
    return Main.run(all.toArray(new String[0]));
  }

  private JsonNode report(String... more) throws IOException {
    Path json = home.resolve("report.json");
    List<String> line = new ArrayList<>(List.of("experiment", "report"));
    line.addAll(List.of(more));
    line.addAll(List.of("--json", json.toString()));
    assertThat(run(line.toArray(new String[0]))).isZero();
    return new JsonMapper().readTree(json.toFile());
  }

  /** Counted by hand. */
  @Test
  void countsEachUnitsAnswersClicksAndConversions() throws IOException {
    // What was done before is no result; ann's click ten days before is her covariate.
    event("click", "ann", null, NOON - 10 * DAY, null);
    event("conversion", "ann", null, NOON - 20 * DAY, 7.0);
    String first = shown("ann", NOON, "e:a,f:b", 4, 2_000_000);
    shown("ann", NOON + 1, "e:a", 6, 4_000_000);
    event("click", "ann", first, NOON + 5, null);
    event("click", "ann", first, NOON + 6, null);
    event("click", "ann", "nobody knows", NOON + 7, null);
    event("conversion", "ann", null, NOON + 8, 10.0);
    event("conversion", "ann", first, NOON + 9, 2.5);
    shown("joe", NOON, "e:a", 5, -1);
    for (int user = 1; user <= 4; user++) {
      String request = shown("u" + user, NOON + user, "e:b", 5, user * 1_000_000L);
      if (user % 2 == 0) {
        event("click", "u" + user, request, NOON + 20, null);
      }
    }
    shown("tester", NOON, "e:b*", 5, 1);
    shown("changed", NOON, "e:a", 5, 1);
    shown("changed", NOON + 1, "e:b", 5, 1);
    shown("nobody", NOON, "default", 5, 1);
    shown("held out", NOON, "holdout", 5, 1);
    shown("other", NOON, "early-e:a", 5, 1);
    Shop.append(home, entries);
    assertThat(run("compact")).isZero();

    JsonNode report = report("e").path(0);
    assertThat(report.path("unit").asText()).isEqualTo("user");
    assertThat(report.path("crossed").asInt()).isEqualTo(1);
    assertThat(report.path("stopped").asBoolean()).isFalse();
    JsonNode a = report.path("variants").path(0);
    JsonNode b = report.path("variants").path(1);
    assertThat(a.path("control").asBoolean()).isTrue();
    assertThat(a.path("assigned").asInt()).isEqualTo(3);
    assertThat(b.path("assigned").asInt()).isEqualTo(4);
    assertThat(b.path("share").asDouble()).isEqualTo(0.75);
    assertThat(a.path("counts").toString())
        .isEqualTo(
            "{\"units\":2.0,\"answers\":3.0,\"propositions\":15.0,\"clicks\":2.0,\"accepted\":1.0,"
                + "\"converted\":1.0,\"value\":12.5}");
    assertThat(figure(a, "ctr")).isCloseTo(2 / 15.0, within(1e-12));
    assertThat(figure(a, "acceptance")).isCloseTo(1 / 3.0, within(1e-12));
    assertThat(figure(a, "conversion")).isEqualTo(0.5);
    assertThat(figure(a, "value")).isEqualTo(6.25);
    assertThat(figure(a, "latency")).isEqualTo(3);
    assertThat(figure(b, "latency")).isEqualTo(2.5);
    assertThat(figure(b, "ctr")).isEqualTo(0.1);
    assertThat(figure(b, "degraded")).isEqualTo(0.25);
    assertThat(b.path("latency").path("p50").asDouble()).isEqualTo(2.5);
    JsonNode ctr = b.path("figures").path("ctr").path("againstControl");
    assertThat(ctr.path("difference").asDouble()).isCloseTo(0.1 - 2 / 15.0, within(1e-12));
    assertThat(ctr.path("low").asDouble()).isLessThan(ctr.path("high").asDouble());
    // Of the control alone somebody clicked before, which moves the difference.
    assertThat(ctr.path("cuped").path("theta").asDouble()).isNotZero();
    assertThat(a.path("figures").path("ctr").path("againstControl").isNull()).isTrue();

    JsonNode short0 = report("e", "--pre-days", "5").path(0).path("variants").path(1);
    assertThat(
            short0
                .path("figures")
                .path("ctr")
                .path("againstControl")
                .path("cuped")
                .path("theta")
                .asDouble())
        .isZero();
    JsonNode later =
        report("e", "--from", String.valueOf(NOON + 1), "--to", String.valueOf(NOON + 6)).path(0);
    assertThat(later.path("variants").path(0).path("counts").path("answers").asInt()).isEqualTo(1);
    assertThat(later.path("variants").path(0).path("counts").path("clicks").asInt()).isZero();
    // One of two variants was seen before the window.
    assertThat(later.path("variants").path(1).path("counts").path("answers").asInt()).isEqualTo(5);
    assertThat(later.path("crossed").asInt()).isZero();
  }

  private static double figure(JsonNode arm, String name) {
    return arm.path("figures").path(name).path("value").asDouble(Double.NaN);
  }

  @Test
  void aSessionCanBeTheUnit() throws IOException {
    shown("ann", "s-ann", NOON, "e:a,f:b", 4, 1);
    shown("ann", "s-2", NOON, "f:a", 4, 1);
    shown("ann", null, NOON, "default", 4, 1);
    event("conversion", "ann", null, NOON + 9, 3.0);
    Shop.append(home, entries);
    assertThat(run("compact")).isZero();
    JsonNode all = report();
    assertThat(all).hasSize(2);
    JsonNode variants = all.path(1).path("variants");
    assertThat(variants.path(0).path("assigned").asInt()).isEqualTo(1);
    assertThat(figure(variants.path(0), "value")).isZero();
    assertThat(figure(variants.path(1), "value")).isEqualTo(3);
  }

  @Test
  void figuresEndWhereAVariantWasStoppedAndTheSampleRatioGoesOn() throws IOException {
    for (int user = 0; user < 40; user++) {
      boolean ofA = user % 4 == 0;
      boolean late = user >= 20;
      String request =
          shown("u" + user, NOON + user, ofA ? "e:a" : late ? "e:b!" : "e:b", 1, 1_000_000);
      event("click", "u" + user, request, NOON + user, null);
    }
    Shop.append(home, entries);
    assertThat(run("compact")).isZero();
    JsonNode report = report("e").path(0);
    assertThat(report.path("stopped").asBoolean()).isTrue();
    assertThat(report.path("until").asText())
        .isEqualTo(java.time.Instant.ofEpochMilli(NOON + 21).toString());
    assertThat(report.path("variants").path(1).path("counts").path("units").asInt()).isEqualTo(15);
    assertThat(report.path("variants").path(1).path("assigned").asInt()).isEqualTo(30);
    assertThat(report.path("sampleRatio").path("chiSquare").asDouble()).isZero();
    assertThat(report.path("sampleRatio").path("mismatch").asBoolean()).isFalse();
  }

  @Test
  void saysInWordsThatUnitsWereLost() throws IOException {
    for (int user = 0; user < 400; user++) {
      shown("u" + user, NOON + user, user % 2 == 0 ? "e:a" : "e:b", 1, 1_000_000);
    }
    Shop.append(home, entries);
    assertThat(run("compact")).isZero();
    assertThat(printed("experiment", "report", "e"))
        .contains("MISMATCH", "a (control): 200 units assigned (share 0.250)", "any look", "CUPED");
  }

  private String printed(String... line) {
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      assertThat(run(line)).isZero();
    } finally {
      System.setOut(before);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void stopsAndStartsVariants() throws IOException {
    assertThat(run("experiment", "stop", "e:b", "--reason", "complaints")).isZero();
    StopDirectory stops = new StopDirectory(home);
    assertThat(stops.read().byVariant()).containsOnlyKeys("e:b");
    assertThat(stops.read().byVariant().values().iterator().next().reason())
        .isEqualTo("complaints");
    assertThat(run("experiment", "stop", "f")).isZero();
    assertThat(stops.read().byVariant()).containsOnlyKeys("e:b", "f:a", "f:b");
    assertThat(run("experiment", "start", "e")).isZero();
    assertThat(stops.read().byVariant()).containsOnlyKeys("f:a", "f:b");
    assertThat(run("experiment", "stop", "nix")).isOne();
    assertThat(run("experiment", "stop", "e:nix")).isOne();
    assertThat(run("experiment", "report", "e")).isOne(); // no warehouse
  }
}
