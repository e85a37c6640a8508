package dev.proffer.candidates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.proffer.configs.Problems;
import dev.proffer.configs.Problems.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CandidatesSpecTest {
  @TempDir Path home;

  private final Problems problems = new Problems();

  @Test
  void readsTheSourcesInTheirOrder() throws IOException {
    CandidatesSpec spec =
        read(
            """
            max-candidates: 50
            sources:
              - {name: popular, quota: 20, reason: Popular}
              - {name: recent, reason: Seen before}
            """);
    assertThat(problems.none()).as(problems.toString()).isTrue();
    assertThat(spec.maxCandidates()).isEqualTo(50);
    assertThat(spec.sources())
        .extracting(
            CandidatesSpec.Source::name,
            CandidatesSpec.Source::kind,
            CandidatesSpec.Source::quota,
            CandidatesSpec.Source::reason)
        .containsExactly(
            tuple("popular", "popular", 20, "Popular"),
            tuple("recent", "recent", 50, "Seen before"));
  }

  @Test
  void readsFurtherSetsAndWhatIsWrongWithThem() throws IOException {
    CandidatesSpec spec =
        read(
            """
            sources:
              - &popular {name: popular, reason: "Popular"}
            sets:
              wide:
                max-candidates: 400
                sources:
                  - *popular
                  - {name: search, reason: "Found"}
            """);
    assertThat(problems.none()).as(problems.toString()).isTrue();
    CandidatesSpec wide = java.util.Objects.requireNonNull(spec.sets().get("wide"));
    assertThat(wide.maxCandidates()).isEqualTo(400);
    assertThat(wide.sources())
        .extracting(CandidatesSpec.Source::name)
        .containsExactly("popular", "search");
    assertThat(spec.sources()).hasSize(1);
    assertThat(spec.has("search")).as("search is to be set up for a set alone").isTrue();
    assertThat(spec.has("recent")).isFalse();
    read(
        """
        sources:
          - {name: popular, reason: "Popular"}
        sets:
          none: {max-candidates: 9}
          odd: {sources: [{name: stars, reason: why}], sets: {}}
        """);
    assertThat(problems.toString())
        .contains(
            "line 4, sets.none.sources: at least one source is required",
            "sets.odd.sources[0].name: \"stars\" is not one of",
            "sets.odd.sets: unknown key");
  }

  @Test
  void shipsAFileWithoutMistakes() {
    assertThat(CandidatesSpec.read(Path.of("..", "configs"), problems).sources()).isNotEmpty();
    assertThat(problems.none()).as(problems.toString()).isTrue();
  }

  @Test
  void saysEverythingThatIsWrong() throws IOException {
    read(
        """
        max-candidates: 2001
        sources:
          - {name: oracle, quota: 0, reason: a}
          - {name: popular, reason: b}
          - {name: popular, reason: ' '}
          - {name: new, share: 1}
          - follows
        """);
    read("max-candidates: 10\n");
    assertThat(problems.found())
        .extracting(Problem::line, Problem::key, Problem::message)
        .containsExactly(
            tuple(
                1,
                "max-candidates",
                "2001 is out of range; expected a whole number from 1 to 2000"),
            tuple(7, "sources[4]", "expected a mapping of keys to values"),
            tuple(
                3,
                "sources[0].name",
                "\"oracle\" is not one of [recent, follows, category, popular, new, popular-context,"
                    + " trending, pins, search, similar-items, similar-users]"),
            tuple(
                3, "sources[0].quota", "0 is out of range; expected a whole number from 1 to 2000"),
            tuple(5, "sources[2].name", "\"popular\" stands twice"),
            tuple(5, "sources[2].reason", "must not be blank"),
            tuple(6, "sources[3].reason", "is required"),
            tuple(
                6,
                "sources[3].share",
                "unknown key; known here: [name, kind, quota, look-at, reason]"),
            tuple(1, "sources", "at least one source is required"));
  }

  private CandidatesSpec read(String yaml) throws IOException {
    Files.writeString(home.resolve(CandidatesSpec.FILE), yaml);
    return CandidatesSpec.read(home, problems);
  }
}
