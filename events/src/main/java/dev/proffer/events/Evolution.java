package dev.proffer.events;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How a registry changed against an earlier one, and whether those who send and read events by the
 * earlier one can go on. A change breaks them when an event that was allowed would be refused, when
 * a value means something else, or when something they read is gone. Raising a type's {@code
 * version} says that this is meant, and allows any change of that type.
 */
public final class Evolution {
  private final List<Change> changes = new ArrayList<>();
  private final boolean meant;

  /**
   * One change.
   *
   * @param key where in the file
   * @param words what it was and is, and why that breaks where it does
   * @param breaks whether it is refused
   */
  public record Change(String key, String words, boolean breaks) {
    @Override
    public String toString() {
      return key + ": " + words;
    }
  }

  private Evolution(boolean meant) {
    this.meant = meant;
  }

  /** All changes, in the order of the earlier file, then of the new one. */
  public static List<Change> between(EventRegistry before, EventRegistry now) {
    List<Change> changes = new ArrayList<>();
    for (EventType was : before.types()) {
      EventType is = now.type(was.name());
      if (is == null) {
        changes.add(
            new Change("types." + was.name(), "was removed; events of it would be refused", true));
      } else {
        Evolution evolution = new Evolution(is.version() > was.version());
        evolution.compare("types." + was.name(), was, is);
        changes.addAll(evolution.changes);
      }
    }
    for (EventType is : now.types()) {
      if (before.type(is.name()) == null) {
        changes.add(new Change("types." + is.name(), "is new", false));
      }
    }
    return changes;
  }

  /** The changes that break, of all. */
  public static List<Change> breaking(List<Change> changes) {
    return changes.stream().filter(Change::breaks).toList();
  }

  private void compare(String key, EventType was, EventType is) {
    if (is.version() < was.version()) {
      breaks(key + ".version", became(was.version(), is.version()) + "; a version never falls");
    } else if (meant) {
      fine(key + ".version", became(was.version(), is.version()) + ", so any change is allowed");
    }
    if (!Set.copyOf(was.entities()).equals(Set.copyOf(is.entities()))) {
      breaks(
          key + ".entities",
          became(was.entities(), is.entities()) + "; what is kept by entity would be another's");
    }
    if (was.retainDays() != is.retainDays()) {
      fine(key + ".retain-days", became(was.retainDays(), is.retainDays()));
    }
    if (was.unknownFields() != is.unknownFields()) {
      fine(key + ".unknown-fields", became(was.unknownFields(), is.unknownFields()));
    }
    compareFields(key, was, is);
    compareRequired(key, was, is);
  }

  private void compareFields(String key, EventType was, EventType is) {
    for (EventType.Field field : was.fields().values()) {
      String path = key + ".fields." + field.name();
      EventType.Field other = is.fields().get(field.name());
      if (other == null) {
        breaks(path, "was removed; who sends it would be refused, who reads it finds none");
      } else {
        compare(path, field, other);
      }
    }
    for (Map.Entry<String, EventType.Field> field : is.fields().entrySet()) {
      if (!was.fields().containsKey(field.getKey()) && !is.required().contains(field.getKey())) {
        fine(key + ".fields." + field.getKey(), "is new and optional");
      }
    }
  }

  private void compareRequired(String key, EventType was, EventType is) {
    for (String field : is.required()) {
      if (!was.required().contains(field)) {
        boolean there = was.fields().containsKey(field) || EventRegistry.ENVELOPE.contains(field);
        breaks(
            key + ".required",
            field
                + (there ? " was optional" : " is new")
                + " and is required; events without it would be refused");
      }
    }
    for (String field : was.required()) {
      boolean there = is.fields().containsKey(field) || EventRegistry.ENVELOPE.contains(field);
      if (there && !is.required().contains(field)) {
        fine(key + ".required", field + " was required and is optional");
      }
    }
  }

  private void compare(String path, EventType.Field was, EventType.Field is) {
    if (was.personal() != is.personal()) {
      fine(path + ".personal", became(was.personal(), is.personal()));
    }
    if (!was.unit().equals(is.unit())) {
      breaks(
          path + ".unit",
          became('"' + was.unit() + '"', '"' + is.unit() + '"')
              + "; the same number means another");
    }
    if (was.kind() != is.kind()) {
      breaks(
          path + ".type",
          became(was.kind(), is.kind()) + "; values of another type cannot be read as before");
    } else if (was.kind() == EventType.Kind.TEXT
        && !(was.allowed().isEmpty() && is.allowed().isEmpty())) {
      compareAllowed(path, was, is);
    } else if (was.kind() != EventType.Kind.FLAG) {
      compareRange(path, was, is);
    }
  }

  private void compareAllowed(String path, EventType.Field was, EventType.Field is) {
    String key = path + ".allowed";
    if (was.allowed().isEmpty()) {
      breaks(key, "any text was allowed, now only " + is.allowed());
      return;
    }
    List<String> gone = was.allowed().stream().filter(word -> is.refusal(word) != null).toList();
    if (!gone.isEmpty()) {
      breaks(key, gone + " would be refused");
    } else if (is.allowed().isEmpty()) {
      fine(key, "only " + was.allowed() + " were allowed, now any text");
    } else if (!new HashSet<>(was.allowed()).containsAll(is.allowed())) {
      fine(key, "more is allowed: " + is.allowed());
    }
  }

  private void compareRange(String path, EventType.Field was, EventType.Field is) {
    bound(path + ".min", was.min(), is.min(), is.min() > was.min());
    bound(path + ".max", was.max(), is.max(), is.max() < was.max());
  }

  private void bound(String key, double was, double is, boolean narrower) {
    if (narrower) {
      breaks(key, became(plain(was), plain(is)) + "; values that were allowed would be refused");
    } else if (was != is) {
      fine(key, became(plain(was), plain(is)));
    }
  }

  private static String plain(double number) {
    return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
  }

  private static String became(Object was, Object is) {
    return (was + " became " + is).toLowerCase(java.util.Locale.ROOT);
  }

  private void breaks(String key, String words) {
    boolean falls = key.endsWith(".version");
    changes.add(new Change(key, words, falls || !meant));
  }

  private void fine(String key, String words) {
    changes.add(new Change(key, words, false));
  }
}
