package dev.proffer.events.codec;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import dev.proffer.events.Aside;
import dev.proffer.events.Erasure;
import dev.proffer.events.Event;
import dev.proffer.events.Impression;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Log entries as CBOR (RFC 8949): one map an entry, named fields, feature rows as byte strings of
 * little-endian 32-bit floats, so that what was served comes back to the bit. Unknown fields are
 * stepped over, so an older reader reads a newer log. Stateless and safe to share.
 */
public final class LogCodec {
  private static final CBORFactory FACTORY = new CBORFactory();

  private static final byte[] KIND = CborWriter.name("kind");
  private static final byte[] ID = CborWriter.name("id");
  private static final byte[] TYPE = CborWriter.name("type");
  private static final byte[] USER_ID = CborWriter.name("user_id");
  private static final byte[] ITEM_ID = CborWriter.name("item_id");
  private static final byte[] REQUEST_ID = CborWriter.name("request_id");
  private static final byte[] SESSION_ID = CborWriter.name("session_id");
  private static final byte[] TIME = CborWriter.name("time");
  private static final byte[] RECEIVED = CborWriter.name("received");
  private static final byte[] FIELDS = CborWriter.name("fields");
  private static final byte[] DEVICE = CborWriter.name("device");
  private static final byte[] CONTEXT = CborWriter.name("context");
  private static final byte[] CONTEXT_TYPE = CborWriter.name("context_type");
  private static final byte[] SERVED_BY = CborWriter.name("served_by");
  private static final byte[] MODEL_VERSION = CborWriter.name("model_version");
  private static final byte[] VARIANT = CborWriter.name("variant");
  private static final byte[] CONTRACT = CborWriter.name("contract");
  private static final byte[] DEGRADED = CborWriter.name("degraded");
  private static final byte[] CANDIDATES = CborWriter.name("candidates");
  private static final byte[] SHOWN = CborWriter.name("shown");
  private static final byte[] TOOK = CborWriter.name("took_nanos");
  private static final byte[] SOURCES = CborWriter.name("sources");
  private static final byte[] SCORE = CborWriter.name("score");
  private static final byte[] CONFIDENCE = CborWriter.name("confidence");
  private static final byte[] PROPENSITY = CborWriter.name("propensity");
  private static final byte[] FEATURES = CborWriter.name("features");
  private static final byte[] KIND_EVENT = CborWriter.name("event");
  private static final byte[] KIND_IMPRESSION = CborWriter.name("impression");
  private static final int MAP = 0xbf;
  private static final int ARRAY = 0x9f;

  /** What a thread keeps to write into; a batch of events may need more for a moment. */
  private static final int KEPT = 1 << 16;

  private static final ThreadLocal<CborWriter> WRITER =
      ThreadLocal.withInitial(() -> new CborWriter(4_096));

  private LogCodec() {}

  /** The entry as bytes of its own. */
  public static byte[] encode(LogEntry entry) {
    CborWriter out = WRITER.get().anew(KEPT);
    encode(out, entry);
    return out.toBytes();
  }

  /**
   * Entries as bytes, one behind the other.
   *
   * @param ends written: where each one ends; as long as {@code entries}
   */
  public static byte[] encode(List<? extends LogEntry> entries, int[] ends) {
    CborWriter out = WRITER.get().anew(KEPT);
    for (int at = 0; at < ends.length; at++) {
      encode(out, entries.get(at));
      ends[at] = out.size();
    }
    return out.toBytes();
  }

  private static void encode(CborWriter out, LogEntry entry) {
    if (entry instanceof Event event) {
      encode(out, event);
    } else if (entry instanceof Impression impression) {
      encode(out, impression);
    } else {
      try (ByteArrayBuilder bytes = new ByteArrayBuilder(512);
          JsonGenerator generator = FACTORY.createGenerator(bytes)) {
        write(generator, entry);
        generator.flush();
        out.raw(bytes.toByteArray());
      } catch (IOException e) {
        throw new UncheckedIOException(e); // it writes to memory
      }
    }
  }

  // The two below write what write() writes, field by field: the hot way. A test holds them equal.

