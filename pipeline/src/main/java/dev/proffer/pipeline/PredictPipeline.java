package dev.proffer.pipeline;

import dev.proffer.features.compute.Contracts;
import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.compute.FeatureProgram;
import dev.proffer.features.compute.RequestContext;
import dev.proffer.features.spec.FeatureContract;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.UserSequence;
import dev.proffer.features.tables.Attributes;
import dev.proffer.ranker.ServedModel;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A task's probability for one user. Used by one thread at a time. Falls from the champion to the
 * previous model to the task's declared prior.
 */
public final class PredictPipeline {
  private static final int MOST_REASONS = 3;

  private final Contracts contracts;
  private final Map<String, FeatureProgram> programs = new HashMap<>();
  private final FeatureInput in = new FeatureInput();
  private float[] row = new float[0];
  private final float[] score = new float[1];

  public PredictPipeline(Contracts contracts) {
    this.contracts = contracts;
  }

  /**
   * An answer.
   *
   * @param probability calibrated, between 0 and 1
   * @param reasons what spoke most for or against, strongest first
   */
  public record Prediction(
      float probability,
      Rung servedBy,
      @Nullable String modelVersion,
      Set<Degradation> degraded,
      List<Reason> reasons) {}

  /**
   * A feature's say.
   *
   * @param contribution in the model's score (log-odds); above 0 raises the probability
   */
  public record Reason(String feature, String description, float value, float contribution) {}

  /** Whether a whole answer would take longer than an event loop may wait. */
  public boolean takesLong(PredictInput input) {
    ServedModel champion = input.world().models(input.task()).champion();
    return champion != null && champion.takesLong();
  }

  /** Predicts. */
  public Prediction predict(PredictInput input) {
    World world = input.world();
    UserSequence sequence = input.sequence();
    Set<Degradation> degraded = EnumSet.noneOf(Degradation.class);
    degraded.addAll(input.missing());
    if (sequence == null) {
      degraded.add(Degradation.FEATURES_FAILED);
    }
    in.set(
        world.catalog(),
        world.statistics(),
        sequence == null ? UserSequence.EMPTY : sequence,
        contracts.sequence(),
        Catalog.UNKNOWN,
        0,
        RequestContext.NONE,
        Attributes.of(world.tables(), input.entityId()),
        input.timeMillis());
    World.Models models = world.models(input.task());
    ServedModel champion = models.champion();
    ServedModel previous = models.previous();
    if (champion == null && previous == null) {
      degraded.add(Degradation.NO_MODEL);
    }
    Prediction prediction =
        Ladder.ask(
            champion,
            input.effort(),
            Degradation.CHAMPION_FAILED,
            degraded,
            model -> predict(model, Rung.ML_RANKER, degraded));
    if (prediction == null) {
      prediction =
          Ladder.ask(
              previous,
              input.effort(),
              Degradation.PREVIOUS_FAILED,
              degraded,
              model -> predict(model, Rung.PREVIOUS_MODEL, degraded));
    }
    return prediction == null
        ? new Prediction((float) input.prior(), Rung.STATIC, null, degraded, List.of())
        : prediction;
  }

  private Prediction predict(ServedModel model, Rung rung, Set<Degradation> degraded) {
    FeatureProgram program = programs.computeIfAbsent(model.contract(), contracts::program);
    FeatureContract contract = program.contract();
    if (row.length < contract.width()) {
      row = new float[contract.width()];
    }
    program.compute(in, row);
    model.scorer().score(row, 1, score);
    float[] contributions = new float[contract.width()];
    if (!model.takesLong()) {
      model.scorer().contribute(row, 0, contributions);
    }
    List<Reason> reasons = new ArrayList<>();
    for (int column = 0; column < contributions.length; column++) {
      if (contributions[column] != 0) {
        reasons.add(
            new Reason(
                contract.feature(column).name(),
                contract.feature(column).description(),
                row[column],
                contributions[column]));
      }
    }
    reasons.sort((a, b) -> Float.compare(Math.abs(b.contribution()), Math.abs(a.contribution())));
    return new Prediction(
        model.calibration().probability(score[0]),
        rung,
        model.version(),
        degraded,
        List.copyOf(reasons.subList(0, Math.min(MOST_REASONS, reasons.size()))));
  }
}
