package dev.proffer.pipeline;

import dev.proffer.features.state.UserSequence;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a prediction is asked for, and all it is answered over.
 *
 * @param task a task of the world's models
 * @param prior what is answered when no model can
 * @param entityId by whom the tables know the user; empty when nobody says
 * @param sequence the user's events; null when they could not be read
 * @param missing what is wrong with all this already
 */
public record PredictInput(
    String task,
    double prior,
    String entityId,
    @Nullable UserSequence sequence,
    World world,
    long timeMillis,
    Effort effort,
    Set<Degradation> missing) {

  /** An input of whom no table knows, for a whole answer. */
  public static PredictInput of(
      String task, double prior, @Nullable UserSequence sequence, World world, long timeMillis) {
    return new PredictInput(task, prior, "", sequence, world, timeMillis, Effort.WHOLE, Set.of());
  }

  /** The same with another effort. */
  public PredictInput with(Effort other) {
    return new PredictInput(task, prior, entityId, sequence, world, timeMillis, other, missing);
  }
}
