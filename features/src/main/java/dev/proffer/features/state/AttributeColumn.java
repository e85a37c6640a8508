package dev.proffer.features.state;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One attribute of all items while they change: a code a value, and the number where it is one. One
 * thread writes; what {@link #shown} gives is immutable and made again only when a value or the
 * number of items changed since.
 */
final class AttributeColumn {
  /** Values that no item has any more are forgotten once they outnumber the others by this. */
  private static final int MOST_STALE = 1_024;

  private Map<Object, Integer> codesByValue = new HashMap<>();
  private Map<String, Integer> codesByWords = new ConcurrentHashMap<>();
  private @Nullable Object[] values = new Object[16];
  private int[] codes = new int[16];
  private float[] numbers = {};
  private int having;
  private int numeric;
  private @Nullable Shown shown;

  /**
   * The attribute as a catalog has it.
   *
   * @param codes by item; 0 where it lacks the attribute
   * @param numbers by item, NaN where it has none; null when no item has one
   * @param codesByWords of values told in words
   */
  record Shown(int[] codes, float @Nullable [] numbers, Map<String, Integer> codesByWords) {}

  /** Sets an item's value; null when it lacks the attribute. */
  void set(int index, @Nullable Object value) {
    if (index >= codes.length) {
      codes = Arrays.copyOf(codes, Math.max(index + 1, 2 * codes.length));
      values = Arrays.copyOf(values, codes.length);
    }
    Object before = values[index];
    if (before == null ? value == null : before.equals(value)) {
      return;
    }
    shown = null;
    having += (value == null ? 0 : 1) - (before == null ? 0 : 1);
    numeric += (value instanceof Number ? 1 : 0) - (before instanceof Number ? 1 : 0);
    values[index] = value;
    codes[index] = value == null ? 0 : code(value);
    if (value instanceof Number number) {
      growNumbers();
      numbers[index] = number.floatValue();
    } else if (index < numbers.length) {
      numbers[index] = Float.NaN;
    }
  }

  private int code(Object value) {
    Integer known = codesByValue.get(value);
    if (known != null) {
      return known;
    }
    int code = codesByValue.size() + 1;
    codesByValue.put(value, code);
    codesByWords.putIfAbsent(value.toString(), code);
    return code;
  }

  private void growNumbers() {
    int known = numbers.length;
    if (known < codes.length) {
      numbers = Arrays.copyOf(numbers, codes.length);
      Arrays.fill(numbers, known, numbers.length, Float.NaN);
    }
  }

  /** An item's value as a number; NaN where it has none. */
  float number(int index) {
    return index < numbers.length ? numbers[index] : Float.NaN;
  }

  /** Whether any item has the attribute. */
  boolean isThere() {
    return having > 0;
  }

  /** The attribute of so many items, the unknown one counted. */
  Shown shown(int size) {
    Shown now = shown;
    if (now != null && now.codes().length == size) {
      return now;
    }
    if (codesByValue.size() > 2 * having + MOST_STALE) {
      codesByValue = new HashMap<>();
      codesByWords = new ConcurrentHashMap<>();
      for (int index = 0; index < values.length; index++) {
        Object value = values[index];
        codes[index] = value == null ? 0 : code(value);
      }
    }
    float[] ofAll = null;
    if (numeric > 0) {
      ofAll = Arrays.copyOf(numbers, size);
      for (int index = numbers.length; index < size; index++) {
        ofAll[index] = Float.NaN;
      }
    }
    now = new Shown(Arrays.copyOf(codes, size), ofAll, codesByWords);
    shown = now;
    return now;
  }
}
