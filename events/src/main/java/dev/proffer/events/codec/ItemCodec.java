package dev.proffer.events.codec;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import dev.proffer.events.Item;
import dev.proffer.events.Item.Validity;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * Items as fields of a log entry. An item is written in the lowest format that can say all of it,
 * so that an older reader reads what it can understand; a format higher than {@link #FORMAT} is
 * refused, since what it says may not be left out. Format 1 says nothing of its number and knows
 * neither validity nor change nor deletion; format 2 does.
 */
final class ItemCodec {
  /** The highest format. */
  static final int FORMAT = 2;

  private ItemCodec() {}

  static void write(JsonGenerator out, Item item) throws IOException {
    out.writeStringField("id", item.id());
    if (!isOfFormat1(item)) {
      out.writeNumberField("format", FORMAT);
    }
    out.writeStringField("title", item.title());
    LogCodec.optional(out, "category", item.category());
    out.writeNumberField("added", item.addedMillis());
    LogCodec.plainMap(out, "attributes", item.attributes());
    if (!isOfFormat1(item)) {
      Validity validity = item.validity();
      if (!validity.available()) {
        out.writeBooleanField("available", false);
      }
      if (validity.fromMillis() != 0) {
        out.writeNumberField("valid_from", validity.fromMillis());
      }
      if (validity.untilMillis() != Long.MAX_VALUE) {
        out.writeNumberField("valid_until", validity.untilMillis());
      }
      if (!validity.audience().isEmpty()) {
        LogCodec.texts(out, "audience", validity.audience());
      }
      out.writeNumberField("changed", item.changedMillis());
      if (item.deleted()) {
        out.writeBooleanField("deleted", true);
      }
    }
  }

  private static boolean isOfFormat1(Item item) {
    return item.validity().equals(Validity.ALWAYS) && item.changedMillis() == 0 && !item.deleted();
  }

  static Item read(JsonParser in) throws IOException {
    String id = "";
    String title = "";
    String category = null;
    long added = 0;
    Map<String, Object> attributes = Map.of();
    boolean available = true;
    long from = 0;
    long until = Long.MAX_VALUE;
    List<String> audience = List.of();
    long changed = 0;
    boolean deleted = false;
    for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
      in.nextToken();
      switch (name) {
        case "id" -> id = in.getText();
        case "format" -> {
          if (in.getIntValue() > FORMAT) {
            throw new IllegalArgumentException(
                "an item of format " + in.getIntValue() + ", expected at most " + FORMAT);
          }
        }
        case "title" -> title = in.getText();
        case "category" -> category = in.getText();
        case "added" -> added = in.getLongValue();
        case "attributes" -> attributes = LogCodec.plainMap(in);
        case "available" -> available = in.getBooleanValue();
        case "valid_from" -> from = in.getLongValue();
        case "valid_until" -> until = in.getLongValue();
        case "audience" -> audience = LogCodec.texts(in);
        case "changed" -> changed = in.getLongValue();
        case "deleted" -> deleted = in.getBooleanValue();
        default -> in.skipChildren();
      }
    }
    Validity validity = new Validity(available, from, until, audience);
    return new Item(id, title, category, added, attributes, validity, changed, deleted);
  }
}
