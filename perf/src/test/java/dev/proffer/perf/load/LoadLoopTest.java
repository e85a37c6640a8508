package dev.proffer.perf.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class LoadLoopTest {
  private static final Path NO_FILE = Path.of("none");
  private static final String LARGE = "x".repeat(600_000);

  private final Vertx vertx = Vertx.vertx();
  private final Set<String> bodies = ConcurrentHashMap.newKeySet();
  private final Set<String> timeouts = ConcurrentHashMap.newKeySet();
  private int port;

  @BeforeEach
  void listen() throws Exception {
    HttpServer server =
        vertx
            .createHttpServer()
            .requestHandler(
                request ->
                    request.bodyHandler(
                        body -> {
                          bodies.add(request.uri() + " " + body);
                          timeouts.add(String.valueOf(request.getHeader("X-Request-Timeout-Ms")));
                          answer(request, body.toString());
                        }))
            .listen(0, "localhost")
            .await(30, TimeUnit.SECONDS);
    port = server.actualPort();
  }

  private static void answer(HttpServerRequest request, String body) {
    switch (body) {
      case "refuse me" -> request.response().setStatusCode(429).end("too many");
      case "hang up" -> request.connection().close();
      case "large" -> request.response().end(Buffer.buffer(LARGE));
      default -> request.response().end("{}");
    }
  }

  @AfterEach
  void stop() throws Exception {
    vertx.close().await(30, TimeUnit.SECONDS);
  }

  @Test
  void sendsEveryBodyAndCountsEveryAnswer() throws IOException {
    Round round = closed(List.of("a", "b", "é"), 4, 200);

    assertThat(bodies).containsExactlyInAnyOrder("/x a", "/x b", "/x é");
    assertThat(round.latencies().count()).isGreaterThanOrEqualTo(4);
    assertThat(round.elapsedNanos()).isPositive();
    assertThat(round.latencies().micros(50)).isPositive();
  }

  @Test
  void readsAnswersThatComeInPieces() throws IOException {
    assertThat(closed(List.of("large"), 2, 50).latencies().count()).isGreaterThanOrEqualTo(2);
  }

  @Test
  void givesEveryRequestAnIdOfItsOwnAndSendsOldOnesAgain() throws IOException {
    Round round = closed(List.of(Requests.NEW_ID + "," + Requests.NEW_ID, Requests.OLD_ID), 4, 200);

    List<String> ids = new ArrayList<>();
    Set<String> old = new HashSet<>();
    for (String body : bodies) {
      String[] found = body.substring("/x ".length()).split(",", -1);
      if (found.length == 2) {
        ids.addAll(List.of(found));
      } else {
        old.add(found[0]);
      }
    }
    assertThat(ids).doesNotHaveDuplicates().hasSizeGreaterThan(2).doesNotContain(Requests.NEW_ID);
    assertThat(ids).containsAll(old);
    assertThat(round.latencies().count()).isGreaterThan(ids.size() / 2);
  }

  @Test
  void sendsAsManyAsAreDueBesideAClosedLoop() throws IOException {
    List<Round> rounds =
        new LoadLoop()
            .add(Traffic.open("/open", NO_FILE, 2, 100, 200), requests("/open", List.of("a")))
            .add(Traffic.closed("/shut", NO_FILE, 2, 200), requests("/shut", List.of("b")))
            .run(port, 300);

    assertThat(rounds.get(0).latencies().count()).isEqualTo(30);
    assertThat(rounds.get(1).latencies().count()).isPositive();
    assertThat(bodies).containsExactlyInAnyOrder("/open a", "/shut b");
  }

  @Test
  void readsAnOrderAndItsRounds() throws IOException {
    Traffic traffic = Traffic.open("/x", Path.of("some file"), 3, 50, 202);
    String[] words = Traffic.order(80, 100, traffic, traffic).split("\t", -1);
    assertThat(words).hasSize(2 + 2 * Traffic.words());
    assertThat(Traffic.of(words, 2)).isEqualTo(traffic);
    assertThat(Traffic.of(words, 2 + Traffic.words())).isEqualTo(traffic);

    Round round = closed(List.of("a"), 1, 20);
    List<Round> read = Round.of(Round.lines(List.of(round, round)));
    assertThat(read).hasSize(2);
    assertThat(read.get(1).elapsedNanos()).isEqualTo(round.elapsedNanos());
    assertThat(read.get(1).latencies().count()).isEqualTo(round.latencies().count());
  }

  @Test
  void countsWhatImpatientCallersWereRefusedAndWhatTheyNeverSent() throws IOException {
    Traffic traffic = Traffic.open("/x", NO_FILE, 1, 100_000, 200).impatient(70);
    Round round =
        new LoadLoop()
            .add(traffic, new Requests("/x", List.of("a", "refuse me"), 70, new Requests.Ids()))
            .run(port, 1_000)
            .get(0);

    assertThat(timeouts).containsExactly("70");
    assertThat(round.others()).isPositive();
    assertThat(round.unsent()).isPositive();
    assertThat(round.latencies().count() + round.others() + round.unsent()).isEqualTo(100_000);
  }

  @Test
  void failsOnAnyAnswerButTheExpected() {
    fails(List.of("a", "b", "refuse me"), "the server answered 429: too many");
  }

  @Test
  void failsWhenTheServerHangsUp() {
    fails(List.of("hang up"), "hung up");
  }

  private void fails(List<String> sent, String why) {
    assertThatThrownBy(() -> closed(sent, 2, 5_000))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(why);
  }

  private Round closed(List<String> sent, int connections, long millis) throws IOException {
    return new LoadLoop()
        .add(Traffic.closed("/x", NO_FILE, connections, 200), requests("/x", sent))
        .run(port, millis)
        .get(0);
  }

  private static Requests requests(String path, List<String> bodies) {
    return new Requests(path, bodies, new Requests.Ids());
  }
}
