package dev.proffer.offline.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.configs.Problems;
import dev.proffer.events.Event;
import dev.proffer.events.LogEntry;
import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.compute.FeatureProgram;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.state.StatisticsCodec;
import dev.proffer.features.state.UserSequence;
import dev.proffer.features.store.ChronicleSequenceStore;
import dev.proffer.features.store.HeapSequenceStore;
import dev.proffer.features.store.LiveState;
import dev.proffer.features.store.SequenceStore;
import dev.proffer.features.store.StateCheckpoint;
import dev.proffer.offline.Settings;
import dev.proffer.offline.Shop;
import dev.proffer.offline.ingest.Dataset;
import dev.proffer.offline.ingest.DatasetSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A checkpoint on the way and the events behind it are the whole history, to the bit. */
class CheckpointEqualityTest {
  private static final int EVENTS = 20_000;
  private static final int ROUNDS = 4;

  @TempDir Path home;

  @Test
  void rowsOfFeaturesAfterACheckpointAreThoseOfTheWholeHistoryToTheBit() throws Exception {
    Settings settings = Settings.read(Shop.SHIPPED);
    SequenceSpec spec = settings.contracts().sequence();
    List<LogEntry> history = eshop(settings);
    LiveState whole = new LiveState(spec, new HeapSequenceStore());
    history.forEach(whole::apply);
    List<String> users =
        history.stream()
            .filter(Event.class::isInstance)
            .map(entry -> ((Event) entry).userId())
            .distinct()
            .toList();

    for (int round = 0; round < ROUNDS; round++) {
      Random random = new Random(round);
      int at = random.nextInt(history.size());
      SequenceStore sequences = new HeapSequenceStore();
      LiveState part = new LiveState(spec, sequences);
      history.subList(0, at).forEach(part::apply);
      StateCheckpoint checkpoint = new StateCheckpoint(home, spec);
      checkpoint.write(new StateCheckpoint.Point(part, sequences, at, new long[] {1, 2}));
      try (SequenceStore store = new ChronicleSequenceStore(5_000)) {
        LiveState resumed = Objects.requireNonNull(checkpoint.read(store)).state();
        history.subList(at, history.size()).forEach(resumed::apply);
        compare(settings, whole, resumed, users, random);
      }
    }
  }

  private static List<LogEntry> eshop(Settings settings) throws Exception {
    Problems problems = new Problems();
    DatasetSpec spec = DatasetSpec.read(Shop.SHIPPED.resolve("datasets/eshop.yaml"), problems);
    problems.throwIfAny();
    Dataset april =
        Dataset.read(
            spec, List.of(Shop.DATA.resolve("2008-04.csv.gz")), settings.events(), Long.MAX_VALUE);
    List<LogEntry> history = new ArrayList<>(april.items());
    history.addAll(april.events().subList(0, EVENTS));
    return history;
  }

  private static void compare(
      Settings settings, LiveState whole, LiveState resumed, List<String> users, Random random) {
    assertThat(resumed.version()).isEqualTo(whole.version());
    Catalog.Builder items = new Catalog.Builder();
    Catalog catalog = whole.catalog();
    for (int item = 1; item < catalog.size(); item++) {
      assertThat(resumed.catalog().item(item)).isEqualTo(catalog.item(item));
      items.put(catalog.item(item));
    }
    assertThat(StatisticsCodec.encode(resumed.statistics(), items))
        .isEqualTo(StatisticsCodec.encode(whole.statistics(), items));
    FeatureProgram program = settings.contracts().program("ranking");
    int[] all = new int[catalog.size()];
    for (int item = 0; item < all.length; item++) {
      all[item] = item;
    }
    for (int sample = 0; sample < 40; sample++) {
      String user = users.get(random.nextInt(users.size()));
      UserSequence sequence = whole.sequences().read(user);
      assertThat(resumed.sequences().read(user).encode()).isEqualTo(sequence.encode());
      long now = sequence.timeMillis(sequence.size() - 1) + 1;
      SequenceSpec spec = settings.contracts().sequence();
      float[] expected = rows(program, all, catalog, whole.statistics(), sequence, spec, now);
      float[] actual =
          rows(program, all, resumed.catalog(), resumed.statistics(), sequence, spec, now);
      for (int at = 0; at < expected.length; at++) {
        if (Float.floatToRawIntBits(actual[at]) != Float.floatToRawIntBits(expected[at])) {
          assertThat(actual[at]).as("value %d for %s", at, user).isEqualTo(expected[at]);
        }
      }
    }
  }

  private static float[] rows(
      FeatureProgram program,
      int[] items,
      Catalog catalog,
      Statistics statistics,
      UserSequence sequence,
      SequenceSpec spec,
      long now) {
    FeatureInput in = new FeatureInput();
    in.set(catalog, statistics, sequence, spec, Catalog.UNKNOWN, 0, now);
    float[] rows = new float[items.length * program.contract().width()];
    program.compute(in, items, items.length, rows);
    return rows;
  }
}
