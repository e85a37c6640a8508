package dev.proffer.offline.evaluate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.proffer.events.Event;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.DoubleConsumer;

/**
 * {@link RankingEvaluation} from outside: for every event that continues a session one {@code POST
 * /suggest}, then the event by {@code POST /log_event}, as a shop would. Users are played side by
 * side, each in order.
 */
public final class HttpRankingEvaluation {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int SIDE_BY_SIDE = 4;

  private HttpRankingEvaluation() {}

  /**
   * Plays events against a gateway.
   *
   * @param url the gateway's public port
   * @param events by time
   */
  public static NextItemMetrics run(
      String url, List<Event> events, long sessionGapMillis, DoubleConsumer progress)
      throws IOException {
    Map<String, List<Event>> byUser = new LinkedHashMap<>();
    events.forEach(
        event -> byUser.computeIfAbsent(event.userId(), user -> new ArrayList<>()).add(event));
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    ExecutorService players = Executors.newFixedThreadPool(SIDE_BY_SIDE);
    try {
      List<Future<List<Integer>>> played = new ArrayList<>();
      for (List<Event> ofUser : byUser.values()) {
        Callable<List<Integer>> play = () -> play(client, url, ofUser, sessionGapMillis);
        played.add(players.submit(play));
      }
      NextItemMetrics metrics = new NextItemMetrics();
      int done = 0;
      for (Future<List<Integer>> ranks : played) {
        for (int rank : ranks.get()) {
          metrics.add(rank);
        }
        progress.accept((double) ++done / played.size());
      }
      return metrics;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IOException("a request failed: " + e.getCause(), e);
    } finally {
      players.shutdownNow();
    }
  }

  private static List<Integer> play(HttpClient client, String url, List<Event> events, long gap)
      throws IOException, InterruptedException {
    List<Integer> ranks = new ArrayList<>();
    for (int at = 0; at < events.size(); at++) {
      Event event = events.get(at);
      if (at > 0 && event.timeMillis() - events.get(at - 1).timeMillis() <= gap) {
        ObjectNode request = JSON.createObjectNode();
        request.put("user_id", event.userId());
        request.put("limit", NextItemMetrics.DEPTH);
        request.put("timestamp", event.timeMillis());
        JsonNode answer = post(client, url + "/suggest", request, 200);
        int rank = 0;
        int slot = 0;
        for (JsonNode proposition : answer.path("propositions")) {
          slot++;
          if (proposition.path("id").asText().equals(event.itemId())) {
            rank = slot;
          }
        }
        ranks.add(rank);
      }
      ObjectNode logged = JSON.createObjectNode();
      logged.put("type", event.type());
      logged.put("event_id", event.id());
      logged.put("user_id", event.userId());
      logged.put("item_id", event.itemId());
      logged.put("timestamp", event.timeMillis());
      post(client, url + "/log_event", logged, 202);
    }
    return ranks;
  }

  private static JsonNode post(HttpClient client, String url, ObjectNode body, int expected)
      throws IOException, InterruptedException {
    HttpResponse<String> response =
        client.send(
            HttpRequest.newBuilder(URI.create(url))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != expected) {
      throw new IOException(url + " answered " + response.statusCode() + ": " + response.body());
    }
    return JSON.readTree(response.body());
  }
}
