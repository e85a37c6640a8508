package dev.proffer.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.proffer.events.time.Time;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is left of an erased user in the bytes of a gateway's files. */
@ExtendWith(NoBlockedLoops.class)
class ErasedFromFilesTest {
  private static final String WHO = "user-of-whom-nothing-stays";

  @TempDir private Path dir;
  private final AtomicLong ahead = new AtomicLong();

  /** The system's clocks, of which the wall clock can be put forward. */
  private final Time time =
      new Time() {
        @Override
        public long millis() {
          return Time.system().millis() + ahead.get();
        }

        @Override
        public long nanos() {
          return Time.system().nanos();
        }
      };

  @Test
  void nothingIsFoundInAnyFileOnceCheckpointAndLogHaveLetGo() throws Exception {
    Path home = dir.resolve("var");
    Shop.open(home);
    Configuration configuration =
        Configuration.shipped(dir)
            .gateway("checkpoint-seconds", 900)
            .gateway("forget-seconds", 0)
            .with("log.yaml", "retain-hours: 1\nreaders: []\n");
    try (RunningGateway running = RunningGateway.on(dir, configuration, time)) {
      click(running, WHO);
      click(running, "another");
    }
    assertThat(holding(WHO)).contains("checkpoint/state"); // the search can find
    Files.copy(home.resolve("checkpoint/state"), home.resolve("checkpoint/state.refused"));
    Files.copy(home.resolve("checkpoint/state"), home.resolve("checkpoint/state.next"));

    try (RunningGateway running = RunningGateway.on(dir, configuration, time)) {
      assertThat(running.metric("proffer_log_entries_total")).isZero();
      assertThat(holding(WHO)).contains("checkpoint/state");
      assertThat(
              HttpClient.newHttpClient()
                  .send(
                      running
                          .management()
                          .request("/users/" + WHO)
                          .method("DELETE", BodyPublishers.noBody())
                          .build(),
                      BodyHandlers.discarding())
                  .statusCode())
          .isEqualTo(202);
      await()
          .untilAsserted(() -> assertThat(holding(WHO)).allMatch(file -> file.startsWith("log/")));
      assertThat(holding("another")).contains("checkpoint/state");
      assertThat(holding(WHO)).isNotEmpty(); // the log keeps it until it is old

      ahead.set(TimeUnit.HOURS.toMillis(3));
      await().untilAsserted(() -> assertThat(holding(WHO)).isEmpty());
    }
    assertThat(holding(WHO)).isEmpty();
    try (RunningGateway running = RunningGateway.on(dir, configuration, time)) {
      assertThat(running.metric("proffer_users")).isPositive();
      assertThat(running.open().get("/health").json().getJsonObject("parts").encode())
          .doesNotContain("no items yet");
    }
    assertThat(holding(WHO)).isEmpty();
  }

  /** The files below the home that hold these bytes, with their paths. */
  private List<String> holding(String words) throws IOException {
    byte[] wanted = words.getBytes(StandardCharsets.UTF_8);
    Path home = dir.resolve("var");
    List<String> found = new ArrayList<>();
    List<Path> files;
    while (true) {
      try (Stream<Path> all = Files.walk(home)) {
        files = all.filter(Files::isRegularFile).toList();
        break;
      } catch (UncheckedIOException e) {
        // One was deleted between being found and being looked at.
      }
    }
    for (Path file : files) {
      try {
        // One character a byte, so that the search is one for bytes.
        String bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        if (bytes.contains(new String(wanted, StandardCharsets.ISO_8859_1))) {
          found.add(home.relativize(file).toString());
        }
      } catch (NoSuchFileException e) {
        // It was replaced meanwhile, and is looked at in the next round.
      }
    }
    return found;
  }

  private static void click(RunningGateway running, String user) {
    String event = "{\"type\":\"click\",\"user_id\":\"%s\",\"item_id\":\"S1\"}".formatted(user);
    assertThat(running.open().post("/log_event", event).status()).isEqualTo(202);
  }
}
