package dev.proffer.pipeline.rules;

import dev.proffer.candidates.CandidateSet;
import dev.proffer.candidates.ItemFilter;
import dev.proffer.features.state.Catalog;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * From scores to the rows of a page, by the declared rules: those that leave out or change scores
 * in their order, then each slot in turn. Belongs to one thread; allocates nothing per candidate.
 */
public final class Reranking {
  private final List<Rule> rules;
  private final List<String> names;
  private final boolean[] atWork;
  private final Slate slate = new Slate();
  private final SlotSelection selection;

  /**
   * A way through the rules.
   *
   * @param showings what users were shown, for frequency caps
   */
  public Reranking(RulesSpec spec, Showings showings) {
    List<Rule> over = new ArrayList<>();
    for (Rule rule : spec.rules()) {
      over.add(rule instanceof FrequencyCap cap ? cap.over(showings) : rule);
    }
    rules = List.copyOf(over);
    names = spec.names();
    atWork = new boolean[rules.size()];
    selection = new SlotSelection(rules);
  }

  /** The rules' names, in the order of {@link #removed} and {@link #moved}. */
  public List<String> names() {
    return names;
  }

  /** What the rules work on; to be told of each request first. */
  public Slate slate() {
    return slate;
  }

  /** Adds the items that are pinned and that nobody found, unless the caller wants none of them. */
  public void bring(
      Catalog catalog, long timeMillis, Set<String> exclude, ItemFilter filter, CandidateSet set) {
    for (int number = 0; number < rules.size(); number++) {
      if (rules.get(number) instanceof Pin pin) {
        for (String id : pin.items()) {
          int item = catalog.index(id);
          if (item != Catalog.UNKNOWN
              && catalog.proposable(item, timeMillis)
              && !exclude.contains(id)
              && filter.passes(catalog.item(item))
              && !holds(set, item)) {
            set.append(item, 0);
          }
        }
      }
    }
  }

  private static boolean holds(CandidateSet set, int item) {
    for (int at = 0; at < set.count(); at++) {
      if (set.items()[at] == item) {
        return true;
      }
    }
    return false;
  }

  /** Whether a request of this kind passes any rule at all. */
  public boolean concerns(boolean givenItems, boolean scored) {
    boolean any = false;
    for (int number = 0; number < rules.size(); number++) {
      Rule rule = rules.get(number);
      atWork[number] = (scored || rule.withoutScores()) && (!givenItems || rule.givenItems());
      any |= atWork[number];
    }
    return any;
  }

  /**
   * Chooses the rows of a page. {@link Slate#begin} and {@link #concerns} come first.
   *
   * @param items catalog indexes by row
   * @param scores by row; not changed
   * @param ties by row, unique and not negative; equal scores are ordered by the smaller one
   * @param count how many rows there are
   * @param limit the page's length at most
   * @param explain whether {@link #touches} will be asked
   * @param best receives the rows, slot by slot
   * @return how many rows were written
   */
  public int select(
      int[] items, float[] scores, int[] ties, int count, int limit, boolean explain, int[] best) {
    slate.take(items, scores, ties, count, rules.size(), explain);
    for (int number = 0; number < rules.size(); number++) {
      if (atWork[number] && rules.get(number) instanceof SlateRule rule) {
        slate.by(number, rule.name());
        rule.apply(slate);
      }
    }
    slate.order();
    return selection.select(slate, atWork, limit, best);
  }

  /** The score a row was ordered by, after {@link #select}. */
  public float score(int row) {
    return slate.score(row);
  }

  /** With which probability the policy chose what stands in a slot, given the slots above. */
  public float propensity(int slot) {
    return selection.propensity(slot);
  }

  /** How many candidates a rule left out of the latest page. */
  public int removed(int rule) {
    return atWork[rule] ? slate.removedBy(rule) : 0;
  }

  /** The same by name, rules that left out nothing not named. */
  public Map<String, Integer> removed() {
    Map<String, Integer> removed = new LinkedHashMap<>();
    for (int rule = 0; rule < names.size(); rule++) {
      if (removed(rule) > 0) {
        removed.put(names.get(rule), removed(rule));
      }
    }
    return removed;
  }

  /** How often a rule changed a place on the latest page. */
  public int moved(int rule) {
    return atWork[rule] ? slate.movedBy(rule) : 0;
  }

  /** What the rules did to a row, in order; only after a selection that explains. */
  public List<Touch> touches(int row) {
    return slate.touches(row);
  }
}
