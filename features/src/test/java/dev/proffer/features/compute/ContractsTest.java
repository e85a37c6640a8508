package dev.proffer.features.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.proffer.configs.Problems;
import dev.proffer.configs.Problems.Problem;
import dev.proffer.features.spec.FeatureContract;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContractsTest {
  @TempDir Path home;

  @Test
  void compilesTheShippedFile() {
    Problems problems = new Problems();
    Contracts contracts = Contracts.read(Path.of("../configs"), problems);
    assertThat(problems.found()).isEmpty();
    assertThat(contracts.names())
        .containsExactly("ranking", "leave", "similar", "shop", "headline");
    for (String name : contracts.names()) {
      FeatureProgram program = contracts.program(name);
      assertThat(program.contract()).isSameAs(contracts.contract(name));
      assertThat(program.contract().names()).hasSize(program.contract().width());
    }
    assertThat(contracts.sequence().orderAttribute()).isEqualTo("number");
  }

  @Test
  void theShippedFileShowsEveryTransformationThatNeedsNoTableOfUsers() {
    Contracts contracts = Contracts.read(Path.of("../configs"), new Problems());
    Set<String> used = new TreeSet<>();
    for (String name : contracts.names()) {
      FeatureContract contract = Objects.requireNonNull(contracts.contract(name));
      contract.features().forEach(feature -> used.add(feature.transformation()));
    }
    // What is known of users is for each shop to say.
    Transformations.names().stream().filter(name -> name.startsWith("user-")).forEach(used::add);
    assertThat(used).containsExactlyInAnyOrderElementsOf(Transformations.names());
  }

  @Test
  void namesEveryMistakeWithItsFileAndLine() {
    Problems problems = new Problems();
    Yaml.read(
        home,
        """
        contracts:
          ranking:
            features:
              - {name: a, transformation: recently}
              - name: b
                transformation: next-probability
                parameters: {order: 3}
              - {name: c, transformation: popularity, parameters: {weight: 3}}
              - {name: a, transformation: popularity}
              - {name: d, transformation: popularity, units: log}
              - {transformation: popularity}
              - {name: e}
              - {name: f, transformation: place-from, parameters: {from: nowhere}}
              - {name: g, transformation: attribute}
              - {name: h, transformation: place, parameters: {relative: perhaps}}
              - {name: i, transformation: together, parameters: {decay: NaN}}
              - {name: j, transformation: popularity, version: 0}
          empty: {features: []}
        more: 1
        """,
        "place",
        problems);
    assertThat(problems.found()).allMatch(p -> p.file().equals(file()));
    assertThat(problems.found())
        .containsExactly(
            at(
                4,
                "contracts.ranking.features[0].transformation",
                "\"recently\" is not one of the "
                    + Transformations.names().size()
                    + " of docs/transformations.md; nearest: [recency, frequency, weekday]"),
            at(
                7,
                "contracts.ranking.features[1].parameters.order",
                "3 is out of range; expected a whole number from 0 to 2"),
            at(8, "contracts.ranking.features[2].parameters.weight", "unknown key; known here: []"),
            at(9, "contracts.ranking.features[3].name", "\"a\" is declared twice"),
            at(
                10,
                "contracts.ranking.features[4].units",
                "unknown key; known here: [name, parameters, transformation, entity, lives-hours,"
                    + " version, type, default, owner, unit, description]"),
            at(11, "contracts.ranking.features[5].name", "is required"),
            at(12, "contracts.ranking.features[6].transformation", "is required"),
            at(
                13,
                "contracts.ranking.features[7].parameters.from",
                "\"nowhere\" is not one of [current, highest, lowest, latest]"),
            at(14, "contracts.ranking.features[8].parameters.attribute", "is required"),
            at(
                15,
                "contracts.ranking.features[9].parameters.relative",
                "\"perhaps\" is not one of [true, false]"),
            at(
                16,
                "contracts.ranking.features[10].parameters.decay",
                "NaN is out of range; expected a number from 0.01 to 1.0"),
            at(
                17,
                "contracts.ranking.features[11].version",
                "0 is out of range; expected a whole number from 1 to 1000000"),
            at(18, "contracts.empty.features", "at least one feature is required"),
            at(19, "more", "unknown key; known here: [contracts]"));
  }

  @Test
  void saysWhatIsWrongWithWhatAFeatureIsMadeOf() {
    Problems problems = new Problems();
    Yaml.read(
        home,
        """
        contracts:
          ranking:
            features:
              - {name: a, transformation: missing, parameters: {feature: b}}
              - {name: b, transformation: popularity, entity: user, lives-hours: 2}
              - {name: c, transformation: count, parameters: {events: view buy}, type: text}
              - {name: d, transformation: sum}
              - {name: e, transformation: mean, parameters: {number: weight}}
              - {name: f, transformation: bucket, parameters: {feature: b, bounds: 3 1 x}}
              - {name: g, transformation: hour, parameters: {zone: Moon}}
              - {name: h, transformation: trend, parameters: {short-hours: 9, long-hours: 9}}
        """,
        "",
        problems);
    String first = "contracts.ranking.features";
    assertThat(problems.found())
        .containsExactly(
            at(
                4,
                first + "[0].parameters.feature",
                "\"b\" is not one of the features declared before it: []"),
            at(5, first + "[1].entity", "\"user\"; popularity is of \"item\""),
            at(5, first + "[1].lives-hours", "is for features of users; this is one of \"item\""),
            at(
                6,
                first + "[2].parameters.events",
                "\"buy\" is not one of [view, click] of sequences.yaml"),
            at(6, first + "[2].type", "\"text\" is not one of [number, boolean, category]"),
            at(
                7,
                first + "[3].parameters.number",
                "give one of number (of the event) and attribute (of its item)"),
            at(
                8,
                first + "[4].parameters.number",
                "\"weight\" is not one of [value] of sequences.yaml"),
            at(9, first + "[5].parameters.bounds", "\"3 1 x\" does not ascend"),
            at(
                9,
                first + "[5].parameters.bounds",
                "\"x\" is no number; expected numbers parted by spaces"),
            at(
                10,
                first + "[6].parameters.zone",
                "\"Moon\" is no time zone; expected a name such as UTC or Europe/Warsaw"),
            at(11, first + "[7].parameters.short-hours", "9.0 is not below long-hours, 9.0"));
  }

  @Test
  void aValueThatIsMissingOrTooOldIsTheDefault() {
    FeatureProgram program =
        Yaml.read(
                home,
                """
                contracts:
                  all:
                    features:
                      - {name: a, transformation: recency}
                      - {name: b, transformation: recency, default: -1}
                      - {name: c, transformation: count, lives-hours: 2}
                      - {name: d, transformation: matching-count, lives-hours: 2, default: 7}
                      - {name: e, transformation: missing, parameters: {feature: a}}
                      - {name: f, transformation: missing, parameters: {feature: b}}
                """,
                "")
            .program("all");
    RawWorld world = RawWorld.random(new Random(3), RawWorld.spec());
    world.add("a", null, Map.of());
    world.choose("one", "a", world.clock + 1, false);
    long happened = world.clock;
    FeatureInput in = new FeatureInput();
    int[] item = {world.state.catalog().index("a")};
    float[] row = new float[6];

    world.ask(in, new RawWorld.Query("one", "", "", RequestContext.NONE, happened + 7_200_000));
    program.compute(in, item, 1, row);
    assertThat(row).containsExactly(2, 2, 1, 1, 0, 0);

    world.ask(in, new RawWorld.Query("one", "", "", RequestContext.NONE, happened + 7_200_001));
    program.compute(in, item, 1, row);
    assertThat(row[2]).isNaN();
    assertThat(row[3]).isEqualTo(7);

    world.ask(in, new RawWorld.Query("nobody", "", "", RequestContext.NONE, happened + 1));
    program.compute(in, item, 1, row);
    assertThat(row[0]).isNaN();
    assertThat(row[1]).isEqualTo(-1);
    assertThat(row[2]).isNaN();
    assertThat(row[3]).isEqualTo(7);
    assertThat(row[4]).isEqualTo(1);
    assertThat(row[5]).isEqualTo(0);
  }

  @Test
  void saysWhenThereIsNoFileOrNoContract() {
    Problems problems = new Problems();
    Contracts.read(home, problems);
    assertThat(problems.found()).contains(at(0, "", "no such file"));

    Problems without = new Problems();
    Yaml.read(home, "contracts: {}\n", "place", without);
    assertThat(without.found())
        .containsExactly(at(1, "contracts", "at least one contract is required"));
  }

  @Test
  void knowsOnlyDeclaredContracts() {
    Contracts contracts =
        Yaml.read(
            home,
            "contracts: {one: {features: [{name: a, transformation: popularity}]}}\n",
            "place");
    assertThat(contracts.contract("two")).isNull();
    assertThatThrownBy(() -> contracts.program("two"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no contract is called two; there are [one]");
  }

  private String file() {
    return home.resolve(Contracts.FILE).toString();
  }

  private Problem at(int line, String key, String message) {
    return new Problem(file(), line, key, message);
  }
}
