package dev.proffer.features.tables;

import dev.proffer.events.Hash64;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes one version of a table, rows in any order. Rows wait in a file beside the table until all
 * are known; eight bytes a row are on the heap meanwhile. Belongs to one thread; {@link
 * TableRegistry#publish} makes one.
 *
 * <pre>{@code
 * registry.publish(spec, version, asOfMillis, out -> {
 *   out.begin("item-17");
 *   out.vector(0, embedding);
 * });
 * }</pre>
 */
public final class TableWriter implements AutoCloseable {
  private static final String WAITING = "rows.unsorted";
  private static final int BUFFER = 1 << 20;
  private static final int INDEX_BITS = 27;

  private final Path directory;
  private final TableSpec spec;
  private final String version;
  private final long asOfMillis;
  private final int[] words;
  private final List<Map<String, Integer>> codes = new ArrayList<>();
  private final OutputStream waiting;
  private final ByteBuffer row;
  private long[] hashes = new long[1_024];
  private int rows;
  private boolean begun;

  TableWriter(Path directory, TableSpec spec, String version, long asOfMillis) throws IOException {
    this.directory = directory;
    this.spec = spec;
    this.version = version;
    this.asOfMillis = asOfMillis;
    this.words = new int[spec.columns().size()];
    int word = 0;
    for (int place = 0; place < words.length; place++) {
      words[place] = word;
      word += spec.columns().get(place).dimensions();
      codes.add(new LinkedHashMap<>());
    }
    this.row = ByteBuffer.allocate(word * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    this.waiting =
        new BufferedOutputStream(Files.newOutputStream(directory.resolve(WAITING)), BUFFER);
  }

  /** Begins the row of an entity: everything of it is missing until it is set. */
  public void begin(String id) throws IOException {
    begin(Hash64.of(id));
  }

  private void begin(long idHash) throws IOException {
    seal();
    if (rows == AttributeTable.MAX_ROWS) {
      throw new IllegalArgumentException(
          "more than " + AttributeTable.MAX_ROWS + " rows in the table " + spec.name());
    }
    if (rows == hashes.length) {
      hashes = Arrays.copyOf(hashes, 2 * rows);
    }
    hashes[rows] = idHash;
    begun = true;
    for (int place = 0; place < words.length; place++) {
      boolean category = spec.columns().get(place).type() == TableSpec.Type.CATEGORY;
      for (int at = 0; at < spec.columns().get(place).dimensions(); at++) {
        row.putInt(
            (words[place] + at) * Integer.BYTES, category ? 0 : Float.floatToIntBits(Float.NaN));
      }
    }
  }

  /** Takes over what the categories of another version are called, before any row. */
  public void takeTexts(TableHeader other) {
    if (rows > 0 || begun || other.texts().size() != codes.size()) {
      throw new IllegalArgumentException(
          "texts of "
              + other.texts().size()
              + " columns, expected "
              + codes.size()
              + " and no row");
    }
    for (int place = 0; place < codes.size(); place++) {
      Map<String, Integer> known = codes.get(place);
      other.texts().get(place).forEach(text -> known.put(text, known.size() + 1));
    }
  }

  /**
   * Adds a row of the version whose texts were taken over, as {@link AttributeTable#copyRow} gives
   * it.
   *
   * @throws IllegalArgumentException when it is not as long as a row
   */
  public void copy(long idHash, byte[] bytes) throws IOException {
    if (bytes.length != row.capacity()) {
      throw new IllegalArgumentException(
          "a row of " + bytes.length + " bytes, expected " + row.capacity());
    }
    begin(idHash);
    row.put(0, bytes);
  }

  /** Sets a number; NaN is missing. */
  public void number(int place, float value) {
    of(place, TableSpec.Type.NUMBER);
    if (Float.isInfinite(value)) {
      throw new IllegalArgumentException(
          spec.columns().get(place).name() + " is infinite; expected a finite number");
    }
    row.putInt(words[place] * Integer.BYTES, Float.floatToIntBits(value));
  }

  /** Sets a boolean. */
  public void flag(int place, boolean value) {
    of(place, TableSpec.Type.BOOLEAN);
    row.putInt(words[place] * Integer.BYTES, Float.floatToIntBits(value ? 1 : 0));
  }

  /** Sets a category. */
  public void category(int place, String value) {
    of(place, TableSpec.Type.CATEGORY);
    Map<String, Integer> known = codes.get(place);
    int code = known.computeIfAbsent(value, v -> known.size() + 1);
    row.putInt(words[place] * Integer.BYTES, code);
  }

  /**
   * Sets a vector.
   *
   * @param values as many finite floats as the column has dimensions
   */
  public void vector(int place, float[] values) {
    of(place, TableSpec.Type.VECTOR);
    int dimensions = spec.columns().get(place).dimensions();
    if (values.length != dimensions) {
      throw new IllegalArgumentException(
          spec.columns().get(place).name()
              + " has "
              + values.length
              + " floats, expected "
              + dimensions);
    }
    for (int at = 0; at < dimensions; at++) {
      if (!Float.isFinite(values[at])) {
        throw new IllegalArgumentException(
            spec.columns().get(place).name()
                + "["
                + at
                + "] is "
                + values[at]
                + "; expected a finite number");
      }
      row.putInt((words[place] + at) * Integer.BYTES, Float.floatToIntBits(values[at]));
    }
  }

  private void of(int place, TableSpec.Type type) {
    if (!begun || spec.columns().get(place).type() != type) {
      throw new IllegalArgumentException(
          begun
              ? "the column " + spec.columns().get(place).name() + " is no " + type
              : "no row was begun");
    }
  }

  private void seal() throws IOException {
    if (begun) {
      waiting.write(row.array());
      rows++;
      begun = false;
    }
  }

  /** Rows begun so far. */
  public int rows() {
    return rows + (begun ? 1 : 0);
  }

  /**
   * Writes the table.
   *
   * @throws IllegalArgumentException when two rows are of one id
   */
  void finish() throws IOException {
    seal();
    waiting.close();
    int[] order = order();
    List<List<String>> texts = new ArrayList<>();
    codes.forEach(known -> texts.add(List.copyOf(known.keySet())));
    TableHeader header =
        new TableHeader(
            spec.name(), version, spec.entity(), asOfMillis, rows, spec.columns(), texts);
    MessageDigest digest = AttributeTable.sha256();
    Path unsorted = directory.resolve(WAITING);
    try (OutputStream out =
            new BufferedOutputStream(
                new DigestOutputStream(
                    Files.newOutputStream(directory.resolve(AttributeTable.FILE)), digest),
                BUFFER);
        FileChannel in = FileChannel.open(unsorted, StandardOpenOption.READ)) {
      byte[] head = header.encode();
      ByteBuffer preamble =
          ByteBuffer.allocate((int) AttributeTable.start(head.length))
              .order(ByteOrder.LITTLE_ENDIAN);
      preamble.putLong(AttributeTable.MAGIC).putInt(head.length).putInt(0).put(head);
      out.write(preamble.array());
      byte[] eight = new byte[Long.BYTES];
      ByteBuffer hash = ByteBuffer.wrap(eight).order(ByteOrder.LITTLE_ENDIAN);
      for (int at = 0; at < rows; at++) {
        hash.putLong(0, hashes[order[at]]);
        out.write(eight);
      }
      RowBuffers from = RowBuffers.map(in, 0, rows, header.rowBytes());
      byte[] one = new byte[header.rowBytes()];
      for (int at = 0; at < rows; at++) {
        from.copy(order[at], one);
        out.write(one);
      }
    }
    Files.delete(unsorted);
    Files.writeString(
        directory.resolve(AttributeTable.DIGEST),
        HexFormat.of().formatHex(digest.digest()) + "  " + AttributeTable.FILE + "\n",
        StandardCharsets.UTF_8);
  }

  /** The rows by ascending hash, unsigned: the upper bits with the row behind, sorted as longs. */
  private int[] order() {
    long[] keys = new long[rows];
    long indexes = (1L << INDEX_BITS) - 1;
    for (int at = 0; at < rows; at++) {
      keys[at] = ((hashes[at] ^ Long.MIN_VALUE) & ~indexes) | at;
    }
    Arrays.sort(keys);
    int[] order = new int[rows];
    for (int at = 0; at < rows; at++) {
      int own = (int) (keys[at] & indexes);
      int to = at;
      // Few share the upper bits: these are put in order one by one.
      while (to > 0 && Long.compareUnsigned(hashes[order[to - 1]], hashes[own]) > 0) {
        order[to] = order[to - 1];
        to--;
      }
      order[to] = own;
    }
    for (int at = 1; at < rows; at++) {
      if (hashes[order[at - 1]] == hashes[order[at]]) {
        throw new IllegalArgumentException(
            "row "
                + (Math.max(order[at - 1], order[at]) + 1)
                + " of the table "
                + spec.name()
                + " has the id of row "
                + (Math.min(order[at - 1], order[at]) + 1)
                + ", or one of the same hash; expected each entity once");
      }
    }
    return order;
  }

  @Override
  public void close() throws IOException {
    waiting.close();
  }
}
