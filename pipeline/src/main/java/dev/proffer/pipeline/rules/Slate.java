package dev.proffer.pipeline.rules;

import dev.proffer.events.Hash64;
import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.UserSequence;
import dev.proffer.features.tables.Tables;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The candidates of one request on their way from scores to a page: rows, what the rules made of
 * their scores, and which are left. Belongs to one thread and is used again for each request;
 * allocates only when there are more rows than ever before.
 */
public final class Slate {
  private FeatureInput in = new FeatureInput();
  private UserSequence sequence = UserSequence.EMPTY;
  private Tables tables = Tables.NONE;
  private long userHash;
  private long seed;
  private int[] items = new int[0];
  private @Nullable List<String> ids;
  private int[] ties = new int[0];
  private int count;
  private float[] scores = new float[0];
  private boolean[] removed = new boolean[0];
  private boolean[] buried = new boolean[0];
  private long[] keys = new long[0];
  private int left;
  private final Marks marks = new Marks();

  private int rule;
  private String ruleName = "";
  private int[] removedBy = new int[0];
  private int[] movedBy = new int[0];
  private @Nullable List<Touch> touches;

  /**
   * Begins a request.
   *
   * @param in as the features of the request see it
   * @param seed what chance is drawn from
   */
  public void begin(
      FeatureInput in, UserSequence sequence, Tables tables, long userHash, long seed) {
    this.in = in;
    this.sequence = sequence;
    this.tables = tables;
    this.userHash = userHash;
    this.seed = seed;
    this.ids = null;
  }

  /** Says the rows' ids, some of which the catalog may not know. */
  public void named(@Nullable List<String> rowIds) {
    ids = rowIds;
  }

  /** Takes the scored rows, none of which any rule has touched yet. */
  void take(int[] rows, float[] scored, int[] order, int size, int rules, boolean explain) {
    items = rows;
    ties = order;
    count = size;
    left = size;
    if (scores.length < size) {
      scores = new float[size * 2];
      removed = new boolean[scores.length];
      buried = new boolean[scores.length];
      keys = new long[scores.length];
    }
    if (removedBy.length != rules) {
      removedBy = new int[rules];
      movedBy = new int[rules];
    }
    System.arraycopy(scored, 0, scores, 0, size);
    Arrays.fill(removed, 0, size, false);
    Arrays.fill(buried, 0, size, false);
    Arrays.fill(removedBy, 0);
    Arrays.fill(movedBy, 0);
    touches = explain ? new ArrayList<>() : null;
  }

  /** What is done from now on is this rule's doing. */
  void by(int number, String name) {
    rule = number;
    ruleName = name;
  }

  FeatureInput in() {
    return in;
  }

  Catalog catalog() {
    return in.catalog();
  }

  /** The user's events, those at or after the request's instant among them. */
  UserSequence sequence() {
    return sequence;
  }

  Tables tables() {
    return tables;
  }

  long userHash() {
    return userHash;
  }

  long seed() {
    return seed;
  }

  int count() {
    return count;
  }

  /** How many rows no rule has left out. */
  int left() {
    return left;
  }

  boolean isLeft(int row) {
    return !removed[row];
  }

  /** The row's index in the catalog; {@link Catalog#UNKNOWN} when it does not know the item. */
  int item(int row) {
    return items[row];
  }

  /** The {@link Hash64} of the row's id; costs a hash. */
  long idHash(int row) {
    return Hash64.of(ids == null ? catalog().item(items[row]).id() : ids.get(row));
  }

  /** The score as the rules left it. */
  float score(int row) {
    return scores[row];
  }

  boolean isBuried(int row) {
    return buried[row];
  }

  /** Scratch of whichever rule is at work, by catalog index. */
  Marks marks() {
    return marks;
  }

  /** The rule at work leaves the row out. */
  void remove(int row) {
    if (!removed[row]) {
      removed[row] = true;
      removedBy[rule]++;
      left--;
    }
  }

  /** The rule at work gives the row another score. */
  void score(int row, float score, String effect, double amount) {
    scores[row] = score;
    moved(row, effect, amount);
  }

  /** The rule at work puts the row behind all that are not buried. */
  void bury(int row) {
    if (!buried[row]) {
      buried[row] = true;
      moved(row, "buried", Double.NaN);
    }
  }

  /** The rule at work changed the row's place. */
  void moved(int row, String effect, double amount) {
    movedBy[rule]++;
    if (touches != null) {
      touches.add(new Touch(row, ruleName, effect, amount));
    }
  }

  /** Works out by which number the rows are ordered; to be called once no rule changes scores. */
  void order() {
    for (int row = 0; row < count; row++) {
      keys[row] = key(!buried[row], scores[row], ties[row]);
    }
  }

  /** Larger is better; unique. */
  long key(int row) {
    return keys[row];
  }

  /**
   * Orders by burial, then score, then the smaller tie: one bit, the float's bits made to sort as a
   * whole number, 31 bits. NaN is below everything.
   */
  private static long key(boolean above, float score, int tie) {
    int ordered = Integer.MIN_VALUE;
    if (!Float.isNaN(score)) {
      int bits = Float.floatToRawIntBits(score + 0f);
      ordered = bits ^ ((bits >> 31) & Integer.MAX_VALUE);
    }
    long unsigned = (ordered ^ Integer.MIN_VALUE) & 0xffff_ffffL;
    long key = (above ? 1L << 63 : 0) | (unsigned << 31) | (Integer.MAX_VALUE - tie);
    return key ^ Long.MIN_VALUE; // the uppermost bit is the sign
  }

  /** How many rows a rule left out. */
  int removedBy(int number) {
    return removedBy[number];
  }

  /** How often a rule changed a row's place. */
  int movedBy(int number) {
    return movedBy[number];
  }

  /** What the rules did to a row, in order; empty when nobody asked to be told. */
  List<Touch> touches(int row) {
    return touches == null
        ? List.of()
        : touches.stream().filter(touch -> touch.row() == row).toList();
  }
}
