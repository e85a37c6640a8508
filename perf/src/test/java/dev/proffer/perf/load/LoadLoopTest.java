package dev.proffer.perf.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
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
  private static final String LARGE = "x".repeat(600_000);

  private final Vertx vertx = Vertx.vertx();
  private final Set<String> bodies = ConcurrentHashMap.newKeySet();
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
    Round round = new LoadLoop("/suggest", List.of("a", "b", "é")).run(port, 4, 200);

    assertThat(bodies).containsExactlyInAnyOrder("/suggest a", "/suggest b", "/suggest é");
    assertThat(round.latencies().count()).isGreaterThanOrEqualTo(4);
    assertThat(round.elapsedNanos()).isPositive();
    assertThat(round.latencies().micros(50)).isPositive();
  }

  @Test
  void readsAnswersThatComeInPieces() throws IOException {
    assertThat(new LoadLoop("/", List.of("large")).run(port, 2, 50).latencies().count())
        .isGreaterThanOrEqualTo(2);
  }

  @Test
  void failsOnAnyAnswerButOk() {
    fails(List.of("a", "b", "refuse me"), "the server answered 429: too many");
  }

  @Test
  void failsWhenTheServerHangsUp() {
    fails(List.of("hang up"), "hung up");
  }

  private void fails(List<String> sent, String why) {
    LoadLoop loop = new LoadLoop("/", sent);
    assertThatThrownBy(() -> loop.run(port, 2, 5_000))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(why);
  }
}
