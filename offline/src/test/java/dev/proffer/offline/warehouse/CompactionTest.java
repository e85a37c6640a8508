package dev.proffer.offline.warehouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.proffer.events.Aside;
import dev.proffer.events.Erasure;
import dev.proffer.events.Event;
import dev.proffer.events.Impression;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import dev.proffer.events.codec.LogCodec;
import dev.proffer.events.log.EventLog;
import dev.proffer.events.log.Positions;
import dev.proffer.events.time.Time;
import dev.proffer.offline.Shop;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompactionTest {
  private static final Time NOW = Time.standing(1_790_086_400_000L);
  private static final Compaction.Limits SMALL =
      new Compaction.Limits(60, 1 << 20, 0, 3, 128L << 20);

  @TempDir Path home;

  /** The process is gone at this operation. */
  private static final class Died extends IOException {
    private static final long serialVersionUID = 1L;
  }

  private CompactionReport compact(List<LogEntry> entries) throws Exception {
    return compact("list", entries, new Disk());
  }

  private CompactionReport compact(String name, List<LogEntry> entries, Disk disk)
      throws Exception {
    try (Warehouse warehouse = Warehouse.open(home, disk);
        ListSource source = new ListSource(name, entries);
        Compaction compaction = new Compaction(warehouse, source, NOW, SMALL)) {
      return compaction.run((batches, soFar, duplicates) -> {});
    }
  }

  private void holds(Logbook book) throws Exception {
    try (Glob glob = new Glob(home)) {
      assertThat(glob.column("events", "SELECT event_id FROM T"))
          .containsExactlyElementsOf(book.eventIds());
      assertThat(glob.column("impressions", "SELECT request_id FROM T"))
          .containsExactlyElementsOf(book.requestIds());
      assertThat(glob.column("propositions", "SELECT request_id FROM T WHERE slot = 1"))
          .containsExactlyElementsOf(book.requestIds());
      assertThat(glob.column("propositions", "SELECT request_id FROM T WHERE slot = 0"))
          .containsExactlyElementsOf(book.requestIds());
      Map<String, String> titles = new TreeMap<>();
      for (String item :
          glob.column(
              "items", "SELECT item_id || '=' || arg_max(title, number) FROM T GROUP BY item_id")) {
        titles.put(item.substring(0, item.indexOf('=')), item.substring(item.indexOf('=') + 1));
      }
      Map<String, String> expected = new TreeMap<>();
      book.items().forEach((id, item) -> expected.put(id, item.title()));
      assertThat(titles).isEqualTo(expected);
    }
  }

  @Test
  void writesEachEventOnceHoweverOftenItIsRunAndWhateverStandsTwice() throws Exception {
    for (long seed = 1; seed <= 2; seed++) {
      Path outer = home;
      home = Files.createDirectories(outer.resolve("seed-" + seed));
      Logbook book = new Logbook(seed, true);
      Random random = new Random(seed);
      for (int run = 0; run < 4; run++) {
        book.grow(random.nextInt(150));
        compact(book.entries);
        compact(book.entries);
        holds(book);
      }
      // Another source holds the same: all of it is there already.
      List<LogEntry> events = book.entries.stream().filter(e -> e instanceof Event).toList();
      if (seed == 1) {
        List<LogEntry> kept =
            events.stream().filter(e -> book.eventIds().contains(((Event) e).id())).toList();
        assertThat(compact("another", kept, new Disk()).events()).isZero();
        holds(book);
      }
      home = outer;
    }
  }

  @Tag("slow")
  @Test
  void survivesDeathAtAnyOperationAndShowsAReaderNothingTwiceMeanwhile() throws Exception {
    Logbook book = new Logbook(9, true);
    book.grow(400);
    Random random = new Random(9);
    int deaths = 0;
    try (Glob glob = new Glob(home)) {
      for (int grown = 0; grown < 4; grown++) {
        for (boolean done = false; !done; ) {
          int lifetime = 1 + random.nextInt(40);
          Disk mortal =
              new Disk() {
                private int steps;

                @Override
                void step(String operation, Path path) throws IOException {
                  if (++steps % 5 == 0) {
                    nothingTwice(glob);
                  }
                  if (steps > lifetime) {
                    throw new Died();
                  }
                }
              };
          try {
            compact("list", book.entries, mortal);
            done = true;
          } catch (Died e) {
            deaths++;
            nothingTwice(glob);
          }
        }
        holds(book);
        book.grow(100);
      }
    }
    assertThat(deaths).isGreaterThan(5);
  }

  private static void nothingTwice(Glob glob) throws IOException {
    try {
      assertThat(glob.column("events", "SELECT event_id FROM T")).doesNotHaveDuplicates();
      assertThat(glob.column("propositions", "SELECT request_id || '/' || slot FROM T"))
          .doesNotHaveDuplicates();
    } catch (java.sql.SQLException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void keepsEveryValueAndSaysItsSchema() throws Exception {
    Event event =
        new Event("e1", "click", "u", "i", "r", null, 5, 86_400_000L, Map.of("b", 2L, "a", "it's"));
    compact(List.of(event, new Logbook(2, false).grow(0).isEmpty() ? impression() : event));

    try (Glob glob = new Glob(home)) {
      assertThat(glob.column("events", "SELECT t::VARCHAR FROM T t"))
          .containsExactly(
              "{'event_id': e1, 'type': click, 'user_id': u, 'item_id': i, 'request_id': r,"
                  + " 'session_id': NULL, 'time': 5, 'received': 86400000, 'fields':"
                  + " '{\"a\":\"it\\'s\",\"b\":2}', 'day': 1970-01-02}");
      assertThat(glob.column("propositions", "SELECT features::VARCHAR FROM T"))
          .containsExactly("[0.1, nan, 3.0]");
      assertThat(glob.column("impressions", "SELECT degraded::VARCHAR FROM T"))
          .containsExactly("[a, b]");
    }
    assertThat(Files.readString(home.resolve("warehouse/_schema.json")))
        .contains("\"unique\" : \"event_id\"")
        .contains("\"FLOAT[]\"");
    for (Path file : Glob.files(home.resolve("warehouse"))) {
      byte[] bytes = Files.readAllBytes(file);
      String magic = "PAR1";
      assertThat(new String(bytes, 0, 4, StandardCharsets.US_ASCII)).isEqualTo(magic);
      assertThat(new String(bytes, bytes.length - 4, 4, StandardCharsets.US_ASCII))
          .isEqualTo(magic);
    }
  }

  private static Impression impression() {
    return new Impression(
        "r1",
        "u",
        null,
        null,
        null,
        "home",
        6,
        "static",
        null,
        "a",
        null,
        List.of("a", "b"),
        3,
        List.of(
            new Impression.Shown(
                "i", List.of("new"), 1, 0.5f, 1, new float[] {0.1f, Float.NaN, 3})));
  }

  @Test
  void mergesTheSmallFilesOfADay() throws Exception {
    List<LogEntry> entries = new ArrayList<>();
    for (int run = 0; run < 12; run++) {
      entries.add(Shop.event("e" + run, "u", "i", null, 1_000 + run));
      compact(entries);
    }
    assertThat(Glob.files(home.resolve("warehouse/events"))).hasSize(1);
    try (Glob glob = new Glob(home)) {
      assertThat(glob.column("events", "SELECT event_id FROM T")).hasSize(12);
    }
  }

  @Test
  void leavesNoByteOfAUserWhoAskedToBeForgotten() throws Exception {
    String who = "somebody-who-leaves";
    List<LogEntry> entries = new ArrayList<>();
    for (int at = 0; at < 100; at++) {
      long day = 86_400_000L * (at % 4);
      entries.add(Shop.event("e" + at, at % 3 == 0 ? who : "u" + at, "i", null, day));
    }
    entries.add(
        new Impression(
            "r",
            who,
            null,
            null,
            null,
            "home",
            7,
            "static",
            null,
            "a",
            null,
            List.of(),
            0,
            impression().shown()));
    entries.add(new Aside("a", 5, "colour", "not declared", "{\"user_id\":\"" + who + "\"}"));
    compact(entries);
    assertThat(find(who)).isNotEmpty();
    entries.add(Shop.event("in the same batch", who, "i", null, 8));
    entries.add(new Erasure("x", who, 1_000_000_000L));
    assertThat(compact(entries).erasedRows()).isEqualTo(34 + 1 + 1 + 1 + 1);

    assertThat(find(who)).isEmpty();
    try (Glob glob = new Glob(home)) {
      assertThat(glob.column("events", "SELECT event_id FROM T")).hasSize(66);
      assertThat(glob.column("erasures", "SELECT erasure_id FROM T")).containsExactly("x");
    }

    // A new acquaintance stays, also when the same tombstone comes once more.
    entries.add(Shop.event("new", who, "i", null, 2_000_000_000L));
    compact(entries);
    entries.add(new Erasure("x", who, 1_000_000_000L));
    compact(entries);
    try (Glob glob = new Glob(home)) {
      assertThat(glob.column("events", "SELECT event_id FROM T WHERE user_id = '" + who + "'"))
          .containsExactly("new");
    }
  }

  /**
   * As Kafka gives them: topics and partitions in no order, an entry before or after its tombstone.
   */
  @Test
  void forgetsByTheTimeOfArrivalWhereEntriesComeInNoOrder() throws Exception {
    Path outer = home;
    for (long seed = 1; seed <= 3; seed++) {
      home = Files.createDirectories(outer.resolve("unordered-" + seed));
      Random random = new Random(seed);
      List<LogEntry> entries = new ArrayList<>();
      Map<String, Long> erased = new TreeMap<>();
      Map<String, String> asides = new TreeMap<>();
      for (int number = 0; number < 150; number++) {
        String user = "u" + random.nextInt(6);
        switch (random.nextInt(10)) {
          case 0 -> {
            entries.add(new Erasure("x" + number, user, number));
            erased.put(user, (long) number);
          }
          case 1, 2, 3 -> entries.add(shown("r" + number, user, number));
          case 4 -> {
            String body = "{\"who\":[\"\\u0075" + user.substring(1) + "\",\"" + user + "\"]}";
            entries.add(new Aside("a" + number, number, "colour", "not declared", body));
            asides.put("a" + number, user);
          }
          default -> entries.add(event("e" + number, user, number));
        }
      }
      // One that arrived in the very millisecond of the last tombstone is reached by it.
      String last = "u0";
      erased.put(last, 500L);
      entries.add(new Erasure("x", last, 500));
      entries.add(event("at its time", last, 500));
      entries.add(event("right after it", last, 501));
      List<String> events = new ArrayList<>();
      List<String> requests = new ArrayList<>();
      for (LogEntry entry : entries) {
        if (entry instanceof Event event
            && event.receivedMillis() > erased.getOrDefault(event.userId(), -1L)) {
          events.add(event.id());
        }
        if (entry instanceof Impression shown
            && shown.timeMillis() > erased.getOrDefault(shown.userId(), -1L)) {
          requests.add(shown.requestId());
        }
      }
      asides
          .entrySet()
          .removeIf(
              aside ->
                  Long.parseLong(aside.getKey().substring(1))
                      <= erased.getOrDefault(aside.getValue(), -1L));
      entries.addAll(List.copyOf(entries.subList(0, 60))); // sent again
      java.util.Collections.shuffle(entries, random);
      for (int to : new int[] {50, 51, 120, entries.size()}) {
        try (Warehouse warehouse = Warehouse.open(home);
            ListSource source = new ListSource("kafka", entries.subList(0, to), false);
            Compaction compaction = new Compaction(warehouse, source, NOW, SMALL)) {
          compaction.run((batches, soFar, duplicates) -> {});
        }
      }
      try (Glob glob = new Glob(home)) {
        assertThat(glob.column("events", "SELECT event_id FROM T"))
            .as("seed %d", seed)
            .containsExactlyInAnyOrderElementsOf(events);
        assertThat(glob.column("asides", "SELECT aside_id FROM T"))
            .as("asides, seed %d", seed)
            .containsExactlyElementsOf(asides.keySet());
        for (String table : List.of("impressions", "propositions")) {
          assertThat(glob.column(table, "SELECT request_id FROM T"))
              .as("%s, seed %d", table, seed)
              .containsExactlyInAnyOrderElementsOf(requests);
        }
      }
    }
  }

  private static Event event(String id, String user, long received) {
    return new Event(id, "click", user, "i", null, null, 5, received, Map.of());
  }

  private static Impression shown(String request, String user, long time) {
    return new Impression(
        request,
        user,
        null,
        null,
        null,
        "home",
        time,
        "static",
        null,
        "a",
        null,
        List.of(),
        0,
        impression().shown());
  }

  private List<Path> find(String text) throws IOException {
    List<Path> found = new ArrayList<>();
    for (String directory : List.of("warehouse", "warehouse.staging")) {
      try (Stream<Path> files = Files.walk(home.resolve(directory))) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          // Parquet pages are compressed: rows are looked at by a reader, bytes besides.
          boolean parquet = file.toString().endsWith(".parquet");
          String bytes =
              new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1)
                  + (parquet ? rows(file) : "");
          if (bytes.contains(text)) {
            found.add(file);
          }
        }
      }
    }
    return found;
  }

  private static String rows(Path file) {
    try (var duckdb = java.sql.DriverManager.getConnection("jdbc:duckdb:");
        var statement = duckdb.createStatement();
        var rows =
            statement.executeQuery(
                "SELECT string_agg(t::VARCHAR, ' ') FROM read_parquet('" + file + "') t")) {
      rows.next();
      return String.valueOf(rows.getString(1));
    } catch (java.sql.SQLException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void readsTheSpoolUpToItsEndAndNotesHowFarItCame() throws Exception {
    Logbook book = new Logbook(4, false);
    try (EventLog log = EventLog.open(home.resolve("log"));
        EventLog.Appender appender = log.appender()) {
      assertThat(compactSpool(log, 0).entries()).isZero();
      for (int run = 0; run < 3; run++) {
        book.grow(150).forEach(entry -> appender.append(LogCodec.encode(entry)));
        // One more is appended while it runs, and is for the next run.
        assertThat(compactSpool(log, 1, book, appender).entries()).isGreaterThanOrEqualTo(149);
        assertThat(new Positions(home).read(Positions.WAREHOUSE)).isNotEmpty();
      }
      assertThat(compactSpool(log, 0).entries()).isOne();
      assertThat(compactSpool(log, 0).entries()).isZero();
      assertThat(new Positions(home).read(Positions.WAREHOUSE)).hasValue(log.lastIndex());
    }
    holds(book);
  }

  private CompactionReport compactSpool(EventLog log, int unused) throws Exception {
    return compactSpool(log, unused, null, null);
  }

  private CompactionReport compactSpool(
      EventLog log,
      int more,
      @org.jspecify.annotations.Nullable Logbook book,
      EventLog.@org.jspecify.annotations.Nullable Appender appender)
      throws Exception {
    try (Warehouse warehouse = Warehouse.open(home);
        SpoolSource source = new SpoolSource(log, false);
        Compaction compaction = new Compaction(warehouse, source, NOW, SMALL)) {
      if (book != null && appender != null) {
        book.grow(more).forEach(entry -> appender.append(LogCodec.encode(entry)));
      }
      return compaction.run((batches, soFar, duplicates) -> {});
    }
  }

  @Test
  void takesOutEventsOlderThanTheirTypeIsKeptAlsoWhenItIsKilledAndTheyComeAgain() throws Exception {
    long day = 86_400_000L;
    List<LogEntry> entries = new ArrayList<>();
    for (int ago = 0; ago < 6; ago++) {
      entries.add(Shop.event("click" + ago, "u", "i", null, NOW.millis() - ago * day));
      entries.add(view("view" + ago, NOW.millis() - ago * day));
    }
    assertThat(compact(entries).expiredRows()).isZero();

    // The views of more than three days ago go, and the clicks of the same files stay.
    int deaths = 0;
    for (int lifetime = 1; ; lifetime++) {
      int steps = lifetime;
      Disk mortal =
          new Disk() {
            private int left = steps;

            @Override
            void step(String operation, Path path) throws IOException {
              if (left-- == 0) {
                throw new Died();
              }
            }
          };
      try {
        expire("list", entries, mortal);
        break;
      } catch (Died e) {
        deaths++;
      }
    }
    assertThat(deaths).isPositive();
    kept(List.of("view0", "view1", "view2", "view3"));
    List<Path> files = Glob.files(home.resolve("warehouse"));
    assertThat(expire("list", entries, new Disk()).expiredRows()).isZero();
    assertThat(Glob.files(home.resolve("warehouse"))).isEqualTo(files);

    // Another source brings them once more: they are gone again when it ends.
    assertThat(expire("another", entries, new Disk()).expiredRows()).isEqualTo(2);
    kept(List.of("view0", "view1", "view2", "view3"));
  }

  private void kept(List<String> views) throws Exception {
    try (Glob glob = new Glob(home)) {
      assertThat(glob.column("events", "SELECT event_id FROM T WHERE type = 'view'"))
          .isEqualTo(views);
      assertThat(glob.column("events", "SELECT event_id FROM T WHERE type = 'click'")).hasSize(6);
    }
  }

  private static Event view(String id, long at) {
    return new Event(id, "view", "u", "i", null, null, at, at, Map.of());
  }

  private CompactionReport expire(String name, List<LogEntry> entries, Disk disk) throws Exception {
    try (Warehouse warehouse = Warehouse.open(home, disk);
        ListSource source = new ListSource(name, entries);
        Compaction compaction = new Compaction(warehouse, source, NOW, SMALL, Map.of("view", 3))) {
      return compaction.run((batches, soFar, duplicates) -> {});
    }
  }

  @Test
  void readsALogThatTookTheOthersPlaceFromItsStart() throws Exception {
    try (EventLog log = EventLog.open(home.resolve("log"));
        EventLog.Appender appender = log.appender()) {
      for (int at = 0; at < 5; at++) {
        appender.append(LogCodec.encode(Shop.event("old" + at, "u", "i", null, at)));
      }
      compactSpool(log, 0);
    }
    try (EventLog log = EventLog.open(home.resolve("log2"));
        EventLog.Appender appender = log.appender()) {
      appender.append(LogCodec.encode(Shop.event("new", "u", "i", null, 1)));
      assertThat(compactSpool(log, 0).events()).isOne();
    }
  }

  @Test
  void refusesTwoAtOnceAndAWarehouseItDoesNotKnow() throws Exception {
    try (Warehouse open = Warehouse.open(home)) {
      assertThat(open.manifest().number()).isZero();
      assertThatThrownBy(() -> Warehouse.open(home))
          .hasMessageContaining("another process compacts into");
    }
    compact(List.of(new Item("i", "t", null, 0, Map.of())));
    Path manifest = home.resolve("warehouse/_manifest.json");
    Path hidden = home.resolve("hidden");
    Files.move(manifest, hidden);
    assertThatThrownBy(() -> Warehouse.open(home)).hasMessageContaining("_manifest.json");
    Files.move(hidden, manifest);
    Shop.replace(home.resolve("warehouse/_schema.json"), "\"version\" : 1", "\"version\" : 9");
    assertThatThrownBy(() -> Warehouse.open(home)).hasMessageContaining("use the newer program");
  }
}
