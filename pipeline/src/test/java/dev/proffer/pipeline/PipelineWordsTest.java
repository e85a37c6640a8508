package dev.proffer.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.configs.Problems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PipelineWordsTest {
  @TempDir Path home;

  /** These words are wire code and metric tags: a change here breaks clients and dashboards. */
  @Test
  void keepsTheWordsOfTheWire() {
    assertThat(Arrays.stream(Rung.values()).map(Rung::word))
        .containsExactly("ml_ranker", "previous_model", "rule_based", "static", "cache");
    assertThat(Arrays.stream(Degradation.values()).map(Degradation::word))
        .contains(
            "no_model",
            "champion_failed",
            "previous_failed",
            "no_statistics",
            "features_failed",
            "unknown_items",
            "overloaded",
            "variant_failed",
            "impression_lost");
    assertThat(ContextType.words()).containsExactly("home", "category", "item", "search");
    assertThat(ContextType.of("item")).isEqualTo(ContextType.ITEM);
    assertThat(ContextType.of("ITEM")).isNull();
  }

  @Test
  void readsTheStaticListAndSaysWhatIsWrongWithIt() throws IOException {
    Path file = home.resolve(RankingSpec.FILE);
    Problems problems = new Problems();
    Files.writeString(file, "static: [b, a]\n");
    assertThat(RankingSpec.read(home, problems).staticItems()).containsExactly("b", "a");
    Files.writeString(file, "");
    assertThat(RankingSpec.read(home, problems).staticItems()).isEmpty();
    assertThat(problems.none()).isTrue();
    Files.writeString(
        file,
        """
        sets:
          bold:
            rules: [{rule: frequency-cap, most: 3, within-hours: 1}]
            static: []
        """);
    RankingSpec sets = RankingSpec.read(home, problems);
    assertThat(sets.sets()).containsOnlyKeys("bold");
    assertThat(sets.remembersShowings()).isTrue();
    assertThat(sets.rules().remembersShowings()).isFalse();
    assertThat(problems.toString()).contains("line 4, sets.bold.static: unknown key");
    Files.writeString(file, "static: a\nlist: []\n");
    assertThat(RankingSpec.read(home, problems).staticItems()).isEmpty();
    assertThat(problems.toString())
        .contains("line 1, static: expected a list")
        .contains(
            "line 2, list: unknown key; known here: [static, showings, rules, sets, cascade]");
  }
}
