package dev.proffer.ranker.artifact;

import dev.proffer.ranker.Scorer;
import dev.proffer.ranker.SeveralScorer;
import java.util.List;

/**
 * A scorer and how its scores become what Tribuo's {@code predict} says.
 *
 * @param link from scores to predictions
 */
record Compiled(Scorer scorer, Link link) {
  /** One scorer an output; a single one stands for itself. */
  static Compiled of(List<Scorer> outputs, Link link) {
    return new Compiled(outputs.size() == 1 ? outputs.get(0) : new SeveralScorer(outputs), link);
  }
}
