package dev.proffer.features.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.features.state.UserSequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SequenceStoreTest {
  @Test
  void holdsOffTheHeapWhatItHoldsOnIt() {
    for (int seed = 0; seed < 10; seed++) {
      Random random = new Random(seed);
      try (SequenceStore heap = new HeapSequenceStore();
          SequenceStore chronicle =
              seed % 2 == 0
                  ? new ChronicleSequenceStore(500)
                  : new ChronicleSequenceStore(500, 20L * seed)) {
        for (int step = 0; step < 2_000; step++) {
          String user = "user-" + random.nextInt(300) + (step % 7 == 0 ? "-日本語" : "");
          UserSequence was = heap.read(user);
          assertThat(chronicle.read(user).encode()).as("seed %d", seed).isEqualTo(was.encode());
          if (random.nextInt(3) > 0) {
            UserSequence is =
                was.with(random.nextInt(1_000), random.nextLong(), random.nextLong(), 1, 40);
            heap.write(user, is);
            chronicle.write(user, is);
          } else if (random.nextInt(10) == 0) {
            heap.remove(user);
            chronicle.remove(user);
          }
          assertThat(chronicle.users()).as("seed %d", seed).isEqualTo(heap.users());
        }
      }
    }
  }

  @Test
  void givesAnEmptySequenceForAUserNeverSeen() {
    try (SequenceStore chronicle = new ChronicleSequenceStore(10)) {
      assertThat(chronicle.read("nobody").size()).isZero();
      assertThat(chronicle.read("").size()).isZero();
      assertThat(chronicle.users()).isZero();
    }
  }

  @Test
  void takesTheLongestSequencesThatCanBeConfigured() {
    try (SequenceStore chronicle = new ChronicleSequenceStore(1_000, 0)) {
      for (int length : List.of(200, 2_000, 10_000)) {
        UserSequence sequence = ofLength(length);
        chronicle.write("user with " + length, sequence);
        assertThat(chronicle.read("user with " + length).encode()).isEqualTo(sequence.encode());
      }
    }
  }

  @Test
  void takesFourTimesTheUsersItWasLaidOutFor() {
    UserSequence sequence = ofLength(12);
    try (SequenceStore chronicle = new ChronicleSequenceStore(5_000, 0)) {
      for (int user = 0; user < 20_000; user++) {
        chronicle.write("a-user-of-ordinary-name-" + user, sequence);
      }
      assertThat(chronicle.users()).isEqualTo(20_000);
    }
  }

  @Test
  void takesTheUsersItWasLaidOutForAlsoWhenAllTheirSequencesAreFull() {
    UserSequence sequence = ofLength(200);
    try (SequenceStore chronicle = new ChronicleSequenceStore(5_000, 0)) {
      for (int user = 0; user < 5_000; user++) {
        chronicle.write("user-" + user, sequence);
      }
      assertThat(chronicle.users()).isEqualTo(5_000);
    }
  }

  @Test
  void showsReadersWholeSequencesWhileOneThreadWrites() throws InterruptedException {
    // So few are hot that sequences come and go between heap and map all the time.
    try (SequenceStore chronicle = new ChronicleSequenceStore(100, 120)) {
      AtomicBoolean over = new AtomicBoolean();
      AtomicLong reads = new AtomicLong();
      AtomicReference<Throwable> failure = new AtomicReference<>();
      List<Thread> readers = new ArrayList<>();
      for (int reader = 0; reader < 3; reader++) {
        readers.add(
            new Thread(
                () -> {
                  try {
                    int longest = 0;
                    while (!over.get()) {
                      UserSequence seen = chronicle.read("user-" + reads.incrementAndGet() % 5);
                      for (int at = 0; at < seen.size(); at++) {
                        assertThat(seen.itemHash(at)).isEqualTo(seen.timeMillis(at) * 31);
                        assertThat(seen.timeMillis(at) - seen.timeMillis(0)).isEqualTo(at);
                      }
                      longest = Math.max(longest, seen.size());
                    }
                    assertThat(longest).isEqualTo(50);
                  } catch (Throwable e) {
                    failure.compareAndSet(null, e);
                  }
                }));
      }
      readers.forEach(Thread::start);
      UserSequence[] latest = new UserSequence[5];
      java.util.Arrays.fill(latest, UserSequence.EMPTY);
      for (int time = 0; time < 30_000; time++) {
        for (int user = 0; user < 5; user++) {
          latest[user] = latest[user].with(time, time * 31L, time, 1, 50);
          chronicle.write("user-" + user, latest[user]);
        }
      }
      over.set(true);
      for (Thread reader : readers) {
        reader.join();
      }
      assertThat(failure.get()).isNull();
      assertThat(reads.get()).isGreaterThan(1_000);
    }
  }

  private static UserSequence ofLength(int length) {
    UserSequence sequence = UserSequence.EMPTY;
    for (int at = 0; at < length; at++) {
      sequence = sequence.with(at, at * 31L, at, 1, length);
    }
    return sequence;
  }

  private static UserSequence seenAt(long millis) {
    return UserSequence.EMPTY.with(millis, 1, millis, 1, 40);
  }

  /** A store of 10,000 users that meets 25,000, half of whom come again and again. */
  @Test
  void letsTheLeastRecentlySeenGoAndKeepsTakingWrites() {
    StoreBounds bounds = new StoreBounds(10_000, 64, 0);
    Random random = new Random(1);
    try (ChronicleSequenceStore store = new ChronicleSequenceStore(bounds, true, 500)) {
      long now = 0;
      for (int user = 0; user < 20_000; user++) {
        store.write("old-" + user, seenAt(now++));
      }
      assertThat(store.fill()).isBetween(0.9, 1.001);
      for (int user = 0; user < 5_000; user++) {
        store.write("new-" + user, seenAt(now++));
        if (user % 5 == 0) {
          String again = "new-" + random.nextInt(user + 1);
          store.write(again, store.read(again).with(now, 1, now++, 1, 40));
        }
      }
      int kept = 0;
      for (int user = 0; user < 5_000; user++) {
        assertThat(store.read("new-" + user).size()).as("new-%d", user).isPositive();
      }
      for (int user = 0; user < 20_000; user++) {
        kept += store.read("old-" + user).size() > 0 ? 1 : 0;
      }
      assertThat(kept).as("of the old").isBetween(3_500, 5_500);
      int ofTheEldest = 0;
      for (int user = 0; user < 10_000; user++) {
        ofTheEldest += store.read("old-" + user).size() > 0 ? 1 : 0;
      }
      assertThat(ofTheEldest).as("of the first half of the old").isLessThan(kept / 10);
      assertThat(store.users()).isEqualTo(kept + 5_000L);
      assertThat(store.evicted()).isEqualTo(25_000 - store.users());
      AtomicLong shown = new AtomicLong();
      store.forEach((user, sequence) -> shown.incrementAndGet());
      assertThat(shown.get()).isEqualTo(store.users());
    }
  }

  @Test
  void letsUsersGoWhenTheirRecordsAreTooLong() {
    StoreBounds bounds = new StoreBounds(10_000, 64, 1 << 20);
    UserSequence longOne = ofLength(200);
    try (ChronicleSequenceStore store = new ChronicleSequenceStore(bounds, true, 0)) {
      for (int user = 0; user < 2_000; user++) {
        store.write("user-" + user, longOne);
        assertThat(store.read("user-" + user).size()).isEqualTo(200);
      }
      assertThat(store.bytes()).isBetween(900_000L, (1L << 20) + 10_000);
      assertThat(store.users()).isLessThan(400);
      for (int user = 0; user < 2_000; user++) {
        store.remove("user-" + user);
      }
      assertThat(store.users()).isZero();
      assertThat(store.bytes()).isZero();
    }
  }
}
