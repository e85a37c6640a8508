package dev.proffer.offline.ingest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a CSV file (RFC 4180, with a header), a file of JSON lines or a Parquet file, as texts by
 * column. What the file's name says decides ({@code .csv}, {@code .jsonl}, {@code .ndjson}, {@code
 * .parquet}, the first two also with {@code .gz}).
 */
public final class RowReader {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private RowReader() {}

  /** Takes rows. */
  public interface Sink {
    /** A row; a column that is missing or empty is not in the map. */
    void row(long number, Map<String, String> values);

    /** A row that could not be read at all. */
    void broken(long number, String reason, String text);
  }

  /**
   * Reads a file.
   *
   * @param expected columns that must be there
   * @throws IllegalArgumentException when the file is of no known kind, broken, or lacks a column
   */
  public static void read(Path file, Set<String> expected, Sink sink) throws IOException {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    String bare = name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(file + ": no such file");
    }
    if (bare.endsWith(".parquet")) {
      parquet(file, expected, sink);
      return;
    }
    try (InputStream raw = Files.newInputStream(file);
        InputStream unpacked = name.endsWith(".gz") ? new GZIPInputStream(raw, 1 << 16) : raw;
        BufferedReader in = text(unpacked)) {
      if (bare.endsWith(".csv")) {
        csv(file, in, expected, sink);
      } else if (bare.endsWith(".jsonl") || bare.endsWith(".ndjson")) {
        jsonLines(in, sink);
      } else {
        throw new IllegalArgumentException(
            file
                + ": expected a name ending in .csv, .csv.gz, .jsonl, .jsonl.gz, .ndjson or .parquet");
      }
    } catch (ZipException | EOFException e) {
      throw new IllegalArgumentException(file + ": cannot be unpacked: " + e.getMessage(), e);
    }
  }

  /** UTF-8, without the byte order mark that some programs begin a file with. */
  private static BufferedReader text(InputStream in) throws IOException {
    BufferedReader text = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    text.mark(1);
    if (text.read() != '\uFEFF') {
      text.reset();
    }
    return text;
  }

  private static void csv(Path file, BufferedReader in, Set<String> expected, Sink sink)
      throws IOException {
    CsvMapper mapper = CsvMapper.builder().enable(CsvParser.Feature.WRAP_AS_ARRAY).build();
    try (MappingIterator<String[]> rows =
        mapper.readerFor(String[].class).with(CsvSchema.emptySchema()).readValues(in)) {
      if (!rows.hasNext()) {
        throw new IllegalArgumentException(file + ": is empty, expected a header");
      }
      List<String> header = List.of(rows.next());
      demand(file, expected, header);
      long brokenAt = -1;
      for (long number = 1; ; number++) {
        String[] row;
        try {
          if (!rows.hasNextValue()) {
            return;
          }
          row = rows.nextValue();
        } catch (JsonProcessingException e) {
          long at = rows.getCurrentLocation().getCharOffset();
          if (at == brokenAt) {
            return; // it is broken up to its end
          }
          brokenAt = at;
          sink.broken(number, "not CSV", String.valueOf(e.getOriginalMessage()));
          continue;
        }
        if (row.length != header.size()) {
          sink.broken(
              number,
              "wrong number of columns",
              row.length + " values, expected " + header.size() + ": " + String.join(",", row));
          continue;
        }
        Map<String, String> values = new HashMap<>();
        for (int at = 0; at < row.length; at++) {
          if (!row[at].isEmpty()) {
            values.put(header.get(at), row[at]);
          }
        }
        sink.row(number, values);
      }
    }
  }

  private static void jsonLines(BufferedReader lines, Sink sink) throws IOException {
    long number = 0;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      JsonNode node;
      try {
        node = JSON.readTree(line);
      } catch (JsonProcessingException e) {
        sink.broken(number, "not JSON", line);
        continue;
      }
      if (!node.isObject()) {
        sink.broken(number, "not a JSON object", line);
        continue;
      }
      Map<String, String> values = new HashMap<>();
      node.properties()
          .forEach(
              field -> {
                if (field.getValue().isValueNode()
                    && !field.getValue().isNull()
                    && !field.getValue().asText().isEmpty()) {
                  values.put(field.getKey(), field.getValue().asText());
                }
              });
      sink.row(number, values);
    }
  }

  private static void parquet(Path file, Set<String> expected, Sink sink) {
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        PreparedStatement query = duckdb.prepareStatement("SELECT * FROM read_parquet(?)")) {
      query.setString(1, file.toString());
      try (ResultSet rows = query.executeQuery()) {
        ResultSetMetaData meta = rows.getMetaData();
        Map<Integer, String> header = new LinkedHashMap<>();
        for (int at = 1; at <= meta.getColumnCount(); at++) {
          header.put(at, meta.getColumnName(at));
        }
        demand(file, expected, header.values());
        for (long number = 1; rows.next(); number++) {
          Map<String, String> values = new HashMap<>();
          for (Map.Entry<Integer, String> column : header.entrySet()) {
            @Nullable Object value = rows.getObject(column.getKey());
            if (value != null && !value.toString().isEmpty()) {
              values.put(column.getValue(), value.toString());
            }
          }
          sink.row(number, values);
        }
      }
    } catch (SQLException e) {
      String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw new IllegalArgumentException(file + ": cannot be read as Parquet: " + why, e);
    }
  }

  private static void demand(Path file, Set<String> expected, java.util.Collection<String> header) {
    for (String column : expected) {
      if (!header.contains(column)) {
        throw new IllegalArgumentException(
            file + ": has no column \"" + column + "\"; its columns are " + header);
      }
    }
  }
}
