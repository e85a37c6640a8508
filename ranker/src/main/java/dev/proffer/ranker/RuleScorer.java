package dev.proffer.ranker;

import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.state.Catalog;

/**
 * The rules that rank when no model can: how often and how lately this person chose the item, how
 * often everybody did, and whether it is of the category looked at. Weighs four numbers between 0
 * and 1. Stateless; safe to share.
 */
public final class RuleScorer {
  private static final float FREQUENCY = 1.0f;
  private static final float RECENCY = 0.5f;
  private static final float POPULARITY = 1.0f;
  private static final float SAME_CATEGORY = 0.75f;

  private RuleScorer() {}

  /** Whether there is anything to go by. */
  public static boolean canRank(FeatureInput in) {
    return in.statistics().totalEvents() > 0;
  }

  /** Writes a score per item. Costs O(items × length of the sequence). */
  public static void score(FeatureInput in, int[] items, int count, float[] scores) {
    float most = 1;
    for (int row = 0; row < count; row++) {
      most = Math.max(most, in.statistics().events(items[row]));
    }
    double scale = 1 / Math.log1p(most);
    for (int row = 0; row < count; row++) {
      int item = items[row];
      int times = 0;
      int latest = -1;
      for (int at = 0; at < in.length() && item != Catalog.UNKNOWN; at++) {
        if (in.item(at) == item) {
          times++;
          latest = at;
        }
      }
      boolean sameCategory =
          in.contextCategory() != 0 && in.catalog().category(item) == in.contextCategory();
      scores[row] =
          FREQUENCY * times / (times + 2f)
              + (latest < 0 ? 0 : RECENCY / (in.length() - latest))
              + POPULARITY * (float) (Math.log1p(in.statistics().events(item)) * scale)
              + (sameCategory ? SAME_CATEGORY : 0);
    }
  }

  /**
   * The share of everybody's choices that fell on the item: an estimate of its probability that
   * needs no model.
   */
  public static float confidence(FeatureInput in, int item) {
    double total = in.statistics().totalEvents();
    return total == 0 ? 0 : (float) (in.statistics().events(item) / total);
  }
}
