package dev.proffer.features.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.proffer.events.Erasure;
import dev.proffer.events.Event;
import dev.proffer.events.Impression;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import dev.proffer.events.log.PartitionedLog.Partition;
import dev.proffer.events.log.PartitionedLog.Stored;
import dev.proffer.features.spec.EveryStatistic;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.state.StatisticsCodec;
import dev.proffer.features.state.UserSequence;
import dev.proffer.fixtures.RedisServer;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One partition's state in a real Redis. */
class PartitionStateIT {
  private static final long MINUTE = 60_000;
  private static final SequenceSpec SEQUENCE =
      new SequenceSpec(List.of("click"), 6, 30 * MINUTE, "place", EveryStatistic.spec());
  private static final Partition PARTITION = new Partition("events", 3);
  private static final int USERS = 8;

  @TempDir private static Path dir;
  private static RedisServer redis;
  private static Vertx vertx;

  private RedisLink link;
  private RedisSpec spec;
  private RedisKeys keys;
  private final Catalog.Builder items = new Catalog.Builder();

  @BeforeAll
  static void open() {
    redis = RedisServer.in(dir).start();
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void closeAll() throws Exception {
    vertx.close().await(20, TimeUnit.SECONDS);
    redis.close();
  }

  @BeforeEach
  void fresh() {
    spec = spec("127.0.0.1:" + redis.port());
    keys = new RedisKeys(spec.prefix());
    link = new RedisLink(vertx, spec);
    link.send(Request.cmd(Command.FLUSHALL));
    for (int item = 0; item < 6; item++) {
      items.put(
          new Item("i" + item, "t", "c" + item % 2, 0, Map.of("place", (long) (item * 3 % 5))));
    }
  }

  @AfterEach
  void close() {
    link.close();
  }

  static RedisSpec spec(String... endpoints) {
    return new RedisSpec(
        List.of(endpoints),
        RedisSpec.Mode.STANDALONE,
        "",
        "test:",
        new RedisSpec.Security(
            false, "", new RedisSpec.Secret("", ""), "", new RedisSpec.Secret("", "")),
        new RedisSpec.Reading(50, 100, 60, 1_000, 100, 5, 50),
        new RedisSpec.Updating(true, 20, 50, 3, 2_000));
  }

  /** Crashes between any two writes, duplicates, erasures; few users at hand, so that they go. */
  @Test
  void comesToTheStateOfAnUndisturbedFoldWhateverCrashesOnTheWay() {
    for (int seed = 0; seed < 25; seed++) {
      link.send(Request.cmd(Command.FLUSHALL));
      Random random = new Random(seed);
      List<LogEntry> log = log(random, 150);
      PartitionState state = load();
      int at = 0;
      while (at < log.size()) {
        int to = Math.min(log.size(), at + 1 + random.nextInt(20));
        state.apply(stored(log, at, to));
        at = to;
        switch (random.nextInt(4)) {
          case 0 -> state.settle();
          case 1 -> {
            state = load(); // the one before has died, settled or not
            at = (int) state.offset();
          }
          default -> {}
        }
      }
      state.settle();
      compare("seed " + seed, log);
    }
  }

  @Test
  void fencesOffAWriterThatWasReplacedAndLosesNoUpdateOfEither() {
    Random random = new Random(4);
    List<LogEntry> log = log(random, 60);
    PartitionState zombie = load();
    zombie.apply(stored(log, 0, 20));
    PartitionState owner = load();
    assertThatThrownBy(() -> zombie.apply(stored(log, 20, 40)))
        .isInstanceOf(PartitionState.Fenced.class)
        .hasMessage("events-3 was taken over by another updater");
    owner.apply(stored(log, (int) owner.offset(), 60));
    owner.settle();
    assertThatThrownBy(() -> zombie.apply(stored(log, 40, 60)))
        .isInstanceOf(PartitionState.Fenced.class);
    compare("after the zombie", log);
  }

  @Test
  void countsAgainFromTheBeginningWhenWhatIsThereCannotBeRead() {
    List<LogEntry> log = log(new Random(9), 80);
    PartitionState state = load();
    state.apply(stored(log, 0, 50));
    state.settle();
    link.send(
        Request.cmd(Command.HSET).arg(keys.state(PARTITION)).arg("statistics").arg("garbage"));
    link.send(Request.cmd(Command.SET).arg(keys.sequence(PARTITION, "u1")).arg("garbage"));
    state = load();
    assertThat(state.offset()).isZero();
    state.apply(stored(log, 0, 80));
    state.settle();
    compare("rebuilt", log);
  }

  /** What an updater of before wrote: nothing is counted again, and all is written anew. */
  @Test
  void goesOnWithWhatFormerFormatsHold() {
    SequenceSpec plain = new SequenceSpec(List.of("view", "click"), 5, 30 * MINUTE, "place");
    Catalog.Builder catalog = new Catalog.Builder();
    List<LogEntry> entries = new ArrayList<>();
    for (LogEntry entry : FormerFormatsTest.entries()) {
      if (entry instanceof Item item) {
        catalog.put(item);
      } else {
        entries.add(entry);
      }
    }
    link.send(
        Request.cmd(Command.HSET)
            .arg(keys.state(PARTITION))
            .arg("offset")
            .arg(entries.size())
            .arg("written")
            .arg(entries.size())
            .arg("statistics")
            .arg(Buffer.buffer(FormerFormatsTest.file("statistics-1"))));
    link.send(
        Request.cmd(Command.SET)
            .arg(keys.sequence(PARTITION, "user-4"))
            .arg(Buffer.buffer(FormerFormatsTest.file("sequence-1"))));
    int before = entries.size();
    entries.add(
        new Event("new", "view", "user-4", "item-1", null, null, 1_800_000_000_000L, 0, Map.of()));

    PartitionState state =
        PartitionState.load(PARTITION, keys, link, plain, spec.updating(), catalog);
    assertThat(state.offset()).isEqualTo(before);
    state.apply(stored(entries, before, before + 1));
    state.settle();

    LiveState expected = new LiveState(plain, new HeapSequenceStore(), catalog);
    entries.forEach(expected::apply);
    Response statistics =
        link.send(Request.cmd(Command.HGET).arg(keys.state(PARTITION)).arg("statistics"));
    assertThat(Objects.requireNonNull(statistics).toBytes())
        .isEqualTo(StatisticsCodec.encode(expected.statistics(), catalog));
    Response sequence = link.send(Request.cmd(Command.GET).arg(keys.sequence(PARTITION, "user-4")));
    assertThat(Objects.requireNonNull(sequence).toBytes())
        .isEqualTo(expected.sequences().read("user-4").encode());
  }

  @Test
  void startsAnewWhenRedisHasLostEverything() {
    List<LogEntry> log = log(new Random(11), 40);
    PartitionState state = load();
    state.apply(stored(log, 0, 20));
    link.send(Request.cmd(Command.FLUSHALL));
    assertThatThrownBy(() -> state.apply(stored(log, 20, 40)))
        .isInstanceOf(PartitionState.Fenced.class);
    PartitionState again = load();
    assertThat(again.offset()).isZero();
    again.apply(stored(log, 0, 40));
    again.settle();
    compare("from nothing", log);
  }

  @Test
  void leavesNothingOfAnErasedUserInRedis() {
    List<LogEntry> log =
        List.of(
            new Event("e1", "click", "u1", "i1", null, null, 1, 0, Map.of()),
            new Event("e2", "click", "u2", "i1", null, null, 2, 0, Map.of()),
            new Erasure("x", "u1", 3));
    PartitionState state = load();
    state.apply(stored(log, 0, 2));
    assertThat(link.send(Request.cmd(Command.GET).arg(keys.sequence(PARTITION, "u1")))).isNotNull();
    state.apply(stored(log, 2, 3));
    assertThat(link.send(Request.cmd(Command.GET).arg(keys.sequence(PARTITION, "u1")))).isNull();
    assertThat(link.send(Request.cmd(Command.GET).arg(keys.sequence(PARTITION, "u2")))).isNotNull();
    state.settle();
    assertThat(link.send(Request.cmd(Command.HGET).arg(keys.base(PARTITION)).arg("u1"))).isNull();
  }

  private PartitionState load() {
    return PartitionState.load(PARTITION, keys, link, SEQUENCE, spec.updating(), items);
  }

  private void compare(String when, List<LogEntry> log) {
    LiveState expected = new LiveState(SEQUENCE, new HeapSequenceStore(), items);
    Set<String> ids = new HashSet<>();
    for (LogEntry entry : log) {
      String id =
          entry instanceof Event event
              ? event.id()
              : entry instanceof Impression impression
                  ? impression.requestId()
                  : ((Erasure) entry).id();
      if (ids.add(id)) {
        expected.apply(entry);
      }
    }
    Response bytes =
        link.send(Request.cmd(Command.HGET).arg(keys.state(PARTITION)).arg("statistics"));
    Statistics merged =
        new Statistics(
            SEQUENCE.sessionGapMillis(), SEQUENCE.orderAttribute(), SEQUENCE.statistics());
    StatisticsCodec.add(Objects.requireNonNull(bytes).toBytes(), merged, items);
    assertThat(StatisticsCodec.encode(merged, items))
        .as(when)
        .isEqualTo(StatisticsCodec.encode(expected.statistics(), items));
    for (int user = 0; user < USERS; user++) {
      Response sequence =
          link.send(Request.cmd(Command.GET).arg(keys.sequence(PARTITION, "u" + user)));
      UserSequence held =
          sequence == null ? UserSequence.EMPTY : UserSequence.decode(sequence.toBytes());
      assertThat(held.encode()).as(when).isEqualTo(expected.sequences().read("u" + user).encode());
    }
  }

  private static List<Stored> stored(List<LogEntry> log, int from, int to) {
    List<Stored> stored = new ArrayList<>();
    for (int at = from; at < to; at++) {
      stored.add(new Stored(PARTITION, at, log.get(at)));
    }
    return stored;
  }

  private static List<LogEntry> log(Random random, int entries) {
    List<LogEntry> log = new ArrayList<>();
    for (int number = 0; number < entries; number++) {
      if (number > 0 && random.nextInt(8) == 0) {
        log.add(log.get(Math.max(0, number - 1 - random.nextInt(10)))); // comes a second time
        continue;
      }
      String user = "u" + random.nextInt(USERS);
      log.add(
          switch (random.nextInt(12)) {
            case 0 -> new Erasure("x" + number, user, number);
            case 1 -> shown("r" + number, user, "i" + random.nextInt(6));
            default ->
                new Event(
                    "e" + number,
                    "click",
                    user,
                    "i" + random.nextInt(7),
                    random.nextBoolean() ? "r" : null,
                    null,
                    random.nextInt(200) * MINUTE,
                    0,
                    Map.of());
          });
    }
    return log;
  }

  private static Impression shown(String request, String user, String item) {
    return new Impression(
        request,
        user,
        null,
        null,
        null,
        "home",
        5,
        "static",
        null,
        "a",
        null,
        List.of(),
        2,
        List.of(new Impression.Shown(item, List.of(), 0, 0, 1, new float[0])));
  }
}
