package dev.proffer.features.compute;

import dev.proffer.events.Event;
import dev.proffer.events.Impression;
import dev.proffer.events.Item;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.store.HeapSequenceStore;
import dev.proffer.features.store.LiveState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A small shop made up from a seed: plain lists of what it has and what happened, in order. */
final class RawWorld {
  static final long MINUTE = 60_000;
  static final long GAP = 30 * MINUTE;

  /** What the catalog lacks, and no item at all. */
  static final String NOTHING = "";

  /** A choice; {@code item} may be one that the catalog lacks. */
  record Choice(String user, long time, String item, String type, float value) {}

  final List<Item> items = new ArrayList<>();
  final List<Choice> choices = new ArrayList<>();
  final List<String> shown = new ArrayList<>();
  final List<String> clicked = new ArrayList<>();
  final LiveState state;
  long clock = 1_000_000;

  private RawWorld(SequenceSpec spec) {
    state = new LiveState(spec, new HeapSequenceStore());
  }

  static SequenceSpec spec() {
    return new SequenceSpec(List.of("view", "click"), 400, GAP, "place", 0, List.of("value"));
  }

  static RawWorld random(Random random, SequenceSpec spec) {
    RawWorld world = new RawWorld(spec);
    int count = random.nextInt(12) == 0 ? 0 : 1 + random.nextInt(14);
    int categories = random.nextInt(4);
    for (int item = 0; item < count; item++) {
      world.add(
          "i" + item,
          categories == 0 || random.nextInt(6) == 0 ? null : "c" + random.nextInt(categories),
          attributes(random));
    }
    int events = random.nextInt(5) == 0 ? random.nextInt(3) : random.nextInt(110);
    int users = 1 + random.nextInt(4);
    for (int event = 0; event < events; event++) {
      world.clock += pause(random);
      world.happen(random, users, count);
    }
    return world;
  }

  private static long pause(Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> GAP;
      case 1 -> GAP + 1;
      case 2 -> random.nextInt(3) == 0 ? 23 * 60 * MINUTE : 2 * GAP;
      default -> 1 + random.nextInt((int) (5 * MINUTE));
    };
  }

  private static Map<String, Object> attributes(Random random) {
    Map<String, Object> attributes = new LinkedHashMap<>();
    if (random.nextInt(5) != 0) {
      Object place = random.nextInt(9) == 0 ? (Object) (random.nextInt(60) / 2.0) : place(random);
      attributes.put("place", place);
    }
    if (random.nextInt(4) != 0) {
      attributes.put("colour", "colour-" + random.nextInt(3));
    }
    if (random.nextInt(4) != 0) {
      attributes.put("price", random.nextInt(400) / 4.0);
    }
    if (random.nextInt(4) != 0) {
      attributes.put("votes", 2L + random.nextInt(9));
    }
    if (random.nextInt(4) != 0) {
      attributes.put("helpful", (long) random.nextInt(5));
    }
    if (random.nextInt(3) != 0) {
      attributes.put("review", Phrases.some(random, 12));
    }
    return attributes;
  }

  /** Mostly near each other, now and then further apart than is counted. */
  private static Object place(Random random) {
    return (long) (random.nextInt(10) == 0 ? random.nextInt(2_000) : random.nextInt(50));
  }

  void add(String id, @Nullable String category, Map<String, Object> attributes) {
    add(id, Phrases.title(id), category, attributes);
  }

  void add(String id, String title, @Nullable String category, Map<String, Object> attributes) {
    Item item = new Item(id, title, category, 1_000_000L * id.length(), attributes);
    items.add(item);
    state.apply(item);
  }

  private void happen(Random random, int users, int count) {
    String item = "i" + random.nextInt(count + 2); // some the catalog lacks
    String user = "u" + random.nextInt(users);
    if (random.nextInt(4) == 0) {
      String other = "i" + random.nextInt(count + 1);
      shown.add(item);
      shown.add(other);
      state.apply(impression(item, other));
    }
    boolean answer = random.nextInt(4) == 0;
    choose(user, item, clock, answer);
  }

  /** The user chooses; later than everything before. */
  void choose(String user, String item, long time, boolean answer) {
    clock = time;
    String type = answer ? "click" : "view";
    // Some have none; in quarters, so that sums are exact.
    float value = choices.size() % 5 == 0 ? Float.NaN : choices.size() * 7 % 40 / 4f - 2;
    choices.add(new Choice(user, time, item, type, value));
    if (answer) {
      clicked.add(item);
    }
    state.apply(
        new Event(
            "e" + choices.size(),
            type,
            user,
            item,
            answer ? "r" : null,
            null,
            time,
            time,
            Float.isNaN(value) ? Map.of() : Map.of("value", (double) value)));
  }

  private Impression impression(String... items) {
    List<Impression.Shown> slots = new ArrayList<>();
    for (String item : items) {
      slots.add(new Impression.Shown(item, List.of(), 0, 0, 1, new float[0]));
    }
    return new Impression(
        "r",
        "u0",
        null,
        null,
        null,
        "home",
        clock,
        "ml_ranker",
        null,
        "",
        null,
        List.of(),
        2,
        slots);
  }

  /** A question about a user at an instant; the whole history stands in the statistics. */
  record Query(
      String user, String contextItem, String contextCategory, RequestContext context, long asOf) {}

  Query query(Random random) {
    String user = "u" + random.nextInt(6); // some never seen
    String item =
        random.nextInt(3) == 0 || items.isEmpty()
            ? NOTHING
            : items.get(random.nextInt(items.size())).id();
    String category = NOTHING;
    if (random.nextInt(3) == 0 && !items.isEmpty()) {
      String of = items.get(random.nextInt(items.size())).category();
      category = of == null ? NOTHING : of;
    }
    long back =
        random.nextBoolean() || choices.isEmpty()
            ? clock + random.nextInt((int) (2 * GAP))
            : choices.get(random.nextInt(choices.size())).time();
    RequestContext context =
        random.nextBoolean()
            ? RequestContext.NONE
            : new RequestContext(
                random.nextBoolean() ? "mobile" : "desktop",
                random.nextInt(4) == 0 ? "item" : "search",
                Phrases.searched(random));
    return new Query(user, item, category, context, back);
  }

  void ask(FeatureInput in, Query query) {
    ask(in, query, state.statistics());
  }

  void ask(FeatureInput in, Query query, Statistics statistics) {
    Catalog catalog = state.catalog();
    in.set(
        catalog,
        statistics,
        state.sequences().read(query.user()),
        state.spec(),
        catalog.index(query.contextItem()),
        catalog.categoryCode(query.contextCategory()),
        query.context(),
        query.asOf());
  }

  /** All items of the catalog by index, the unknown one first. */
  int[] everything() {
    int[] all = new int[state.catalog().size()];
    for (int item = 0; item < all.length; item++) {
      all[item] = item;
    }
    return all;
  }
}
