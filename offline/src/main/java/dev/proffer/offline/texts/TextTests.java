package dev.proffer.offline.texts;

import dev.proffer.offline.ingest.RowReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads tests from a file of one row a variant. */
final class TextTests {
  private static final String ID = "package_id";
  private static final String TEST = "test_id";
  private static final String WEEK = "test_week";
  private static final String IMPRESSIONS = "impressions";
  private static final String CLICKS = "clicks";
  private static final Set<String> EXPECTED =
      Set.of(ID, TEST, WEEK, "headline", "lede", "excerpt", "eyecatcher_id", IMPRESSIONS, CLICKS);

  private TextTests() {}

  /**
   * The tests that {@linkplain TextTest#tells tell}, in the file's order.
   *
   * @throws IllegalArgumentException when a row cannot be read, or an id stands twice
   */
  static List<TextTest> read(Path file) throws IOException {
    Map<String, List<TextTest.Variant>> variants = new LinkedHashMap<>();
    Map<String, Integer> weeks = new LinkedHashMap<>();
    Set<String> ids = new HashSet<>();
    RowReader.read(
        file,
        EXPECTED,
        new RowReader.Sink() {
          @Override
          public void row(long number, Map<String, String> values) {
            Row row = new Row(file, number, values);
            TextTest.Variant variant = row.variant();
            if (!ids.add(variant.id())) {
              throw row.refused(ID, variant.id(), "an id of its own");
            }
            String test = row.text(TEST);
            variants.computeIfAbsent(test, id -> new ArrayList<>()).add(variant);
            weeks.putIfAbsent(test, (int) row.number(WEEK, 0, 999_999));
          }

          @Override
          public void broken(long number, String reason, String text) {
            throw new IllegalArgumentException(file + ": row " + number + ": " + reason);
          }
        });
    List<TextTest> tests = new ArrayList<>();
    variants.forEach(
        (id, of) -> {
          TextTest test = new TextTest(id, weeks.getOrDefault(id, 0), of);
          if (test.tells()) {
            tests.add(test);
          }
        });
    return tests;
  }

  private record Row(Path file, long number, Map<String, String> values) {
    TextTest.Variant variant() {
      long impressions = number(IMPRESSIONS, 1, Integer.MAX_VALUE);
      return new TextTest.Variant(
          text(ID),
          values.getOrDefault("headline", ""),
          values.getOrDefault("lede", ""),
          values.getOrDefault("excerpt", ""),
          values.getOrDefault("eyecatcher_id", ""),
          impressions,
          number(CLICKS, 0, impressions));
    }

    String text(String column) {
      String value = values.getOrDefault(column, "");
      if (value.isBlank()) {
        throw refused(column, value, "some text");
      }
      return value;
    }

    long number(String column, long least, long most) {
      String value = values.getOrDefault(column, "");
      String expected = "a whole number from " + least + " to " + most;
      try {
        long found = Long.parseLong(value);
        if (found < least || found > most) {
          throw refused(column, value, expected);
        }
        return found;
      } catch (NumberFormatException e) {
        IllegalArgumentException refused = refused(column, value, expected);
        refused.initCause(e);
        throw refused;
      }
    }

    IllegalArgumentException refused(String column, String value, String expected) {
      return new IllegalArgumentException(
          file + ": row " + number + ": " + column + " is \"" + value + "\"; expected " + expected);
    }
  }
}
