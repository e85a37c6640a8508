package dev.proffer.candidates.source;

import dev.proffer.configs.Section;
import dev.proffer.events.Hash64;
import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.tables.TableSpec;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Items whose vectors lie nearest that of the item looked at, by cosine. What is nearest is found
 * among almost all (approximately), in a version of a table that was indexed when it came in.
 */
public final class SimilarItemsSource implements LookUpSource {
  private final Vectors.Wanted wanted;

  private SimilarItemsSource(Vectors.Wanted wanted) {
    this.wanted = wanted;
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
  public @Nullable LookUp lookUp(FeatureInput in, CatalogIndex index) {
    int item = in.contextItem();
    Vectors vectors = index.vectors(wanted);
    if (item == Catalog.UNKNOWN || vectors == null) {
      return null;
    }
    long own = Hash64.of(in.catalog().item(item).id());
    float[] vector = new float[wanted.of().dimensions()];
    return vectors.vector(own, vector)
        ? new NearestItems(vectors, vector, in.catalog(), own)
        : null;
  }
}