  private static void encode(CborWriter out, Event event) {
    out.begin(MAP);
    out.raw(KIND);
    out.raw(KIND_EVENT);
    field(out, ID, event.id());
    field(out, TYPE, event.type());
    field(out, USER_ID, event.userId());
    field(out, ITEM_ID, event.itemId());
    field(out, REQUEST_ID, event.requestId());
    field(out, SESSION_ID, event.sessionId());
    out.raw(TIME);
    out.number(event.timeMillis());
    out.raw(RECEIVED);
    out.number(event.receivedMillis());
    if (!event.fields().isEmpty()) {
      out.raw(FIELDS);
      out.begin(MAP);
      for (Map.Entry<String, Object> own : event.fields().entrySet()) {
        out.text(own.getKey());
        plain(out, own.getValue());
      }
      out.end();
    }
    out.end();
  }

  private static void plain(CborWriter out, Object value) {
    if (value instanceof String text) {
      out.text(text);
    } else if (value instanceof Long number) {
      out.number((long) number);
    } else if (value instanceof Double number) {
      out.number((double) number);
    } else if (value instanceof Boolean flag) {
      out.flag(flag);
    } else {
      throw new IllegalArgumentException("not a plain value: " + value.getClass());
    }
  }

  private static void encode(CborWriter out, Impression shown) {
    out.begin(MAP);
    out.raw(KIND);
    out.raw(KIND_IMPRESSION);
    field(out, REQUEST_ID, shown.requestId());
    field(out, USER_ID, shown.userId());
    field(out, SESSION_ID, shown.sessionId());
    field(out, DEVICE, shown.device());
    field(out, CONTEXT, shown.context());
    field(out, CONTEXT_TYPE, shown.contextType());
    out.raw(TIME);
    out.number(shown.timeMillis());
    field(out, SERVED_BY, shown.servedBy());
    field(out, MODEL_VERSION, shown.modelVersion());
    field(out, VARIANT, shown.variant());
    field(out, CONTRACT, shown.contractSha());
    texts(out, DEGRADED, shown.degraded());
    out.raw(CANDIDATES);
    out.number((long) shown.candidates());
    if (shown.tookNanos() >= 0) {
      out.raw(TOOK);
      out.number(shown.tookNanos());
    }
    out.raw(SHOWN);
    out.begin(ARRAY);
    for (Impression.Shown slot : shown.shown()) {
      out.begin(MAP);
      field(out, ITEM_ID, slot.itemId());
      texts(out, SOURCES, slot.sources());
      out.raw(SCORE);
      out.number(slot.score());
      out.raw(CONFIDENCE);
      out.number(slot.confidence());
      out.raw(PROPENSITY);
      out.number(slot.propensity());
      if (slot.features().length > 0) {
        out.raw(FEATURES);
        out.row(slot.features());
      }
      out.end();
    }
    out.end();
    out.end();
  }

  private static void field(CborWriter out, byte[] name, @Nullable String value) {
    if (value != null) {
      out.raw(name);
      out.text(value);
    }
  }

  private static void texts(CborWriter out, byte[] name, List<String> texts) {
    out.raw(name);
    out.begin(ARRAY);
    for (String text : texts) {
      out.text(text);
    }
    out.end();
  }

  /**
   * The entry in the bytes.
   *
   * @throws IllegalArgumentException when they hold no entry this version knows
   */
  public static LogEntry decode(byte[] bytes, int offset, int length) {
    try (JsonParser in = FACTORY.createParser(bytes, offset, length)) {
      return read(in);
    } catch (IOException e) {
      throw new IllegalArgumentException("not a log entry: " + e.getMessage(), e);
    }
  }

  /** Reads an entry from any Jackson parser that stands before it. */
  static LogEntry read(JsonParser in) throws IOException {
    if (in.nextToken() != JsonToken.START_OBJECT
        || !"kind".equals(in.nextFieldName())
        || in.nextToken() != JsonToken.VALUE_STRING) {
      throw new IllegalArgumentException("not a log entry: it does not begin with its kind");
    }
    String kind = in.getText();
    return switch (kind) {
      case "event" -> event(in);
      case "impression" -> impression(in);
      case "item" -> ItemCodec.read(in);
      case "erasure" -> erasure(in);
      case "aside" -> aside(in);
      default -> throw new IllegalArgumentException("unknown kind of log entry: " + kind);
    };
  }

