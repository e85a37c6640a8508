package dev.proffer.events.log;

import dev.proffer.events.Event;
import dev.proffer.events.LogEntry;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A process of its own that appends events until it is killed, and prints the id of each one once
 * it is acknowledged.
 */
final class CrashingWriter {
  private CrashingWriter() {}

  public static void main(String[] arguments) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    String prefix = arguments[1];
    LogPump pump =
        new LogPump(
            EventLog.open(Path.of(arguments[0])),
            new LogPump.Fold() {
              @Override
              public void apply(LogEntry entry) {}

              @Override
              public void caughtUp() {}
            },
            64,
            1_000_000);
    pump.start();
    for (long number = 0; ; ) {
      Event event = event(prefix + number);
      boolean taken =
          pump.offer(
              List.of(event),
              failure -> {
                if (failure == null) {
                  out.println(event.id());
                }
              });
      if (taken) {
        number++;
      } else {
        Thread.onSpinWait();
      }
    }
  }

  /** The event of an id, whole: its fields can be told from its id. */
  static Event event(String id) {
    int length = Math.floorMod(id.hashCode(), 3_000);
    return new Event(
        id,
        "click",
        "user of " + id,
        "a",
        null,
        null,
        length,
        0,
        Map.of("filling", "x".repeat(length)));
  }
}
