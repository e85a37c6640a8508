package dev.proffer.events.log;

import static dev.proffer.events.log.EventLogTest.all;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.events.Event;
import dev.proffer.events.LogEntry;
import dev.proffer.events.codec.LogCodec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class LogCrashIT {
  @TempDir Path home;

  @Test
  @Timeout(120)
  void keepsEveryAcknowledgedEventWholeWhenTheProcessIsKilled() throws Exception {
    Set<String> acknowledged = new HashSet<>();
    for (int crash = 0; crash < 4; crash++) {
      acknowledged.addAll(writeUntilKilled("crash" + crash + "-", 200 + 900 * crash));
      Set<String> inTheLog = new HashSet<>();
      try (EventLog log = EventLog.open(home)) {
        for (LogEntry entry : all(log)) {
          Event event = (Event) entry;
          assertThat(event).isEqualTo(CrashingWriter.event(event.id()));
          assertThat(inTheLog.add(event.id())).as(event.id()).isTrue();
        }
      }
      assertThat(inTheLog).containsAll(acknowledged);
    }

    try (EventLog log = EventLog.open(home);
        EventLog.Appender appender = log.appender()) {
      Event after = CrashingWriter.event("after");
      appender.append(LogCodec.encode(after));
      assertThat(all(log)).endsWith(after);
    }
  }

  private Set<String> writeUntilKilled(String prefix, int acknowledgements) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String argument : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (argument.startsWith("--add-") || argument.startsWith("-Dchronicle")) {
        command.add(argument);
      }
    }
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            CrashingWriter.class.getName(),
            home.toString(),
            prefix));
    Process child =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    Set<String> acknowledged = new HashSet<>();
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
      while (acknowledged.size() < acknowledgements) {
        acknowledged.add(requireNonNull(lines.readLine(), "the child ended by itself"));
      }
      // By its handle: the process would close the pipe, too.
      child.toHandle().destroyForcibly();
      // What it had printed before it died is acknowledged too; a line cut short has no whole id.
      StringBuilder rest = new StringBuilder();
      for (int unit = lines.read(); unit >= 0; unit = lines.read()) {
        rest.append((char) unit);
      }
      for (int end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n")) {
        acknowledged.add(rest.substring(0, end).strip());
        rest.delete(0, end + 1);
      }
      assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(child.exitValue()).isEqualTo(128 + 9);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      child.destroyForcibly();
    }
    return acknowledged;
  }
}
