package dev.proffer.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a gateway does when its disk takes no more. */
class FullDiskTest {
  private static final String CLICK = "{\"type\":\"click\",\"user_id\":\"u\",\"item_id\":\"S1\"}";

  @TempDir private Path dir;

  @Test
  void refusesEventsAtTheQuotaAndSuggestsAllTheSame() {
    Shop.open(dir.resolve("var"));
    Configuration small = Configuration.shipped(dir);
    small.with("log.yaml", small.text("log.yaml").replace("quota-mib: 20480", "quota-mib: 1"));
    try (RunningGateway running = RunningGateway.on(dir, small)) {
      Answer refused = running.open().post("/log_event", CLICK);
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.headers().firstValue("retry-after")).hasValue("1");
      assertThat(refused.json().getString("type")).endsWith("log_full");

      Answer suggestion = running.open().post("/suggest", "{\"user_id\":\"u\"}");
      assertThat(suggestion.status()).isEqualTo(200);
      assertThat(suggestion.degraded()).contains("impression_lost");

      assertThat(running.metric("proffer_log_space", "space=\"none\"")).isEqualTo(1);
      JsonObject disk =
          running.open().get("/health").json().getJsonObject("parts").getJsonObject("disk");
      assertThat(disk.getString("status")).isEqualTo("degraded");
      assertThat(disk.getString("detail")).contains("of 1 MiB", "events are refused");
      assertThat(running.management().get("/readyz").status()).isEqualTo(200);
    }
    // With room again, nothing that was there is gone.
    try (RunningGateway running = RunningGateway.on(dir, Configuration.shipped(dir))) {
      assertThat(running.metric("proffer_log_entries_total"))
          .isEqualTo(Shop.items().size() + Shop.events().size() + 0.0);
      assertThat(running.open().post("/log_event", CLICK).status()).isEqualTo(202);
    }
  }

  /**
   * A file's first sync also syncs the name of the file, in its directory: with the directory under
   * another name that fails, while what is mapped goes on.
   */
  @Test
  void refusesWhatItCouldNotSyncAndTakesItWhenItIsSentAgain() throws IOException {
    Shop.open(dir.resolve("var"));
    Configuration power = Configuration.shipped(dir);
    power.with(
        "log.yaml", power.text("log.yaml").replace("durability: process", "durability: power"));
    String click =
        "{\"type\":\"click\",\"user_id\":\"u\",\"item_id\":\"S1\",\"event_id\":\"once\"}";
    Path log = dir.resolve("var").resolve("log");
    Path away = dir.resolve("var").resolve("away");
    try (RunningGateway running = RunningGateway.on(dir, power)) {
      double before = running.metric("proffer_log_entries_total");
      Files.move(log, away);
      Answer refused;
      try {
        refused = running.open().post("/log_event", click);
      } finally {
        Files.move(away, log);
      }
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.json().getString("type")).endsWith("log_failed");
      assertThat(refused.headers().firstValue("retry-after")).isPresent();
      assertThat(running.metric("proffer_events_total", "outcome=\"lost\"")).isEqualTo(1);

      assertThat(running.open().post("/log_event", click).status()).isEqualTo(202);
      assertThat(running.metric("proffer_log_entries_total"))
          .as("folded once, although it stands in the log twice")
          .isEqualTo(before + 1);
    }
    try (RunningGateway running = RunningGateway.on(dir, power)) {
      assertThat(running.metric("proffer_log_duplicates_total"))
          .as("the second of the two")
          .isLessThanOrEqualTo(1);
      assertThat(running.open().post("/suggest", "{\"user_id\":\"u\"}").status()).isEqualTo(200);
    }
  }

  /** In a namespace of its own, where the home is mounted read-only. */
  @Tag("slow")
  @Test
  void startsOnADiskThatCannotBeWrittenToAndSaysSo() throws Exception {
    assumeThat(mayMount()).as("this machine lets a process mount in its own namespace").isTrue();
    Path home = Files.createDirectories(dir.resolve("var"));
    Files.createDirectories(home.resolve("models"));
    Shop.open(home);
    try (GatewayProcess gateway =
        GatewayProcess.on(
            dir,
            Configuration.shipped(dir),
            "unshare",
            "-rm",
            "sh",
            "-c",
            "mount --bind \"$0\" \"$0\" && mount -o remount,ro,bind \"$0\" && exec \"$@\"",
            home.toString())) {
      Client client = gateway.open();
      Answer suggestion = client.post("/suggest", "{\"user_id\":\"u\"}");
      assertThat(suggestion.status()).isEqualTo(200);
      assertThat(suggestion.json().getJsonArray("propositions")).isNotEmpty();
      Answer refused = client.post("/log_event", CLICK);
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.json().getString("type")).endsWith("log_full");
      assertThat(client.get("/health").body()).contains("the log cannot be written to");
    }
  }

  private static boolean mayMount() throws InterruptedException {
    try {
      Process probe =
          new ProcessBuilder("unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt").start();
      return probe.waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
