package dev.proffer.offline.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;

/**
 * Real requests to the demo's gateway; each says what it saw and whether that is what was promised.
 */
final class DemoCheck {
  private static final JsonMapper JSON = new JsonMapper();

  private final HttpClient client = HttpClient.newHttpClient();
  private final String url;
  private final String managementUrl;
  private final Console console;
  private boolean held = true;

  DemoCheck(String url, String managementUrl, Console console) {
    this.url = url;
    this.managementUrl = managementUrl;
    this.console = console;
  }

  /** Runs all; false when one did not hold. */
  boolean run() throws IOException {
    JsonNode health = get(url + "/health");
    say(health.path("status").asText().equals("ok"), "health: " + health.path("status").asText());

    JsonNode stranger = post("/suggest", "{\"user_id\": \"check-1\", \"limit\": 5}");
    say(
        stranger.path("served_by").asText().equals("ml_ranker")
            && stranger.path("propositions").size() == 5,
        "a person never seen: " + ids(stranger) + " by " + stranger.path("served_by").asText());

    JsonNode click =
        post(
            "/log_event",
            "{\"type\": \"click\", \"user_id\": \"check-1\", \"item_id\": \"B10\", \"request_id\": \""
                + stranger.path("request_id").asText()
                + "\"}");
    say(click.path("accepted").asInt() == 1, "a click: accepted " + click.path("accepted").asInt());

    JsonNode after =
        post("/suggest", "{\"user_id\": \"check-1\", \"limit\": 5, \"reasons\": true}");
    JsonNode first = after.path("propositions").path(0);
    say(
        !ids(after).equals(ids(stranger)) && !first.path("reason").asText().isEmpty(),
        "the next suggestion has changed: "
            + ids(after)
            + ", first because: "
            + first.path("reason").asText());
    double confidence = first.path("confidence").asDouble(-1);
    say(confidence > 0 && confidence < 1, "its confidence is a probability: " + confidence);

    JsonNode given =
        post(
            "/suggest",
            "{\"user_id\": \"check-1\", \"items\": [\"A1\", \"B10\", \"C5\", \"P12\"], \"limit\": 4}");
    say(given.path("propositions").size() == 4, "four given items ranked: " + ids(given));

    JsonNode mixed =
        post(
            "/log_event",
            "[{\"type\": \"view\", \"user_id\": \"check-1\", \"item_id\": \"B11\"}, {\"type\": \"sneeze\", \"user_id\": \"check-1\"}]");
    say(
        mixed.path("accepted").asInt() == 1 && mixed.path("refused").asInt() == 1,
        "a wrong event among two: "
            + mixed.path("accepted").asInt()
            + " kept, "
            + mixed.path("refused").asInt()
            + " refused because of "
            + mixed.path("results").path(1).path("field").asText());

    JsonNode leave = post("/predict", "{\"user_id\": \"check-1\", \"task\": \"leave\"}");
    double probability = leave.path("leave_probability").asDouble(-1);
    say(
        probability > 0 && probability < 1 && leave.path("served_by").asText().equals("ml_ranker"),
        "leave_probability " + probability + " by " + leave.path("served_by").asText());

    HttpResponse<String> wrong = send("/suggest", "{\"user_id\": \"\", \"limit\": 0}");
    say(
        wrong.statusCode() == 400
            && wrong
                .headers()
                .firstValue("content-type")
                .orElse("")
                .startsWith("application/problem+json"),
        "a wrong request: "
            + wrong.statusCode()
            + " "
            + JSON.readTree(wrong.body()).path("detail").asText());

    String metrics = text(managementUrl + "/metrics");
    say(
        metrics.contains("proffer_impressions_total") && metrics.contains("proffer_clicks_total"),
        "metrics: impressions and clicks are counted");
    say(text(url + "/openapi.yaml").contains("/suggest"), "the contract is served");
    say(text(url + "/docs").contains("swagger"), "the docs page is served");
    console.say("");
    console.say(held ? "everything held" : "NOT everything held");
    return held;
  }

  private void say(boolean ok, String what) {
    held &= ok;
    console.say((ok ? "  ok    " : "  FAIL  ") + what);
  }

  private static List<String> ids(JsonNode page) {
    List<String> ids = new ArrayList<>();
    page.path("propositions").forEach(proposition -> ids.add(proposition.path("id").asText()));
    return ids;
  }

  private JsonNode post(String path, String body) throws IOException {
    return JSON.readTree(send(path, body).body());
  }

  private HttpResponse<String> send(String path, String body) throws IOException {
    return send(
        HttpRequest.newBuilder(URI.create(url + path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build());
  }

  private JsonNode get(String address) throws IOException {
    return JSON.readTree(text(address));
  }

  private String text(String address) throws IOException {
    return send(HttpRequest.newBuilder(URI.create(address)).build()).body();
  }

  private HttpResponse<String> send(HttpRequest request) throws IOException {
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
