package dev.proffer.features.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.proffer.configs.Problems;
import dev.proffer.configs.Problems.Problem;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContractsTest {
  @TempDir Path home;

  @Test
  void compilesTheShippedFile() {
    Problems problems = new Problems();
    Contracts contracts = Contracts.read(Path.of("../configs"), problems);
    assertThat(problems.found()).isEmpty();
    assertThat(contracts.names()).containsExactly("ranking", "leave");
    for (String name : contracts.names()) {
      FeatureProgram program = contracts.program(name);
      assertThat(program.contract()).isSameAs(contracts.contract(name));
      assertThat(program.contract().names()).hasSize(program.contract().width());
    }
    assertThat(contracts.sequence().orderAttribute()).isEqualTo("number");
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
              - {name: a, transformation: no-such-thing}
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
                "\"no-such-thing\" is not one of " + Transformations.names()),
            at(
                7,
                "contracts.ranking.features[1].parameters.order",
                "3 is out of range; expected a whole number from 0 to 2"),
            at(8, "contracts.ranking.features[2].parameters.weight", "unknown key; known here: []"),
            at(9, "contracts.ranking.features[3].name", "\"a\" is declared twice"),
            at(
                10,
                "contracts.ranking.features[4].units",
                "unknown key; known here: [name, parameters, transformation, version, unit,"
                    + " description, reason]"),
            at(11, "contracts.ranking.features[5].name", "is required"),
            at(12, "contracts.ranking.features[6].transformation", "is required"),
            at(
                12,
                "contracts.ranking.features[6].transformation",
                "\"\" is not one of " + Transformations.names()),
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
