package dev.proffer.events.codec;

import com.fasterxml.jackson.core.JsonToken;
import dev.proffer.events.Item;
import dev.proffer.events.Item.Validity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads items as a back office sends them: strict JSON, every field checked, anything unknown
 * refused. Stateless and safe to share.
 */
public final class ItemReader {
  /** Longest id, category, segment or name of an attribute, in characters. */
  public static final int MAX_NAME = EventReader.MAX_ID;

  /** Longest title, in characters. */
  public static final int MAX_TITLE = 2_000;

  /** Longest text of an attribute, in characters. */
  public static final int MAX_TEXT = 20_000;

  /** Most attributes an item may have. */
  public static final int MOST_ATTRIBUTES = 200;

  /** Most segments an item may be for. */
  public static final int MOST_SEGMENTS = 100;

  private static final String ONCE = "each field once";
  private static final String STANDS_TWICE = "stands twice";
  private static final List<String> KNOWN =
      List.of(
          "id",
          "title",
          "category",
          "attributes",
          "available",
          "valid_from",
          "valid_until",
          "audience",
          "added");

  /** What an item's fields are called; an attribute of the same name could not be told apart. */
  private static final Set<String> TAKEN = Set.of("id", "title", "category");

  private ItemReader() {}

  /**
   * An item as it was sent.
   *
   * @param id of it; null when the body names none
   * @param addedMillis null when it does not say
   * @param deleted whether the body says that it is to be deleted
   */
  public record Sent(
      @Nullable String id,
      String title,
      @Nullable String category,
      @Nullable Long addedMillis,
      Map<String, Object> attributes,
      Validity validity,
      boolean deleted) {

    /** The item itself. */
    public Item item(String itemId, long orAddedMillis, long changedMillis) {
      Long said = addedMillis;
      long added = said == null ? orAddedMillis : said;
      return new Item(itemId, title, category, added, attributes, validity, changedMillis, false);
    }
  }

  /**
   * Reads the one item a body holds.
   *
   * @param deletable whether {@code "deleted": true} is understood, as it is in a line of many
   */
  public static Sent read(byte[] body, int offset, int length, boolean deletable)
      throws InvalidInput {
    try (JsonInput in = new JsonInput(body, offset, length)) {
      if (in.next() != JsonToken.START_OBJECT) {
        throw in.refused("body", "an item");
      }
      Sent sent = new Reading(in, deletable).read();
      in.end();
      return sent;
    }
  }

  private static final class Reading {
    private final JsonInput in;
    private final boolean deletable;
    private @Nullable String id;
    private String title = "";
    private @Nullable String category;
    private @Nullable Long added;
    private final Map<String, Object> attributes = new HashMap<>();
    private boolean available = true;
    private long from;
    private long until = Long.MAX_VALUE;
    private List<String> audience = List.of();
    private boolean deleted;

    Reading(JsonInput in, boolean deletable) {
      this.in = in;
      this.deletable = deletable;
    }

    Sent read() throws InvalidInput {
      Set<String> seen = new HashSet<>();
      for (String name = in.field(); name != null; name = in.field()) {
        if (!seen.add(name)) {
          throw new InvalidInput(name, STANDS_TWICE, ONCE);
        }
        field(name);
      }
      if (until <= from) {
        throw new InvalidInput(
            "valid_until", Long.toString(until), "an instant after valid_from, " + from);
      }
      Validity validity = new Validity(available, from, until, audience);
      return new Sent(id, title, category, added, attributes, validity, deleted);
    }

    private void field(String name) throws InvalidInput {
      switch (name) {
        case "id" -> id = in.name("id", MAX_NAME);
        case "title" -> {
          String text = in.text("title", 0, MAX_TITLE);
          title = text == null ? "" : text;
        }
        case "category" -> category = in.name("category", MAX_NAME);
        case "added" -> added = in.isNull() ? null : (Long) in.instant("added");
        case "attributes" -> attributes();
        case "available" -> available = in.flag("available");
        case "valid_from" -> from = in.isNull() ? 0 : in.instant("valid_from");
        case "valid_until" -> until = in.isNull() ? Long.MAX_VALUE : in.instant("valid_until");
        case "audience" -> audience();
        default -> {
          if (!deletable || !name.equals("deleted")) {
            throw in.refused(name, "no such field, but " + KNOWN + "; others go into attributes");
          }
          deleted = in.flag("deleted");
        }
      }
    }

    private void attributes() throws InvalidInput {
      if (in.isNull()) {
        return;
      }
      in.object("attributes");
      Set<String> seen = new HashSet<>();
      for (String name = in.field(); name != null; name = in.field()) {
        String field = "attributes." + name;
        if (name.isBlank() || name.length() > MAX_NAME || TAKEN.contains(name)) {
          throw new InvalidInput(
              field, name, "a name of 1 to " + MAX_NAME + " characters that is none of " + TAKEN);
        }
        if (!seen.add(name)) {
          throw new InvalidInput(field, STANDS_TWICE, ONCE);
        }
        Object value = in.plain(field);
        if (value instanceof String text && text.length() > MAX_TEXT) {
          throw new InvalidInput(field, text, "a text of at most " + MAX_TEXT + " characters");
        }
        if (value != null) {
          attributes.put(name, value);
        }
        if (attributes.size() > MOST_ATTRIBUTES) {
          throw new InvalidInput(
              "attributes",
              "more than " + MOST_ATTRIBUTES,
              "at most " + MOST_ATTRIBUTES + " attributes");
        }
      }
    }

    private void audience() throws InvalidInput {
      if (in.isNull()) {
        return;
      }
      if (in.token() != JsonToken.START_ARRAY) {
        throw in.refused("audience", "an array of segments");
      }
      List<String> segments = new ArrayList<>();
      while (in.next() != JsonToken.END_ARRAY) {
        String segment = in.name("audience[" + segments.size() + "]", MAX_NAME);
        if (segment == null) {
          throw in.refused("audience[" + segments.size() + "]", "a segment");
        }
        segments.add(segment);
        if (segments.size() > MOST_SEGMENTS) {
          throw new InvalidInput(
              "audience", "more than " + MOST_SEGMENTS, "at most " + MOST_SEGMENTS + " segments");
        }
      }
      audience = segments;
    }
  }
}
