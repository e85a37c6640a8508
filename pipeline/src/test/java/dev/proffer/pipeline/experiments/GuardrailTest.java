package dev.proffer.pipeline.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.proffer.events.Impression;
import dev.proffer.pipeline.experiments.Guardrail.Metric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuardrailTest {
  private static final Guardrail ACCEPTANCE = new Guardrail(Metric.ACCEPTANCE, 0.1, 500, 0.05);

  private static final Impression.Shown SLOT =
      new Impression.Shown("i", List.of(), 0, 0, 1, new float[0]);

  @TempDir Path home;

  private static Impression shown(String user, String variant, int propositions, long nanos) {
    List<Impression.Shown> slots = Collections.nCopies(propositions, SLOT);
    return new Impression(
        "r",
        user,
        null,
        null,
        null,
        "home",
        1,
        "ml_ranker",
        "v",
        variant,
        null,
        List.of(),
        9,
        slots,
        nanos);
  }

  private static void answer(Tallies tallies, String user, String variant) {
    tallies.answered(shown(user, variant, 10, 2_000_000), Arm.read(variant), Tally.group(user));
  }

  @Test
  void countsEveryPartOfAnArmAndNothingThatWasForcedOrStopped() {
    Tallies tallies = new Tallies();
    answer(tallies, "ann", "e:x,f:y");
    answer(tallies, "bob", "e:x*,f:y!");
    answer(tallies, "bob", "default");
    tallies.clicked(Arm.read("e:x,f:y"), Tally.group("ann"), true);
    tallies.clicked(Arm.read("e:x,f:y"), Tally.group("ann"), false);
    tallies.converted(Arm.read("e:x"), Tally.group("ann"), 12.5);
    Tally both = tallies.of("e", "x");
    assertThat(both.answers()).isEqualTo(1);
    assertThat(both.propositions()).isEqualTo(10);
    assertThat(both.clicks()).isEqualTo(2);
    assertThat(both.accepted()).isEqualTo(1);
    assertThat(both.value()).isEqualTo(12.5);
    assertThat(both.figure(Metric.CTR).value()).isCloseTo(0.2, within(1e-12));
    assertThat(both.figure(Metric.LATENCY).value()).isCloseTo(2, within(1e-12));
    assertThat(tallies.of("f", "y").answers()).isEqualTo(1);
    assertThat(tallies.of("f", "y").conversions()).isZero();
    assertThat(tallies.of("none", "x").answers()).isZero();
    assertThat(tallies.of("none", "x").figure(Metric.CTR).value()).isNaN();
  }

  /** A user's answers are alike: counting each as a trial of its own would say 100 times less. */
  @Test
  void knowsThatAUsersAnswersAreAlike() {
    SplittableRandom random = new SplittableRandom(3);
    int runs = 150;
    double[] values = new double[runs];
    double said = 0;
    for (int run = 0; run < runs; run++) {
      Tallies tallies = new Tallies();
      for (int user = 0; user < 300; user++) {
        String id = "u" + run + "-" + user;
        boolean clicks = random.nextDouble() < 0.3;
        for (int answer = 0; answer < 10; answer++) {
          answer(tallies, id, "e:x");
          if (clicks) {
            tallies.clicked(Arm.read("e:x"), Tally.group(id), true);
          }
        }
      }
      Tally.Figure figure = tallies.of("e", "x").figure(Metric.ACCEPTANCE);
      values[run] = figure.value();
      said += figure.variance() / runs;
    }
    double mean = 0;
    double squares = 0;
    for (double value : values) {
      mean += value / runs;
    }
    for (double value : values) {
      squares += (value - mean) * (value - mean) / (runs - 1);
    }
    assertThat(said).isCloseTo(squares, within(0.3 * squares));
    assertThat(said).isGreaterThan(5 * 0.3 * 0.7 / 3_000);
  }

  /** Looked at after every 50 users. */
  private static @Nullable String run(
      SplittableRandom random, Guardrail guardrail, double control, double variant, int users) {
    Tallies tallies = new Tallies();
    for (int user = 0; user < users; user++) {
      for (int arm = 0; arm < 2; arm++) {
        String id = "u" + random.nextInt();
        String word = arm == 0 ? "e:x" : "e:y";
        double rate = arm == 0 ? control : variant;
        for (int answer = 1 + random.nextInt(3); answer > 0; answer--) {
          answer(tallies, id, word);
          if (random.nextDouble() < rate) {
            tallies.clicked(Arm.read(word), Tally.group(id), true);
          }
        }
      }
      if (user % 50 == 0) {
        String breach = Comparison.breach(guardrail, tallies.of("e", "x"), tallies.of("e", "y"));
        if (breach != null) {
          return breach;
        }
      }
    }
    return null;
  }

  @Test
  void stopsWhatIsWorseThanAllowedAndSaysWhy() {
    SplittableRandom random = new SplittableRandom(5);
    for (int run = 0; run < 20; run++) {
      String breach = run(random, ACCEPTANCE, 0.3, 0.15, 3_000);
      assertThat(breach).startsWith("guardrail acceptance: 0.").contains("more than 10.0 % worse");
    }
  }

  @Test
  void seldomStopsWhatIsJustAllowedHoweverOftenItLooks() {
    SplittableRandom random = new SplittableRandom(7);
    int stopped = 0;
    for (int run = 0; run < 200; run++) {
      stopped += run(random, ACCEPTANCE, 0.3, 0.27, 2_500) == null ? 0 : 1;
    }
    assertThat(stopped).isLessThanOrEqualTo(10);
  }

  @Test
  void neverStopsWhatIsBetterOrTooYoung() {
    SplittableRandom random = new SplittableRandom(9);
    Guardrail late = new Guardrail(Metric.ACCEPTANCE, 0, 100_000, 0.05);
    for (int run = 0; run < 10; run++) {
      assertThat(run(random, ACCEPTANCE, 0.2, 0.4, 1_500)).isNull();
      assertThat(run(random, late, 0.4, 0.1, 1_500)).isNull();
    }
    // Where less is better, more is worse.
    Tallies tallies = new Tallies();
    for (int user = 0; user < 2_000; user++) {
      String id = "u" + user;
      long nanos = 1_000_000L + random.nextInt(200_000);
      tallies.answered(shown(id, "e:x", 1, nanos), Arm.read("e:x"), Tally.group(id));
      tallies.answered(shown(id, "e:y", 1, 2 * nanos), Arm.read("e:y"), Tally.group(id));
    }
    Guardrail latency = new Guardrail(Metric.LATENCY, 0.5, 500, 0.01);
    assertThat(Comparison.breach(latency, tallies.of("e", "x"), tallies.of("e", "y"))).isNotNull();
    assertThat(Comparison.breach(latency, tallies.of("e", "y"), tallies.of("e", "x"))).isNull();
  }

  @Test
  void stopsWhatFailsForEverybodyThoughNoTwoUsersDiffer() {
    Guardrail degraded = new Guardrail(Metric.DEGRADED, 0.5, 200, 0.01);
    Tallies tallies = new Tallies();
    for (int user = 0; user < 200; user++) {
      String id = "u" + user;
      Impression fine = shown(id, "e:x", 1, 1);
      Impression poor =
          new Impression(
              "r",
              id,
              null,
              null,
              null,
              "home",
              1,
              "ml_ranker",
              "v",
              "e:y",
              null,
              List.of("variant_failed"),
              9,
              fine.shown());
      tallies.answered(fine, Arm.read("e:x"), Tally.group(id));
      tallies.answered(poor, Arm.read("e:y"), Tally.group(id));
    }
    assertThat(Comparison.breach(degraded, tallies.of("e", "x"), tallies.of("e", "y")))
        .startsWith("guardrail degraded: 1.0000 against the control's 0.0000");
    assertThat(Comparison.breach(degraded, tallies.of("e", "y"), tallies.of("e", "x"))).isNull();
    assertThat(Comparison.breach(degraded, tallies.of("e", "x"), tallies.of("e", "x"))).isNull();
  }

  @Test
  void keepsStopsInFilesThatAnyProcessMayWrite() throws IOException {
    StopDirectory one = new StopDirectory(home);
    assertThat(one.read()).isEqualTo(Stops.NONE);
    one.stop("e", "y", 1_700_000_000_123L, "too slow");
    one.stop("e", "y", 1_800_000_000_000L, "a second reason");
    Files.writeString(home.resolve(StopDirectory.DIRECTORY).resolve("f.x"), "by hand\n");
    Stops stops = new StopDirectory(home).read();
    assertThat(stops.of("e", "y")).isEqualTo(new Stops.Stop(1_700_000_000_123L, "too slow"));
    assertThat(stops.byVariant()).containsOnlyKeys("e:y", "f:x");
    Stops.Stop byHand = stops.of("f", "x");
    assertThat(byHand == null ? "" : byHand.reason()).isEqualTo("by hand");
    one.start("e", "y");
    one.start("e", "never");
    assertThat(one.read().byVariant()).containsOnlyKeys("f:x");
  }
}
