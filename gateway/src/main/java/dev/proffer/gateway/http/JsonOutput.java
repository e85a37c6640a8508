package dev.proffer.gateway.http;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/** Writes JSON straight into the buffer that goes to the socket. */
final class JsonOutput {
  private static final JsonFactory FACTORY =
      JsonFactory.builder().enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER).build();

  private JsonOutput() {}

  /** One JSON value. */
  @FunctionalInterface
  interface Value {
    void write(JsonGenerator json) throws IOException;
  }

  /**
   * A buffer with the value in UTF-8.
   *
   * @param expectedBytes what to make room for
   */
  static Buffer write(int expectedBytes, Value value) {
    Buffer buffer = Buffer.buffer(expectedBytes);
    try (JsonGenerator json = FACTORY.createGenerator(new Appending(buffer), JsonEncoding.UTF8)) {
      value.write(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // it writes to memory
    }
    return buffer;
  }

  /**
   * A number, or null where JSON has none: NaN means missing, and an infinity is nobody's score.
   */
  static void number(JsonGenerator json, float value) throws IOException {
    if (Float.isFinite(value)) {
      json.writeNumber(value);
    } else {
      json.writeNull();
    }
  }

  /** A span in milliseconds with three decimals. */
  static void latency(JsonGenerator json, long nanos) throws IOException {
    json.writeNumberField("latency_ms", Math.round(nanos / 1e3) / 1e3);
  }

  private static final class Appending extends OutputStream {
    private final Buffer buffer;

    Appending(Buffer buffer) {
      this.buffer = buffer;
    }

    @Override
    public void write(int b) {
      buffer.appendByte((byte) b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      buffer.appendBytes(bytes, offset, length);
    }
  }
}
