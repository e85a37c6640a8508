package dev.proffer.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.configs.Problems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReasonsSpecTest {
  @TempDir Path home;

  @Test
  void saysWhatIsWrongWithFamiliesAtOnce() throws IOException {
    Files.writeString(
        home.resolve(ReasonsSpec.FILE),
        """
        contributions: sometimes
        families:
          - {name: a, features: ["pop*"], words: "in {place}", by-feature: {times: "again"}}
          - {name: a, features: [], word: x}
          - {name: other, features: ["nothing*"]}
        """);
    Problems problems = new Problems();
    ReasonsSpec spec = ReasonsSpec.read(home, problems);
    spec.check(SmallWorld.contracts(home), home, problems);
    assertThat(problems.toString())
        .contains("contributions: \"sometimes\" is not one of [asked, always]")
        .contains("families[0].words: {place} is none of [{category}, {last}]")
        .contains("families[0].by-feature.times: is none of the family's features [pop*]")
        .contains("families[1].name: \"a\" is another family's")
        .contains("families[1].features: at least one feature is required")
        .contains("families[1].word: unknown key")
        .contains("families[2].name: \"other\" is another family's")
        .contains("families[2].features: \"nothing*\" matches no feature of features.yaml");
  }

  @Test
  void isNothingWithoutAFile() {
    Problems problems = new Problems();
    assertThat(ReasonsSpec.read(home, problems).families()).isEmpty();
    assertThat(problems.none()).isTrue();
  }

  /** The shipped words: every family is of features that are declared. */
  @Test
  void readsTheShippedWords() {
    Problems problems = new Problems();
    Path configs = Path.of("..", "configs");
    ReasonsSpec spec = ReasonsSpec.read(configs, problems);
    spec.check(dev.proffer.features.compute.Contracts.read(configs, problems), configs, problems);
    assertThat(problems.found()).isEmpty();
    assertThat(spec.families()).isNotEmpty();
  }
}
