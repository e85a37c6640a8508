package dev.proffer.gateway.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.configs.Problems;
import dev.proffer.events.Event;
import dev.proffer.events.Item;
import dev.proffer.events.time.Time;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.store.HeapSequenceStore;
import dev.proffer.features.store.LiveState;
import dev.proffer.gateway.Configuration;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFoldTest {
  @TempDir private Path dir;

  private final Worlds worlds = new Worlds();
  private LogFold fold;
  private long millis = 1_750_000_000_000L;
  private int events;

  @BeforeEach
  void open() {
    HeapSequenceStore sequences = new HeapSequenceStore();
    SequenceSpec spec = SequenceSpec.read(Configuration.shipped(dir).directory(), new Problems());
    fold =
        new LogFold(
            new LiveState(spec, sequences),
            sequences::users,
            worlds,
            new Time() {
              @Override
              public long millis() {
                return millis;
              }

              @Override
              public long nanos() {
                return TimeUnit.MILLISECONDS.toNanos(millis);
              }
            },
            1_000,
            100,
            LogFold.Listener.NOBODY);
    fold.apply(new Item("a", "A", null, 1, Map.of()));
    fold.caughtUp();
  }

  private void fold(int count) {
    for (int number = 0; number < count; number++) {
      String id = "e" + events++;
      fold.apply(
          new Event(id, "click", "u" + events % 10, "a", null, null, millis, millis, Map.of()));
    }
    fold.acknowledged();
  }

  /** When what was folded is shown, in milliseconds from now; looked at every hundredth second. */
  private long shownAfter() {
    long began = millis;
    while (worlds.now().statistics().totalEvents() < events) {
      millis += 10;
      fold.caughtUp();
    }
    return millis - began;
  }

  @Test
  void showsStatisticsAsOftenAsTheyMayBeAndLessOftenTheMoreIsFolded() {
    fold(500);
    assertThat(shownAfter()).isEqualTo(1_000);
    fold(4_000);
    assertThat(shownAfter()).isEqualTo(2_000); // 2,000 a second then
    fold(1_000_000);
    assertThat(shownAfter()).isEqualTo(10_000);
    fold(1);
    assertThat(shownAfter()).isEqualTo(1_000);
  }

  @Test
  void showsAnItemAtOnceHoweverMuchIsFolded() {
    fold(100_000);
    fold.apply(new Item("b", "B", null, 1, Map.of()));
    for (int look = 0; look < 10; look++) {
      millis += 10;
      fold.caughtUp();
    }
    assertThat(worlds.now().catalog().index("b")).isPositive();
  }
}
