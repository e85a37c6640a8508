package dev.proffer.pipeline.rules;

import dev.proffer.candidates.ItemFilter;
import dev.proffer.configs.Section;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.CatalogColumn;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which items of a catalog pass a filter, worked out once a catalog: a request asks an array.
 *
 * @param filter what is asked of an item
 */
record ItemMatch(ItemFilter filter) implements CatalogColumn<boolean[]> {
  /** Reads {@code where}: values or a range by attribute, of which all must hold. */
  static ItemMatch read(Section rule) {
    List<ItemFilter.Condition> conditions = new ArrayList<>();
    Section where = rule.section("where");
    for (String attribute : where.keys()) {
      if (where.isSection(attribute)) {
        Section range = where.section(attribute);
        Double min = bound(range, "min");
        Double max = bound(range, "max");
        range.done();
        if (min == null && max == null) {
          where.refuse(attribute, "expected a value, a list of values, or min and max");
        } else if (min != null && max != null && min > max) {
          where.refuse(attribute, "min " + min + " is above max " + max);
        } else {
          conditions.add(new ItemFilter.Condition(attribute, Set.of(), min, max));
        }
      } else {
        Set<Object> oneOf = new HashSet<>();
        List<String> written =
            where.isList(attribute) ? where.texts(attribute) : List.of(where.text(attribute));
        written.forEach(value -> addReadings(value, oneOf));
        if (oneOf.isEmpty()) {
          where.refuse(attribute, "expected at least one value");
        } else {
          conditions.add(new ItemFilter.Condition(attribute, oneOf, null, null));
        }
      }
    }
    return new ItemMatch(new ItemFilter(conditions));
  }

  private static @Nullable Double bound(Section range, String key) {
    return range.has(key) ? range.number(key, 0, -1e15, 1e15) : null;
  }

  /** What is written may be a text, a number, or true or false; an attribute is one of them. */
  private static void addReadings(String written, Set<Object> oneOf) {
    if (written.isEmpty()) {
      return;
    }
    oneOf.add(written);
    if (written.equals("true") || written.equals("false")) {
      oneOf.add(written.equals("true"));
    }
    try {
      oneOf.add(Double.valueOf(written));
    } catch (NumberFormatException e) {
      return; // a text alone
    }
  }

  boolean isEmpty() {
    return filter.conditions().isEmpty();
  }

  @Override
  public boolean[] of(Catalog catalog, boolean @Nullable [] before) {
    boolean[] matches = new boolean[catalog.size()];
    for (int item = 1; item < matches.length; item++) {
      matches[item] = filter.passes(catalog.item(item));
    }
    return matches;
  }
}
