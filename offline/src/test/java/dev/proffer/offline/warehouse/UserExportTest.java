package dev.proffer.offline.warehouse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.configs.Problems;
import dev.proffer.events.Aside;
import dev.proffer.events.Erasure;
import dev.proffer.events.Event;
import dev.proffer.events.EventRegistry;
import dev.proffer.events.Impression;
import dev.proffer.events.LogEntry;
import dev.proffer.events.Pseudonyms;
import dev.proffer.events.time.Time;
import dev.proffer.offline.Shop;
import dev.proffer.offline.cli.Main;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserExportTest {
  private static final String ODD = "x' OR '1'='1\"ü";

  @TempDir Path home;

  @Test
  void writesEveryRowOfTheUserAndNoOther() throws Exception {
    List<LogEntry> entries =
        List.of(
            new Erasure("x1", ODD, 0), // what follows is a new acquaintance
            new Erasure("x2", "nobody", 0),
            event("e2", ODD, 86_400_000L * 3),
            event("e1", ODD, 9),
            event("e3", "other", 9),
            shown("r1", ODD),
            shown("r2", "other"),
            new Aside("a1", 5, "colour", "not declared", "{\"user_id\":\"x' OR '1'='1\\\"ü\"}"),
            new Aside("a2", 5, "colour", "not declared", "{\"user_id\":\"other\"}"));
    compact(entries);

    List<String> lines = export(ODD);
    assertThat(lines).hasSize(6);
    assertThat(lines.get(0))
        .isEqualTo(
            "{\"table\":\"events\",\"event_id\":\"e1\",\"type\":\"click\","
                + "\"user_id\":\"x' OR '1'='1\\\"ü\",\"item_id\":\"i\",\"request_id\":null,"
                + "\"session_id\":null,\"time\":5,\"received\":9,\"fields\":null}");
    assertThat(lines.get(1)).contains("\"event_id\":\"e2\"");
    assertThat(lines.get(2)).contains("\"table\":\"impressions\"", "\"degraded\":[\"late\"]");
    assertThat(lines.get(3)).contains("\"table\":\"propositions\"", "\"features\":[1.5,\"NaN\"]");
    assertThat(lines.get(4)).contains("\"table\":\"asides\"", "\"aside_id\":\"a1\"");
    assertThat(lines.get(5)).contains("\"table\":\"erasures\"", "\"erasure_id\":\"x1\"");
    assertThat(export("no one")).isEmpty();
  }

  private List<String> export(String user) throws Exception {
    Path out = home.resolve("out.jsonl");
    assertThat(run(user, "--config", Shop.SHIPPED.toString(), "--out", out.toString())).isZero();
    return Files.readAllLines(out);
  }

  private int run(String user, String... more) {
    List<String> all = new ArrayList<>(List.of("export-user", user, "--home", home.toString()));
    all.addAll(List.of(more));
    return Main.run(all.toArray(new String[0]));
  }

  @Test
  void meansAPseudonymOfTheUserToo() throws Exception {
    Path config = Shop.quickConfig(home.resolve("configs"));
    Files.writeString(config.resolve("key"), "a key of no less than thirty-two bytes");
    Shop.replace(config.resolve("events.yaml"), "apply: false", "apply: true\n  key-file: key");
    Problems problems = new Problems();
    Pseudonyms pseudonyms = Pseudonyms.of(EventRegistry.read(config, problems));
    problems.throwIfAny();
    compact(
        List.of(
            event("e1", "u", 9),
            pseudonyms.apply(event("e2", "u", 10)),
            pseudonyms.apply(event("e3", "v", 11))));

    Path out = home.resolve("out.jsonl");
    assertThat(run("u", "--config", config.toString(), "--out", out.toString())).isZero();
    assertThat(Files.readAllLines(out))
        .satisfiesExactly(
            line -> assertThat(line).contains("\"event_id\":\"e1\""),
            line -> assertThat(line).contains("\"event_id\":\"e2\"", Pseudonyms.PREFIX));
  }

  private void compact(List<LogEntry> entries) throws Exception {
    try (Warehouse warehouse = Warehouse.open(home);
        ListSource source = new ListSource("list", entries);
        Compaction compaction =
            new Compaction(
                warehouse, source, Time.standing(1_790_086_400_000L), Compaction.Limits.DEFAULT)) {
      compaction.run((batches, soFar, duplicates) -> {});
    }
  }

  @Test
  void saysThatThereIsNoWarehouse() {
    assertThat(run("u")).isOne();
    assertThat(home.resolve("warehouse")).doesNotExist();
  }

  private static Event event(String id, String user, long received) {
    return new Event(id, "click", user, "i", null, null, 5, received, Map.of());
  }

  private static Impression shown(String request, String user) {
    return new Impression(
        request,
        user,
        null,
        null,
        null,
        "home",
        7,
        "static",
        null,
        "a",
        null,
        List.of("late"),
        1,
        List.of(new Impression.Shown("i", List.of(), 1, 0.5f, 1, new float[] {1.5f, Float.NaN})));
  }
}
