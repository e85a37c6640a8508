package dev.proffer.events.codec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
  private final byte[] body;

  /** A reader at the start of the body. */
  public JsonInput(byte[] body, int offset, int length) throws InvalidInput {
    this.body = body;
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

  /** A text of 1 to {@code max} UTF-16 units that is not blank; null for JSON null. */
  @Nullable String name(String field, int max) throws InvalidInput {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      String text = sound(field);
      if (text.length() <= max && !text.isBlank()) {
        return text;
      }
    } else if (isNull()) {
      return null;
    }
    throw refused(field, "a text of 1 to " + max + " characters");
  }

  /** Whether the value here is that text; makes no string. */
  boolean is(String text) throws InvalidInput {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      return false;
    }
    try {
      int length = parser.getTextLength();
      if (length != text.length()) {
        return false;
      }
      char[] chars = parser.getTextCharacters();
      int offset = parser.getTextOffset();
      for (int at = 0; at < length; at++) {
        if (chars[offset + at] != text.charAt(at)) {
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      throw malformed(e);
    }
  }

  /** The value here as it stands in the body: a text without its quotes, or a number. */
  String raw() throws InvalidInput {
    return string();
  }

  /** Where the value here begins in the body. */
  int begins() {
    return Math.toIntExact(parser.currentTokenLocation().getByteOffset());
  }

  /** Where what was read last ends in the body. */
  int ends() {
    return Math.toIntExact(parser.currentLocation().getByteOffset());
  }

  /** A part of the body as it was written. */
  String written(int begins, int ends) {
    return new String(body, begins, ends - begins, StandardCharsets.UTF_8);
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
      long millis = utc();
      return millis >= 0 ? millis : instant(field, string());
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

  /**
   * The instant of a text such as {@code 2026-05-17T09:30:00.123Z}, which most are; -1 for any
   * other, right or wrong. Makes no object.
   */
  private long utc() throws InvalidInput {
    try {
      return utc(parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
    } catch (IOException e) {
      throw malformed(e);
    }
  }

  private static long utc(char[] c, int at, int length) {
    if (length < 20
        || length > 30
        || c[at + 4] != '-'
        || c[at + 7] != '-'
        || c[at + 10] != 'T'
        || c[at + 13] != ':'
        || c[at + 16] != ':'
        || c[at + length - 1] != 'Z') {
      return -1;
    }
    int year = digits(c, at, 4);
    int month = digits(c, at + 5, 2);
    int day = digits(c, at + 8, 2);
    int hour = digits(c, at + 11, 2);
    int minute = digits(c, at + 14, 2);
    int second = digits(c, at + 17, 2);
    if (year < 1970
        || month < 1
        || month > 12
        || day < 1
        || day > daysOf(year, month)
        || hour < 0
        || hour > 23
        || minute < 0
        || minute > 59
        || second < 0
        || second > 59) {
      return -1;
    }
    int millis = 0;
    if (length > 20) {
      int fraction = digits(c, at + 20, length - 21);
      if (c[at + 19] != '.' || fraction < 0) {
        return -1;
      }
      for (int place = 0, weight = 100; place < 3; place++, weight /= 10) {
        millis += place < length - 21 ? weight * (c[at + 20 + place] - '0') : 0;
      }
    }
    long seconds = ((daysSince1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    return seconds * 1_000 + millis;
  }

  /** A number of exactly that many digits; -1 when there is anything else. */
  private static int digits(char[] c, int at, int count) {
    int number = 0;
    for (int place = 0; place < count; place++) {
      int digit = c[at + place] - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      number = 10 * number + digit;
    }
    return count == 0 ? -1 : number;
  }

  private static int daysOf(int year, int month) {
    if (month == 2) {
      return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
    }
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
  }

  /** Days in the proleptic Gregorian calendar, counted in years that begin with March. */
  private static long daysSince1970(int year, int month, int day) {
    long y = month <= 2 ? year - 1 : year;
    long dayOfYear = (153L * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return 365 * y + y / 4 - y / 100 + y / 400 + dayOfYear - 719_468;
  }

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
      case VALUE_STRING -> sound(field);
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

  /** The value here in words, for a refusal. */
  String describe() {
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

  /** The text here; refused when it has unpaired surrogates. */
  private String sound(String field) throws InvalidInput {
    try {
      char[] chars = parser.getTextCharacters();
      int offset = parser.getTextOffset();
      int length = parser.getTextLength();
      int all = 0;
      for (int at = offset; at < offset + length; at++) {
        all |= chars[at];
      }
      String text = new String(chars, offset, length);
      if (all >= Character.MIN_SURROGATE && !wellFormed(text)) {
        throw new InvalidInput(field, text, "text without unpaired surrogates");
      }
      return text;
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
