package dev.proffer.pipeline;

import dev.proffer.ranker.ServedModel;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** How each model of the fallback ladder is asked. Stateless. */
final class Ladder {
  private Ladder() {}

  /**
   * What a model answers; null when there is none, it would take too long or it fails.
   *
   * @param failure what is missing when it fails
   * @param degraded takes what is missing
   */
  static <A> @Nullable A ask(
      @Nullable ServedModel model,
      Effort effort,
      Degradation failure,
      Set<Degradation> degraded,
      Function<ServedModel, A> answer) {
    if (model == null) {
      return null;
    }
    if (effort != Effort.WHOLE && model.takesLong()) {
      degraded.add(Degradation.MODEL_LATE);
      return null;
    }
    try {
      return answer.apply(model);
    } catch (RuntimeException e) {
      degraded.add(failure);
      return null;
    }
  }
}
