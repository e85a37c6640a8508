package dev.proffer.pipeline.sample;

import dev.proffer.events.Hash64;
import dev.proffer.features.state.BinaryReader;
import dev.proffer.features.state.BinaryWriter;
import dev.proffer.features.state.UserSequence;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The whole feature matrix of one answer, and what says which state it was computed from: the log's
 * record up to which catalog and statistics were folded, and the hash of the user's sequence, which
 * may know what came after it. The rest of the query is in the impression of that request.
 * Immutable by agreement: {@code rows} is not written.
 *
 * @param requestId of the answer
 * @param userHash {@link Hash64} of the user's id: by it a forgotten user's samples are found
 * @param logIndex the last record that catalog and statistics know; -1 when they are not the fold
 *     of this log alone
 * @param sequenceHash {@link #hash} of the user's sequence
 * @param contractSha256 the contract of the rows
 * @param items the candidates' ids, in the order of the rows
 * @param rows {@code width} values an item
 */
public record ServedSample(
    String requestId,
    long userHash,
    long logIndex,
    long sequenceHash,
    String contractSha256,
    List<String> items,
    int width,
    float[] rows) {
  private static final int MOST_BYTES = 1 << 26;

  public ServedSample {
    items = List.copyOf(items);
  }

  /** What two sequences have in common only when they are equal, but for one chance in 2^64. */
  public static long hash(UserSequence sequence) {
    return Hash64.of(new String(sequence.encode(), StandardCharsets.ISO_8859_1));
  }

  byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryWriter out = new BinaryWriter(bytes);
    out.text(requestId);
    out.fixed(userHash);
    out.fixed(logIndex);
    out.fixed(sequenceHash);
    out.text(contractSha256);
    out.number(items.size());
    items.forEach(out::text);
    out.number(width);
    ByteBuffer values = ByteBuffer.allocate(rows.length * Float.BYTES);
    for (float value : rows) {
      values.putInt(Float.floatToRawIntBits(value));
    }
    out.bytes(values.array());
    out.flush();
    return bytes.toByteArray();
  }

  static ServedSample decode(byte[] bytes) {
    BinaryReader in = BinaryReader.of(bytes);
    String requestId = in.text(MOST_BYTES);
    long userHash = in.fixed();
    long logIndex = in.fixed();
    long sequenceHash = in.fixed();
    String contract = in.text(MOST_BYTES);
    List<String> items = new ArrayList<>();
    for (int left = in.number(MOST_BYTES); left > 0; left--) {
      items.add(in.text(MOST_BYTES));
    }
    int width = in.number(MOST_BYTES);
    ByteBuffer values = ByteBuffer.wrap(in.bytes(MOST_BYTES));
    float[] rows = new float[values.remaining() / Float.BYTES];
    if (rows.length != items.size() * width) {
      throw in.refused(items.size() + " items of " + width + " values, and " + rows.length);
    }
    for (int at = 0; at < rows.length; at++) {
      rows[at] = Float.intBitsToFloat(values.getInt());
    }
    return new ServedSample(
        requestId, userHash, logIndex, sequenceHash, contract, items, width, rows);
  }
}
