package dev.proffer.perf.jmh;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Trees as arrays in the way that is written first: a node's feature, threshold, children and value
 * each in an array, one row and one tree at a time until a leaf is met.
 */
final class NaiveTrees {
  private final int[] roots;
  private final int[] features;
  private final float[] thresholds;
  private final boolean[] missingLeft;
  private final int[] lefts;
  private final int[] rights;

  NaiveTrees(JsonNode trees) {
    roots = new int[trees.size()];
    int nodes = 0;
    for (int tree = 0; tree < roots.length; tree++) {
      roots[tree] = nodes;
      nodes += trees.path(tree).path("left_children").size();
    }
    features = new int[nodes];
    thresholds = new float[nodes];
    missingLeft = new boolean[nodes];
    lefts = new int[nodes];
    rights = new int[nodes];
    for (int tree = 0; tree < roots.length; tree++) {
      JsonNode of = trees.path(tree);
      for (int node = 0; node < of.path("left_children").size(); node++) {
        int at = roots[tree] + node;
        int left = of.path("left_children").path(node).asInt();
        features[at] = left < 0 ? -1 : of.path("split_indices").path(node).asInt();
        // A leaf's value, or a split's threshold.
        thresholds[at] = (float) of.path("split_conditions").path(node).asDouble();
        missingLeft[at] = of.path("default_left").path(node).asInt() == 1;
        lefts[at] = roots[tree] + left;
        rights[at] = roots[tree] + of.path("right_children").path(node).asInt();
      }
    }
  }

  /** The trees of a booster that was saved as JSON. */
  static JsonNode read(Path file) throws IOException {
    return new JsonMapper()
        .readTree(file.toFile())
        .path("learner")
        .path("gradient_booster")
        .path("model")
        .path("trees");
  }

  void score(float[] rows, int count, int width, float[] scores) {
    for (int row = 0; row < count; row++) {
      float sum = 0;
      for (int root : roots) {
        int node = root;
        while (features[node] >= 0) {
          float value = rows[row * width + features[node]];
          boolean left = Float.isNaN(value) ? missingLeft[node] : value < thresholds[node];
          node = left ? lefts[node] : rights[node];
        }
        sum += thresholds[node];
      }
      scores[row] = sum;
    }
  }
}
