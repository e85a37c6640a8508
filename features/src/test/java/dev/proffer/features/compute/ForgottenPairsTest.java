package dev.proffer.features.compute;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.events.Event;
import dev.proffer.events.Item;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.spec.StatisticsSpec;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.store.HeapSequenceStore;
import dev.proffer.features.store.LiveState;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What features make of counts whose rarest pairs were forgotten. */
class ForgottenPairsTest {
  private static final int ITEMS = 300;
  private static final int USERS = 500;
  private static final int EVENTS = 1 << 15; // what is rare was forgotten just now
  private static final int EXIT_ONE = 0;
  private static final int EXIT_TWO = 1;
  private static final int TRANSITIONS = 2;
  private static final int NEXT = 3;
  private static final int COLUMNS = 4;

  @TempDir Path home;

  @Test
  void leanOnTheEstimateBelowAndMistakeNoneForSomethingThatNeverWas() {
    FeatureProgram program =
        Yaml.read(
                home,
                """
                contracts:
                  all:
                    features:
                      - {name: a, transformation: exit-rate, parameters: {order: 1, weight: 40}}
                      - {name: b, transformation: exit-rate, parameters: {order: 2, weight: 40}}
                      - {name: c, transformation: current-transitions}
                      - {name: d, transformation: next-probability, parameters: {order: 2}}
                """,
                "")
            .program("all");
    LiveState all = state(1_000_000);
    LiveState few = state(100);
    Random random = new Random(4);
    String[] last = new String[USERS];
    for (int number = 0; number < EVENTS; number++) {
      int user = random.nextInt(USERS);
      last[user] = "i" + random.nextInt(ITEMS);
      Event event =
          new Event(
              "e" + number,
              "click",
              "u" + user,
              last[user],
              null,
              null,
              number * 1_000L,
              number * 1_000L,
              Map.of());
      all.apply(event);
      few.apply(event);
    }
    Statistics statistics = few.statistics();
    assertThat(all.statistics().countsEveryPair()).isTrue();
    assertThat(statistics.countsEveryPair()).isFalse();

    FeatureInput in = new FeatureInput();
    int[] items = new int[ITEMS];
    for (int item = 0; item < ITEMS; item++) {
      items[item] = item + 1;
    }
    int emptied = 0;
    int parted = 0;
    for (int user = 0; user < USERS; user++) {
      float[] known = rows(program, in, all, user, last[user], items);
      float[] left = rows(program, in, few, user, last[user], items);
      // No total is lost, and so nothing that is read from one.
      assertThat(left[TRANSITIONS]).isEqualTo(known[TRANSITIONS]);
      assertThat(left[EXIT_ONE]).isEqualTo(known[EXIT_ONE]).isBetween(0f, 1f);
      assertThat(left[EXIT_TWO]).isEqualTo(left[EXIT_ONE]);
      parted += known[EXIT_TWO] == known[EXIT_ONE] ? 0 : 1;
      double sum = 0;
      for (int item = 0; item < ITEMS; item++) {
        assertThat(left[item * COLUMNS + NEXT]).isBetween(0f, 1f);
        sum += left[item * COLUMNS + NEXT];
      }
      assertThat(sum).isLessThanOrEqualTo(1.001);
      int current = few.catalog().index(last[user]);
      emptied += statistics.next(1).row(current).size() == 0 ? 1 : 0;
    }
    assertThat(emptied).as("rows that lost all their items").isPositive();
    assertThat(parted).as("pairs told apart where nothing was forgotten").isPositive();
  }

  private static LiveState state(int mostPairs) {
    LiveState state =
        new LiveState(
            new SequenceSpec(
                List.of("click"), 200, 30 * 60_000L, "", new StatisticsSpec(List.of(), mostPairs)),
            new HeapSequenceStore());
    for (int item = 0; item < ITEMS; item++) {
      state.apply(new Item("i" + item, "", "c" + item % 7, 0, Map.of()));
    }
    return state;
  }

  private static float[] rows(
      FeatureProgram program,
      FeatureInput in,
      LiveState state,
      int user,
      String current,
      int[] items) {
    in.set(
        state.catalog(),
        state.statistics(),
        state.sequences().read("u" + user),
        state.spec(),
        state.catalog().index(current),
        0,
        EVENTS * 1_000L);
    float[] rows = new float[items.length * COLUMNS];
    program.compute(in, items, items.length, rows);
    return rows;
  }
}
