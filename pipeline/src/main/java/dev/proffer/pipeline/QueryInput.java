package dev.proffer.pipeline;

import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.compute.RequestContext;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.state.UserSequence;
import dev.proffer.features.tables.Attributes;
import org.jspecify.annotations.Nullable;

/**
 * What a query says of its moment, as features see it: one reading of it for requests and for the
 * impressions they left behind. Stateless.
 */
public final class QueryInput {
  private QueryInput() {}

  /**
   * Sets the input of a query's features.
   *
   * @param device as the caller said, null for nothing
   * @param context what the person looks at, null for nothing
   * @param attributes what the tables know of the user and of items
   * @param timeMillis the instant to suggest for, epoch milliseconds
   */
  public static void set(
      FeatureInput in,
      Catalog catalog,
      Statistics statistics,
      UserSequence sequence,
      SequenceSpec spec,
      @Nullable String device,
      @Nullable String context,
      ContextType contextType,
      Attributes attributes,
      long timeMillis) {
    int contextItem = Catalog.UNKNOWN;
    int contextCategory = 0;
    if (context != null) {
      if (contextType == ContextType.ITEM) {
        contextItem = catalog.index(context);
      } else if (contextType == ContextType.CATEGORY) {
        contextCategory = catalog.categoryCode(context);
      }
    }
    in.set(
        catalog,
        statistics,
        sequence,
        spec,
        contextItem,
        contextCategory,
        new RequestContext(
            device == null ? "" : device, contextType.word(), context == null ? "" : context),
        attributes,
        timeMillis);
  }
}
