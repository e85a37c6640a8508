package dev.proffer.offline.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.configs.Problems;
import dev.proffer.events.Event;
import dev.proffer.events.LogEntry;
import dev.proffer.offline.Settings;
import dev.proffer.offline.Shop;
import dev.proffer.offline.ingest.Dataset;
import dev.proffer.offline.ingest.DatasetSpec;
import dev.proffer.offline.replay.History;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class RankingEvaluationTest {
  /** April and May against June, as the reference protocol has it. */
  @Test
  void givesTheBaselinesTheFiguresTheDataPageGivesThem() throws IOException {
    Settings settings = Settings.read(Shop.SHIPPED);
    Problems problems = new Problems();
    DatasetSpec spec = DatasetSpec.read(Shop.SHIPPED.resolve("datasets/eshop.yaml"), problems);
    problems.throwIfAny();
    Dataset learned = read(spec, settings, "2008-04.csv.gz", "2008-05.csv.gz");
    Dataset judged = read(spec, settings, "2008-06.csv.gz");
    List<LogEntry> entries = new ArrayList<>(learned.items());
    entries.addAll(learned.events());
    History history = History.of(entries, settings.contracts().sequence());
    List<Event> june = History.of(judged.events(), settings.contracts().sequence()).events();
    TaskEvaluation.Split split =
        new TaskEvaluation.Split(judged.items(), history.events(), june, history);

    RankingEvaluation evaluation = new RankingEvaluation(settings, split.learnedState(settings));
    evaluation.run(null, june, false, share -> {});

    assertThat(figures(evaluation, "popularity")).isEqualTo("0.1400 0.0676 0.0462");
    assertThat(figures(evaluation, "popularity within the last category"))
        .isEqualTo("0.2804 0.1326 0.0885");
    assertThat(figures(evaluation, "first-order Markov")).isEqualTo("0.5247 0.2964 0.2267");
    long newcomers = metrics(evaluation, RankingEvaluation.NEWCOMERS).count();
    assertThat(evaluation.model().count() + newcomers).isEqualTo(june.size());
  }

  private static String figures(RankingEvaluation evaluation, String method) {
    NextItemMetrics metrics = metrics(evaluation, method);
    return String.format(
        Locale.ROOT, "%.4f %.4f %.4f", metrics.hitRate(), metrics.ndcg(), metrics.mrr());
  }

  private static NextItemMetrics metrics(RankingEvaluation evaluation, String method) {
    return Objects.requireNonNull(evaluation.byMethod().get(method));
  }

  private static Dataset read(DatasetSpec spec, Settings settings, String... files)
      throws IOException {
    List<Path> paths = new ArrayList<>();
    for (String file : files) {
      paths.add(Shop.DATA.resolve(file));
    }
    return Dataset.read(spec, paths, settings.events(), Long.MAX_VALUE);
  }
}
