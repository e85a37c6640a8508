package dev.proffer.perf;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Threads that each do one kind of damage, again and again after random pauses, until told to end.
 * A thread ends after it has mended what it broke.
 */
final class Faults {
  private final CountDownLatch ending = new CountDownLatch(1);
  private final List<Thread> threads = new ArrayList<>();
  private volatile @Nullable Exception failure;

  /** Does damage once and mends it. */
  @FunctionalInterface
  interface Damage {
    void once(Random random) throws IOException;
  }

  /** Begins a thread: a pause of the given bounds, the damage, and so on. */
  void begin(String name, long seed, int leastMillis, int mostMillis, Damage damage) {
    Random random = new Random(seed);
    Thread thread =
        new Thread(
            () -> {
              try {
                while (pause(leastMillis + random.nextInt(mostMillis - leastMillis + 1))) {
                  damage.once(random);
                }
              } catch (IOException | RuntimeException e) {
                failure = e;
              }
            },
            "chaos-" + name);
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  /** Waits; false when it is time to end. */
  boolean pause(long millis) {
    try {
      return !ending.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** What ended one of the threads before its time; null when nothing did. */
  @Nullable Exception failure() {
    return failure;
  }

  /** Tells all to end and waits until what they broke is mended. */
  void end() {
    ending.countDown();
    for (Thread thread : threads) {
      try {
        thread.join(TimeUnit.MINUTES.toMillis(3));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
