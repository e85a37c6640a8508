package dev.proffer.events.codec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import dev.proffer.events.LogEntry;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Log entries as JSON, for whoever reads the log outside this house: the fields of {@link
 * LogCodec}, feature rows as base64 of little-endian 32-bit floats. What was written comes back to
 * the bit. Stateless and safe to share.
 */
public final class JsonLogCodec {
  private static final JsonFactory FACTORY = new JsonFactory();

  private JsonLogCodec() {}

  /**
   * The entry as UTF-8 JSON.
   *
   * @throws IllegalArgumentException when JSON cannot hold it
   */
  public static byte[] encode(LogEntry entry) {
    try (ByteArrayBuilder bytes = new ByteArrayBuilder(512);
        JsonGenerator out = FACTORY.createGenerator(bytes)) {
      LogCodec.write(out, entry);
      out.flush();
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new IllegalArgumentException("not to be written as JSON: " + e.getMessage(), e);
    }
  }

  /**
   * The entry in the bytes.
   *
   * @throws IllegalArgumentException when they hold no entry this version knows
   */
  public static LogEntry decode(byte[] json) {
    try (JsonParser in = FACTORY.createParser(json)) {
      return LogCodec.read(in);
    } catch (IOException e) {
      throw new IllegalArgumentException("not a log entry: " + e.getMessage(), e);
    }
  }

  /**
   * One line of a dead-letter file, without its end: the marks as fields, and the content as {@code
   * entry} when it is JSON, else as {@code base64}.
   *
   * @param entry the entry, where there is one
   * @param content the bytes, when no entry could be made of them
   */
  public static String deadLetter(
      Map<String, String> marks, @Nullable LogEntry entry, byte @Nullable [] content) {
    StringWriter line = new StringWriter();
    try (JsonGenerator out = FACTORY.createGenerator(line)) {
      out.writeStartObject();
      for (Map.Entry<String, String> mark : marks.entrySet()) {
        out.writeStringField(mark.getKey(), mark.getValue());
      }
      if (entry != null) {
        byte[] json;
        try {
          json = encode(entry);
        } catch (IllegalArgumentException e) {
          json = null;
        }
        if (json != null) {
          out.writeFieldName("entry");
          out.writeRawValue(new String(json, StandardCharsets.UTF_8));
        } else {
          out.writeStringField("cbor", Base64.getEncoder().encodeToString(LogCodec.encode(entry)));
        }
      }
      if (content != null) {
        out.writeStringField("base64", Base64.getEncoder().encodeToString(content));
      }
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // it writes to memory
    }
    return line.toString();
  }
}
