package dev.proffer.candidates.source;

import dev.proffer.features.compute.FeatureInput;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What matches the words that are searched for; nothing where nobody searches. */
public final class SearchSource implements LookUpSource {
  private static final int MOST = 500;

  @Override
  public @Nullable LookUp lookUp(FeatureInput in, CatalogIndex index) {
    String text = in.context().search();
    Search search = index.search();
    if (text.isEmpty() || search == Search.NONE) {
      return null;
    }
    return () -> {
      int[] found = new int[MOST];
      return Arrays.copyOf(found, search.find(text, found));
    };
  }
}
