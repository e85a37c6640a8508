package dev.proffer.pipeline.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.proffer.configs.Problems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AssignerTest {
  private static final int USERS = 50_000;

  /** Of chi-square with 99 degrees of freedom, one in 100,000; by SciPy's chi2.isf(1e-5, 99). */
  private static final double CHI_SQUARE_99 = 170.8;

  @TempDir Path directory;

  private ExperimentsSpec spec(String yaml) throws IOException {
    Files.writeString(directory.resolve(ExperimentsSpec.FILE), yaml);
    Problems problems = new Problems();
    ExperimentsSpec spec =
        ExperimentsSpec.read(
            directory, new ExperimentsSpec.Names(Set.of("wide"), Set.of("bold")), problems);
    assertThat(problems.toString()).isEmpty();
    return spec;
  }

  @Test
  void noFileIsNoExperiment() {
    Problems problems = new Problems();
    assertThat(
            ExperimentsSpec.read(
                directory, new ExperimentsSpec.Names(Set.of(), Set.of()), problems))
        .isEqualTo(ExperimentsSpec.NONE);
    assertThat(problems.none()).isTrue();
  }

  private static String two(String keys) {
    return """
        layers:
          - name: one
            experiments:
              - {name: a, KEYS variants: [{name: x}, {name: y, rules: bold}]}
          - name: two
            experiments:
              - {name: b, until-bucket: 2500, variants: [{name: x}, {name: y, sources: wide}]}
              - {name: c, from-bucket: 2500, variants: [{name: x, weight: 3}, {name: y, weight: 1}]}
        """
        .replace("KEYS", keys);
  }

  private static Arm arm(Assigner assigner, String user) {
    return assigner.assign(user, null, 0, Stops.NONE);
  }

  /** The values come from another implementation of the formula in docs/experiments.md. */
  @Test
  void putsAUnitWhereOtherLanguagesPutIt() {
    Bucketing bucketing = new Bucketing();
    bucketing.unit("ann");
    assertThat(bucketing.bucket(new Bucketing.Salt("layer one"))).isEqualTo(5011);
    assertThat(bucketing.bucket(new Bucketing.Salt("a"))).isEqualTo(5165);
    bucketing.unit("Zoë-\uD83D\uDE00-" + "0123456789".repeat(40));
    assertThat(bucketing.bucket(new Bucketing.Salt("layer one"))).isEqualTo(9604);
    bucketing.unit("");
    assertThat(bucketing.point(new Bucketing.Salt("")))
        .isCloseTo(0.29070081165991724, within(1e-12));
  }

  /** A change here moves users of running experiments from arm to arm. */
  @Test
  void keepsEveryoneWhereTheyAre() throws IOException {
    Assigner assigner = new Assigner(spec(two("")));
    StringBuilder arms = new StringBuilder();
    for (int user = 0; user < 12; user++) {
      arms.append(arm(assigner, "user-" + user).word()).append(' ');
    }
    assertThat(arms.toString())
        .isEqualTo(
            "a:y,b:x a:y,b:y a:x,b:x a:x,c:x a:x,b:y a:y,c:y "
                + "a:y,b:y a:y,c:x a:x,c:y a:x,c:x a:x,b:x a:x,c:x ");
  }

  @Test
  void spreadsUnitsEvenlyOverBuckets() {
    for (String salt : new String[] {"layer one", "a", ""}) {
      for (String shape : new String[] {"user-%d", "%d", "%08x@example.org"}) {
        Bucketing bucketing = new Bucketing();
        Bucketing.Salt by = new Bucketing.Salt(salt);
        int[] cells = new int[100];
        for (int user = 0; user < USERS; user++) {
          bucketing.unit(shape.formatted(user));
          cells[bucketing.bucket(by) / 100]++;
        }
        assertThat(chiSquare(cells, USERS / 100.0))
            .as("%s over %s", shape, salt)
            .isLessThan(CHI_SQUARE_99);
      }
    }
  }

  @Test
  void dividesUnitsOfOneSaltEvenlyUnderAnother() {
    Bucketing bucketing = new Bucketing();
    String[][] pairs = {
      {"layer one", "layer two"}, {"layer one", "a"}, {"a", "b"}, {"a", "a ramp"}, {"1", "2"}
    };
    for (String[] pair : pairs) {
      Bucketing.Salt one = new Bucketing.Salt(pair[0]);
      Bucketing.Salt other = new Bucketing.Salt(pair[1]);
      int[] cells = new int[100];
      for (int user = 0; user < USERS; user++) {
        bucketing.unit("user-" + user);
        cells[bucketing.bucket(one) / 1000 * 10 + bucketing.bucket(other) / 1000]++;
      }
      assertThat(chiSquare(cells, USERS / 100.0))
          .as("%s beside %s", pair[0], pair[1])
          .isLessThan(CHI_SQUARE_99);
    }
  }

  private static double chiSquare(int[] cells, double expected) {
    double sum = 0;
    for (int cell : cells) {
      sum += (cell - expected) * (cell - expected) / expected;
    }
    return sum;
  }

  @Test
  void givesEachVariantItsWeightAndEachRangeItsUnits() throws IOException {
    Assigner assigner = new Assigner(spec(two("")));
    Map<String, Integer> counts = new HashMap<>();
    for (int user = 0; user < USERS; user++) {
      Arm arm = arm(assigner, "user-" + user);
      assertThat(arm.parts()).hasSize(2);
      counts.merge(arm.word(), 1, Integer::sum);
      counts.merge(arm.parts().get(1).experiment().name(), 1, Integer::sum);
    }
    assertThat(counts.get("b")).isCloseTo(USERS / 4, within(450));
    assertThat(counts.get("c")).isCloseTo(USERS * 3 / 4, within(450));
    assertThat(counts.get("a:x,b:y")).isCloseTo(USERS / 16, within(300));
    assertThat(counts.get("a:y,c:x")).isCloseTo(USERS * 9 / 32, within(400));
    assertThat(counts.get("a:y,c:y")).isCloseTo(USERS * 3 / 32, within(400));
  }

  @Test
  void aRampLetsUnitsInAndMovesNoneThatIs() throws IOException {
    Map<String, String> before = new HashMap<>();
    int last = 0;
    for (int percent : new int[] {0, 1, 5, 20, 60, 100}) {
      Assigner assigner = new Assigner(spec(two("ramp-percent: " + percent + ",")));
      int in = 0;
      int ofX = 0;
      for (int user = 0; user < USERS; user++) {
        String id = "user-" + user;
        Arm arm = arm(assigner, id);
        if (arm.parts().get(0).experiment().name().equals("a")) {
          in++;
          ofX += arm.parts().get(0).variant().name().equals("x") ? 1 : 0;
          String word = arm.word();
          String was = before.put(id, word);
          assertThat(was == null || was.equals(word)).as("%s at %d", id, percent).isTrue();
        } else {
          assertThat(before).doesNotContainKey(id);
        }
      }
      assertThat(in).isCloseTo(USERS * percent / 100, within(450)).isGreaterThanOrEqualTo(last);
      assertThat(ofX).as("half of those who are in").isCloseTo(in / 2, within(350));
      last = in;
    }
  }

  @Test
  void heldOutUsersSeeNothingAndOthersWhatTheySaw() throws IOException {
    Assigner all = new Assigner(spec(two("")));
    Assigner fewer = new Assigner(spec("holdout: {share: 0.1}\n" + two("")));
    int heldOut = 0;
    for (int user = 0; user < USERS; user++) {
      Arm arm = arm(fewer, "user-" + user);
      if (arm.equals(Arm.HOLDOUT)) {
        heldOut++;
      } else {
        assertThat(arm.word()).isEqualTo(arm(all, "user-" + user).word());
      }
    }
    assertThat(heldOut).isCloseTo(USERS / 10, within(450));
    assertThat(Arm.HOLDOUT.word()).isEqualTo("holdout");
    assertThat(Arm.HOLDOUT.parts()).isEmpty();
  }

  @Test
  void anAllowListForcesAVariantOnWhomeverItNames() throws IOException {
    Assigner assigner =
        new Assigner(
            spec("holdout: {share: 0.5}\n" + two("ramp-percent: 0, allow: {ann: y, bob: x},")));
    Arm ann = arm(assigner, "ann");
    assertThat(ann.word()).startsWith("a:y*");
    assertThat(ann.parts().get(0).forced()).isTrue();
    assertThat(ann.parts().get(0).served()).isTrue();
    assertThat(arm(assigner, "bob").word()).startsWith("a:x*");
    for (int user = 0; user < 1_000; user++) {
      assertThat(arm(assigner, "user-" + user).word()).doesNotContain("a:");
    }
  }

  @Test
  void runsFromItsStartToItsEnd() throws IOException {
    Assigner assigner =
        new Assigner(spec(two("starts: 1970-01-01T00:00:10Z, ends: 1970-01-01T00:00:20Z,")));
    for (String user : new String[] {"ann", "bob"}) {
      assertThat(assigner.assign(user, null, 9_999, Stops.NONE).word()).doesNotContain("a:");
      assertThat(assigner.assign(user, null, 10_000, Stops.NONE).word()).contains("a:");
      assertThat(assigner.assign(user, null, 19_999, Stops.NONE).word()).contains("a:");
      assertThat(assigner.assign(user, null, 20_000, Stops.NONE).word()).doesNotContain("a:");
    }
  }

  @Test
  void aSessionIsAUnitOfItsOwnAndNoSessionIsInNothing() throws IOException {
    Assigner assigner =
        new Assigner(spec(two("").replace("- name: one", "- name: one\n    unit: session")));
    int both = 0;
    for (int session = 0; session < 1_000; session++) {
      String word = assigner.assign("ann", "s" + session, 0, Stops.NONE).word();
      assertThat(word).startsWith("a:");
      assertThat(assigner.assign("bob", "s" + session, 0, Stops.NONE).word().substring(0, 3))
          .isEqualTo(word.substring(0, 3));
      both += word.startsWith("a:y") ? 1 : 0;
    }
    assertThat(both).isBetween(400, 600);
    assertThat(arm(assigner, "ann").word()).doesNotContain("a:").contains(":");
  }

  @Test
  void aStoppedVariantKeepsItsUnitsAndServesThemNothing() throws IOException {
    Assigner assigner = new Assigner(spec(two("")));
    Stops stops = new Stops(Map.of("a:y", new Stops.Stop(5, "too slow")));
    int stopped = 0;
    for (int user = 0; user < 1_000; user++) {
      String id = "user-" + user;
      Arm before = arm(assigner, id);
      Arm.Part after = assigner.assign(id, null, 0, stops).parts().get(0);
      assertThat(after.variant()).isEqualTo(before.parts().get(0).variant());
      assertThat(after.stopped()).isEqualTo(after.variant().name().equals("y"));
      assertThat(after.served()).isFalse(); // x changes nothing
      stopped += after.stopped() ? 1 : 0;
    }
    assertThat(stopped).isBetween(400, 600);
  }

  @Test
  void readsTheWordsItWrites() throws IOException {
    Assigner assigner = new Assigner(spec(two("allow: {ann: y},")));
    Stops stops = new Stops(Map.of("a:y", new Stops.Stop(5, "")));
    assertThat(Arm.read(assigner.assign("ann", null, 0, stops).word()).get(0))
        .isEqualTo(new Arm.Logged("a", "y", true, true));
    assertThat(Arm.read("a:x,b:y!,c:z*"))
        .containsExactly(
            new Arm.Logged("a", "x", false, false),
            new Arm.Logged("b", "y", false, true),
            new Arm.Logged("c", "z", true, false));
    for (String none : new String[] {"", "default", "holdout", ":x", "a:", "a:!", ",", "a:*!"}) {
      assertThat(Arm.read(none)).as(none).isEmpty();
    }
  }

  @Test
  void allocatesLittleAndGivesTheSameArmAgain() throws IOException {
    Assigner assigner = new Assigner(spec(two("")));
    assertThat(arm(assigner, "ann")).isSameAs(arm(assigner, "ann"));
    assertThat(new Assigner(ExperimentsSpec.NONE).assign("ann", null, 0, Stops.NONE))
        .isSameAs(Arm.DEFAULT);
  }

  @Test
  void namesEveryMistakeAtOnce() throws IOException {
    Files.writeString(
        directory.resolve(ExperimentsSpec.FILE),
        """
        holdout: {share: 0.9}
        layers:
          - name: One
            experiments:
              - {name: a, variants: [{name: x}]}
              - {name: a, from-bucket: 10, until-bucket: 5, variants: [{name: x}, {name: x, rules: none}]}
              - name: b
                unit: item
                starts: yesterday
                control: z
                allow: {ann: q}
                variants: [{name: x, sources: wide}, {name: y, weight: 0}]
                guardrails: [{metric: joy}, {max-loss: -1}]
          - name: two
            unit: page
            experiments:
              - {name: c, variants: [{name: x}, {name: y, sources: wide}], ramp-percent: 101}
        """);
    Problems problems = new Problems();
    ExperimentsSpec.read(
        directory, new ExperimentsSpec.Names(Set.of("wide"), Set.of("bold")), problems);
    assertThat(problems.toString())
        .contains(
            "line 1, holdout.share: 0.9 is out of range; expected a number from 0.0 to 0.5",
            "layers[0].name: \"One\"; expected lower-case letters",
            "line 5, layers[0].experiments[0].variants: 1 variants, expected 2 to 20",
            "line 6, layers[0].experiments[1].name: \"a\" stands twice",
            "until-bucket: 5 is not above from-bucket, 10",
            "variants[1].name: \"x\" stands twice",
            "variants[1].rules: \"none\" is not one of the sets [bold]",
            "buckets 0 to 10000 are also those of \"a\"",
            "line 8, layers[0].experiments[2].unit: unknown key",
            "starts: \"yesterday\" is not an instant",
            "control: \"z\" is not one of [x, y]",
            "allow.ann: \"q\" is not one of [x, y]",
            "variants[1].weight: 0 is out of range",
            "guardrails[0].metric: \"joy\" is not one of [ctr, acceptance",
            "guardrails[1].metric: is required",
            "guardrails[1].max-loss: -1 is out of range",
            "layers[1].unit: \"page\" is not one of [user, session]",
            "layers[1].experiments[0].ramp-percent: 101 is out of range",
            "layers[1].experiments[0].variants[1].sources: is what the layer \"One\" chooses");
  }
}
