package dev.proffer.offline.texts;

import dev.proffer.events.Item;
import dev.proffer.features.compute.Contracts;
import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.compute.FeatureProgram;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.state.UserSequence;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The feature rows of tests: a contract's features of each variant, the same less their mean over
 * the test, and how it stands among the others of its test. None of it knows an outcome.
 */
final class TextRows {
  private static final List<Function<TextTest.Variant, String>> PARTS =
      List.of(
          TextTest.Variant::headline,
          TextTest.Variant::lede,
          TextTest.Variant::excerpt,
          TextTest.Variant::image);

  private final FeatureProgram program;
  private final Map<String, float[]> byVariant = new HashMap<>();
  private final List<String> names = new ArrayList<>();

  /** Computes a contract's features of all variants, their ids unique. */
  TextRows(Contracts contracts, String contract, List<TextTest> tests) {
    program = contracts.program(contract);
    Catalog.Builder builder = new Catalog.Builder();
    List<String> ids = new ArrayList<>();
    for (TextTest test : tests) {
      for (TextTest.Variant one : test.variants()) {
        builder.put(
            new Item(
                one.id(),
                one.headline(),
                null,
                0,
                Map.of("lede", one.lede(), "excerpt", one.excerpt())));
        ids.add(one.id());
      }
    }
    Catalog catalog = builder.build();
    FeatureInput in = new FeatureInput();
    in.set(
        catalog, new Statistics(), UserSequence.EMPTY, contracts.sequence(), Catalog.UNKNOWN, 0, 0);
    int width = program.contract().width();
    for (String id : ids) {
      float[] row = new float[width];
      program.compute(in, new int[] {catalog.index(id)}, 1, row);
      byVariant.put(id, row);
    }
    List<String> own = program.contract().names();
    names.addAll(own);
    own.forEach(name -> names.add(name + " in test"));
    names.addAll(
        List.of("headlines", "ledes", "excerpts", "images", "variants", "alike", "wording"));
  }

  /** What the columns are called. */
  List<String> names() {
    return names;
  }

  /**
   * The rows of a test's variants.
   *
   * @param words what the {@link WordModel} says of each
   */
  float[][] of(TextTest test, double[] words) {
    int own = program.contract().width();
    float[] means = new float[own];
    for (TextTest.Variant one : test.variants()) {
      float[] row = Objects.requireNonNull(byVariant.get(one.id()));
      for (int column = 0; column < own; column++) {
        means[column] += (Float.isNaN(row[column]) ? 0 : row[column]) / test.size();
      }
    }
    float[][] rows = new float[test.size()][];
    for (int at = 0; at < rows.length; at++) {
      TextTest.Variant one = test.variants().get(at);
      float[] features = Objects.requireNonNull(byVariant.get(one.id()));
      float[] row = new float[names.size()];
      for (int column = 0; column < own; column++) {
        row[column] = features[column];
        row[own + column] = features[column] - means[column];
      }
      int next = 2 * own;
      for (Function<TextTest.Variant, String> part : PARTS) {
        String mine = part.apply(one);
        long same = test.variants().stream().map(part).filter(other -> other.equals(mine)).count();
        row[next++] = (float) same / test.size();
      }
      row[next++] = test.size();
      row[next++] = alike(test, at);
      row[next] = (float) words[at];
      rows[at] = row;
    }
    return rows;
  }

  /** The mean share of words that the headline has in common with each other one. */
  private static float alike(TextTest test, int variant) {
    Set<String> own = words(test.variants().get(variant).headline());
    double sum = 0;
    for (int other = 0; other < test.size(); other++) {
      if (other != variant) {
        Set<String> theirs = words(test.variants().get(other).headline());
        long both = own.stream().filter(theirs::contains).count();
        sum += (double) both / Math.max(1, own.size() + theirs.size() - both);
      }
    }
    return (float) (sum / Math.max(1, test.size() - 1));
  }

  private static Set<String> words(String text) {
    return new HashSet<>(
        Stream.of(text.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{Nd}]+")).toList());
  }
}
