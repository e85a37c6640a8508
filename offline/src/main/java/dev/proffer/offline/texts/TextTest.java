package dev.proffer.offline.texts;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;

/**
 * An experiment: some variants of a text, each shown to people chosen at random. Immutable.
 *
 * @param week when it ran, as year and week ({@code 201326}); 0 when that is not known
 */
record TextTest(String id, int week, List<Variant> variants) {
  private static final int GRADES = 4;

  /**
   * What was shown.
   *
   * @param image the name of the image beside the text; empty for none
   */
  record Variant(
      String id,
      String headline,
      String lede,
      String excerpt,
      String image,
      long impressions,
      long clicks) {
    double clickRate() {
      return (double) clicks / impressions;
    }

    /** Log-odds of a click, half a click added on either side so that they are finite. */
    double logOdds() {
      return Math.log((clicks + 0.5) / (impressions - clicks + 0.5));
    }

    /** The sampling variance of {@link #logOdds}. */
    double variance() {
      return 1 / (clicks + 0.5) + 1 / (impressions - clicks + 0.5);
    }
  }

  TextTest {
    variants = List.copyOf(variants);
  }

  int size() {
    return variants.size();
  }

  /** Whether some variant was clicked more than another. */
  boolean tells() {
    return variants.stream().mapToDouble(Variant::clickRate).distinct().count() > 1;
  }

  /** Each variant's relevance, from 0 for the least clicked to 4 for the most. */
  int[] grades() {
    double most = variants.stream().mapToDouble(Variant::clickRate).max().orElse(0);
    double least = variants.stream().mapToDouble(Variant::clickRate).min().orElse(0);
    return variants.stream()
        .mapToInt(
            one ->
                most == least
                    ? 0
                    : (int) Math.floor(GRADES * (one.clickRate() - least) / (most - least) + 0.5))
        .toArray();
  }

  /**
   * A fold from 0 to {@code folds - 1} that only the id decides.
   *
   * @param divisor tells one division into folds from another
   */
  int fold(int divisor, int folds) {
    CRC32 crc = new CRC32();
    crc.update(id.getBytes(StandardCharsets.UTF_8));
    return (int) (crc.getValue() / divisor % folds);
  }
}
