package dev.proffer.candidates;

import dev.proffer.candidates.source.CandidateSource;
import dev.proffer.candidates.source.CatalogIndex;
import dev.proffer.events.Hash64;
import dev.proffer.events.Item;
import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.state.UserSequence;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * A small shop whose customers are kept by hand: items, what was chosen, and the input of one
 * request.
 */
public final class Shop {
  private static final SequenceSpec SPEC = new SequenceSpec(List.of("view"), 200, 1_000_000, "");

  private final Catalog.Builder items = new Catalog.Builder();
  private final Statistics statistics = new Statistics(SPEC.sessionGapMillis(), "");
  private final Map<String, UserSequence> sequences = new HashMap<>();
  private long clock;

  /** A shop with items and customers made up from a seed. */
  public static Shop random(Random random) {
    Shop shop = new Shop();
    int items = 1 + random.nextInt(60);
    for (int item = 0; item < items; item++) {
      Map<String, Object> attributes = new HashMap<>();
      if (random.nextInt(4) > 0) {
        attributes.put(
            "price",
            random.nextBoolean()
                ? (Object) (long) random.nextInt(5)
                : (Object) (5 * random.nextDouble()));
      }
      attributes.put("colour", List.of("red", "blue").get(random.nextInt(2)));
      shop.items.put(
          new Item(
              "item-" + item,
              "Title " + item,
              random.nextInt(5) == 0 ? null : "category-" + random.nextInt(3),
              random.nextInt(10),
              attributes,
              validity(random),
              0,
              random.nextInt(12) == 0));
    }
    for (int event = random.nextInt(150); event > 0; event--) {
      shop.choose("user-" + random.nextInt(4), "item-" + random.nextInt(items + 3));
    }
    return shop;
  }

  private static Item.Validity validity(Random random) {
    long from = random.nextInt(3) == 0 ? random.nextInt(150) : 0;
    return new Item.Validity(
        random.nextInt(8) > 0,
        from,
        random.nextInt(3) == 0 ? from + 1 + random.nextInt(150) : Long.MAX_VALUE,
        List.of());
  }

  /** Adds or replaces an item. */
  public Shop item(Item item) {
    items.put(item);
    return this;
  }

  /** Adds an item. */
  public Shop item(String id, String category, long added) {
    items.put(new Item(id, "Title of " + id, category, added, Map.of()));
    return this;
  }

  /** A customer chooses items, a moment apart. */
  public Shop choose(String user, String... ids) {
    for (String id : ids) {
      clock++;
      UserSequence before = sequences.getOrDefault(user, UserSequence.EMPTY);
      statistics.observe(before, clock, clock, items.index(id), items, 1_000);
      sequences.put(user, before.with(clock, Hash64.of(id), clock, 1, SPEC.maxLength()));
    }
    return this;
  }

  public Catalog catalog() {
    return items.build();
  }

  public Statistics statistics() {
    return statistics;
  }

  /** What a request of the user is answered from; context as {@link FeatureInput#set} takes it. */
  public FeatureInput input(String user, int contextItem, int contextCategory) {
    FeatureInput in = new FeatureInput();
    in.set(
        catalog(),
        statistics,
        sequences.getOrDefault(user, UserSequence.EMPTY),
        SPEC,
        contextItem,
        contextCategory,
        clock + 1);
    return in;
  }

  public CatalogIndex index() {
    return new CatalogIndex(catalog(), statistics);
  }

  /** Everything a source offers to a taker that never has enough. */
  public static List<Integer> offered(CandidateSource source, FeatureInput in, CatalogIndex index) {
    List<Integer> offered = new ArrayList<>();
    source.find(in, index, item -> offered.add(item));
    return offered;
  }

  /** The ids of items. */
  public List<String> ids(List<Integer> indexes) {
    Catalog catalog = catalog();
    return indexes.stream().map(index -> catalog.item(index).id()).toList();
  }

  /** A filter on one attribute. */
  public static ItemFilter filter(String attribute, Object... values) {
    return new ItemFilter(List.of(new ItemFilter.Condition(attribute, Set.of(values), null, null)));
  }
}
