package dev.proffer.features.text;

import dev.proffer.events.Item;

/**
 * A text of an item: its title, or an attribute that is text.
 *
 * @param name {@value #TITLE}, or the attribute's name
 */
public record TextField(String name) {
  /** The name of what every item has. */
  public static final String TITLE = "title";

  /** The item's text; empty when it has none. */
  public String of(Item item) {
    if (name.equals(TITLE)) {
      return item.title();
    }
    return item.attributes().get(name) instanceof String text ? text : "";
  }
}