  /** Writes an entry to any Jackson generator; the same fields in CBOR and in JSON. */
  public static void write(JsonGenerator out, LogEntry entry) throws IOException {
    out.writeStartObject();
    if (entry instanceof Event event) {
      out.writeStringField("kind", "event");
      writeEvent(out, event);
    } else if (entry instanceof Impression impression) {
      out.writeStringField("kind", "impression");
      writeImpression(out, impression);
    } else if (entry instanceof Item item) {
      out.writeStringField("kind", "item");
      ItemCodec.write(out, item);
    } else if (entry instanceof Erasure erasure) {
      out.writeStringField("kind", "erasure");
      out.writeStringField("id", erasure.id());
      out.writeStringField("user_id", erasure.userId());
      out.writeNumberField("time", erasure.timeMillis());
    } else if (entry instanceof Aside aside) {
      out.writeStringField("kind", "aside");
      out.writeStringField("id", aside.id());
      out.writeNumberField("received", aside.receivedMillis());
      out.writeStringField("field", aside.field());
      out.writeStringField("reason", aside.reason());
      out.writeStringField("body", aside.body());
    }
    out.writeEndObject();
  }

  private static void writeEvent(JsonGenerator out, Event event) throws IOException {
    out.writeStringField("id", event.id());
    out.writeStringField("type", event.type());
    out.writeStringField("user_id", event.userId());
    optional(out, "item_id", event.itemId());
    optional(out, "request_id", event.requestId());
    optional(out, "session_id", event.sessionId());
    out.writeNumberField("time", event.timeMillis());
    out.writeNumberField("received", event.receivedMillis());
    if (!event.fields().isEmpty()) {
      plainMap(out, "fields", event.fields());
    }
  }

