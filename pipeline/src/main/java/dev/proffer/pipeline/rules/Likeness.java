package dev.proffer.pipeline.rules;

import dev.proffer.features.state.Catalog;
import dev.proffer.features.tables.AttributeTable;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How like two rows are, by an attribute or by embeddings, each read from its table once a request.
 * Belongs to one thread; allocates only for more rows than ever before.
 */
final class Likeness {
  private Slate slate = new Slate();
  private @Nullable Diversity rule;
  private int @Nullable [] codes;
  private @Nullable AttributeTable table;
  private int place;
  private int dimensions;
  private float[] vectors = new float[0];
  private float[] vector = new float[0];
  private byte[] read = new byte[0];

  private static final byte UNREAD = 0;
  private static final byte MISSING = 1;
  private static final byte THERE = 2;

  /** Begins a request. */
  void begin(Slate of, Diversity by) {
    slate = of;
    rule = by;
    table = null;
    codes = null;
    if (by.attribute().isEmpty()) {
      AttributeTable there = of.tables().at(by.table(), of.in().asOfMillis());
      place = there == null ? AttributeTable.NO_COLUMN : there.place(by.column());
      if (there != null && place != AttributeTable.NO_COLUMN) {
        table = there;
        dimensions = there.header().columns().get(place).dimensions();
        if (vectors.length < of.count() * dimensions) {
          vectors = new float[2 * of.count() * dimensions];
        }
        if (vector.length != dimensions) {
          vector = new float[dimensions];
        }
        if (read.length < of.count()) {
          read = new byte[2 * of.count()];
        }
        Arrays.fill(read, 0, of.count(), UNREAD);
      }
    } else if (!by.attribute().equals(CategoryCap.CATEGORY)) {
      codes = of.catalog().codes(by.attribute());
    }
  }

  /** From -1 to 1; 0 when it is not known of either. */
  double of(int row, int other) {
    if (table != null) {
      return cosine(row, other);
    }
    if (rule == null || rule.attribute().isEmpty()) {
      return 0;
    }
    int code = code(row);
    return code != 0 && code == code(other) ? 1 : 0;
  }

  private int code(int row) {
    int item = slate.item(row);
    return codes == null ? slate.catalog().category(item) : codes[item];
  }

  private double cosine(int row, int other) {
    if (!has(row) || !has(other)) {
      return 0;
    }
    int one = row * dimensions;
    int two = other * dimensions;
    float product = 0;
    for (int at = 0; at < dimensions; at++) {
      product += vectors[one + at] * vectors[two + at];
    }
    return product;
  }

  /** Reads a row's embedding, made one long, unless it was; says whether there is one. */
  private boolean has(int row) {
    if (read[row] == UNREAD) {
      read[row] = read(row) ? THERE : MISSING;
    }
    return read[row] == THERE;
  }

  private boolean read(int row) {
    AttributeTable from = table;
    if (from == null || slate.item(row) == Catalog.UNKNOWN) {
      return false;
    }
    int found = from.row(slate.idHash(row));
    if (found == AttributeTable.NO_ROW || !from.vector(found, place, vector)) {
      return false;
    }
    double square = 0;
    for (float value : vector) {
      square += value * value;
    }
    if (!(square > 0)) {
      return false;
    }
    float scale = (float) (1 / Math.sqrt(square));
    for (int at = 0; at < dimensions; at++) {
      vectors[row * dimensions + at] = vector[at] * scale;
    }
    return true;
  }
}
