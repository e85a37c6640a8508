package dev.proffer.offline.evaluate;

import dev.proffer.events.Event;
import dev.proffer.features.store.LiveState;
import dev.proffer.offline.Settings;
import dev.proffer.offline.train.PlattScaling;
import dev.proffer.pipeline.Effort;
import dev.proffer.pipeline.PredictInput;
import dev.proffer.pipeline.PredictPipeline;
import dev.proffer.pipeline.World;
import dev.proffer.ranker.ModelsSpec;
import dev.proffer.ranker.ServedModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleConsumer;

/**
 * Whether a session ends with an event, predicted right after it through {@link PredictPipeline},
 * on events the model has not seen; beside it a logistic regression on the length of the session
 * alone, fitted on the events before. An event so near the end of the data that its session might
 * still go on is left out, whether or not it was seen to go on.
 */
public final class SessionEndEvaluation {
  private static final int PROGRESS_EVERY = 500;

  private final Settings settings;
  private final LiveState state;
  private final List<Float> predicted = new ArrayList<>();
  private final List<Float> byLength = new ArrayList<>();
  private final List<Boolean> ended = new ArrayList<>();

  public SessionEndEvaluation(Settings settings, LiveState state) {
    this.settings = settings;
    this.state = state;
  }

  /** The model's figures. */
  public BinaryMetrics model() {
    return metrics(predicted);
  }

  /** The figures of session length alone. */
  public BinaryMetrics lengthAlone() {
    return metrics(byLength);
  }

  /** The figures as gates and reports name them. */
  public Map<String, Double> figures() {
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("targets", (double) ended.size());
    figures.put("base rate", model().baseRate());
    figures.put("auc", model().auc());
    figures.put("log-loss", model().logLoss());
    figures.put("ece", model().calibrationError());
    figures.put("auc: session length alone", lengthAlone().auc());
    figures.put("log-loss: session length alone", lengthAlone().logLoss());
    figures.put("ece: session length alone", lengthAlone().calibrationError());
    return figures;
  }

  /**
   * Runs over events.
   *
   * @param before the events before them, by time, which the baseline is fitted on
   * @param events by time
   */
  public void run(
      ModelsSpec.Task task,
      ServedModel model,
      List<Event> before,
      List<Event> events,
      DoubleConsumer progress) {
    World world =
        World.of(
                state.catalog(),
                state.statistics().snapshot(),
                Map.of(task.name(), new World.Models(model, null)))
            .with(settings.tables());
    PredictPipeline pipeline = new PredictPipeline(settings.contracts());
    Lengths past = lengths(before);
    double[] line = PlattScaling.line(past.lengths(), past.ends(), past.ones());
    Lengths now = lengths(events);
    for (int at = 0; at < events.size(); at++) {
      Event event = events.get(at);
      state.follow(event);
      if (at % PROGRESS_EVERY == 0) {
        progress.accept((double) at / events.size());
      }
      if (!now.known()[at]) {
        continue;
      }
      predicted.add(
          pipeline
              .predict(
                  new PredictInput(
                      task.name(),
                      task.prior(),
                      event.userId(),
                      state.sequences().read(event.userId()),
                      world,
                      event.timeMillis() + 1,
                      Effort.WHOLE,
                      Set.of()))
              .probability());
      byLength.add((float) (1 / (1 + Math.exp(-(line[0] * now.lengths()[at] + line[1])))));
      ended.add(now.ends()[at] > 0);
    }
  }

  /** Per event: the session's length so far, whether it ended there, and whether that is known. */
  private record Lengths(float[] lengths, float[] ends, float[] ones, boolean[] known) {}

  private Lengths lengths(List<Event> events) {
    long gap = settings.contracts().sequence().sessionGapMillis();
    int size = events.size();
    Lengths lengths =
        new Lengths(new float[size], new float[size], new float[size], new boolean[size]);
    long end = size == 0 ? 0 : events.get(size - 1).timeMillis() + 1;
    Map<String, Integer> last = new HashMap<>();
    for (int at = 0; at < size; at++) {
      Event event = events.get(at);
      Integer previous = last.put(event.userId(), at);
      boolean continues =
          previous != null && event.timeMillis() - events.get(previous).timeMillis() <= gap;
      lengths.lengths()[at] = continues && previous != null ? lengths.lengths()[previous] + 1 : 1;
      lengths.ends()[at] = 1;
      lengths.ones()[at] = 1;
      lengths.known()[at] = event.timeMillis() + gap < end;
      if (continues && previous != null) {
        lengths.ends()[previous] = 0;
      }
    }
    return lengths;
  }

  private BinaryMetrics metrics(List<Float> of) {
    float[] probabilities = new float[of.size()];
    boolean[] labels = new boolean[of.size()];
    for (int at = 0; at < probabilities.length; at++) {
      probabilities[at] = of.get(at);
      labels[at] = ended.get(at);
    }
    return new BinaryMetrics(probabilities, labels);
  }
}
