package dev.proffer.offline.evaluate;

import dev.proffer.events.Event;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.PairCounts;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.state.UserSequence;
import dev.proffer.features.store.LiveState;
import dev.proffer.offline.Settings;
import dev.proffer.pipeline.Page;
import dev.proffer.pipeline.SuggestPipeline;
import dev.proffer.pipeline.SuggestQuery;
import dev.proffer.pipeline.World;
import dev.proffer.ranker.ServedModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Next-item ranking on events the model has not seen, through {@link SuggestPipeline}: for every
 * event that continues a session, ten propositions are asked for as of its instant, and the chosen
 * item's rank is noted. Beside it the baselines of the data's reference protocol, on the same
 * statistics: popularity, popularity within the category of the last item, and the first-order
 * Markov chain (count of last to next, ties by id, filled up by popularity).
 */
public final class RankingEvaluation {
  private static final int PROGRESS_EVERY = 500;

  private final Settings settings;
  private final LiveState state;
  private final Map<String, NextItemMetrics> byMethod = new LinkedHashMap<>();
  private final List<Float> confidences = new ArrayList<>();
  private final List<Boolean> chosen = new ArrayList<>();

  /** The model's own row in {@link #byMethod}. */
  public static final String MODEL = "this model";

  /** First events of sessions, of which nothing is known yet. */
  public static final String NEWCOMERS = "this model, first events of sessions";

  private static final String RULES = "rules (frequency + popularity + recency)";
  private static final String POPULARITY = "popularity";
  private static final String CATEGORY = "popularity within the last category";
  private static final String MARKOV = "first-order Markov";
  private static final String NEWCOMERS_POPULARITY = "popularity, first events of sessions";

  /**
   * An evaluation from a state that holds what came before the events.
   *
   * @param state statistics and sequences; its sequences are led on by the evaluation
   */
  public RankingEvaluation(Settings settings, LiveState state) {
    this.settings = settings;
    this.state = state;
    for (String method :
        new String[] {
          MODEL, RULES, POPULARITY, CATEGORY, MARKOV, NEWCOMERS, NEWCOMERS_POPULARITY
        }) {
      byMethod.put(method, new NextItemMetrics());
    }
  }

  /** The figures by method, the model first. */
  public Map<String, NextItemMetrics> byMethod() {
    return byMethod;
  }

  /** The confidences of what was proposed against what was chosen. */
  public BinaryMetrics confidence() {
    float[] probabilities = new float[confidences.size()];
    boolean[] labels = new boolean[probabilities.length];
    for (int at = 0; at < probabilities.length; at++) {
      probabilities[at] = confidences.get(at);
      labels[at] = chosen.get(at);
    }
    return new BinaryMetrics(probabilities, labels);
  }

  /** The figures as gates and reports name them. */
  public Map<String, Double> figures() {
    Map<String, Double> figures = new LinkedHashMap<>();
    NextItemMetrics model = metrics(MODEL);
    figures.put("targets", (double) model.count());
    figures.put("hr@10", model.hitRate());
    figures.put("ndcg@10", model.ndcg());
    figures.put("mrr@10", model.mrr());
    figures.put("ece", confidence().calibrationError());
    byMethod.forEach(
        (method, metrics) -> {
          if (!method.equals(MODEL)) {
            figures.put("hr@10: " + method, metrics.hitRate());
            figures.put("ndcg@10: " + method, metrics.ndcg());
            figures.put("mrr@10: " + method, metrics.mrr());
          }
        });
    return figures;
  }

