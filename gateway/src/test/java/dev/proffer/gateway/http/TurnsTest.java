package dev.proffer.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.events.time.Time;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
class TurnsTest {
  @Test
  void aRequestIsAnsweredAmongPiecesWithoutEnd(Vertx vertx, VertxTestContext test) {
    AtomicBoolean served = new AtomicBoolean();
    vertx.runOnContext(
        loop -> {
          Turns turns = new Turns(vertx, Time.system(), () -> {});
          vertx
              .createHttpServer()
              .requestHandler(
                  request -> {
                    served.set(true);
                    request.response().end();
                  })
              .listen(0, "127.0.0.1")
              .compose(
                  server -> {
                    untilServed(turns, served);
                    return vertx
                        .createHttpClient()
                        .request(HttpMethod.GET, server.actualPort(), "127.0.0.1", "/")
                        .compose(HttpClientRequest::send);
                  })
              .onComplete(test.succeedingThenComplete());
        });
  }

  private static void untilServed(Turns turns, AtomicBoolean served) {
    if (!served.get()) {
      turns.later(() -> untilServed(turns, served));
    }
  }

  @Test
  void piecesAreDoneInOrderAndEachOnce(Vertx vertx, VertxTestContext test) {
    List<Integer> done = new ArrayList<>();
    vertx.runOnContext(
        loop -> {
          Turns turns = new Turns(vertx, Time.system(), () -> {});
          for (int piece = 0; piece < 1_000; piece++) {
            int number = piece;
            turns.later(
                () -> {
                  done.add(number);
                  if (number == 0) {
                    turns.later(() -> done.add(1_000)); // from within a piece: behind the others
                  }
                });
          }
          turns.later(
              () -> // what the first piece added stands behind this one, and another behind that
              turns.later(
                      () ->
                          test.verify(
                              () -> {
                                assertThat(done).hasSize(1_001).isSorted();
                                test.completeNow();
                              })));
        });
  }
}
