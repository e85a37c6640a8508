package dev.proffer.pipeline;

import dev.proffer.features.spec.FeatureContract;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Contributions by family, and the words of what spoke most. Belongs to one thread; what a contract
 * comes to is worked out once.
 */
final class Reasons {
  private final List<ReasonsSpec.Family> families;
  private final Map<String, Wording> wordings = new HashMap<>(); // by contract
  private final double[] sums;

  /**
   * One contract's.
   *
   * @param family of each column; the number of families for none
   * @param words of each column, empty for none of its own
   */
  private record Wording(int[] family, String[] words) {}

  Reasons(ReasonsSpec spec) {
    families = spec.families();
    sums = new double[families.size() + 1];
  }

  private Wording wording(FeatureContract contract) {
    return wordings.computeIfAbsent(contract.sha256(), sha -> word(contract));
  }

  private Wording word(FeatureContract contract) {
    int width = contract.width();
    int[] family = new int[width];
    String[] words = new String[width];
    for (int column = 0; column < width; column++) {
      String name = contract.feature(column).name();
      int of = 0;
      while (of < families.size() && !families.get(of).holds(name)) {
        of++;
      }
      family[column] = of;
      words[column] =
          of == families.size() ? "" : families.get(of).byFeature().getOrDefault(name, "");
    }
    return new Wording(family, words);
  }

  private void add(Wording wording, float[] contributions) {
    Arrays.fill(sums, 0);
    for (int column = 0; column < contributions.length; column++) {
      sums[wording.family()[column]] += contributions[column];
    }
  }

  /** The words of the family that spoke most for the row; empty when none with words did. */
  String strongest(FeatureContract contract, float[] contributions) {
    Wording wording = wording(contract);
    add(wording, contributions);
    int strongest = -1;
    double most = 0;
    for (int family = 0; family < families.size(); family++) {
      boolean speaks =
          !families.get(family).words().isEmpty() || !families.get(family).byFeature().isEmpty();
      if (speaks && sums[family] > most) {
        most = sums[family];
        strongest = family;
      }
    }
    if (strongest < 0) {
      return "";
    }
    String words = families.get(strongest).words();
    float largest = 0;
    for (int column = 0; column < contributions.length; column++) {
      if (wording.family()[column] == strongest && contributions[column] > largest) {
        largest = contributions[column];
        words =
            wording.words()[column].isEmpty()
                ? families.get(strongest).words()
                : wording.words()[column];
      }
    }
    return words;
  }

  /** What each family added to the score, families that added nothing left out. */
  Map<String, Float> byFamily(FeatureContract contract, float[] contributions) {
    add(wording(contract), contributions);
    Map<String, Float> byFamily = new LinkedHashMap<>();
    for (int family = 0; family < sums.length; family++) {
      if (sums[family] != 0) {
        byFamily.put(
            family == families.size() ? ReasonsSpec.OTHER : families.get(family).name(),
            (float) sums[family]);
      }
    }
    return byFamily;
  }
}
