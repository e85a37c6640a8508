package dev.proffer.offline.warehouse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.offline.Shop;
import dev.proffer.offline.cli.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class CompactionCrashIT {
  private static final int KILLS = 5;

  @TempDir Path home;

  @Test
  @Timeout(180)
  void holdsEachEventOnceWhenTheProcessIsKilledAgainAndAgain() throws Exception {
    Logbook book = new Logbook(5, true);
    Random random = new Random(5);
    int kills = 0;
    try (Glob glob = new Glob(home)) {
      while (kills < KILLS) {
        Shop.append(home, book.grow(700));
        // One that ended before it was killed does not count.
        kills += compact(1 + random.nextInt(3), random.nextInt(60)) ? 0 : 1;
        assertThat(glob.column("events", "SELECT event_id FROM T")).doesNotHaveDuplicates();
      }
      assertThat(compact(Integer.MAX_VALUE, 0)).isTrue();
      assertThat(glob.column("events", "SELECT event_id FROM T"))
          .containsExactlyElementsOf(book.eventIds());
      assertThat(glob.column("impressions", "SELECT request_id FROM T"))
          .containsExactlyElementsOf(book.requestIds());
    }
  }

  /** Whether the command came to its end before it was killed, some time after a batch. */
  private boolean compact(int batches, int millisAfter) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String argument : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (argument.startsWith("--add-") || argument.startsWith("-Dchronicle")) {
        command.add(argument);
      }
    }
    command.addAll(
        List.of(
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "compact",
            "--home",
            home.toString(),
            "--config",
            Shop.SHIPPED.toString(),
            "--batch-entries",
            batches == Integer.MAX_VALUE ? "100000" : "150"));
    Process child =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
      int seen = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.contains("    batch ") && ++seen == batches) {
          boolean over = child.waitFor(millisAfter, TimeUnit.MILLISECONDS);
          child.toHandle().destroyForcibly();
          assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
          return over;
        }
      }
      assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(child.exitValue()).isZero();
      return true;
    } finally {
      child.destroyForcibly();
    }
  }
}
