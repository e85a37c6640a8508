package dev.proffer.features.tables;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * One version of a table, ready to be looked up: a row by the {@link dev.proffer.events.Hash64} of
 * the entity's id, a value by row and column. Immutable; safe to share between threads. A look-up
 * allocates nothing and takes no lock.
 *
 * <p>The rows are mapped from the version's file and cost no heap; what is on the heap is one
 * number for every few rows, so that a look-up meets two cache lines. The file stays mapped until
 * the table is garbage, so whoever still reads an old version may.
 *
 * <p>The file {@code table}: eight bytes that say what it is, the length of the header, the {@link
 * TableHeader}, the hashes ascending (unsigned, 8 bytes each), the rows in that order. {@code
 * sha256} beside it holds its digest, as {@code sha256sum} writes it.
 */
public final class AttributeTable {
  /** What {@link #row} says when there is none. */
  public static final int NO_ROW = -1;

  /** What {@link #place} says when there is none. */
  public static final int NO_COLUMN = -1;

  /** The most rows of a table. */
  public static final int MAX_ROWS = 1 << 27;

  static final String FILE = "table";
  static final String DIGEST = "sha256";
  static final long MAGIC = 0x316c6274_66667270L; // "prfftbl1"
  static final int PREAMBLE = Long.BYTES + 2 * Integer.BYTES;

  private static final int MOST_HEADER = 1 << 28;
  private static final int ROWS_A_BUCKET = 4;

  private final TableHeader header;
  private final int rows;
  private final int[] words;
  private final List<Map<String, Integer>> codes;
  private final RowBuffers hashes;
  private final RowBuffers values;
  private final int[] starts; // of the rows whose hash begins with such bits; the end behind
  private final int bucketShift;

  private AttributeTable(TableHeader header, RowBuffers hashes, RowBuffers values) {
    this.header = header;
    this.rows = (int) header.rows();
    this.hashes = hashes;
    this.values = values;
    int columns = header.columns().size();
    words = new int[columns];
    List<Map<String, Integer>> all = new java.util.ArrayList<>();
    for (int place = 0; place < columns; place++) {
      words[place] = header.word(place);
      all.add(header.codes(place));
    }
    codes = List.copyOf(all);
    int bits = Math.max(1, 31 - Integer.numberOfLeadingZeros(Math.max(2, rows / ROWS_A_BUCKET)));
    bucketShift = Long.SIZE - bits;
    starts = new int[(1 << bits) + 1];
    int bucket = 0;
    for (int row = 0; row < rows; row++) {
      long hash = hashes.first(row);
      if (row > 0 && Long.compareUnsigned(hashes.first(row - 1), hash) >= 0) {
        throw new IllegalArgumentException("row " + row + " is out of order");
      }
      int own = (int) (hash >>> bucketShift);
      while (bucket < own) {
        starts[++bucket] = row;
      }
    }
    while (bucket < starts.length - 1) {
      starts[++bucket] = rows;
    }
  }

