package dev.proffer.features.compute;

import dev.proffer.features.state.Catalog;
import dev.proffer.features.tables.AttributeTable;
import java.util.Arrays;
import java.util.Locale;

/**
 * How near the item's vector is to where the user stands: that of the item looked at, or of what
 * the user chose of late, added up once a request. The vectors are those of the version that counts
 * at the instant; the user's side is read from the events and so as fresh as they are.
 */
final class EmbeddingSimilarity implements Transformation.OfCandidate {
  /** Where the user stands. */
  enum To {
    CONTEXT,
    LAST,
    RECENT;

    static To of(String word) {
      return valueOf(word.toUpperCase(Locale.ROOT));
    }
  }

  private final TableColumn column;
  private final To to;
  private final boolean cosine;
  private final int steps;
  private final double decay;
  private final double[] here;
  private final float[] vector;
  private boolean missing;
  private double length;

  EmbeddingSimilarity(
      TableColumn column, int dimensions, To to, boolean cosine, int steps, double decay) {
    this.column = column;
    this.to = to;
    this.cosine = cosine;
    this.steps = steps;
    this.decay = decay;
    this.here = new double[dimensions];
    this.vector = new float[dimensions];
  }

  @Override
  public void prepare(FeatureInput in) {
    missing = true;
    if (!column.prepare(in)) {
      return;
    }
    Arrays.fill(here, 0);
    double weights = 0;
    if (to == To.CONTEXT) {
      weights = add(in.contextItem(), 1);
    } else {
      double worth = 1;
      int most = to == To.LAST ? 1 : steps;
      for (int back = 1; back <= most && back <= in.events(); back++, worth *= decay) {
        weights += add(in.item(in.events() - back), worth);
      }
    }
    double squares = 0;
    for (int at = 0; at < here.length && weights > 0; at++) {
      here[at] /= weights;
      squares += here[at] * here[at];
    }
    length = Math.sqrt(squares);
    missing = weights == 0;
  }

  private double add(int item, double worth) {
    int row = item == Catalog.UNKNOWN ? AttributeTable.NO_ROW : column.row(item);
    if (row == AttributeTable.NO_ROW || !column.version().vector(row, column.place(), vector)) {
      return 0;
    }
    for (int at = 0; at < here.length; at++) {
      here[at] += worth * vector[at];
    }
    return worth;
  }

  @Override
  public float value(FeatureInput in, int item) {
    if (missing) {
      return Float.NaN;
    }
    int row = column.row(item);
    if (row == AttributeTable.NO_ROW || !column.version().vector(row, column.place(), vector)) {
      return Float.NaN;
    }
    double product = 0;
    double squares = 0;
    for (int at = 0; at < here.length; at++) {
      product += here[at] * vector[at];
      squares += (double) vector[at] * vector[at];
    }
    if (!cosine) {
      return (float) product;
    }
    double lengths = length * Math.sqrt(squares);
    return lengths == 0 ? Float.NaN : (float) (product / lengths);
  }
}
