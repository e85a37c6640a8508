package dev.proffer.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.proffer.events.Item;
import dev.proffer.pipeline.World;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoBlockedLoops.class)
final class FreshnessTest {
  @TempDir private Path dir;

  private static Item item(String id) {
    return new Item(id, "Item " + id, "skirts", Shop.OPENED + 1, Map.of());
  }

  private static double events(RunningGateway running) {
    return running.gateway().worlds().now().statistics().totalEvents();
  }

  @Test
  void showsEventsInTheStatisticsAndItemsOfOtherProcessesWithinTheRefresh() {
    Shop.open(dir.resolve("var"));
    try (RunningGateway running = RunningGateway.on(dir, Configuration.shipped(dir))) {
      double before = events(running);
      running
          .open()
          .post("/log_event", "{\"type\":\"click\",\"user_id\":\"u\",\"item_id\":\"S1\"}");
      Shop.append(dir.resolve("var"), List.of(item("N1")));

      await()
          .untilAsserted(
              () -> {
                assertThat(events(running)).isEqualTo(before + 1);
                assertThat(
                        running.open().post("/suggest", "{\"user_id\":\"u\",\"limit\":100}").ids())
                    .contains("N1");
              });
    }
  }

  @Test
  void keepsTheStatisticsOfTheStartWhenTheyAreFrozenAndTakesNewItemsAllTheSame() {
    Shop.open(dir.resolve("var"));
    Configuration frozen = Configuration.shipped(dir).gateway("statistics-refresh-ms", 0);
    try (RunningGateway running = RunningGateway.on(dir, frozen)) {
      World before = running.gateway().worlds().now();
      running
          .open()
          .post("/log_event", "{\"type\":\"click\",\"user_id\":\"u\",\"item_id\":\"S1\"}");
      Shop.append(dir.resolve("var"), List.of(item("N1")));

      await().until(() -> running.gateway().worlds().now().catalog().index("N1") > 0);
      assertThat(running.gateway().worlds().now().statistics()).isSameAs(before.statistics());
      assertThat(running.open().post("/suggest", "{\"user_id\":\"u\",\"limit\":100}").ids())
          .contains("N1");
    }
  }
}
