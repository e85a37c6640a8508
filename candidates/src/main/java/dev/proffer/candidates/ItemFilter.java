package dev.proffer.candidates;

import dev.proffer.events.Item;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which items a caller wants: every condition must hold. Immutable. An item that lacks the
 * attribute does not pass.
 *
 * @param conditions one per attribute
 */
public record ItemFilter(List<Condition> conditions) {
  /** Everything passes. */
  public static final ItemFilter NONE = new ItemFilter(List.of());

  public ItemFilter {
    conditions = List.copyOf(conditions);
  }

  /**
   * A condition on one attribute.
   *
   * @param attribute an attribute of items, or {@code category}
   * @param oneOf the values allowed; empty when a range is given
   * @param min least number, null for none
   * @param max greatest number, null for none
   */
  public record Condition(
      String attribute, Set<Object> oneOf, @Nullable Double min, @Nullable Double max) {
    public Condition {
      oneOf = Set.copyOf(oneOf);
    }

    boolean passes(Item item) {
      Object value =
          attribute.equals("category") ? item.category() : item.attributes().get(attribute);
      if (value == null) {
        return false;
      }
      if (!oneOf.isEmpty()) {
        return oneOf.contains(value instanceof Long number ? (Object) (double) number : value);
      }
      return value instanceof Number number
          && (min == null || number.doubleValue() >= min)
          && (max == null || number.doubleValue() <= max);
    }
  }

  /** Whether the item passes. */
  public boolean passes(Item item) {
    for (Condition condition : conditions) {
      if (!condition.passes(item)) {
        return false;
      }
    }
    return true;
  }
}
