package dev.proffer.offline.evaluate;

import dev.proffer.events.Event;
import dev.proffer.events.Item;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.store.LiveState;
import dev.proffer.offline.Settings;
import dev.proffer.offline.replay.History;
import dev.proffer.offline.replay.Replay;
import dev.proffer.offline.train.ModelTraining;
import dev.proffer.ranker.ModelsSpec;
import dev.proffer.ranker.ServedModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A task's figures on events after an instant, as a map for gates and as a table for people. */
public final class TaskEvaluation {
  private final Map<String, Double> figures = new LinkedHashMap<>();
  private final List<String> table = new ArrayList<>();

  private TaskEvaluation() {}

  /**
   * What a model is judged on.
   *
   * @param learned events whose statistics and sequences are known, by time
   * @param judged events that are predicted, by time
   * @param items the catalog
   */
  public record Split(List<Item> items, List<Event> learned, List<Event> judged, History history) {
    /** The events before an instant, and those from there up to another. */
    public static Split at(History history, long from, long until) {
      List<Event> learned = new ArrayList<>();
      List<Event> judged = new ArrayList<>();
      for (Event event : history.events()) {
        if (event.timeMillis() < from) {
          learned.add(event);
        } else if (event.timeMillis() < until) {
          judged.add(event);
        }
      }
      return new Split(history.items(), learned, judged, history);
    }

    LiveState learnedState(Settings settings) {
      long end = learned.isEmpty() ? 0 : learned.get(learned.size() - 1).timeMillis() + 1;
      Replay replay = new Replay(history, settings.contracts().sequence());
      replay.runTo(end);
      for (Item item : items) {
        if (replay.state().catalog().index(item.id()) == Catalog.UNKNOWN) {
          replay.state().apply(item);
        }
      }
      return replay.state();
    }
  }

  /**
   * Judges a model. With {@code live}, ranking is judged a second time with statistics that go on.
   */
  public static TaskEvaluation of(
      Settings settings,
      ModelsSpec.Task task,
      ServedModel model,
      Split split,
      boolean live,
      ModelTraining.Stages stages) {
    TaskEvaluation evaluation = new TaskEvaluation();
    switch (task.label()) {
      case NEXT_ITEM -> evaluation.ranking(settings, task, model, split, live, stages);
      case SESSION_ENDS -> evaluation.sessionEnds(settings, task, model, split, stages);
    }
    return evaluation;
  }

  /** The figures by name. */
  public Map<String, Double> figures() {
    return figures;
  }

  /** The table, a line a row. */
  public List<String> table() {
    return table;
  }

  private void ranking(
      Settings settings,
      ModelsSpec.Task task,
      ServedModel model,
      Split split,
      boolean live,
      ModelTraining.Stages stages) {
    stages.begin(task.name() + ": evaluate");
    RankingEvaluation frozen = new RankingEvaluation(settings, split.learnedState(settings));
    frozen.run(model, split.judged(), false, stages::progress);
    stages.end(String.format(Locale.ROOT, "%,d targets", frozen.model().count()));
    figures.putAll(frozen.figures());
    table.add(
        String.format(
            Locale.ROOT,
            "%-52s %8s %8s %8s   (%,d targets)",
            "next item, version " + model.version(),
            "HR@10",
            "NDCG@10",
            "MRR@10",
            frozen.model().count()));
    frozen.byMethod().forEach((method, metrics) -> table.add(row(method, metrics)));
    if (live) {
      stages.begin(task.name() + ": evaluate with live statistics");
      RankingEvaluation moving = new RankingEvaluation(settings, split.learnedState(settings));
      moving.run(model, split.judged(), true, stages::progress);
      NextItemMetrics metrics = moving.model();
      stages.end("");
      table.add(row(RankingEvaluation.MODEL + ", statistics live", metrics));
      figures.put("hr@10: live", metrics.hitRate());
      figures.put("ndcg@10: live", metrics.ndcg());
      figures.put("mrr@10: live", metrics.mrr());
    }
    table.add(
        String.format(
            Locale.ROOT,
            "  confidence of the ten shown: calibration error %.4f, AUC %.4f, chosen %.4f",
            frozen.confidence().calibrationError(),
            frozen.confidence().auc(),
            frozen.confidence().baseRate()));
  }

  private static String row(String method, NextItemMetrics metrics) {
    return String.format(
        Locale.ROOT,
        "  %-50s %8.4f %8.4f %8.4f",
        method,
        metrics.hitRate(),
        metrics.ndcg(),
        metrics.mrr());
  }

  private void sessionEnds(
      Settings settings,
      ModelsSpec.Task task,
      ServedModel model,
      Split split,
      ModelTraining.Stages stages) {
    stages.begin(task.name() + ": evaluate");
    SessionEndEvaluation evaluation =
        new SessionEndEvaluation(settings, split.learnedState(settings));
    evaluation.run(task, model, split.learned(), split.judged(), stages::progress);
    stages.end(String.format(Locale.ROOT, "%,d targets", evaluation.model().count()));
    figures.putAll(evaluation.figures());
    table.add(
        String.format(
            Locale.ROOT,
            "%-52s %8s %8s %8s   (%,d targets, base rate %.4f)",
            task.name() + ", version " + model.version(),
            "AUC",
            "log-loss",
            "ECE",
            evaluation.model().count(),
            evaluation.model().baseRate()));
    table.add(row("this model", evaluation.model()));
    table.add(row("session length alone (logistic regression)", evaluation.lengthAlone()));
  }

  private static String row(String method, BinaryMetrics metrics) {
    return String.format(
        Locale.ROOT,
        "  %-50s %8.4f %8.4f %8.4f",
        method,
        metrics.auc(),
        metrics.logLoss(),
        metrics.calibrationError());
  }
}
