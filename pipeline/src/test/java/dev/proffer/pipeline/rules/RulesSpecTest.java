package dev.proffer.pipeline.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.configs.Problems;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.tables.TableSpec;
import dev.proffer.features.tables.TablesSpec;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RulesSpecTest {
  @Test
  void readsNothingAsNoRules() {
    Problems problems = new Problems();
    assertThat(Shop.read(problems, "").rules()).isEmpty();
    assertThat(problems.none()).isTrue();
  }

  @Test
  void keepsTheOrderAndTheNames() {
    RulesSpec spec =
        Shop.rules(
            "{rule: bury, where: {colour: red, price: {min: 1}, sale: true}}",
            "{rule: exploration, policy: epsilon-greedy}",
            "{rule: bury, name: old, where: {age: [1, 2]}}");
    assertThat(spec.names()).containsExactly("bury", "exploration", "old");
    assertThat(spec.explores()).isTrue();
    assertThat(spec.remembersShowings()).isFalse();
    assertThat(Shop.rules("{rule: frequency-cap}").remembersShowings()).isTrue();
  }

  @Test
  void saysEverythingThatIsWrongAtOnce() {
    Problems problems = new Problems();
    Shop.read(
        problems,
        """
        showings: {users: 0, per-user: 5}
        rules:
          - {rule: shuffle}
          - {name: nameless}
          - {rule: already, within-hours: 0}
          - {rule: frequency-cap, most: 9}
          - {rule: boost, where: {price: {min: 3, max: 1}}}
          - {rule: bury}
          - {rule: pin, slot: 101, items: [a], where: {b: c}}
          - {rule: pin, name: other, slot: 3}
          - {rule: pin, name: third, slot: 3, items: [a]}
          - {rule: category-cap, slots: 0}
          - {rule: diversity, lambda: 2, embedding: nodot, attribute: colour}
          - {rule: diversity, name: again}
          - {rule: exploration, policy: dice, depth: 1, epsilon: 3}
          - {rule: exploration, name: more, from-slot: 0}
          - {rule: eligibility, audience-of: nowhere, audience: a}
          - {rule: eligibility, colour: red}
        """);
    assertThat(problems.toString())
        .contains("showings.users: 0 is out of range")
        .contains("rules[0].rule: \"shuffle\" is not one of [eligibility, already,")
        .contains("rules[1].rule: is required")
        .contains("rules[2].events: at least one event type is required")
        .contains("rules[2].within-hours: 0 is out of range")
        .contains("rules[3].most: 9 cannot be reached; of a user 5 showings are remembered")
        .contains("rules[4].where.price: min 3.0 is above max 1.0")
        .contains("rules[4].multiply: is required, or add")
        .contains("rules[5].where: is required: which items are buried")
        .contains("rules[6].slot: 101 is out of range")
        .contains("rules[6].items: either items or where says what is pinned")
        .contains("rules[7].items: either items or where says what is pinned")
        .contains("rules[8].slot: slot 3 is another pin's")
        .contains("rules[9].most: is required")
        .contains("rules[9].slots: 0 is out of range")
        .contains("rules[10].lambda: 2 is out of range")
        .contains("rules[10].embedding: \"nodot\" is no table of items and its column")
        .contains("rules[10].attribute: either attribute or embedding")
        .contains("rules[11].rule: only one of this kind")
        .contains("rules[12].policy: \"dice\" is not one of [epsilon-greedy, softmax, thompson]")
        .contains("rules[12].epsilon: 3 is out of range")
        .contains("rules[12].depth: 1 is out of range")
        .contains("rules[13].policy: is required")
        .contains("rules[13].from-slot: 0 is out of range")
        .contains("rules[14].audience-of: \"nowhere\" is neither")
        .contains("rules[14].rule: \"eligibility\" stands twice")
        .contains("rules[15].colour: unknown key");
  }

  @Test
  void holdsTheRulesAgainstWhatOtherFilesDeclare() {
    RulesSpec spec =
        Shop.rules(
            "{rule: already, events: [view, order, refund]}",
            "{rule: diversity, embedding: people.tier}",
            "{rule: eligibility, audience-of: people.tier}",
            "{rule: eligibility, name: other, audience-of: shape.vector}");
    List<String> mistakes = new ArrayList<>();
    TablesSpec tables =
        new TablesSpec(
            List.of(
                new TableSpec(
                    "people",
                    "user",
                    List.of(TableSpec.Column.of("tier", TableSpec.Type.CATEGORY)),
                    "")));
    spec.check(Shop.SEQUENCES, tables, (key, message) -> mistakes.add(key + ": " + message));
    assertThat(mistakes)
        .containsExactly(
            "rules[0].events: \"refund\" is in no sequence of "
                + SequenceSpec.FILE
                + ", which keep [order, view]",
            "rules[1].embedding: \"people.tier\" is no column of type vector in a table of item;"
                + " declared tables: [people]",
            "rules[3].audience-of: \"shape.vector\" is no column of type category in a table of"
                + " user; declared tables: [people]");
  }
}
