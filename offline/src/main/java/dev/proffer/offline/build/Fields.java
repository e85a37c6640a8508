package dev.proffer.offline.build;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The JSON objects of the warehouse, back to the values they were written from. Stateless. */
final class Fields {
  private static final JsonFactory JSON = new JsonFactory();

  private Fields() {}

  /** Texts, whole numbers, numbers and truths by name; of null, none. */
  static Map<String, Object> read(@Nullable String json) {
    if (json == null) {
      return Map.of();
    }
    Map<String, Object> fields = new HashMap<>();
    try (JsonParser in = JSON.createParser(json)) {
      in.nextToken();
      while (in.nextToken() == JsonToken.FIELD_NAME) {
        String name = in.currentName();
        switch (in.nextToken()) {
          case VALUE_STRING -> fields.put(name, in.getText());
          case VALUE_NUMBER_INT -> fields.put(name, in.getLongValue());
          case VALUE_NUMBER_FLOAT -> fields.put(name, in.getDoubleValue());
          case VALUE_TRUE -> fields.put(name, true);
          case VALUE_FALSE -> fields.put(name, false);
          default -> in.skipChildren(); // no log holds any other
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the warehouse holds no JSON object: " + json, e);
    }
    return fields;
  }
}
