package dev.proffer.candidates.source;

import dev.proffer.configs.Section;
import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What an editor wants to be up for ranking: ids by the type of context, in their order, and then
 * the items with an attribute that is true or a number above 0, the greatest first.
 */
public final class PinsSource implements CandidateSource {
  private static final List<String> CONTEXT_TYPES = List.of("home", "category", "item", "search");
  private static final String ALWAYS = "always";

  private final Map<String, List<String>> items;
  private final @Nullable IndexPart<Ordered> marked;

  private PinsSource(Map<String, List<String>> items, @Nullable IndexPart<Ordered> marked) {
    this.items = items;
    this.marked = marked;
  }

  /** Reads {@code items}, by context type or {@code always}, and {@code attribute}. */
  static Supplier<CandidateSource> read(Section section, Declarations declared) {
    Map<String, List<String>> items = new HashMap<>();
    Section byType = section.section("items");
    List<String> always = byType.texts(ALWAYS);
    for (String type : CONTEXT_TYPES) {
      List<String> all = new java.util.ArrayList<>(byType.texts(type));
      all.addAll(always);
      items.put(type, List.copyOf(all));
    }
    byType.done();
    String attribute = section.text("attribute", "");
    if (attribute.isEmpty() && items.values().stream().allMatch(List::isEmpty)) {
      section.refuse("items", "nothing is pinned; expected items by context type or an attribute");
    }
    Map<String, List<String>> pinned = Map.copyOf(items);
    IndexPart<Ordered> marked = attribute.isEmpty() ? null : new Marked(attribute);
    return () -> new PinsSource(pinned, marked);
  }

  @Override
  public void find(FeatureInput in, CatalogIndex index, Offer offer) {
    List<String> ids = items.getOrDefault(in.context().contextType(), List.of());
    for (int at = 0; at < ids.size(); at++) {
      int item = in.catalog().index(ids.get(at));
      if (item != Catalog.UNKNOWN && !offer.add(item)) {
        return;
      }
    }
    IndexPart<Ordered> part = marked;
    if (part != null) {
      Ordered.offer(index.part(part, in.asOfMillis()).items(), offer);
    }
  }

  private record Marked(String attribute) implements IndexPart<Ordered> {
    @Override
    public Ordered of(
        Catalog catalog, Statistics statistics, long asOfMillis, @Nullable Ordered before) {
      if (before != null && before.catalog() == catalog) {
        return before;
      }
      int[] codes = catalog.codes(attribute);
      return Ordered.by(
          catalog,
          asOfMillis,
          item -> {
            Object value = codes[item] == 0 ? null : catalog.item(item).attributes().get(attribute);
            return value instanceof Number number
                ? number.doubleValue()
                : Boolean.TRUE.equals(value) ? 1 : 0;
          });
    }
  }
}
