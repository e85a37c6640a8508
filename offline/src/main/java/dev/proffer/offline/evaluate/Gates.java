package dev.proffer.offline.evaluate;

import dev.proffer.ranker.ModelsSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The conditions a challenger must pass to become champion; every refusal says which gate and by
 * how much.
 */
public final class Gates {
  private Gates() {}

  /**
   * Checks.
   *
   * @param challenger its figures
   * @param champion the champion's figures on the same events; null when there is none to compare
   *     with
   * @return the refusals; empty when all gates pass
   */
  public static List<String> refusals(
      ModelsSpec.Task task,
      Map<String, Double> challenger,
      @Nullable Map<String, Double> champion) {
    List<String> refusals = new ArrayList<>();
    for (ModelsSpec.Gate gate : task.gates()) {
      Double figure = challenger.get(gate.metric());
      if (figure == null || figure.isNaN()) {
        refusals.add(gate.metric() + " was not measured; measured: " + challenger.keySet());
        continue;
      }
      if (gate.atLeast() != null && figure < gate.atLeast()) {
        refusals.add(
            say(gate.metric(), figure, "at least", gate.atLeast(), gate.atLeast() - figure));
      }
      if (gate.atMost() != null && figure > gate.atMost()) {
        refusals.add(say(gate.metric(), figure, "at most", gate.atMost(), figure - gate.atMost()));
      }
      Double other = champion == null ? null : champion.get(gate.metric());
      if (gate.maxLoss() != null && other != null && other - figure > gate.maxLoss()) {
        refusals.add(
            say(
                gate.metric(),
                figure,
                "at least the champion's less " + gate.maxLoss() + ",",
                other - gate.maxLoss(),
                other - gate.maxLoss() - figure));
      }
    }
    return refusals;
  }

  private static String say(String metric, double figure, String bound, double limit, double by) {
    return String.format(
        Locale.ROOT,
        "%s is %.4f, expected %s %.4f: short by %.4f",
        metric,
        figure,
        bound,
        limit,
        by);
  }
}
