package dev.proffer.features.compute;

import dev.proffer.events.Hash64;
import dev.proffer.features.state.Catalog;
import java.util.Arrays;
import java.util.function.Supplier;

/** What an item is by itself. */
final class ItemTransformations {
  private ItemTransformations() {}

  static void register(Registry registry) {
    registry.ofItem(
        "item-age",
        "Days since the item could first be proposed; missing for an item that the catalog lacks,"
            + " 0 for one to come.",
        d ->
            () ->
                (Transformation.OfCandidate)
                    (in, item) ->
                        item == Catalog.UNKNOWN
                            ? Float.NaN
                            : (float)
                                (Math.max(
                                        0, in.asOfMillis() - in.catalog().item(item).addedMillis())
                                    / 86_400_000.0));
    registry.ofItem(
        "attribute-is",
        "1 when the item is of a category or value (by, value), else 0; missing when it has none"
            + " (one-hot).",
        d -> {
          Supplier<Likeness> by = Likeness.read(d.parameters());
          String value = d.parameters().text("value");
          return () -> new Is(by.get(), value);
        });
    registry.ofItem(
        "attribute-hash",
        "A bucket for the item's category or value (by), by the hash of its words, from 0 to"
            + " buckets less 1; missing when it has none (feature hashing).",
        d -> {
          Supplier<Likeness> by = Likeness.read(d.parameters());
          String attribute = d.parameters().text("by", Likeness.ITEM);
          int buckets = d.parameters().integer("buckets", 32, 2, 1 << 20);
          return () -> new HashBucket(by.get(), attribute, buckets);
        });
    registry.ofItem(
        "attribute-ratio",
        "One numeric attribute over another, both leaning on a prior: (a + w p) / (b + w), such as"
            + " helpful votes of all votes; missing when the item lacks either.",
        d -> {
          String over = d.parameters().text("attribute");
          String under = d.parameters().text("under");
          double prior = d.parameters().number("prior", 0.5, 0, 1e9);
          double weight = d.parameters().number("weight", 1, 0.001, 1e9);
          return () -> new Ratio(over, under, prior, weight);
        });
  }

  private static final class Is implements Transformation.OfCandidate {
    private final Likeness by;
    private final String value;
    private int code;

    Is(Likeness by, String value) {
      this.by = by;
      this.value = value;
    }

    @Override
    public void prepare(FeatureInput in) {
      by.prepare(in);
      code = by.codeOf(value);
    }

    @Override
    public float value(FeatureInput in, int item) {
      int own = by.code(item);
      return own == 0 ? Float.NaN : own == code ? 1 : 0;
    }
  }

  private static final class HashBucket implements Transformation.OfCandidate {
    private static final int UNKNOWN = -1;

    private final Likeness by;
    private final String attribute;
    private final int buckets;
    private Catalog catalog = Catalog.EMPTY;
    private int[] byCode = new int[0];

    HashBucket(Likeness by, String attribute, int buckets) {
      this.by = by;
      this.attribute = attribute;
      this.buckets = buckets;
    }

    @Override
    public void prepare(FeatureInput in) {
      by.prepare(in);
      if (catalog != in.catalog()) {
        catalog = in.catalog();
        Arrays.fill(byCode, UNKNOWN); // codes are those of a catalog
      }
    }

    @Override
    public float value(FeatureInput in, int item) {
      int code = by.code(item);
      if (code == 0) {
        return Float.NaN;
      }
      if (code >= byCode.length) {
        int known = byCode.length;
        byCode = Arrays.copyOf(byCode, 2 * code);
        Arrays.fill(byCode, known, byCode.length, UNKNOWN);
      }
      if (byCode[code] == UNKNOWN) {
        byCode[code] = (int) Math.floorMod(Hash64.of(words(item)), (long) buckets);
      }
      return byCode[code];
    }

    private String words(int item) {
      return switch (attribute) {
        case Likeness.ITEM -> catalog.item(item).id();
        case Likeness.CATEGORY -> catalog.categoryName(catalog.category(item));
        default -> String.valueOf(catalog.item(item).attributes().get(attribute));
      };
    }
  }

  private static final class Ratio implements Transformation.OfCandidate {
    private final String over;
    private final String under;
    private final double prior;
    private final double weight;
    private float[] overs = new float[1];
    private float[] unders = new float[1];

    Ratio(String over, String under, double prior, double weight) {
      this.over = over;
      this.under = under;
      this.prior = prior;
      this.weight = weight;
    }

    @Override
    public void prepare(FeatureInput in) {
      overs = in.catalog().numbers(over);
      unders = in.catalog().numbers(under);
    }

    @Override
    public float value(FeatureInput in, int item) {
      return (float) ((overs[item] + weight * prior) / (unders[item] + weight));
    }
  }
}
