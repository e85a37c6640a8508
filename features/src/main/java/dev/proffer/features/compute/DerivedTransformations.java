package dev.proffer.features.compute;

import java.util.ArrayList;
import java.util.List;

/** What is made of other features of the row, which must be declared before. */
final class DerivedTransformations {
  private DerivedTransformations() {}

  static void register(Registry registry) {
    registry.ofOthers(
        "bucket",
        "How many of some ascending bounds (bounds, parted by spaces) a feature reaches: 0 below"
            + " the first; missing when the feature is.",
        d -> {
          int column = d.column("feature");
          float[] bounds = bounds(d);
          return () ->
              (Transformation.OfRow)
                  (rows, base) -> {
                    float value = rows[base + column];
                    int reached = 0;
                    while (reached < bounds.length && value >= bounds[reached]) {
                      reached++;
                    }
                    return Float.isNaN(value) ? Float.NaN : reached;
                  };
        });
    registry.ofOthers(
        "missing",
        "1 when a feature is missing, else 0.",
        d -> {
          int column = d.column("feature");
          return () ->
              (Transformation.OfRow) (rows, base) -> Float.isNaN(rows[base + column]) ? 1 : 0;
        });
    registry.ofOthers(
        "logarithm",
        "Logarithm of 1 and a feature's amount, with its sign; missing when the feature is.",
        d -> {
          int column = d.column("feature");
          return () ->
              (Transformation.OfRow)
                  (rows, base) -> {
                    double value = rows[base + column];
                    return (float) (Math.signum(value) * Math.log1p(Math.abs(value)));
                  };
        });
    registry.ofOthers(
        "interaction",
        "Product, ratio or difference of two features (left, right); missing when either is, or"
            + " when nothing can be divided by.",
        d -> {
          int left = d.column("left");
          int right = d.column("right");
          String as = d.parameters().word("as", "product", "ratio", "difference");
          return () ->
              (Transformation.OfRow)
                  (rows, base) -> {
                    float one = rows[base + left];
                    float two = rows[base + right];
                    return finite(
                        switch (as) {
                          case "ratio" -> one / two;
                          case "difference" -> one - two;
                          default -> one * two;
                        });
                  };
        });
  }

  private static float finite(float value) {
    return Float.isInfinite(value) ? Float.NaN : value;
  }

  private static float[] bounds(Declaration d) {
    List<Float> bounds = new ArrayList<>();
    String text = d.parameters().text("bounds");
    for (String word : text.split(" +", -1)) {
      try {
        float bound = Float.parseFloat(word);
        if (!bounds.isEmpty() && !(bound > bounds.get(bounds.size() - 1))) {
          d.parameters().refuse("bounds", "\"" + text + "\" does not ascend");
        }
        bounds.add(bound);
      } catch (NumberFormatException e) {
        if (!text.isEmpty()) {
          d.parameters()
              .refuse("bounds", "\"" + word + "\" is no number; expected numbers parted by spaces");
        }
      }
    }
    float[] array = new float[bounds.size()];
    for (int at = 0; at < array.length; at++) {
      array[at] = bounds.get(at);
    }
    return array;
  }
}
