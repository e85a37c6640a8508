package dev.proffer.events.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.events.Event;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import dev.proffer.events.codec.LogCodec;
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