  /**
   * Runs over events.
   *
   * @param events by time
   * @param live whether the events go on to update the statistics, as in a running gateway; else
   *     they stay frozen
   */
  public void run(
      @Nullable ServedModel model, List<Event> events, boolean live, DoubleConsumer progress) {
    Catalog catalog = state.catalog();
    Statistics statistics = live ? state.statistics() : state.statistics().snapshot();
    World world =
        World.of(
                catalog,
                statistics,
                model == null
                    ? Map.of()
                    : Map.of(SuggestPipeline.TASK, new World.Models(model, null)))
            .with(settings.tables());
    World rules = World.of(catalog, statistics, Map.of());
    SuggestPipeline pipeline =
        new SuggestPipeline(settings.contracts(), settings.candidates(), settings.ranking());
    Baselines baselines = new Baselines(catalog, statistics);
    long gap = settings.contracts().sequence().sessionGapMillis();
    for (int at = 0; at < events.size(); at++) {
      Event event = events.get(at);
      if (at % PROGRESS_EVERY == 0) {
        progress.accept((double) at / events.size());
      }
      UserSequence sequence = state.sequences().read(event.userId()).before(event.timeMillis());
      boolean continues =
          sequence.size() > 0
              && event.timeMillis() - sequence.timeMillis(sequence.size() - 1) <= gap;
      String target = String.valueOf(event.itemId());
      SuggestQuery query =
          SuggestQuery.forUser(event.userId(), NextItemMetrics.DEPTH, event.timeMillis());
      List<Page.Proposition> page = pipeline.suggest(query, sequence, world).propositions();
      if (continues) {
        metrics(MODEL).add(rank(page, target));
        for (Page.Proposition proposition : page) {
          confidences.add(proposition.confidence());
          chosen.add(proposition.id().equals(target));
        }
        if (model != null) {
          metrics(RULES).add(rank(pipeline.suggest(query, sequence, rules).propositions(), target));
        }
        int last = catalog.index(sequence.itemHash(sequence.size() - 1));
        int index = catalog.index(target);
        metrics(POPULARITY).add(baselines.popularity(index));
        metrics(CATEGORY).add(baselines.category(last, index));
        metrics(MARKOV).add(baselines.markov(last, index));
      } else {
        metrics(NEWCOMERS).add(rank(page, target));
        metrics(NEWCOMERS_POPULARITY).add(baselines.popularity(catalog.index(target)));
      }
      if (live) {
        state.apply(event);
      } else {
        state.follow(event);
      }
    }
  }

  /** The figures of the model itself. */
  public NextItemMetrics model() {
    return metrics(MODEL);
  }

  private NextItemMetrics metrics(String method) {
    return byMethod.computeIfAbsent(method, m -> new NextItemMetrics());
  }

  private static int rank(List<Page.Proposition> page, String target) {
    for (int at = 0; at < page.size(); at++) {
      if (page.get(at).id().equals(target)) {
        return at + 1;
      }
    }
    return 0;
  }

  /** The reference baselines: a target's rank among all items, 0 when the catalog lacks it. */
  private record Baselines(Catalog catalog, Statistics statistics) {
    int popularity(int target) {
      return rank(target, item -> 0);
    }

    int category(int last, int target) {
      int category = catalog.category(last);
      return rank(target, item -> catalog.category(item) == category ? 1 : 0);
    }

    int markov(int last, int target) {
      PairCounts.Row row = statistics.next(1).row(last);
      if (target == Catalog.UNKNOWN) {
        return 0;
      }
      float own = row.of(target);
      if (own == 0) {
        return rank(target, row::of);
      }
      int rank = 1;
      for (int at = 0; at < row.size(); at++) {
        int item = row.item(at);
        if (row.count(at) > own || (row.count(at) == own && id(item).compareTo(id(target)) < 0)) {
          rank++;
        }
      }
      return rank;
    }

    private interface Score {
      float of(int item);
    }

    /** By score, then by popularity, then by id. */
    private int rank(int target, Score score) {
      if (target == Catalog.UNKNOWN) {
        return 0;
      }
      int rank = 1;
      float own = score.of(target);
      float events = statistics.events(target);
      for (int item = 1; item < catalog.size(); item++) {
        if (item == target) {
          continue;
        }
        float other = score.of(item);
        float otherEvents = statistics.events(item);
        if (other > own
            || (other == own
                && (otherEvents > events
                    || (otherEvents == events && id(item).compareTo(id(target)) < 0)))) {
          rank++;
        }
      }
      return rank;
    }

    private String id(int item) {
      return catalog.item(item).id();
    }
  }
}
