package dev.proffer.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.proffer.pipeline.World;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The live catalog of a real gateway. */
@ExtendWith(NoBlockedLoops.class)
@TestInstance(Lifecycle.PER_CLASS)
final class ItemsTest {
  private static final String ONE = "/items/{id}";

  @TempDir private static Path dir;
  private static Configuration configuration;
  private static RunningGateway running;

  @BeforeAll
  static void start() {
    configuration = Configuration.shipped(dir);
    Shop.open(dir.resolve("var"));
    running = RunningGateway.on(dir, configuration);
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  @Test
  void servesAnItemAsSoonAsItsPutIsAnsweredAndNoLongerOnceItIsDeleted() {
    assertThat(get("N%2F1").status()).isEqualTo(404);
    Answer put =
        put(
            "N%2F1",
            new JsonObject()
                .put("title", "Brand new")
                .put("category", "skirts")
                .put("attributes", new JsonObject().put("price", 12.5).put("colour", "red")));
    assertThat(put.status()).isEqualTo(200);
    assertThat(put.json().getBoolean("served")).isTrue();
    assertThat(proposed()).contains("N/1");
    JsonObject kept = get("N%2F1").json();
    assertThat(kept.getString("title")).isEqualTo("Brand new");
    assertThat(kept.getJsonObject("attributes").getDouble("price")).isEqualTo(12.5);
    assertThat(kept.getBoolean("proposable")).isTrue();
    assertThat(kept.getString("added")).isNotEmpty();

    // Replaced as a whole, but for when it was added.
    put("N%2F1", new JsonObject().put("title", "Other"));
    JsonObject other = get("N%2F1").json();
    assertThat(other.getString("category")).isNull();
    assertThat(other.getJsonObject("attributes")).isEmpty();
    assertThat(other.getString("added")).isEqualTo(kept.getString("added"));

    Answer deleted = send("DELETE", "N%2F1");
    assertThat(deleted.status()).isEqualTo(200);
    assertThat(deleted.json().getBoolean("deleted")).isTrue();
    assertThat(proposed()).doesNotContain("N/1");
    assertThat(get("N%2F1").status()).isEqualTo(404);
    assertThat(send("DELETE", "N%2F1").status()).isEqualTo(404);

    put("N%2F1", new JsonObject().put("title", "Back"));
    assertThat(proposed()).contains("N/1");
  }

  @Test
  void proposesNothingUnavailableNotYetValidOrExpiredByTheInstantOfTheRequest() {
    Instant now = Instant.now();
    put("gone", new JsonObject().put("available", false));
    put("early", new JsonObject().put("valid_from", now.plusSeconds(3_600).toString()));
    put("late", new JsonObject().put("valid_until", now.minusSeconds(3_600).toString()));
    put(
        "hour",
        new JsonObject()
            .put("valid_from", now.minusSeconds(60).toString())
            .put("valid_until", now.plusSeconds(3_600).toEpochMilli()));
    assertThat(proposed()).contains("hour").doesNotContain("gone", "early", "late");
    assertThat(proposedAt(now.plusSeconds(3_600))).contains("early").doesNotContain("hour");
    assertThat(proposedAt(now.minusSeconds(3_601))).contains("late").doesNotContain("hour");
    assertThat(get("early").json().getBoolean("proposable")).isFalse();
    // Who names an item has it ranked: it was the caller's choice.
    assertThat(
            running
                .open()
                .post("/suggest", "{\"user_id\":\"u\",\"items\":[\"gone\",\"S1\"]}")
                .ids())
        .containsExactlyInAnyOrder("gone", "S1");
  }

  @Test
  void findsByWhatIsTypedSoonAfterAChange() {
    put("zebra", new JsonObject().put("title", "Striped zebra coat").put("category", "coats"));
    await().untilAsserted(() -> assertThat(searched("zerba co")).containsExactly("zebra"));
    put("zebra", new JsonObject().put("title", "Plain coat").put("available", false));
    await().untilAsserted(() -> assertThat(searched("zebra")).isEmpty());
    await()
        .untilAsserted(() -> assertThat(searched("plain")).as("found and not available").isEmpty());
  }

  private static List<String> searched(String text) {
    JsonObject asked =
        new JsonObject()
            .put("user_id", "searcher")
            .put("context_type", "search")
            .put("context", text)
            .put("limit", 100);
    return running
        .open()
        .post("/suggest", asked.encode())
        .json()
        .getJsonArray("propositions")
        .stream()
        .map(JsonObject.class::cast)
        .filter(proposition -> proposition.getJsonArray("sources").contains("search"))
        .map(proposition -> proposition.getString("id"))
        .toList();
  }

  @Test
  void keepsTheIndexAndTheStatisticsOfADeletedItem() {
    World before = running.gateway().worlds().now();
    int index = before.catalog().index("B4");
    running.open().post("/log_event", "{\"type\":\"click\",\"user_id\":\"u\",\"item_id\":\"B4\"}");
    send("DELETE", "B4");
    running.open().post("/log_event", "{\"type\":\"click\",\"user_id\":\"u\",\"item_id\":\"B4\"}");
    await()
        .untilAsserted(
            () ->
                assertThat(running.gateway().worlds().now().statistics().events(index))
                    .isEqualTo(2));
    World after = running.gateway().worlds().now();
    assertThat(after.catalog().index("B4")).isEqualTo(index);
    assertThat(after.catalog().item(index).title()).isEqualTo("Item B4");
    assertThat(after.catalog().item(index).deleted()).isTrue();
  }

  @Test
  void knowsItsChangesAfterTheNextStart() {
    put("stays", new JsonObject().put("title", "Stays"));
    send("DELETE", "T4");
    running.close();
    running = RunningGateway.on(dir, configuration);
    assertThat(proposed()).contains("stays").doesNotContain("T4");
    assertThat(get("T4").status()).isEqualTo(404);
  }

  @Test
  void takesManyLinesAndRefusesEachByItself() {
    List<String> lines = new ArrayList<>();
    IntStream.range(0, 1_500)
        .forEach(n -> lines.add("{\"id\":\"bulk-" + n + "\",\"title\":\"" + n + "\"}"));
    lines.set(3, "{\"id\":\"bulk-3\",\"titel\":\"typo\"}");
    lines.set(5, "nonsense");
    lines.set(7, "");
    lines.set(9, "{\"id\":\"bulk-9\",\"title\":\"" + "x".repeat(70_000) + "\"}");
    lines.add("{\"id\":\"S4\",\"deleted\":true}");
    lines.add("{\"id\":\"never-heard-of\",\"deleted\":true}");
    lines.add("{\"title\":\"no id\"}");
    Answer answer = bulk(String.join("\r\n", lines));

    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    JsonObject result = answer.json();
    assertThat(result.getInteger("kept")).isEqualTo(1_496);
    assertThat(result.getInteger("deleted")).isEqualTo(1);
    assertThat(result.getInteger("refused")).isEqualTo(5);
    assertThat(result.getBoolean("served")).isTrue();
    JsonArray refusals = result.getJsonArray("refusals");
    assertThat(refusals.stream().map(r -> ((JsonObject) r).getInteger("line")))
        .containsExactly(4, 6, 10, 1_502, 1_503);
    JsonObject typo = refusals.getJsonObject(0);
    assertThat(typo.getString("field")).isEqualTo("titel");
    assertThat(typo.getString("value")).isEqualTo("\"typo\"");
    assertThat(typo.getString("allowed")).contains("no such field").contains("attributes");
    assertThat(refusals.getJsonObject(2).getString("allowed")).isEqualTo("at most 65536 bytes");
    assertThat(get("bulk-1499").status()).isEqualTo(200);
    assertThat(get("bulk-3").status()).isEqualTo(404);
    assertThat(get("S4").status()).isEqualTo(404);
    // Away again, for the other tests' lists of a hundred.
    StringBuilder all = new StringBuilder();
    IntStream.range(0, 1_500)
        .forEach(n -> all.append("{\"id\":\"bulk-" + n + "\",\"deleted\":true}\n"));
    assertThat(bulk(all.toString()).json().getInteger("deleted")).isEqualTo(1_496);
  }

  @Test
  void refusesABodyOfWhichNothingCanBeKept() {
    Answer nothing = bulk("{\"id\":\"\"}\n{\"id\":\"a\",\"valid_from\":5,\"valid_until\":5}");
    assertThat(nothing.status()).isEqualTo(400);
    JsonArray errors = nothing.json().getJsonArray("errors");
    assertThat(errors.getJsonObject(0).getInteger("index")).isZero();
    assertThat(errors.getJsonObject(0).getString("field")).isEqualTo("id");
    assertThat(errors.getJsonObject(1).getInteger("index")).isEqualTo(1);
    assertThat(errors.getJsonObject(1).getString("allowed"))
        .isEqualTo("an instant after valid_from, 5");
    assertThat(bulk("").status()).isEqualTo(400);
    assertThat(
            running
                .management()
                .send(
                    "POST",
                    "/items",
                    running
                        .management()
                        .request("/items")
                        .header("content-type", "application/json")
                        .POST(BodyPublishers.ofString("{\"id\":\"a\"}")))
                .status())
        .isEqualTo(415);
  }

  @Test
  void namesWhatIsWrongWithAnItem() {
    for (List<String> wrong :
        List.of(
            List.of("{\"title\":5}", "title", "5", "a text of 0 to 2000 characters"),
            List.of("{\"id\":\"y\"}", "id", "y", "the id of the path, \"x\", or none"),
            List.of("{\"available\":\"yes\"}", "available", "\"yes\"", "true or false"),
            List.of("{\"valid_from\":\"soon\"}", "valid_from", "soon", "an RFC 3339 time"),
            List.of("{\"audience\":\"gold\"}", "audience", "\"gold\"", "an array of segments"),
            List.of("{\"audience\":[\"\"]}", "audience[0]", "\"\"", "a text of 1 to 256"),
            List.of("{\"attributes\":{\"a\":[]}}", "attributes.a", "an array", "a plain value"),
            List.of("{\"attributes\":{\"title\":1}}", "attributes.title", "title", "a name of 1"),
            List.of("{\"title\":\"a\",\"title\":\"b\"}", "title", "stands twice", "each field"),
            List.of("{\"deleted\":true}", "deleted", "true", "no such field"),
            List.of("{\"price\":5}", "price", "5", "others go into attributes"),
            List.of("[]", "body", "an array", "an item"))) {
      Answer answer = putRaw("x", wrong.get(0));
      assertThat(answer.status()).as(wrong.get(0)).isEqualTo(400);
      JsonObject error = answer.json().getJsonArray("errors").getJsonObject(0);
      assertThat(error.getString("field")).as(wrong.get(0)).isEqualTo(wrong.get(1));
      assertThat(error.getString("value")).as(wrong.get(0)).isEqualTo(wrong.get(2));
      assertThat(error.getString("allowed")).as(wrong.get(0)).contains(wrong.get(3));
    }
    assertThat(get("x").status()).isEqualTo(404);
    assertThat(get("%20").status()).isEqualTo(400);
    assertThat(send("PATCH", "S1").status()).isEqualTo(405);
  }

  private static List<String> proposed() {
    return running.open().post("/suggest", "{\"user_id\":\"u\",\"limit\":100}").ids();
  }

  private static List<String> proposedAt(Instant instant) {
    return running
        .open()
        .post("/suggest", "{\"user_id\":\"u\",\"limit\":100,\"timestamp\":\"" + instant + "\"}")
        .ids();
  }

  private static Answer get(String id) {
    return send("GET", id);
  }

  private static Answer put(String id, JsonObject item) {
    Answer answer = putRaw(id, item.encode());
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer;
  }

  private static Answer putRaw(String id, String body) {
    return sendTo(id, "PUT", body);
  }

  private static Answer send(String method, String id) {
    return sendTo(id, method, null);
  }

  private static Answer sendTo(
      String id, String method, @org.jspecify.annotations.Nullable String body) {
    return running
        .management()
        .send(
            method,
            ONE,
            running
                .management()
                .request("/items/" + id)
                .header("content-type", "application/json")
                .method(
                    method,
                    body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body)));
  }

  private static Answer bulk(String lines) {
    return running
        .management()
        .send(
            "POST",
            "/items",
            running
                .management()
                .request("/items")
                .header("content-type", "application/x-ndjson")
                .POST(BodyPublishers.ofByteArray(lines.getBytes(StandardCharsets.UTF_8))));
  }
}
