package dev.proffer.events.codec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * A strict streaming reader of one JSON body: every read names its field and bounds, and throws
 * {@link InvalidInput} otherwise. Not thread-safe; one body, one reader. Nothing is coerced: {@code
 * "5"} is not a number. A JSON null reads as an absent field. Texts with unpaired surrogates are
 * refused, since they cannot be written as UTF-8 again.
 */
public final class JsonInput implements AutoCloseable {
  /** Deepest nesting a body may have. */
  public static final int MAX_DEPTH = 16;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(64)
                  .maxNameLength(256)
                  .maxStringLength(1 << 20)
                  .build())
          .build();

  private final JsonParser parser;

  /** A reader at the start of the body. */
  public JsonInput(byte[] body, int offset, int length) throws InvalidInput {
    try {
      parser = FACTORY.createParser(body, offset, length);
    } catch (IOException e) {
      throw new InvalidInput("body", "", "JSON in UTF-8");
    }
  }

  /** Moves to the next token; null at the end. */
  public @Nullable JsonToken next() throws InvalidInput {
    try {
      return parser.nextToken();
    } catch (StreamConstraintsException e) {
      throw tooMuch();
    } catch (IOException e) {
      throw malformed(e);
    }
  }

  /** The token the reader stands on; null before the first. */
  public @Nullable JsonToken token() {
    return parser.currentToken();
  }

  /** Requires an object here, and stands before its first field. */
  public void object(String field) throws InvalidInput {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw refused(field, "an object");
    }
  }

  /** The next field's name, the reader on its value; null at the end of the object. */
  public @Nullable String field() throws InvalidInput {
    JsonToken token = next();
    if (token == JsonToken.END_OBJECT) {
      return null;
    }
    try {
      String name = parser.currentName();
      next();
      return name;
    } catch (IOException e) {
      throw malformed(e);
    }
  }

  /** Whether the value here is null. */
  public boolean isNull() {
    return parser.currentToken() == JsonToken.VALUE_NULL;
  }

  /** A text of {@code min} to {@code max} UTF-16 units; null for JSON null. */
  public @Nullable String text(String field, int min, int max) throws InvalidInput {
    if (isNull()) {
      return null;
    }
    String allowed = "a text of " + min + " to " + max + " characters";
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw refused(field, allowed);
    }
    String text = string();
    if (text.length() < min || text.length() > max) {
      throw new InvalidInput(field, text.isEmpty() ? "an empty text" : text, allowed);
    }
    if (!wellFormed(text)) {
      throw new InvalidInput(field, text, "text without unpaired surrogates");
    }
    return text;
  }

  /** A whole number from {@code min} to {@code max}. */
  public long integer(String field, long min, long max) throws InvalidInput {
    if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
      try {
        JsonParser.NumberType type = parser.getNumberType();
        if (type != JsonParser.NumberType.BIG_INTEGER) {
          long number = parser.getLongValue();
          if (number >= min && number <= max) {
            return number;
          }
        }
      } catch (IOException e) {
        throw malformed(e);
      }
    }
    throw refused(field, "a whole number from " + min + " to " + max);
  }

  /** Any finite number. */
  public double number(String field) throws InvalidInput {
    if (parser.currentToken() != null && parser.currentToken().isNumeric()) {
      try {
        double number = parser.getDoubleValue();
        if (Double.isFinite(number)) {
          return number;
        }
      } catch (IOException e) {
        throw malformed(e);
      }
    }
    throw refused(field, "a finite number");
  }

  /** {@code true} or {@code false}. */
  public boolean flag(String field) throws InvalidInput {
    if (parser.currentToken() == JsonToken.VALUE_TRUE) {
      return true;
    }
    if (parser.currentToken() == JsonToken.VALUE_FALSE) {
      return false;
    }
    throw refused(field, "true or false");
  }

  /**
   * An instant as epoch milliseconds: an RFC 3339 text with an offset, or a whole number of
   * milliseconds.
   */
  public long instant(String field) throws InvalidInput {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      return instant(field, string());
    }
    if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
      return integer(field, 0, MAX_MILLIS);
    }
    throw refused(field, INSTANTS);
  }

  /** Latest instant that is understood: the end of the year 9999. */
  public static final long MAX_MILLIS = 253_402_300_799_999L;

  private static final String INSTANTS =
      "an RFC 3339 time with an offset, such as 2026-05-17T09:30:00Z, or epoch milliseconds";

  static long instant(String field, String text) throws InvalidInput {
    try {
      long millis = OffsetDateTime.parse(text).toInstant().toEpochMilli();
      if (millis >= 0 && millis <= MAX_MILLIS) {
        return millis;
      }
    } catch (DateTimeException | ArithmeticException e) {
      // falls through to the refusal
    }
    throw new InvalidInput(field, text, INSTANTS);
  }

  /**
   * A plain value: {@link String}, {@link Long}, {@link Double}, {@link Boolean}, or null for JSON
   * null. An object or array is refused, but stepped over first, so that reading can go on behind
   * it.
   */
  public @Nullable Object plain(String field) throws InvalidInput {
    JsonToken token = parser.currentToken();
    if (token == null || token.isStructStart()) {
      String value = describe();
      skip();
      throw new InvalidInput(field, value, "a plain value");
    }
    return switch (token) {
      case VALUE_STRING -> {
        String text = string();
        if (!wellFormed(text)) {
          throw new InvalidInput(field, text, "text without unpaired surrogates");
        }
        yield text;
      }
      case VALUE_NUMBER_INT -> integer(field, Long.MIN_VALUE, Long.MAX_VALUE);
      case VALUE_NUMBER_FLOAT -> number(field);
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> null;
    };
  }

  /** Steps over the value here, with all it holds. */
  public void skip() throws InvalidInput {
    try {
      parser.skipChildren();
    } catch (StreamConstraintsException e) {
      throw tooMuch();
    } catch (IOException e) {
      throw malformed(e);
    }
  }

  /** Requires that nothing follows. */
  public void end() throws InvalidInput {
    if (next() != null) {
      throw refused("body", "nothing after the first JSON value");
    }
  }

  /** A refusal of the value here. */
  public InvalidInput refused(String field, String allowed) {
    return new InvalidInput(field, describe(), allowed);
  }

  @Override
  public void close() {
    try {
      parser.close();
    } catch (IOException e) {
      throw new IllegalStateException(e); // it reads from memory
    }
  }

  private String describe() {
    JsonToken token = parser.currentToken();
    if (token == null) {
      return "nothing";
    }
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      default -> {
        try {
          yield token == JsonToken.VALUE_STRING ? '"' + parser.getText() + '"' : parser.getText();
        } catch (IOException e) {
          yield "unreadable";
        }
      }
    };
  }

  private String string() throws InvalidInput {
    try {
      return parser.getText();
    } catch (StreamConstraintsException e) {
      throw tooMuch();
    } catch (IOException e) {
      throw malformed(e);
    }
  }

  private static boolean wellFormed(String text) {
    for (int at = 0; at < text.length(); at++) {
      char c = text.charAt(at);
      if (Character.isSurrogate(c)) {
        if (Character.isLowSurrogate(c)
            || at + 1 == text.length()
            || !Character.isLowSurrogate(text.charAt(at + 1))) {
          return false;
        }
        at++;
      }
    }
    return true;
  }

  private static InvalidInput tooMuch() {
    return InvalidInput.broken(
        "nested too deep, or a name or number too long",
        "at most " + MAX_DEPTH + " levels, names of 256 and numbers of 64 characters");
  }

  private InvalidInput malformed(IOException e) {
    String where = "";
    if (e instanceof JsonProcessingException json && json.getLocation() != null) {
      where =
          " at line "
              + json.getLocation().getLineNr()
              + ", column "
              + json.getLocation().getColumnNr();
    }
    return InvalidInput.broken("not JSON" + where, "JSON in UTF-8");
  }
}
