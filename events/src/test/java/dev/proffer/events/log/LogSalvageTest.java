package dev.proffer.events.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.events.Event;
import dev.proffer.events.LogEntry;
import dev.proffer.events.codec.LogCodec;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LogSalvageTest {
  private static final int EVENTS = 3_000;
  private static final int AT = 2_900;

  @TempDir Path home;

  private enum Damage {
    HEADER_ALL_ONES,
    HEADER_TOO_LONG,
    HEADER_LOST,
    RECORD_LOST,
    END_CUT_OFF,
    FILE_HEADER_LOST
  }

  @ParameterizedTest
  @EnumSource
  void savesEveryWholeRecordOfADamagedFileAndAppendsBehindThem(Damage damage) throws Exception {
    write();
    Path file = file();
    long at = header(file, AT);
    int lost =
        switch (damage) {
          case HEADER_ALL_ONES -> overwritten(file, at, filled(4, 0xff), 1);
          case HEADER_TOO_LONG -> overwritten(file, at, new byte[] {0, 0, 0, 0x10}, 1);
          case HEADER_LOST -> overwritten(file, at, new byte[4], 1);
          case RECORD_LOST -> overwritten(file, at, new byte[60], 1);
          case END_CUT_OFF -> {
            try (RandomAccessFile cut = new RandomAccessFile(file.toFile(), "rw")) {
              cut.setLength(at + 20);
            }
            yield EVENTS - AT;
          }
          case FILE_HEADER_LOST -> overwritten(file, 0, new byte[200], 0);
        };

    List<LogSalvage.Salvaged> done = LogSalvage.run(home, Long.MAX_VALUE);

    assertThat(done).hasSize(1);
    assertThat(done.get(0).salvaged()).isEqualTo(EVENTS - lost);
    assertThat(Path.of(file + ".damaged")).exists();
    List<String> expected =
        new ArrayList<>(IntStream.range(0, EVENTS).mapToObj(number -> "e" + number).toList());
    if (damage == Damage.END_CUT_OFF) {
      expected = new ArrayList<>(expected.subList(0, AT));
    } else if (lost == 1) {
      expected.remove(AT);
    }
    try (EventLog log = EventLog.open(home);
        EventLog.Appender appender = log.appender()) {
      appender.append(LogCodec.encode(event("later")));
      expected.add("later");
      assertThat(ids(log)).isEqualTo(expected);
    }
    assertThat(LogSalvage.run(home, 0)).isEmpty();
  }

  @Test
  void leavesAWholeLogAlone() throws Exception {
    assertThat(LogSalvage.run(home.resolve("none"), 0)).isEmpty();
    write();
    byte[] before = Files.readAllBytes(file());
    assertThat(LogSalvage.run(home, 0)).isEmpty();
    assertThat(Files.readAllBytes(file())).isEqualTo(before);
  }

  private void write() {
    try (EventLog log = EventLog.open(home);
        EventLog.Appender appender = log.appender()) {
      for (int number = 0; number < EVENTS; number++) {
        appender.append(LogCodec.encode(event("e" + number)));
      }
    }
  }

  private Path file() throws IOException {
    try (Stream<Path> files = Files.list(home)) {
      return files.filter(file -> file.toString().endsWith(".cq4")).findFirst().orElseThrow();
    }
  }

  /** Where the header of an event's record is. */
  private static long header(Path file, int number) throws IOException {
    byte[] all = Files.readAllBytes(file);
    byte[] id = LogCodec.encode(event("e" + number));
    for (int at = 0; ; at++) {
      int same = 0;
      while (same < id.length && all[at + same] == id[same]) {
        same++;
      }
      if (same == id.length) {
        return at - 4L;
      }
    }
  }

  private static int overwritten(Path file, long at, byte[] bytes, int lost) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.seek(at);
      open.write(bytes);
    }
    return lost;
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    java.util.Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static List<String> ids(EventLog log) {
    List<String> ids = new ArrayList<>();
    try (EventLog.Tail tail = log.tail()) {
      for (LogEntry entry = tail.next(); entry != null; entry = tail.next()) {
        ids.add(((Event) entry).id());
      }
    }
    return ids;
  }

  private static Event event(String id) {
    return new Event(id, "click", "u", "a", null, null, 1, 2, Map.of("b", (long) id.length()));
  }
}
