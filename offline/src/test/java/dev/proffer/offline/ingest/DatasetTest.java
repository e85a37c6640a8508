package dev.proffer.offline.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.proffer.configs.Problems;
import dev.proffer.events.Event;
import dev.proffer.events.EventRegistry;
import dev.proffer.events.Item;
import dev.proffer.offline.Shop;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetTest {
  private static final String SCHEMA =
      """
      name: small
      columns:
        who: {required: true}
        what: {required: true}
        kind: {}
        shade: {type: integer, values: {1: red, 2: blue}}
        price: {type: number, min: 0, max: 100}
        at: {required: true}
        slot: {type: integer, min: 1, max: 10}
        digits: {type: integer, from: what, pattern: "[^0-9]+(\\\\d+)"}
      item:
        id: "{what}"
        title: "The {what}"
        category: "{kind}"
        attributes: {shade: shade, price: price, digits: digits}
      event:
        type: click
        id: "{who}-{at}"
        user-id: "u{who}"
        session-id: "s{who}"
        time: {at: "{at}", zone: Europe/Warsaw}
        fields: {position: slot}
      """;
  private static final String HEADER = "who,what,kind,shade,price,at,slot\n";
  private static final long NOW = Instant.parse("2020-01-01T00:00:00Z").toEpochMilli();

  @TempDir Path home;

  @Test
  void makesTheSameItemsAndEventsOfEveryKindOfFile() throws IOException, SQLException {
    String csv =
        HEADER
            + "1,shoe7,\"a, \"\"b\"\"\",1,2.5,2019-05-01,3\n"
            + "1,shoe8,\"two\nlines\",2,,2019-05-01T10:00:00,\n"
            + "2,shoe7,\"a, \"\"b\"\"\",1,2.5,2019-05-01T10:00:00Z,4\n"
            + "3,żuk9,\"a, \"\"b\"\"\",,99.0,2019-05-01 12:30:00,\n";
    String json =
        """
        {"who":1,"what":"shoe7","kind":"a, \\"b\\"","shade":1,"price":2.5,"at":"2019-05-01","slot":3,"more":[1]}
        {"who":1,"what":"shoe8","kind":"two\\nlines","shade":2,"price":null,"at":"2019-05-01T10:00:00"}

        {"who":2,"what":"shoe7","kind":"a, \\"b\\"","shade":1,"price":2.5,"at":"2019-05-01T10:00:00Z","slot":4}
        {"who":3,"what":"żuk9","kind":"a, \\"b\\"","price":99.0,"at":"2019-05-01 12:30:00","slot":""}
        """;
    Path file = write("a.csv", csv);
    Dataset expected = read(file);
    assertThat(expected.rejected()).isEmpty();
    assertThat(expected.rows()).isEqualTo(4);
    assertThat(expected.items())
        .containsExactly(
            new Item(
                "shoe7",
                "The shoe7",
                "a, \"b\"",
                time("2019-04-30T22:00:00Z"),
                Map.of("shade", "red", "price", 2.5, "digits", 7L)),
            new Item(
                "shoe8",
                "The shoe8",
                "two\nlines",
                time("2019-05-01T08:00:00Z"),
                Map.of("shade", "blue", "digits", 8L)),
            new Item(
                "żuk9",
                "The żuk9",
                "a, \"b\"",
                time("2019-05-01T10:30:00Z"),
                Map.of("price", 99.0, "digits", 9L)));
    assertThat(expected.events().get(0))
        .isEqualTo(
            new Event(
                "1-2019-05-01",
                "click",
                "u1",
                "shoe7",
                null,
                "s1",
                time("2019-04-30T22:00:00Z"),
                NOW,
                Map.of("position", 3L)));
    assertThat(expected.events().get(2).timeMillis()).isEqualTo(time("2019-05-01T10:00:00Z"));

    Path parquet = home.resolve("a.parquet");
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement()) {
      statement.execute(
          "COPY (SELECT * FROM read_csv('"
              + file
              + "', header=true, quote='\"', types={'who': 'BIGINT', 'shade': 'INTEGER', 'price':"
              + " 'DOUBLE', 'at': 'VARCHAR', 'slot': 'INTEGER'})) TO '"
              + parquet
              + "' (FORMAT parquet)");
    }
    for (Path other :
        List.of(
            write("a.csv.gz", csv),
            write("b.CSV", csv.replace("\n1", "\r\n1").replace("\n2", "\r\n2")),
            write("a.jsonl", json),
            write("a.jsonl.gz", json),
            write("a.ndjson", json),
            write("bom.csv", "\uFEFF" + csv),
            write("bom.jsonl", "\uFEFF" + json),
            parquet)) {
      Dataset dataset = read(other);
      assertThat(dataset.rejected()).as("%s", other).isEmpty();
      assertThat(dataset.items()).as("%s", other).isEqualTo(expected.items());
      assertThat(dataset.events()).as("%s", other).isEqualTo(expected.events());
    }
  }

  @Test
  void countsEveryReasonForRefusal() throws IOException {
    Dataset dataset =
        read(
            write(
                "a.csv",
                HEADER
                    + "1,shoe7,k,1,2.5,2019-05-01,3\n"
                    + ",shoe7,k,1,2.5,2019-05-02,3\n" // who
                    + "1,shoe,k,1,2.5,2019-05-03,3\n" // pattern
                    + "1,shoe7,k,3,2.5,2019-05-04,3\n" // code
                    + "1,shoe7,k,one,2.5,2019-05-04,3\n" // number
                    + "1,shoe7,k,1,100.5,2019-05-04,3\n" // range
                    + "1,shoe7,k,1,NaN,2019-05-04,3\n" // range
                    + "1,shoe7,k,1,2.5,yesterday,3\n" // time
                    + "1,shoe7,k,1,2.5,2019-02-30,3\n" // no such day
                    + "1,shoe7,k,1,2.5,2021-05-04,3\n" // future
                    + "1,shoe7,k,1,2.5,2019-05-04,11\n" // range
                    + "1,shoe7,,1,2.5,2019-05-05,3\n" // template
                    + "1,shoe7,k,1,2.5,2019-05-01,3\n" // twice
                    + "1,shoe7,k\n"
                    + "2,shoe7,k,1,2.5,2019-05-01,3\n"));
    assertThat(dataset.rejectedByReason())
        .isEqualTo(
            Map.ofEntries(
                Map.entry("who is missing", 1L),
                Map.entry("digits cannot be derived: the pattern does not match", 1L),
                Map.entry("shade is not a known code", 1L),
                Map.entry("shade is not a number", 1L),
                Map.entry("price is out of range", 2L),
                Map.entry("the time cannot be read", 2L),
                Map.entry("the time lies in the future", 1L),
                Map.entry("slot is out of range", 1L),
                Map.entry("kind is missing", 1L),
                Map.entry("the event id stands twice", 1L),
                Map.entry("wrong number of columns", 1L)));
    assertAddsUp(dataset);
    assertThat(dataset.events()).hasSize(2);
    assertThat(dataset.rejected().get(0).row()).isEqualTo(2);
    assertThat(dataset.rejected())
        .contains(
            new Dataset.Rejected(
                home.resolve("a.csv").toString(), 6, "price is out of range", "100.5"));
  }

  @Test
  void takesARowWhoseEarlierNamesakeWasRefused() throws IOException {
    String schema = SCHEMA.replace("kind: {}", "kind: {}\n  mail: {}").replace("u{who}", "{mail}");
    Path file =
        write(
            "a.jsonl",
            """
            {"who":1,"what":"a1","kind":"k","at":"2019-05-01"}
            {"who":1,"what":"a1","kind":"k","at":"2019-05-01","mail":"m"}
            """);
    Dataset dataset = Dataset.read(spec(schema), List.of(file), registry(), NOW);
    assertThat(dataset.rejectedByReason()).isEqualTo(Map.of("mail is missing", 1L));
    assertThat(dataset.events()).hasSize(1);
  }

  @Test
  void refusesWhatTheEventRegistryDoesNotKnow() throws IOException {
    Path file = write("a.csv", HEADER + "1,a1,k,1,2.5,2019-05-01,3\n");
    Dataset type =
        Dataset.read(spec(SCHEMA.replace("click", "sale")), List.of(file), registry(), NOW);
    assertThat(type.rejectedByReason())
        .isEqualTo(Map.of("event type sale is not declared in events.yaml", 1L));
    Dataset field =
        Dataset.read(spec(SCHEMA.replace("{position:", "{place:")), List.of(file), registry(), NOW);
    assertThat(field.rejectedByReason()).isEqualTo(Map.of("click has no field place", 1L));
    Dataset value =
        Dataset.read(
            spec(SCHEMA.replace("{position: slot}", "{position: price}")),
            List.of(file),
            registry(),
            NOW);
    assertThat(value.rejectedByReason())
        .isEqualTo(Map.of("position is not a whole number from 1 to 1000", 1L));
    assertThat(value.items()).isEmpty();
  }

  @Test
  void refusesLinesThatAreNoJsonObject() throws IOException {
    Dataset dataset =
        read(
            write(
                "a.jsonl",
                """
                {"who":1,"what":"a1","kind":"k","at":"2019-05-01"}
                {"who":1,"what":"a1","kind":"k",
                [1,2]
                7
                {"who":1,"what":"a1","kind":"k","at":"2019-05-03"} {"who":2}
                {"who":1,"what":"a1","kind":"k","at":"2019-05-02"}
                """));
    assertThat(dataset.rejectedByReason())
        .isEqualTo(Map.of("not JSON", 2L, "not a JSON object", 2L));
    assertThat(dataset.rejected().stream().map(Dataset.Rejected::row))
        .containsExactly(2L, 3L, 4L, 5L);
    assertThat(dataset.events()).hasSize(2);
    assertAddsUp(dataset);
  }

  @Test
  void losesNoRowBehindOneThatIsNotCsv() throws IOException {
    Path file =
        write(
            "a.csv",
            HEADER
                + "1,a1,k,1,2.5,2019-05-01,3\n"
                + "1,\"a1\"x,k,1,2.5,2019-05-02,3\n"
                + "1,a1,k,1,2.5,2019-05-03,3\n"
                + "1,a1,k,1,2.5,2019-05-04,3\n");
    Dataset dataset = read(file);
    assertThat(dataset.rejectedByReason()).isEqualTo(Map.of("not CSV", 1L));
    assertThat(dataset.rows()).isEqualTo(4);
    assertThat(dataset.events()).hasSize(3);
    assertAddsUp(dataset);
  }

  @Test
  void endsAtAQuoteThatIsNeverClosed() throws IOException {
    Dataset dataset =
        read(
            write(
                "a.csv",
                HEADER
                    + "1,a1,k,1,2.5,2019-05-01,3\n"
                    + "1,\"a1,k,1,2.5,2019-05-02,3\n"
                    + "1,a1,k,1,2.5,2019-05-03,3\n"));
    assertThat(dataset.events()).hasSize(1);
    assertThat(dataset.rejectedByReason().values().stream().mapToLong(n -> n).sum()).isPositive();
    assertAddsUp(dataset);
  }

  @Test
  void namesTheFileThatIsOfNoUse() throws IOException {
    refused(write("empty.csv", ""), "is empty, expected a header");
    refused(
        write("short.csv", "who,what\n1,2\n"), "has no column \"at\"; its columns are [who, what]");
    refused(write("a.xlsx", "x"), "expected a name ending in .csv");
    refused(home.resolve("not-there.csv"), "no such file");
    refused(write("broken.parquet", "PAR?"), "cannot be read as Parquet");
    Path gz = home.resolve("no.csv.gz");
    Files.write(gz, new byte[] {1, 2, 3});
    refused(gz, "cannot be unpacked");
    byte[] whole = Files.readAllBytes(write("whole.csv.gz", HEADER.repeat(2_000)));
    Path cut = home.resolve("cut.csv.gz");
    Files.write(cut, java.util.Arrays.copyOf(whole, whole.length / 2));
    refused(cut, "cannot be unpacked");
    assertThat(read(write("header.csv", HEADER)).rows()).isZero();
    assertThat(read(write("empty.jsonl", "")).rows()).isZero();
  }

  @Test
  void takesForAnItemWhatMostOfItsRowsSay() throws IOException {
    Dataset dataset =
        read(
            write(
                "a.csv",
                HEADER
                    + "1,a1,odd,2,9,2019-05-01,\n"
                    + "2,a1,right,1,5,2019-05-02,\n"
                    + "3,a1,right,1,5,2019-04-01,\n"));
    assertThat(dataset.items())
        .containsExactly(
            new Item(
                "a1",
                "The a1",
                "right",
                time("2019-03-31T22:00:00Z"),
                Map.of("shade", "red", "price", 5.0, "digits", 1L)));
  }

  @Test
  void readsTheShippedFilesWithoutARefusal() throws IOException {
    DatasetSpec spec = read(Shop.SHIPPED.resolve("datasets/eshop.yaml"), new Problems());
    List<Path> files = new ArrayList<>();
    int[] expected = {48_199, 35_654, 32_242};
    int month = 0;
    for (String name : List.of("2008-04", "2008-05", "2008-06")) {
      Path file = Shop.DATA.resolve(name + ".csv.gz");
      files.add(file);
      Dataset one = Dataset.read(spec, List.of(file), registry(), NOW);
      assertThat(one.events()).hasSize(expected[month++]);
    }
    Dataset all = Dataset.read(spec, files, registry(), NOW);
    assertThat(all.rejected()).isEmpty();
    assertThat(all.items()).hasSize(217);
    assertThat(all.events()).hasSize(116_095);
    assertThat(all.rows()).isEqualTo(116_095);
    assertThat(all.events().stream().map(Event::userId).distinct()).hasSize(17_031);
  }

  private static void assertAddsUp(Dataset dataset) {
    assertThat(dataset.rejected().size() + dataset.events().size()).isEqualTo((int) dataset.rows());
    assertThat(dataset.rejectedByReason().values().stream().mapToLong(n -> n).sum())
        .isEqualTo(dataset.rejected().size());
  }

  private void refused(Path file, String message) {
    assertThatThrownBy(() -> read(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(file + ": ")
        .hasMessageContaining(message);
  }

  private static long time(String instant) {
    return Instant.parse(instant).toEpochMilli();
  }

  private Path write(String name, String text) throws IOException {
    Path file = home.resolve(name);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (name.endsWith(".gz")) {
      ByteArrayOutputStream packed = new ByteArrayOutputStream();
      try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
        out.write(bytes);
      }
      bytes = packed.toByteArray();
    }
    Files.write(file, bytes);
    return file;
  }

  private Dataset read(Path file) throws IOException {
    return Dataset.read(spec(SCHEMA), List.of(file), registry(), NOW);
  }

  private DatasetSpec spec(String schema) throws IOException {
    Path file = home.resolve("schema.yaml");
    Files.writeString(file, schema);
    return read(file, new Problems());
  }

  private static DatasetSpec read(Path file, Problems problems) {
    DatasetSpec spec = DatasetSpec.read(file, problems);
    problems.throwIfAny();
    return spec;
  }

  private static EventRegistry registry() {
    Problems problems = new Problems();
    EventRegistry registry = EventRegistry.read(Shop.SHIPPED, problems);
    problems.throwIfAny();
    return registry;
  }
}
