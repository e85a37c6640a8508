package dev.proffer.features.compute;

import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.CatalogColumn;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How many of an item's votes say that it helped, as careful as their number asks for. NaN for an
 * item that lacks either number, and where they make no sense: below 0, or more helpful votes than
 * votes.
 *
 * @param helpful the attribute with the helpful votes
 * @param votes the attribute with all votes
 * @param as the estimate
 * @param parameter {@link As#BAYES}: how many votes the ratio of all items weighs; {@link
 *     As#WILSON}: how many standard deviations the bound is below
 */
record HelpfulRatio(String helpful, String votes, As as, double parameter)
    implements CatalogColumn<float[]> {

  /** An estimate of a share from few votes. */
  enum As {
    /**
     * {@code (h + w m) / (n + w)}, {@code m} being the ratio of all items together: the mean of the
     * posterior under a beta prior (empirical Bayes; Casella, The American Statistician 1985).
     */
    BAYES,
    /**
     * The lower end of the score interval: Wilson, "Probable Inference, the Law of Succession, and
     * Statistical Inference", JASA 1927. 0 without votes.
     */
    WILSON
  }

  @Override
  public float[] of(Catalog catalog, float @Nullable [] before) {
    float[] of = catalog.numbers(helpful);
    float[] over = catalog.numbers(votes);
    double helped = 0;
    double voted = 0;
    for (int item = 0; item < catalog.size(); item++) {
      if (makesSense(of[item], over[item])) {
        helped += of[item];
        voted += over[item];
      }
    }
    float[] ratios = new float[catalog.size()];
    Arrays.fill(ratios, Float.NaN);
    for (int item = 0; item < ratios.length; item++) {
      if (makesSense(of[item], over[item])) {
        ratios[item] =
            (float)
                (as == As.WILSON
                    ? wilson(of[item], over[item])
                    : (of[item] + parameter * helped / voted) / (over[item] + parameter));
      }
    }
    return ratios;
  }

  private static boolean makesSense(float helpful, float votes) {
    return helpful >= 0 && votes >= helpful;
  }

  private double wilson(double helped, double voted) {
    double square = parameter * parameter;
    double middle = helped + square / 2;
    double spread = voted == 0 ? 0 : helped * (voted - helped) / voted;
    return Math.max(0, (middle - parameter * Math.sqrt(spread + square / 4)) / (voted + square));
  }
}