  private static Event event(JsonParser in) throws IOException {
    String id = "";
    String type = "";
    String userId = "";
    String itemId = null;
    String requestId = null;
    String sessionId = null;
    long time = 0;
    long received = 0;
    Map<String, Object> fields = Map.of();
    for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
      in.nextToken();
      switch (name) {
        case "id" -> id = in.getText();
        case "type" -> type = in.getText();
        case "user_id" -> userId = in.getText();
        case "item_id" -> itemId = in.getText();
        case "request_id" -> requestId = in.getText();
        case "session_id" -> sessionId = in.getText();
        case "time" -> time = in.getLongValue();
        case "received" -> received = in.getLongValue();
        case "fields" -> fields = plainMap(in);
        default -> in.skipChildren();
      }
    }
    return new Event(id, type, userId, itemId, requestId, sessionId, time, received, fields);
  }

  private static void writeImpression(JsonGenerator out, Impression shown) throws IOException {
    out.writeStringField("request_id", shown.requestId());
    out.writeStringField("user_id", shown.userId());
    optional(out, "session_id", shown.sessionId());
    optional(out, "device", shown.device());
    optional(out, "context", shown.context());
    out.writeStringField("context_type", shown.contextType());
    out.writeNumberField("time", shown.timeMillis());
    out.writeStringField("served_by", shown.servedBy());
    optional(out, "model_version", shown.modelVersion());
    out.writeStringField("variant", shown.variant());
    optional(out, "contract", shown.contractSha());
    texts(out, "degraded", shown.degraded());
    out.writeNumberField("candidates", shown.candidates());
    if (shown.tookNanos() >= 0) {
      out.writeNumberField("took_nanos", shown.tookNanos());
    }
    out.writeArrayFieldStart("shown");
    for (Impression.Shown slot : shown.shown()) {
      out.writeStartObject();
      out.writeStringField("item_id", slot.itemId());
      texts(out, "sources", slot.sources());
      out.writeNumberField("score", slot.score());
      out.writeNumberField("confidence", slot.confidence());
      out.writeNumberField("propensity", slot.propensity());
      if (slot.features().length > 0) {
        ByteBuffer row =
            ByteBuffer.allocate(4 * slot.features().length).order(ByteOrder.LITTLE_ENDIAN);
        row.asFloatBuffer().put(slot.features());
        out.writeBinaryField("features", row.array());
      }
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private static Impression impression(JsonParser in) throws IOException {
    String requestId = "";
    String userId = "";
    String sessionId = null;
    String device = null;
    String context = null;
    String contextType = "";
    long time = 0;
    String servedBy = "";
    String modelVersion = null;
    String variant = "";
    String contract = null;
    List<String> degraded = List.of();
    int candidates = 0;
    long took = -1;
    List<Impression.Shown> shown = new ArrayList<>();
    for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
      in.nextToken();
      switch (name) {
        case "request_id" -> requestId = in.getText();
        case "user_id" -> userId = in.getText();
        case "session_id" -> sessionId = in.getText();
        case "device" -> device = in.getText();
        case "context" -> context = in.getText();
        case "context_type" -> contextType = in.getText();
        case "time" -> time = in.getLongValue();
        case "served_by" -> servedBy = in.getText();
        case "model_version" -> modelVersion = in.getText();
        case "variant" -> variant = in.getText();
        case "contract" -> contract = in.getText();
        case "degraded" -> degraded = texts(in);
        case "candidates" -> candidates = in.getIntValue();
        case "took_nanos" -> took = in.getLongValue();
        case "shown" -> {
          while (in.nextToken() == JsonToken.START_OBJECT) {
            shown.add(slot(in));
          }
        }
        default -> in.skipChildren();
      }
    }
    return new Impression(
        requestId,
        userId,
        sessionId,
        device,
        context,
        contextType,
        time,
        servedBy,
        modelVersion,
        variant,
        contract,
        degraded,
        candidates,
        shown,
        took);
  }

  private static Impression.Shown slot(JsonParser in) throws IOException {
    String itemId = "";
    List<String> sources = List.of();
    float score = 0;
    float confidence = 0;
    float propensity = 0;
    float[] features = {};
    for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
      in.nextToken();
      switch (name) {
        case "item_id" -> itemId = in.getText();
        case "sources" -> sources = texts(in);
        case "score" -> score = in.getFloatValue();
        case "confidence" -> confidence = in.getFloatValue();
        case "propensity" -> propensity = in.getFloatValue();
        case "features" -> {
          byte[] row = in.getBinaryValue();
          features = new float[row.length / 4];
          ByteBuffer.wrap(row).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(features);
        }
        default -> in.skipChildren();
      }
    }
    return new Impression.Shown(itemId, sources, score, confidence, propensity, features);
  }

  private static Erasure erasure(JsonParser in) throws IOException {
    String id = "";
    String userId = "";
    long time = 0;
    for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
      in.nextToken();
      switch (name) {
        case "id" -> id = in.getText();
        case "user_id" -> userId = in.getText();
        case "time" -> time = in.getLongValue();
        default -> in.skipChildren();
      }
    }
    return new Erasure(id, userId, time);
  }

  private static Aside aside(JsonParser in) throws IOException {
    String id = "";
    long received = 0;
    String field = "";
    String reason = "";
    String body = "";
    for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
      in.nextToken();
      switch (name) {
        case "id" -> id = in.getText();
        case "received" -> received = in.getLongValue();
        case "field" -> field = in.getText();
        case "reason" -> reason = in.getText();
        case "body" -> body = in.getText();
        default -> in.skipChildren();
      }
    }
    return new Aside(id, received, field, reason, body);
  }

  static void optional(JsonGenerator out, String name, @Nullable String value) throws IOException {
    if (value != null) {
      out.writeStringField(name, value);
    }
  }

  static void texts(JsonGenerator out, String name, List<String> texts) throws IOException {
    out.writeArrayFieldStart(name);
    for (String text : texts) {
      out.writeString(text);
    }
    out.writeEndArray();
  }

  static List<String> texts(JsonParser in) throws IOException {
    List<String> texts = new ArrayList<>(4);
    while (in.nextToken() == JsonToken.VALUE_STRING) {
      texts.add(in.getText());
    }
    return texts;
  }

  static void plainMap(JsonGenerator out, String name, Map<String, Object> map) throws IOException {
    out.writeObjectFieldStart(name);
    for (Map.Entry<String, Object> entry : map.entrySet()) {
      out.writeFieldName(entry.getKey());
      writePlain(out, entry.getValue());
    }
    out.writeEndObject();
  }

  /** Writes a plain value as itself. */
  public static void writePlain(JsonGenerator out, Object value) throws IOException {
    if (value instanceof String text) {
      out.writeString(text);
    } else if (value instanceof Long number) {
      out.writeNumber(number);
    } else if (value instanceof Double number) {
      out.writeNumber(number);
    } else if (value instanceof Boolean flag) {
      out.writeBoolean(flag);
    } else {
      throw new IllegalArgumentException("not a plain value: " + value.getClass());
    }
  }

  static Map<String, Object> plainMap(JsonParser in) throws IOException {
    Map<String, Object> map = new HashMap<>();
    for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
      JsonToken token = in.nextToken();
      switch (token) {
        case VALUE_STRING -> map.put(name, in.getText());
        case VALUE_NUMBER_INT -> map.put(name, in.getLongValue());
        case VALUE_NUMBER_FLOAT -> map.put(name, in.getDoubleValue());
        case VALUE_TRUE, VALUE_FALSE -> map.put(name, token == JsonToken.VALUE_TRUE);
        default -> in.skipChildren();
      }
    }
    return map;
  }
}
