package dev.proffer.features.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.proffer.configs.Problems;
import dev.proffer.configs.Problems.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SequenceSpecTest {
  private static final SequenceSpec SEQUENCE = new SequenceSpec(List.of("view"), 20, 60_000, "");

  @TempDir Path home;

  private final Problems problems = new Problems();

  @Test
  void readsTheFileOrItsDefaults() throws IOException {
    assertThat(
            read(
                "events: [view, click]\nmax-length: 50\nsession-gap-minutes: 2\norder-attribute: n\n"))
        .isEqualTo(new SequenceSpec(List.of("view", "click"), 50, 120_000, "n"));
    assertThat(read("events: [view]\n"))
        .isEqualTo(new SequenceSpec(List.of("view"), 200, 1_800_000, ""));
    assertThat(problems.none()).as(problems.toString()).isTrue();
  }

  @Test
  void saysEverythingThatIsWrong() throws IOException {
    read("max-length: 1\nsession-gap-minutes: soon\ngap: 3\n");
    assertThat(problems.found())
        .containsExactly(
            at(0, "events", "at least one event type is required"),
            at(1, "max-length", "1 is out of range; expected a whole number from 2 to 10000"),
            at(
                2,
                "session-gap-minutes",
                "\"soon\" is not a whole number; expected a whole number from 1 to 100000"),
            at(
                3,
                "gap",
                "unknown key; known here: [events, numbers, max-length, session-gap-minutes, order-attribute, lookback-days, named]"));
  }

  @Test
  void readsFurtherSequencesAndSaysWhatIsWrongWithThem() throws IOException {
    SequenceSpec spec =
        read(
            """
            events: [view]
            named:
              orders: {events: [conversion], max-length: 7, lookback-days: 730, session-gap-minutes: 60}
              calls: {events: [call], description: "On the telephone"}
            """);
    assertThat(problems.none()).as(problems.toString()).isTrue();
    assertThat(spec.named())
        .containsExactly(
            new SequenceSpec.Named(
                "orders", List.of("conversion"), 7, 3_600_000, 730 * 86_400_000L, ""),
            new SequenceSpec.Named("calls", List.of("call"), 50, 1_800_000, 0, "On the telephone"));

    read("events: [view]\nnamed:\n  Big Ones: {max-length: 0}\n  b: {events: [c], colour: red}\n");
    assertThat(problems.toString())
        .contains("\"Big Ones\" is no name; expected to match")
        .contains("events: at least one event type is required")
        .contains("max-length: 0 is out of range; expected a whole number from 1 to 10000")
        .contains("colour: unknown key");
  }

  @Test
  void namesAContractByTheFurtherSequencesThatItsFeaturesName() {
    FeatureSpec plain = feature("a", 1, "t", Map.of(), "", "");
    FeatureSpec naming = feature("a", 1, "t", Map.of("sequence", "orders"), "", "");
    SequenceSpec seven = named(7);
    assertThat(sha(seven, plain)).isEqualTo(sha(named(8), plain)).isEqualTo(sha(SEQUENCE, plain));
    assertThat(sha(seven, naming)).isNotEqualTo(sha(named(8), naming));
  }

  private static SequenceSpec named(int maxLength) {
    return new SequenceSpec(
        List.of("view"),
        20,
        60_000,
        "",
        0,
        List.of(),
        List.of(new SequenceSpec.Named("orders", List.of("order"), maxLength, 1, 0, "")),
        StatisticsSpec.NONE);
  }

  @Test
  void namesAContractByEverythingThatDecidesAValue() {
    FeatureSpec feature = feature("a", 1, "t", Map.of("k", "v"), "", "");
    String sha = sha(SEQUENCE, feature);
    assertThat(sha).matches("[0-9a-f]{64}");
    assertThat(sha(SEQUENCE, feature("a", 1, "t", Map.of("k", "v"), "unit", "words")))
        .isEqualTo(sha);
    assertThat(
            List.of(
                sha(SEQUENCE, feature("b", 1, "t", Map.of("k", "v"), "", "")),
                sha(SEQUENCE, feature("a", 2, "t", Map.of("k", "v"), "", "")),
                sha(SEQUENCE, feature("a", 1, "u", Map.of("k", "v"), "", "")),
                sha(SEQUENCE, feature("a", 1, "t", Map.of("k", "w"), "", "")),
                sha(SEQUENCE, feature("a", 1, "t", Map.of(), "", "")),
                sha(SEQUENCE, feature, feature("b", 1, "t", Map.of(), "", "")),
                sha(SEQUENCE, feature("b", 1, "t", Map.of(), "", ""), feature),
                sha(new SequenceSpec(List.of("click"), 20, 60_000, ""), feature),
                sha(new SequenceSpec(List.of("view"), 21, 60_000, ""), feature),
                sha(new SequenceSpec(List.of("view"), 20, 60_001, ""), feature),
                sha(new SequenceSpec(List.of("view"), 20, 60_000, "place"), feature)))
        .doesNotContain(sha)
        .doesNotHaveDuplicates();
  }

  @Test
  void refusesToTakeWhatWasSeenForWhatWasChosen() throws IOException {
    read("events: [click, impression]\n");
    assertThat(problems.toString()).contains("events: \"impression\" says that something was seen");
  }

  @Test
  void refusesTwoFeaturesOfOneName() {
    FeatureSpec feature = feature("a", 1, "t", Map.of(), "", "");
    assertThatThrownBy(() -> sha(SEQUENCE, feature, feature))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("two features are called a");
  }

  private static String sha(SequenceSpec sequence, FeatureSpec... features) {
    return new FeatureContract("c", List.of(features), sequence).sha256();
  }

  private static FeatureSpec feature(
      String name,
      int version,
      String transformation,
      Map<String, String> parameters,
      String unit,
      String words) {
    return new FeatureSpec(
        name,
        version,
        transformation,
        new TreeMap<>(parameters),
        "user",
        FeatureSpec.Type.NUMBER,
        Float.NaN,
        0,
        "",
        unit,
        words);
  }

  private SequenceSpec read(String yaml) throws IOException {
    Files.writeString(home.resolve(SequenceSpec.FILE), yaml);
    return SequenceSpec.read(home, problems);
  }

  private Problem at(int line, String key, String message) {
    return new Problem(home.resolve(SequenceSpec.FILE).toString(), Math.max(1, line), key, message);
  }
}
