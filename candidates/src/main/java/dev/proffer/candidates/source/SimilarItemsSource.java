package dev.proffer.candidates.source;

import dev.proffer.configs.Section;
import dev.proffer.events.Hash64;
import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.tables.TableSpec;
import java.util.function.Supplier;

/**
 * Items whose vectors lie nearest that of the item looked at, by cosine. What is nearest is found
 * among almost all (approximately), in a version of a table that was indexed when it came in.
 */
public final class SimilarItemsSource implements CandidateSource {
  private final Vectors.Wanted wanted;
  private final float[] vector;
  private final int[] rows = new int[101]; // the item itself is the nearest

  private SimilarItemsSource(Vectors.Wanted wanted) {
    this.wanted = wanted;
    this.vector = new float[wanted.of().dimensions()];
  }

  /** Reads {@code table} and {@code column}. */
  static Supplier<CandidateSource> read(Section section, Declarations declared) {
    Vectors.Of of =
        declared.vectors(section, "table", section.text("column", "vector"), TableSpec.ITEM);
    Vectors.Wanted wanted = new Vectors.Wanted(of == null ? new Vectors.Of("", "", 1) : of, true);
    return new Made(wanted);
  }

  /** Makes it, and says what it wants of the tables. */
  record Made(Vectors.Wanted wanted) implements Supplier<CandidateSource>, WantsVectors {
    @Override
    public CandidateSource get() {
      return new SimilarItemsSource(wanted);
    }
  }

  @Override
  public void find(FeatureInput in, CatalogIndex index, Offer offer) {
    Vectors vectors = index.vectors(wanted);
    if (vectors == null || !looksAtOne(in, vectors)) {
      return;
    }
    long own = own(in);
    int count = vectors.nearest(vector, rows);
    for (int at = 0; at < count; at++) {
      long hash = vectors.idHash(rows[at]);
      int near = hash == own ? Catalog.UNKNOWN : in.catalog().index(hash);
      if (near != Catalog.UNKNOWN && !offer.add(near)) {
        return;
      }
    }
  }

  @Override
  public boolean takesLong(FeatureInput in, CatalogIndex index) {
    Vectors vectors = index.vectors(wanted);
    return vectors != null && looksAtOne(in, vectors);
  }

  /** Whether an item is looked at that has a vector, which is taken. */
  private boolean looksAtOne(FeatureInput in, Vectors vectors) {
    return in.contextItem() != Catalog.UNKNOWN && vectors.vector(own(in), vector);
  }

  private static long own(FeatureInput in) {
    return Hash64.of(in.catalog().item(in.contextItem()).id());
  }
}