  /**
   * Opens a version: holds it against its digest and maps it. Reads the whole file; never on an
   * event loop.
   *
   * @throws TableRefused when anything is missing or broken
   */
  public static AttributeTable open(Path directory) throws TableRefused {
    Path file = directory.resolve(FILE);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      String said = Files.readString(directory.resolve(DIGEST), StandardCharsets.UTF_8).strip();
      String is = sha256(file) + "  " + FILE;
      if (!said.equals(is)) {
        throw new TableRefused(file + " is damaged: it is " + is + ", expected " + said);
      }
      ByteBuffer preamble = ByteBuffer.allocate(PREAMBLE).order(ByteOrder.LITTLE_ENDIAN);
      read(channel, preamble, 0);
      if (preamble.getLong() != MAGIC) {
        throw new TableRefused(file + " is no table");
      }
      int length = preamble.getInt();
      if (length < 0 || length > Math.min(MOST_HEADER, channel.size())) {
        throw new TableRefused(file + ": a header of " + length + " bytes");
      }
      ByteBuffer bytes = ByteBuffer.allocate(length);
      read(channel, bytes, PREAMBLE);
      TableHeader header = TableHeader.decode(bytes.array());
      long start = start(length);
      long expected = start + header.rows() * (Long.BYTES + header.rowBytes());
      if (header.rows() > MAX_ROWS || channel.size() != expected) {
        throw new TableRefused(
            file + " has " + channel.size() + " bytes; expected " + expected + " of its rows");
      }
      int rows = (int) header.rows();
      return new AttributeTable(
          header,
          RowBuffers.map(channel, start, rows, Long.BYTES),
          RowBuffers.map(channel, start + rows * (long) Long.BYTES, rows, header.rowBytes()));
    } catch (IOException | IllegalArgumentException e) {
      throw new TableRefused(file + " cannot be used: " + e.getMessage(), e);
    }
  }

  /**
   * A table of one row, as it was read from elsewhere.
   *
   * @param header of the whole table
   * @param row what {@link #copyRow} gave
   * @throws IllegalArgumentException when the row is not as long as the header says
   */
  public static AttributeTable ofRow(TableHeader header, long idHash, byte[] row) {
    if (row.length != header.rowBytes()) {
      throw new IllegalArgumentException(
          "a row of " + row.length + " bytes, expected " + header.rowBytes());
    }
    byte[] hash =
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(idHash).array();
    return new AttributeTable(header.ofOneRow(), RowBuffers.of(hash), RowBuffers.of(row));
  }

  /** Where hashes begin, on an address that is a multiple of eight. */
  static long start(int headerBytes) {
    return (PREAMBLE + (long) headerBytes + 7) / 8 * 8;
  }

  private static void read(FileChannel channel, ByteBuffer into, long from) throws IOException {
    while (into.hasRemaining()) {
      if (channel.read(into, from + into.position()) < 0) {
        throw new IOException("cut short");
      }
    }
    into.flip();
  }

  private static String sha256(Path file) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream in = Files.newInputStream(file)) {
      byte[] buffer = new byte[1 << 18];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has SHA-256
    }
  }

  public TableHeader header() {
    return header;
  }

  /** How many entities it knows. */
  public int rows() {
    return rows;
  }

  /** The row of an entity; {@link #NO_ROW} when there is none. */
  public int row(long idHash) {
    int bucket = (int) (idHash >>> bucketShift);
    int low = starts[bucket];
    int high = starts[bucket + 1] - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int compared = Long.compareUnsigned(hashes.first(middle), idHash);
      if (compared == 0) {
        return middle;
      }
      if (compared < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return NO_ROW;
  }

  /** Whose row it is. */
  public long idHash(int row) {
    return hashes.first(row);
  }

  /** A column's place, which the accessors take; {@link #NO_COLUMN} when there is none. */
  public int place(String column) {
    return header.place(column);
  }

  /** A number, or a boolean as 0 or 1; NaN when missing. */
  public float number(int row, int place) {
    return Float.intBitsToFloat(values.word(row, words[place]));
  }

  /** A category's code, from 1; 0 when missing. Codes are this version's own. */
  public int code(int row, int place) {
    return values.word(row, words[place]);
  }

  /** The code of a category's text; 0 when no row has it. */
  public int codeOf(int place, String text) {
    return codes.get(place).getOrDefault(text, 0);
  }

  /** The text of a category's code from 1 on. */
  public String text(int place, int code) {
    return header.texts().get(place).get(code - 1);
  }

  /** One float of a vector; NaN when the vector is missing. */
  public float element(int row, int place, int at) {
    float first = number(row, place);
    return Float.isNaN(first) || at == 0
        ? first
        : Float.intBitsToFloat(values.word(row, words[place] + at));
  }

  /**
   * Reads a vector; says whether there is one.
   *
   * @param into at least as long as the column has dimensions
   */
  public boolean vector(int row, int place, float[] into) {
    int word = words[place];
    int dimensions = header.columns().get(place).dimensions();
    for (int at = 0; at < dimensions; at++) {
      into[at] = Float.intBitsToFloat(values.word(row, word + at));
    }
    return !Float.isNaN(into[0]);
  }

  /**
   * Copies a row as it is kept, for {@link #ofRow}.
   *
   * @param into {@link TableHeader#rowBytes} long
   */
  public void copyRow(int row, byte[] into) {
    values.copy(row, into);
  }

  /** What of a declaration it does not have, in words; empty when nothing. */
  String misfit(TableSpec spec) {
    if (!header.table().equals(spec.name()) || !header.entity().equals(spec.entity())) {
      return header.table() + " of " + header.entity() + " is not " + spec.canonical("");
    }
    for (TableSpec.Column column : spec.columns()) {
      int place = header.place(column.name());
      if (place < 0) {
        return "it has no column " + column.name();
      }
      TableSpec.Column own = header.columns().get(place);
      if (!own.canonical().equals(column.canonical())) {
        return "its column is " + own.canonical() + ", declared is " + column.canonical();
      }
    }
    return "";
  }
}
