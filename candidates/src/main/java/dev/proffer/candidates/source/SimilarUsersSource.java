package dev.proffer.candidates.source;

import dev.proffer.configs.Section;
import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.tables.AttributeTable;
import dev.proffer.features.tables.TableSpec;
import java.util.function.Supplier;

/**
 * What people like this one choose: items whose vectors have the greatest inner product with the
 * user's, where both were learned together, as a factorization of who chose what does. People who
 * choose alike have vectors alike, and so the items of each are near the others.
 */
public final class SimilarUsersSource implements CandidateSource {
  private final Vectors.Of users;
  private final Vectors.Wanted items;
  private final float[] vector;
  private final int[] rows = new int[100];

  private SimilarUsersSource(Vectors.Of users, Vectors.Wanted items) {
    this.users = users;
    this.items = items;
    this.vector = new float[users.dimensions()];
  }

  /** Reads {@code users}, {@code items} and {@code column}. */
  static Supplier<CandidateSource> read(Section section, Declarations declared) {
    String column = section.text("column", "vector");
    Vectors.Of users = declared.vectors(section, "users", column, TableSpec.USER);
    Vectors.Of items = declared.vectors(section, "items", column, TableSpec.ITEM);
    if (users != null && items != null && users.dimensions() != items.dimensions()) {
      section.refuse(
          "users",
          "its vectors have "
              + users.dimensions()
              + " floats, those of the items "
              + items.dimensions());
    }
    Vectors.Of none = new Vectors.Of("", "", 1);
    return new Made(
        users == null ? none : users, new Vectors.Wanted(items == null ? none : items, false));
  }

  /** Makes it, and says what it wants of the tables. */
  record Made(Vectors.Of users, Vectors.Wanted wanted)
      implements Supplier<CandidateSource>, WantsVectors {
    @Override
    public CandidateSource get() {
      return new SimilarUsersSource(users, wanted);
    }
  }

  @Override
  public void find(FeatureInput in, CatalogIndex index, Offer offer) {
    Vectors vectors = index.vectors(items);
    if (vectors == null || !knows(in)) {
      return;
    }
    int count = vectors.nearest(vector, rows);
    for (int at = 0; at < count; at++) {
      int item = in.catalog().index(vectors.idHash(rows[at]));
      if (item != Catalog.UNKNOWN && !offer.add(item)) {
        return;
      }
    }
  }

  @Override
  public boolean takesLong(FeatureInput in, CatalogIndex index) {
    return index.vectors(items) != null && knows(in);
  }

  /** Whether the user has a vector, which is taken. */
  private boolean knows(FeatureInput in) {
    AttributeTable table = in.attributes().at(users.table(), in.asOfMillis());
    if (table == null) {
      return false;
    }
    int row = table.row(in.attributes().userHash());
    int place = table.place(users.column());
    return row != AttributeTable.NO_ROW
        && place != AttributeTable.NO_COLUMN
        && table.vector(row, place, vector);
  }
}
