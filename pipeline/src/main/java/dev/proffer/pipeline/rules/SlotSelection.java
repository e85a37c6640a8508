package dev.proffer.pipeline.rules;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Fills the slots of a page one after the other: a pin where there is one; else, of the best rows
 * that are left and that no cap forbids, the one diversity and exploration choose. Belongs to one
 * thread; allocates only for more rows or slots than ever before.
 *
 * <p>Every slot's choice depends on the slots above it and on chance alone, so its propensity given
 * them is that of the one draw.
 */
final class SlotSelection {
  private static final int NONE = -1;

  private final List<Rule> rules;
  private final BestFirst order = new BestFirst();
  private final Pool pool = new Pool();
  private final Likeness likeness = new Likeness();
  private final Exploration.Scratch scratch = new Exploration.Scratch();
  private final Marks[] counts; // by rule: what a cap counts, by the value's number
  private boolean[] used = new boolean[0];
  private boolean[] heldBack = new boolean[0];
  private double[] nearest = new double[0]; // likeness to the nearest of the rows above
  private int[] compared = new int[0]; // with how many of them
  private int[] pinned = new int[0]; // by slot
  private int[] pinnedBy = new int[0];
  private float[] propensities = new float[0];

  private Slate slate = new Slate();
  private boolean[] atWork = new boolean[0];
  private int[] best = new int[0];
  private int slots;
  private int filled;
  private int pinsLeft;
  private int first; // the first place of the order that may not be used
  private @Nullable Diversity diversity;
  private int diversityNumber;
  private @Nullable Exploration exploration;
  private int explorationNumber;
  private boolean capped;
  private double worst;
  private double range;

  SlotSelection(List<Rule> rules) {
    this.rules = rules;
    counts = new Marks[rules.size()];
    for (int number = 0; number < counts.length; number++) {
      counts[number] = new Marks();
    }
  }

  /**
   * Fills the slots.
   *
   * @param rulesAtWork which rules the request passes
   * @return how many were filled
   */
  int select(Slate of, boolean[] rulesAtWork, int limit, int[] into) {
    slate = of;
    atWork = rulesAtWork;
    best = into;
    slots = Math.min(limit, of.left());
    filled = 0;
    first = 0;
    begin();
    pin();
    fillOrder();
    while (filled < slots && fill()) {
      filled++;
    }
    return filled;
  }

  float propensity(int slot) {
    return propensities[slot];
  }

  private void begin() {
    if (used.length < slate.count()) {
      used = new boolean[2 * slate.count()];
      heldBack = new boolean[used.length];
      nearest = new double[used.length];
      compared = new int[used.length];
    }
    if (pinned.length < slots) {
      pinned = new int[2 * slots];
      pinnedBy = new int[pinned.length];
      propensities = new float[pinned.length];
    }
    for (int row = 0; row < slate.count(); row++) {
      used[row] = !slate.isLeft(row);
      heldBack[row] = false;
      nearest[row] = 0;
      compared[row] = 0;
    }
    diversity = null;
    exploration = null;
    capped = false;
    for (int number = 0; number < rules.size(); number++) {
      Rule rule = rules.get(number);
      if (!atWork[number]) {
        continue;
      }
      if (rule instanceof Diversity by) {
        diversity = by;
        diversityNumber = number;
        likeness.begin(slate, by);
      } else if (rule instanceof Exploration by) {
        exploration = by;
        explorationNumber = number;
        scratch.begin(slate);
      } else if (rule instanceof CategoryCap) {
        capped = true;
        counts[number].clear(slate.catalog().size() + slate.catalog().categoryCount());
      }
    }
  }

  /** Finds each pin its row, which no other slot gets. */
  private void pin() {
    pinsLeft = 0;
    for (int slot = 0; slot < slots; slot++) {
      pinned[slot] = NONE;
    }
    for (int number = 0; number < rules.size(); number++) {
      if (atWork[number] && rules.get(number) instanceof Pin pin && pin.slot() <= slots) {
        int row = pin.items().isEmpty() ? bestOf(pin.match()) : firstOf(pin.items());
        if (row != NONE) {
          used[row] = true;
          pinned[pin.slot() - 1] = row;
          pinnedBy[pin.slot() - 1] = number;
          pinsLeft++;
          count(row, pin.slot() - 1);
        }
      }
    }
  }

  private int firstOf(List<String> ids) {
    for (int at = 0; at < ids.size(); at++) {
      int item = slate.catalog().index(ids.get(at));
      for (int row = 0; row < slate.count() && item != 0; row++) {
        if (!used[row] && slate.item(row) == item) {
          return row;
        }
      }
    }
    return NONE;
  }

  private int bestOf(ItemMatch match) {
    boolean[] matches = slate.catalog().column(match);
    int found = NONE;
    for (int row = 0; row < slate.count(); row++) {
      if (!used[row]
          && matches[slate.item(row)]
          && (found == NONE || slate.key(row) > slate.key(found))) {
        found = row;
      }
    }
    return found;
  }

