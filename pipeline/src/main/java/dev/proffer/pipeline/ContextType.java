package dev.proffer.pipeline;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the {@code context} of a suggestion names. */
public enum ContextType {
  /** Nothing in particular. */
  HOME,
  /** A category, by name. */
  CATEGORY,
  /** An item, by id: its category counts too. */
  ITEM,
  /** What the person typed. */
  SEARCH;

  /** The word on the wire. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The type of that word, or null when there is none. */
  public static @Nullable ContextType of(String word) {
    for (ContextType type : values()) {
      if (type.word().equals(word)) {
        return type;
      }
    }
    return null;
  }

  /** All words. */
  public static List<String> words() {
    return java.util.Arrays.stream(values()).map(ContextType::word).toList();
  }
}
