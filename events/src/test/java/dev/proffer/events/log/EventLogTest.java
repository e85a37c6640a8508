package dev.proffer.events.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.events.Event;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import dev.proffer.events.codec.LogCodec;
import dev.proffer.events.time.Time;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventLogTest {
  @TempDir Path home;

  @Test
  void givesBackWhatWasAppendedInOrderAlsoAfterReopening() {
    List<LogEntry> appended = new ArrayList<>();
    try (EventLog log = EventLog.open(home.resolve("log"))) {
      try (EventLog.Appender appender = log.appender()) {
        for (int number = 0; number < 500; number++) {
          LogEntry entry =
              number % 2 == 0
                  ? event("e" + number)
                  : new Item("i" + number, "x".repeat(number * 40), null, number, Map.of("n", 1L));
          appender.append(LogCodec.encode(entry));
          appended.add(entry);
        }
      }
      assertThat(all(log)).isEqualTo(appended);
    }
    try (EventLog log = EventLog.open(home.resolve("log"))) {
      assertThat(all(log)).isEqualTo(appended);
      try (EventLog.Appender appender = log.appender()) {
        appender.append(LogCodec.encode(event("later")));
      }
      appended.add(event("later"));
      assertThat(all(log)).isEqualTo(appended);
    }
  }

  @Test
  void keepsToTheFilesItWasMadeWithWhateverItIsAskedFor() {
    for (LogSpec.Roll roll : LogSpec.Roll.values()) {
      Path directory = home.resolve(roll.name());
      EventLog.open(directory, with(roll), null).close();
      for (LogSpec.Roll other : LogSpec.Roll.values()) {
        assertThat(EventLog.rollCycle(directory, other).toString()).isEqualTo(roll.name());
      }
    }
    assertThat(EventLog.rollCycle(home.resolve("none"), LogSpec.Roll.DAILY).toString())
        .isEqualTo("DAILY");
  }

  @Test
  void saysWhetherItGoesOnBehindAnIndex() throws Exception {
    long[] minute = {60_000L * 30_000_000};
    Time clock =
        new Time() {
          @Override
          public long millis() {
            return minute[0];
          }

          @Override
          public long nanos() {
            return 0;
          }
        };
    try (EventLog log = EventLog.open(home.resolve("log"), with(LogSpec.Roll.MINUTELY), clock);
        EventLog.Appender appender = log.appender()) {
      appender.append(LogCodec.encode(event("a")));
      long last = log.lastIndex();
      assertThat(log.goesOnBehind(-1)).isTrue();
      assertThat(log.goesOnBehind(last)).isTrue();
      assertThat(log.goesOnBehind(last + 1)).isFalse();
      log.force();
      minute[0] += 120_000;
      log.delete(log.segments().get(0));
      assertThat(log.lastIndex()).isEqualTo(-1);
      assertThat(log.goesOnBehind(last)).isTrue(); // what comes now comes later
      minute[0] -= 120_000;
      assertThat(log.goesOnBehind(last)).isFalse(); // it would come before
    }
  }

  private static LogSpec with(LogSpec.Roll roll) {
    return new LogSpec(LogSpec.Durability.PROCESS, roll, 0, 0.8, 0, 0, List.of(), 1_000);
  }

  @Test
  void followsWhatAnotherInstanceAppendsWhileItIsOpen() {
    try (EventLog reading = EventLog.open(home);
        EventLog writing = EventLog.open(home);
        EventLog.Tail tail = reading.tail();
        EventLog.Appender first = writing.appender();
        EventLog.Appender second = reading.appender()) {
      assertThat(tail.next()).isNull();
      for (int round = 0; round < 100; round++) {
        (round % 3 == 0 ? second : first).append(LogCodec.encode(event("e" + round)));
        assertThat(tail.next()).isEqualTo(event("e" + round));
        assertThat(tail.next()).isNull();
      }
    }
  }

  @Test
  void goesOnBehindAnyRecordThatATailHasSeen() {
    try (EventLog log = EventLog.open(home);
        EventLog.Appender appender = log.appender();
        EventLog.Tail tail = log.tail()) {
      for (int number = 0; number < 10; number++) {
        appender.append(LogCodec.encode(event("e" + number)));
      }
      for (int number = 0; number < 10; number++) {
        assertThat(tail.next()).isEqualTo(event("e" + number));
        try (EventLog.Tail other = log.tail()) {
          other.seek(tail.index());
          assertThat(other.next()).isEqualTo(number == 9 ? null : event("e" + (number + 1)));
        }
      }
      try (EventLog.Tail other = log.tail()) {
        other.seek(tail.index());
        appender.append(LogCodec.encode(event("later")));
        assertThat(other.next()).isEqualTo(event("later"));
        other.seek(0); // a record that never was: begin at the oldest
        assertThat(other.next()).isEqualTo(event("e0"));
      }
    }
  }

  @Test
  void passesOverAndCountsWhatItCannotRead() {
    try (EventLog log = EventLog.open(home);
        EventLog.Appender appender = log.appender();
        EventLog.Tail tail = log.tail()) {
      appender.append(new byte[] {1, 2, 3});
      appender.append(LogCodec.encode(event("e1")));
      appender.append(new byte[] {(byte) 0xbf, (byte) 0xff});
      appender.append(LogCodec.encode(event("e2")));

      assertThat(tail.next()).isEqualTo(event("e1"));
      assertThat(tail.next()).isEqualTo(event("e2"));
      assertThat(tail.next()).isNull();
      assertThat(tail.unreadable()).isEqualTo(2);
    }
  }

  @Test
  void losesNothingWhenSeveralThreadsAppendAtOnce() throws InterruptedException {
    int each = 2_000;
    try (EventLog log = EventLog.open(home)) {
      List<Thread> threads = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        String prefix = "t" + thread + "-";
        threads.add(
            new Thread(
                () -> {
                  try (EventLog.Appender appender = log.appender()) {
                    for (int number = 0; number < each; number++) {
                      appender.append(LogCodec.encode(event(prefix + number)));
                    }
                  }
                }));
      }
      threads.forEach(Thread::start);
      for (Thread thread : threads) {
        thread.join();
      }
      int[] next = new int[4];
      for (LogEntry entry : all(log)) {
        String id = ((Event) entry).id();
        int thread = id.charAt(1) - '0';
        assertThat(id).isEqualTo("t" + thread + "-" + next[thread]++);
      }
      assertThat(next).containsOnly(each);
    }
  }

  static Event event(String id) {
    return new Event(id, "click", "u", "a", null, null, 1, 2, Map.of());
  }

  static List<LogEntry> all(EventLog log) {
    List<LogEntry> entries = new ArrayList<>();
    try (EventLog.Tail tail = log.tail()) {
      for (LogEntry entry = tail.next(); entry != null; entry = tail.next()) {
        entries.add(entry);
      }
    }
    return entries;
  }
}