  private void fillOrder() {
    order.begin(slate);
    for (int row = 0; row < slate.count(); row++) {
      if (!used[row]) {
        order.add(row);
      }
    }
    order.ready();
    if (diversity != null) {
      int top = order.row(0);
      int last = top;
      for (int at = 1; at < diversity.depth(); at++) {
        int row = order.row(at);
        if (row == NONE || slate.isBuried(row) != slate.isBuried(top)) {
          break;
        }
        last = row;
      }
      worst = last == NONE ? 0 : clean(slate.score(last));
      range = top == NONE ? 0 : clean(slate.score(top)) - worst;
    }
  }

  private static double clean(float score) {
    return Float.isNaN(score) ? -Float.MAX_VALUE : score;
  }

  /** Fills the next slot; says whether there was anything to fill it with. */
  private boolean fill() {
    int row = pinned[filled];
    if (row != NONE) {
      place(row, 1, pinnedBy[filled]);
      pinsLeft--;
      return true;
    }
    if (!gather(false) && !(capped && gather(true))) {
      return pinsLeft > 0 && moveUpNextPin();
    }
    int number = choose();
    int chosen = pool.row(number);
    used[chosen] = true;
    count(chosen, filled);
    best[filled] = chosen;
    propensities[filled] = (float) pool.propensity();
    return true;
  }

  /** The rest of the page is pins: they move up. */
  private boolean moveUpNextPin() {
    int slot = filled;
    while (pinned[slot] == NONE) {
      slot++;
      if (slot == slots) {
        return false;
      }
    }
    int row = pinned[slot];
    pinned[slot] = NONE;
    place(row, 1, pinnedBy[slot]);
    pinsLeft--;
    return true;
  }

  private void place(int row, float propensity, int by) {
    best[filled] = row;
    propensities[filled] = propensity;
    slate.by(by, rules.get(by).name());
    slate.moved(row, "pinned", filled + 1);
  }

  /** Puts into the pool what may stand in the next slot; says whether there is anything. */
  private boolean gather(boolean filling) {
    pool.clear();
    Exploration explores =
        exploration != null && filled + 1 >= exploration.fromSlot() ? exploration : null;
    int wanted =
        Math.max(
            diversity == null ? 1 : diversity.depth(), explores == null ? 1 : explores.depth());
    for (int at = first; pool.size() < wanted; at++) {
      int row = order.row(at);
      if (row == NONE) {
        break;
      }
      if (used[row]) {
        first = at == first ? at + 1 : first;
        continue;
      }
      if (pool.size() > 0 && slate.isBuried(row) != slate.isBuried(pool.row(0))) {
        break;
      }
      if (!capped || allowed(row, filling)) {
        pool.add(row, slate.score(row));
      }
    }
    return pool.size() > 0;
  }

  private int choose() {
    boolean explores = exploration != null && filled + 1 >= exploration.fromSlot();
    int depth = explores && exploration != null ? exploration.depth() : 1;
    Diversity by = diversity;
    if (by != null) {
      int before = pool.row(0);
      for (int at = 0; at < pool.size(); at++) {
        int row = pool.row(at);
        double relevance = range > 0 ? (clean(slate.score(row)) - worst) / range : 0;
        pool.value(at, by.lambda() * relevance - (1 - by.lambda()) * nearest(row));
      }
      pool.sort(depth);
      if (pool.row(0) != before) {
        slate.by(diversityNumber, by.name());
        slate.moved(pool.row(0), "diversified", nearest(pool.row(0)));
      }
    }
    if (!explores || exploration == null) {
      return 0;
    }
    pool.truncate(depth);
    int chosen = exploration.policy().choose(pool, scratch);
    if (chosen != 0) {
      slate.by(explorationNumber, exploration.name());
      slate.moved(pool.row(chosen), "explored", pool.propensity());
    }
    return chosen;
  }

  private double nearest(int row) {
    for (int slot = compared[row]; slot < filled; slot++) {
      double like = likeness.of(row, best[slot]);
      nearest[row] = slot == 0 ? like : Math.max(nearest[row], like);
    }
    compared[row] = filled;
    return nearest[row];
  }

  /** Whether no cap forbids the row the next slot. */
  private boolean allowed(int row, boolean filling) {
    for (int number = 0; number < rules.size(); number++) {
      if (atWork[number]
          && rules.get(number) instanceof CategoryCap cap
          && filled < cap.slots()
          && !(filling && cap.fill())) {
        int code = CategoryCap.code(slate.catalog(), cap.attribute(), slate.item(row));
        if (code != 0 && counts[number].count(code) >= cap.most()) {
          if (!heldBack[row]) {
            heldBack[row] = true;
            slate.by(number, cap.name());
            slate.moved(row, "held_back", Double.NaN);
          }
          return false;
        }
      }
    }
    return true;
  }

  private void count(int row, int slot) {
    for (int number = 0; capped && number < rules.size(); number++) {
      if (atWork[number] && rules.get(number) instanceof CategoryCap cap && slot < cap.slots()) {
        int code = CategoryCap.code(slate.catalog(), cap.attribute(), slate.item(row));
        if (code != 0) {
          counts[number].add(code);
        }
      }
    }
  }
}
