package dev.proffer.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** More events at once than state takes in: kept first, and until state has them answers say so. */
@ExtendWith(NoBlockedLoops.class)
final class BurstTest {
  private static final int CALLERS = 4;
  private static final int EACH = 500;
  private static final String ASK = "{\"user_id\":\"u\",\"context_type\":\"home\"}";

  @TempDir private Path dir;
  private int sent;

  @Test
  void answersSayThatStateIsBehindUntilItHasCaughtUp() {
    Shop.open(dir.resolve("var"));
    Configuration configuration = Configuration.shipped(dir);
    try (RunningGateway running = RunningGateway.on(dir, configuration)) {
      await().until(() -> isSaidInABurst(running));

      await().until(() -> running.metric("proffer_log_behind") == 0);
      assertThat(running.metric("proffer_degraded_total", "cause=\"features_stale\"")).isPositive();
      assertThat(running.open().post("/suggest", ASK).degraded()).doesNotContain("features_stale");
      await().until(() -> events(running) == Shop.events().size() + sent);
    }
    try (RunningGateway again = RunningGateway.on(dir, configuration)) {
      assertThat(events(again)).isEqualTo(Shop.events().size() + sent);
    }
  }

  private static double events(RunningGateway running) {
    return running.gateway().worlds().now().statistics().totalEvents();
  }

  /** Sends a burst, and asks all the while. */
  private boolean isSaidInABurst(RunningGateway running) {
    List<CompletableFuture<Answer>> callers = new ArrayList<>();
    for (int caller = 0; caller < CALLERS; caller++) {
      String batch = batch();
      callers.add(
          CompletableFuture.supplyAsync(() -> running.open().postWrong("/log_event", batch)));
    }
    boolean said = false;
    while (!callers.stream().allMatch(CompletableFuture::isDone)) {
      said |= running.open().post("/suggest", ASK).degraded().contains("features_stale");
    }
    assertThat(callers).allMatch(caller -> caller.join().status() == 202);
    return said;
  }

  private String batch() {
    int from = sent;
    sent += EACH;
    return IntStream.range(from, sent)
        .mapToObj(
            number ->
                "{\"type\":\"view\",\"user_id\":\"u%d\",\"item_id\":\"S1\",\"event_id\":\"e%d\"}"
                    .formatted(number % 50, number))
        .collect(Collectors.joining(",", "[", "]"));
  }
}
