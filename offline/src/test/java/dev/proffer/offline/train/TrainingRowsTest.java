package dev.proffer.offline.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.events.Event;
import dev.proffer.events.Impression;
import dev.proffer.events.LogEntry;
import dev.proffer.events.codec.LogCodec;
import dev.proffer.features.spec.FeatureContract;
import dev.proffer.offline.Settings;
import dev.proffer.offline.Shop;
import dev.proffer.offline.replay.History;
import dev.proffer.ranker.ModelsSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingRowsTest {
  @TempDir Path home;

  /** Promise 1: nothing that happens later can be seen in a row. */
  @Test
  void doNotChangeWhenLaterEventsArePlantedAnywhereInTheLog() {
    Settings settings = Settings.read(Shop.quickConfig(home.resolve("configs")));
    int rows = 0;
    for (int seed = 0; seed < 25; seed++) {
      Random random = new Random(seed);
      Shop shop = Shop.simulate(seed, 25);
      List<LogEntry> log = withImpressions(shop, settings, random);
      for (int labels = 0; labels < 8; labels++) {
        long instant = shop.events.get(random.nextInt(shop.events.size())).timeMillis();
        List<LogEntry> planted = new ArrayList<>(log);
        for (int more = 0; more < 60; more++) {
          planted.add(random.nextInt(planted.size() + 1), later(shop, random, settings, instant));
        }
        for (ModelsSpec.Task task : settings.models().tasks().values()) {
          // What follows decides whether a session ended: that is the label, and no feature of it.
          boolean ends = task.label() == ModelsSpec.Label.SESSION_ENDS;
          long until = instant + (ends ? Shop.GAP + 2 : 1);
          Rows before = collect(settings, log, task, instant, until);
          Rows after = collect(settings, planted, task, instant, until);
          assertSame("seed " + seed + ", " + task.name(), after, before, !ends);
          rows += before.count();
        }
      }
    }
    assertThat(rows).isGreaterThan(500);
  }

  private static LogEntry later(Shop shop, Random random, Settings settings, long instant) {
    long time = instant + 2 + random.nextInt((int) Shop.GAP);
    String id = "later-" + random.nextLong();
    String user = "customer-" + random.nextInt(25);
    String item = shop.items.get(random.nextInt(shop.items.size())).id();
    return random.nextInt(4) == 0
        ? shown(id, user, time, contract(settings, "ranking"), random, item)
        : Shop.event(id, user, item, null, time);
  }

  private static List<LogEntry> withImpressions(Shop shop, Settings settings, Random random) {
    List<LogEntry> log = new ArrayList<>(shop.items);
    for (Event event : shop.events) {
      if (random.nextInt(3) == 0) {
        String item = shop.items.get(random.nextInt(shop.items.size())).id();
        log.add(
            shown(
                "r-" + event.id(),
                event.userId(),
                event.timeMillis() - 1,
                contract(settings, "ranking"),
                random,
                item,
                String.valueOf(event.itemId())));
      }
      log.add(event);
    }
    return log;
  }

  @Test
  void ofAnAnsweredShowingComeBackToTheBit() {
    Settings settings = Settings.read(Shop.quickConfig(home.resolve("configs")));
    FeatureContract contract = contract(settings, "ranking");
    Random random = new Random(5);
    Shop shop = Shop.simulate(5, 3);
    long time = shop.end() + Shop.GAP;
    Impression answered =
        shown("r1", "someone", time, contract, random, "item-1", "item-2", "item-3");
    Impression ignored = shown("r2", "someone", time + 1, contract, random, "item-4", "item-5");
    Impression other = shown("r3", "other", time + 2, null, random, "item-6", "item-7");
    List<LogEntry> log = shop.entries();
    for (Impression one : List.of(answered, ignored, other)) {
      byte[] bytes = LogCodec.encode(one);
      log.add(LogCodec.decode(bytes, 0, bytes.length));
    }
    log.add(Shop.event("c1", "someone", "item-2", "r1", time + 10));
    log.add(Shop.event("c3", "other", "item-7", "r3", time + 11));
    ModelsSpec.Task task = task(settings, "ranking");
    TrainingRows collector =
        new TrainingRows(settings, History.of(log, settings.contracts().sequence()), task);
    Rows rows = collector.collect(time, time + 100, false, share -> {});

    assertThat(rows.count()).isEqualTo(3);
    for (int row = 0; row < 3; row++) {
      float[] served = answered.shown().get(row).features();
      for (int column = 0; column < served.length; column++) {
        assertThat(Float.floatToRawIntBits(rows.value(row, column)))
            .isEqualTo(Float.floatToRawIntBits(served[column]));
      }
      assertThat(rows.label(row)).isEqualTo(row == 1);
      assertThat(rows.weight(row)).isEqualTo(1);
    }
    assertThat(collector.origins())
        .isEqualTo(Map.of("rows as served", 3L, "choices served without this contract", 1L));
    assertThat(collector.notes())
        .isEqualTo(Map.of("rows as served", "3", "choices served without this contract", "1"));
  }

  @Test
  void weighASampleOfCandidatesLikeAllOfThem() {
    Settings settings = Settings.read(Shop.quickConfig(home.resolve("configs")));
    Shop shop = Shop.simulate(9, 120);
    ModelsSpec.Task task = task(settings, "ranking");
    long from = shop.events.get(shop.events.size() / 2).timeMillis();
    Rows sampled = collect(settings, shop.entries(), task, from, shop.end() + 1);
    Rows all =
        new TrainingRows(settings, history(settings, shop.entries()), task)
            .collect(from, shop.end() + 1, true, share -> {});
    double[] sums = new double[4];
    for (int row = 0; row < sampled.count(); row++) {
      sums[sampled.label(row) ? 0 : 1] += sampled.weight(row);
    }
    for (int row = 0; row < all.count(); row++) {
      sums[all.label(row) ? 2 : 3] += all.weight(row);
      assertThat(all.weight(row)).isEqualTo(1);
    }
    assertThat(sums[0]).isPositive().isEqualTo(sums[2]);
    assertThat(sums[1]).isCloseTo(sums[3], org.assertj.core.api.Assertions.within(1e-2));
    assertThat(sampled.count()).isEqualTo((int) (sums[0] * (1 + task.negatives())));
  }

  @Test
  void ofSessionsAreYesOnlyWhereNothingFollowedAndThatIsKnown() {
    Settings settings = Settings.read(Shop.quickConfig(home.resolve("configs")));
    List<LogEntry> log = new ArrayList<>(Shop.simulate(1, 0).items);
    log.add(Shop.event("1", "u", "item-1", null, 1_000));
    log.add(Shop.event("2", "u", "item-2", null, 1_000 + Shop.GAP)); // still the same session
    log.add(Shop.event("3", "u", "item-3", null, 2_001 + 2 * Shop.GAP)); // a new one
    log.add(Shop.event("4", "v", "item-3", null, 2_002 + 2 * Shop.GAP));
    ModelsSpec.Task task = task(settings, "leave");
    long end = 2_003 + 2 * Shop.GAP;
    // Of the last gap nothing is said, not even that a session went on.
    assertThat(collect(settings, log, task, 0, end).labels()).containsExactly(0, 1);
    assertThat(collect(settings, log, task, 0, 1_001 + Shop.GAP).labels()).containsExactly(0);
    assertThat(collect(settings, log, task, 0, 1_000 + Shop.GAP).labels()).isEmpty();
    assertThat(collect(settings, log, task, 0, end + Shop.GAP).labels())
        .containsExactly(0, 1, 1, 1);
    assertThat(collect(settings, log, task, 1_001, end).labels()).containsExactly(1);
  }

  private static Rows collect(
      Settings settings, List<LogEntry> log, ModelsSpec.Task task, long from, long until) {
    return new TrainingRows(settings, history(settings, log), task)
        .collect(from, until, false, share -> {});
  }

  private static History history(Settings settings, List<LogEntry> log) {
    return History.of(log, settings.contracts().sequence());
  }

  private static ModelsSpec.Task task(Settings settings, String name) {
    return Objects.requireNonNull(settings.models().tasks().get(name));
  }

  private static FeatureContract contract(Settings settings, String name) {
    return Objects.requireNonNull(settings.contracts().contract(name));
  }

  private static void assertSame(String where, Rows actual, Rows expected, boolean labels) {
    assertThat(actual.count()).as(where).isEqualTo(expected.count());
    if (labels) {
      assertThat(actual.labels()).as(where).isEqualTo(expected.labels());
    }
    assertThat(actual.weights()).as(where).isEqualTo(expected.weights());
    float[] one = actual.values();
    float[] other = expected.values();
    for (int at = 0; at < other.length; at++) {
      assertThat(Float.floatToRawIntBits(one[at]))
          .as("%s, column %d", where, at % expected.width())
          .isEqualTo(Float.floatToRawIntBits(other[at]));
    }
  }

  /** A showing with rows of noise, such as no program would compute. */
  private static Impression shown(
      String request,
      String user,
      long time,
      @Nullable FeatureContract contract,
      Random random,
      String... items) {
    List<Impression.Shown> slots = new ArrayList<>();
    for (String item : items) {
      float[] features = new float[contract == null ? 0 : contract.width()];
      for (int at = 0; at < features.length; at++) {
        features[at] =
            random.nextInt(9) == 0 ? Float.NaN : random.nextInt(9) == 0 ? -0f : random.nextFloat();
      }
      slots.add(new Impression.Shown(item, List.of("popular"), 0, 0, 1, features));
    }
    return new Impression(
        request,
        user,
        null,
        null,
        null,
        "home",
        time,
        contract == null ? "rule_based" : "ml_ranker",
        null,
        "",
        contract == null ? null : contract.sha256(),
        List.of(),
        9,
        slots);
  }
}
