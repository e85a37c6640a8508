package dev.proffer.offline.ingest;

import dev.proffer.features.tables.TableRegistry;
import dev.proffer.features.tables.TableSpec;
import dev.proffer.features.tables.TableWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes versions of attribute tables from CSV, JSON lines or Parquet files. A row without a value
 * in a column has none; a value that is not of its column's type is a mistake, and nothing is
 * imported from files with one.
 *
 * <p>A number is read as Java reads a float; a boolean is {@code true}, {@code false}, {@code 1},
 * {@code 0}, {@code yes} or {@code no}; a vector is its floats between brackets, parted by commas,
 * or a list of Parquet.
 */
public final class TableImport {
  private static final int SHOWN = 20;
  private static final int PROGRESS_EVERY = 10_000;

  private final TableSpec spec;
  private final List<String> mistakes = new ArrayList<>();
  private long wrong;

  private TableImport(TableSpec spec) {
    this.spec = spec;
  }

  /**
   * The files of a pattern: of one directory, the name with {@code *} and {@code ?}; by name.
   *
   * @throws IllegalArgumentException when there are none
   */
  public static List<Path> files(String pattern) throws IOException {
    Path path = Path.of(pattern);
    Path parent = path.getParent() == null ? Path.of("") : path.getParent();
    List<Path> found = new ArrayList<>();
    if (Files.isDirectory(parent)) {
      try (DirectoryStream<Path> matching =
          Files.newDirectoryStream(parent, String.valueOf(path.getFileName()))) {
        matching.forEach(found::add);
      }
    }
    if (found.isEmpty()) {
      throw new IllegalArgumentException("no file matches " + pattern);
    }
    Collections.sort(found);
    return found;
  }

  /**
   * Imports a version and makes it the current one.
   *
   * @param asOfMillis the instant it is true at
   * @param progress told the rows read so far, now and then
   * @return how many rows it has
   * @throws IllegalArgumentException naming the mistakes, the first {@value #SHOWN} of them with
   *     file, row, column and value
   */
  public static int run(
      TableRegistry registry,
      TableSpec spec,
      List<Path> files,
      String version,
      long asOfMillis,
      LongConsumer progress)
      throws IOException {
    TableImport reading = new TableImport(spec);
    try {
      return registry.publish(spec, version, asOfMillis, out -> reading.read(files, out, progress));
    } catch (UncheckedIOException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private void read(List<Path> files, TableWriter out, LongConsumer progress) throws IOException {
    Set<String> expected =
        Stream.concat(Stream.of(spec.id()), spec.columns().stream().map(TableSpec.Column::name))
            .collect(Collectors.toSet());
    for (Path file : files) {
      RowReader.read(
          file,
          expected,
          new RowReader.Sink() {
            @Override
            public void row(long number, Map<String, String> values) {
              try {
                write(file, number, values, out);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
              if (out.rows() % PROGRESS_EVERY == 0) {
                progress.accept(out.rows());
              }
            }

            @Override
            public void broken(long number, String reason, String text) {
              mistake(file, number, reason + ": " + text);
            }
          });
    }
    if (wrong > 0) {
      String more = wrong > SHOWN ? "\n  and " + (wrong - SHOWN) + " more" : "";
      throw new IllegalArgumentException(
          wrong
              + (wrong == 1 ? " mistake" : " mistakes")
              + ", nothing was imported\n  "
              + String.join("\n  ", mistakes)
              + more);
    }
  }

  private void write(Path file, long number, Map<String, String> values, TableWriter out)
      throws IOException {
    String id = values.get(spec.id());
    if (id == null) {
      mistake(file, number, spec.id() + ": is empty; expected the id of a " + spec.entity());
      return;
    }
    out.begin(id);
    for (int place = 0; place < spec.columns().size(); place++) {
      TableSpec.Column column = spec.columns().get(place);
      String value = values.get(column.name());
      if (value == null) {
        continue;
      }
      String expected = set(out, place, column, value.strip());
      if (expected != null) {
        mistake(file, number, column.name() + ": \"" + value + "\" is not " + expected);
      }
    }
  }

  /** Sets a value; what was expected instead when it is none, else null. */
  private static @Nullable String set(
      TableWriter out, int place, TableSpec.Column column, String value) {
    switch (column.type()) {
      case NUMBER -> {
        Float number = number(value);
        if (number == null) {
          return "a finite number";
        }
        out.number(place, number);
      }
      case BOOLEAN -> {
        switch (value.toLowerCase(Locale.ROOT)) {
          case "true", "1", "yes" -> out.flag(place, true);
          case "false", "0", "no" -> out.flag(place, false);
          default -> {
            return "one of [true, false, 1, 0, yes, no]";
          }
        }
      }
      case CATEGORY -> out.category(place, value);
      case VECTOR -> {
        float[] vector = vector(value, column.dimensions());
        if (vector == null) {
          return column.dimensions() + " finite numbers as in [0.5, -1.25]";
        }
        out.vector(place, vector);
      }
    }
    return null;
  }

  private static @Nullable Float number(String text) {
    try {
      float value = Float.parseFloat(text);
      return Float.isFinite(value) ? value : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static float @Nullable [] vector(String text, int dimensions) {
    if (!text.startsWith("[") || !text.endsWith("]")) {
      return null;
    }
    String[] parts = text.substring(1, text.length() - 1).split(",", -1);
    if (parts.length != dimensions) {
      return null;
    }
    float[] vector = new float[dimensions];
    for (int at = 0; at < dimensions; at++) {
      Float value = number(parts[at].strip());
      if (value == null) {
        return null;
      }
      vector[at] = value;
    }
    return vector;
  }

  private void mistake(Path file, long number, String words) {
    if (wrong++ < SHOWN) {
      mistakes.add(file + ", row " + number + ", " + words);
    }
  }
}
