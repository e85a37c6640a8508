package dev.proffer.perf.jmh;

import dev.proffer.events.Hash64;
import dev.proffer.events.Item;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.state.UserSequence;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What one choice costs the statistics of what came with what: sessions of 1 to 20 choices, most of
 * them of few items, many people at once.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PairsBenchmark {
  private static final int CHOICES = 1 << 17;
  private static final int PEOPLE = 256;
  private static final int LONGEST = 20;
  private static final int MOST = 200;
  private static final long SECOND = 1_000;

  /** How many items there are. */
  @Param({"217", "10000"})
  public int items;

  private final Catalog.Builder catalog = new Catalog.Builder();
  private final Statistics statistics = new Statistics();
  private final UserSequence[] before = new UserSequence[CHOICES];
  private final int[] item = new int[CHOICES];
  private final long[] time = new long[CHOICES];
  private int at;

  /** Makes the choices and counts each once. */
  @Setup
  public void choose() {
    for (int number = 0; number < items; number++) {
      catalog.put(new Item("item-" + number, "An item", "category-" + number % 40, 0, Map.of()));
    }
    Random random = new Random(1);
    UserSequence[] people = new UserSequence[PEOPLE];
    Arrays.fill(people, UserSequence.EMPTY);
    for (int choice = 0; choice < CHOICES; choice++) {
      int person = random.nextInt(PEOPLE);
      if (random.nextInt(LONGEST) < people[person].size()) {
        people[person] = UserSequence.EMPTY;
      }
      double far = random.nextDouble();
      item[choice] = 1 + (int) (far * far * items);
      time[choice] = (choice + 1) * SECOND;
      before[choice] = people[person];
      people[person] =
          people[person].with(
              time[choice], Hash64.of("item-" + (item[choice] - 1)), choice, 0, MOST);
    }
    for (int choice = 0; choice < CHOICES; choice++) {
      count();
    }
  }

  /** One choice. */
  @Benchmark
  public void count() {
    int choice = at++ & CHOICES - 1;
    statistics.observe(before[choice], time[choice], choice, item[choice], catalog, MOST);
  }
}
