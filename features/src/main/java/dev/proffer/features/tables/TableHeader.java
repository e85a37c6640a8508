package dev.proffer.features.tables;

import dev.proffer.features.state.BinaryReader;
import dev.proffer.features.state.BinaryWriter;
import dev.proffer.features.tables.TableSpec.Column;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a version of a table says of itself: where its columns stand in a row, and the texts its
 * categories stand for. Immutable.
 *
 * <p>A row is so many 32-bit words, little-endian. A number is a float, NaN when missing; a boolean
 * is the float 0 or 1, NaN when missing; a category is a whole number from 1, 0 when missing; a
 * vector is floats, the first NaN when missing.
 *
 * @param asOfMillis the instant it was true at, epoch milliseconds: it counts for requests at or
 *     after it
 * @param columns in the order of a row
 * @param texts by column, what its categories from 1 on are called; empty for other columns
 */
public record TableHeader(
    String table,
    String version,
    String entity,
    long asOfMillis,
    long rows,
    List<Column> columns,
    List<List<String>> texts) {
  static final int FORMAT = 1;

  private static final int MOST_TEXT = 1 << 16;
  private static final int MOST_COLUMNS = 4_096;
  private static final int MOST_TEXTS = 1 << 24;

  public TableHeader {
    columns = List.copyOf(columns);
    texts = texts.stream().map(List::copyOf).toList();
    if (texts.size() != columns.size()) {
      throw new IllegalArgumentException(
          texts.size() + " lists of texts for " + columns.size() + " columns");
    }
  }

  /** Words of a row. */
  int words() {
    int words = 0;
    for (Column column : columns) {
      words += column.dimensions();
    }
    return words;
  }

  /** Bytes of a row. */
  public int rowBytes() {
    return words() * Integer.BYTES;
  }

  /** A column's place among the columns; -1 when there is none of that name. */
  int place(String column) {
    for (int at = 0; at < columns.size(); at++) {
      if (columns.get(at).name().equals(column)) {
        return at;
      }
    }
    return -1;
  }

  /** The first word of a column. */
  int word(int place) {
    int word = 0;
    for (int at = 0; at < place; at++) {
      word += columns.get(at).dimensions();
    }
    return word;
  }

  /** The codes of a column's texts. */
  Map<String, Integer> codes(int place) {
    Map<String, Integer> codes = new HashMap<>();
    List<String> own = texts.get(place);
    for (int at = 0; at < own.size(); at++) {
      codes.put(own.get(at), at + 1);
    }
    return codes;
  }

  /** The same of one row only, as it is kept apart from the others. */
  TableHeader ofOneRow() {
    return new TableHeader(table, version, entity, asOfMillis, 1, columns, texts);
  }

  /** It as bytes. */
  public byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryWriter out = new BinaryWriter(bytes);
    out.number(FORMAT);
    out.text(table);
    out.text(version);
    out.text(entity);
    out.fixed(asOfMillis);
    out.number(rows);
    out.number(columns.size());
    for (int at = 0; at < columns.size(); at++) {
      Column column = columns.get(at);
      out.text(column.name());
      out.text(column.type().name());
      out.number(column.dimensions());
      out.text(column.unit());
      out.text(column.description());
      out.number(texts.get(at).size());
      texts.get(at).forEach(out::text);
    }
    out.flush();
    return bytes.toByteArray();
  }

  /**
   * What {@link #encode} wrote.
   *
   * @throws IllegalArgumentException when it is none, or of another format
   */
  public static TableHeader decode(byte[] bytes) {
    BinaryReader in = BinaryReader.of(bytes);
    long format = in.number();
    if (format != FORMAT) {
      throw in.refused("a table of format " + format + ", expected " + FORMAT);
    }
    String table = in.text(MOST_TEXT);
    String version = in.text(MOST_TEXT);
    String entity = in.text(MOST_TEXT);
    long asOfMillis = in.fixed();
    long rows = in.number();
    List<Column> columns = new ArrayList<>();
    List<List<String>> texts = new ArrayList<>();
    for (int left = in.number(MOST_COLUMNS); left > 0; left--) {
      String name = in.text(MOST_TEXT);
      TableSpec.Type type = TableSpec.Type.valueOf(in.text(MOST_TEXT));
      int dimensions = in.number(TableSpec.MAX_DIMENSIONS);
      columns.add(new Column(name, type, dimensions, in.text(MOST_TEXT), in.text(MOST_TEXT)));
      List<String> own = new ArrayList<>();
      for (int more = in.number(MOST_TEXTS); more > 0; more--) {
        own.add(in.text(MOST_TEXT));
      }
      texts.add(own);
    }
    if (!in.atEnd()) {
      throw in.refused("more than a table's header");
    }
    return new TableHeader(table, version, entity, asOfMillis, rows, columns, texts);
  }
}
