package dev.proffer.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.proffer.events.time.Time;
import dev.proffer.gateway.http.Admission.Importance;
import dev.proffer.gateway.http.Admission.Way;
import dev.proffer.gateway.ops.LoopMeters;
import dev.proffer.gateway.ops.Metrics;
import dev.proffer.gateway.ops.Route;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Real requests through a real server; only the clock is the test's. */
@ExtendWith(VertxExtension.class)
class AdmissionTest {
  private static final Limits LIMITS = new Limits(1_000, 1_000, 25, 100, 100, 0, 1);
  private static final int CALLERS = 80;
  private static final List<Importance> LAST_FIRST =
      List.of(Importance.EVENTS, Importance.PREDICTION, Importance.SUGGESTION);

  private final AtomicLong nanos = new AtomicLong();
  private final Time time =
      new Time() {
        @Override
        public long millis() {
          return nanos.get() / 1_000_000;
        }

        @Override
        public long nanos() {
          return nanos.get();
        }
      };

  /** What the server does with all requests of a test once they are there. */
  private interface Script {
    void run(Admission admission, List<Exchange> exchanges);
  }

  /**
   * Sends requests side by side, hands them to the script together on the loop, and gives the
   * statuses.
   */
  private Future<List<Integer>> play(
      Vertx vertx, int requests, List<String> timeouts, Script script) {
    List<Exchange> exchanges = new ArrayList<>();
    HttpClient client =
        vertx.createHttpClient(
            new HttpClientOptions().setDefaultHost("127.0.0.1"),
            new PoolOptions().setHttp1MaxSize(CALLERS));
    Admission[] admission = new Admission[1];
    return vertx
        .createHttpServer()
        .requestHandler(
            request -> {
              if (admission[0] == null) {
                admission[0] = new Admission(vertx, time, LIMITS, () -> {});
              }
              exchanges.add(
                  new Exchange(request, Route.SUGGEST, time, new LoopMeters(new Metrics())));
              if (exchanges.size() == requests) {
                script.run(admission[0], exchanges);
              }
            })
        .listen(0, "127.0.0.1")
        .compose(
            server -> {
              List<Future<Integer>> statuses = new ArrayList<>();
              for (int at = 0; at < requests; at++) {
                String timeout = at < timeouts.size() ? timeouts.get(at) : "";
                statuses.add(
                    client
                        .request(HttpMethod.GET, server.actualPort(), "127.0.0.1", "/")
                        .compose(
                            request -> {
                              if (!timeout.isEmpty()) {
                                request.putHeader(Admission.TIMEOUT, timeout);
                              }
                              return request.send();
                            })
                        .map(response -> response.statusCode()));
              }
              return Future.all(statuses).map(all -> all.<Integer>list());
            });
  }

  private static void answer(Exchange exchange) {
    exchange.answer(200, Exchange.JSON, Buffer.buffer("{}"));
  }

  @Test
  void aRequestIsReadAmongEventsWithoutEnd(Vertx vertx, VertxTestContext test) {
    AtomicBoolean served = new AtomicBoolean();
    vertx
        .createHttpServer()
        .requestHandler(
            request -> {
              if (request.path().equals("/stop")) {
                served.set(true);
                request.response().end();
                return;
              }
              Admission admission = new Admission(vertx, Time.system(), LIMITS, () -> {});
              Exchange exchange =
                  new Exchange(request, Route.LOG_EVENT, time, new LoopMeters(new Metrics()));
              untilServed(admission, exchange, served);
            })
        .listen(0, "127.0.0.1")
        .compose(
            server -> {
              HttpClient client = vertx.createHttpClient();
              Future<Integer> events = status(client, server.actualPort(), "/events");
              return status(client, server.actualPort(), "/stop").compose(stopped -> events);
            })
        .onComplete(test.succeedingThenComplete());
  }

  private static Future<Integer> status(HttpClient client, int port, String path) {
    return client
        .request(HttpMethod.GET, port, "127.0.0.1", path)
        .compose(HttpClientRequest::send)
        .map(response -> response.statusCode());
  }

  private static void untilServed(Admission admission, Exchange exchange, AtomicBoolean served) {
    admission.offer(
        Importance.EVENTS,
        exchange,
        way -> {
          if (served.get()) {
            answer(exchange);
          } else {
            untilServed(admission, exchange, served);
          }
        });
  }

  @Test
  void suggestionsGoBeforePredictionsBeforeEvents(Vertx vertx, VertxTestContext test) {
    List<Importance> done = Collections.synchronizedList(new ArrayList<>());
    play(
            vertx,
            9,
            List.of(),
            (admission, exchanges) -> {
              for (int at = 0; at < exchanges.size(); at++) {
                Exchange exchange = exchanges.get(at);
                Importance importance = LAST_FIRST.get(at % 3);
                admission.offer(
                    importance,
                    exchange,
                    way -> {
                      done.add(importance);
                      answer(exchange);
                    });
              }
            })
        .onComplete(
            test.succeeding(
                statuses ->
                    test.verify(
                        () -> {
                          assertThat(statuses).containsOnly(200);
                          assertThat(done).hasSize(9).isSorted();
                          test.completeNow();
                        })));
  }

  @Test
  void beyondTheLimitRulesAnswerAndBeyondWhatIsSparedNobody(Vertx vertx, VertxTestContext test) {
    AtomicInteger whole = new AtomicInteger();
    AtomicInteger cheap = new AtomicInteger();
    AtomicInteger limit = new AtomicInteger();
    play(
            vertx,
            CALLERS,
            List.of(),
            (admission, exchanges) -> {
              limit.set(admission.limit());
              for (Exchange exchange : exchanges) {
                admission.offer(
                    Importance.SUGGESTION,
                    exchange,
                    way -> {
                      nanos.addAndGet(30_000_000); // each takes longer than the target
                      (way == Way.WHOLE ? whole : cheap).incrementAndGet();
                      answer(exchange);
                    });
              }
            })
        .onComplete(
            test.succeeding(
                statuses ->
                    test.verify(
                        () -> {
                          assertThat(limit.get()).isEqualTo(20);
                          assertThat(statuses.stream().filter(status -> status == 503))
                              .hasSize(CALLERS - Admission.SPARED);
                          assertThat(whole.get() + cheap.get()).isEqualTo(Admission.SPARED);
                          // All of them took too long, but all had come before the limit shrank:
                          // by a tenth, once.
                          assertThat(whole.get()).isEqualTo(18);
                          test.completeNow();
                        })));
  }

  @Test
  void whatNobodyWaitsForIsNotComputed(Vertx vertx, VertxTestContext test) {
    List<Integer> computed = Collections.synchronizedList(new ArrayList<>());
    play(
            vertx,
            3,
            List.of("10", "11", "9"),
            (admission, exchanges) -> {
              nanos.addAndGet(9_700_000); // a twentieth of the ten is for the way
              for (Exchange exchange : exchanges) {
                int millis = Integer.parseInt(exchange.request().getHeader(Admission.TIMEOUT));
                admission.offer(
                    Importance.PREDICTION,
                    exchange,
                    way -> {
                      computed.add(millis);
                      answer(exchange);
                    });
              }
            })
        .onComplete(
            test.succeeding(
                statuses ->
                    test.verify(
                        () -> {
                          assertThat(statuses).containsExactly(504, 200, 504);
                          assertThat(computed).containsExactly(11);
                          test.completeNow();
                        })));
  }

  @Test
  void whoHasLittleTimeLeftIsAnsweredByRules(Vertx vertx, VertxTestContext test) {
    List<Way> ways = Collections.synchronizedList(new ArrayList<>());
    List<String> timeouts = new ArrayList<>(Collections.nCopies(10, ""));
    timeouts.addAll(List.of("76", "10000"));
    play(
            vertx,
            12,
            timeouts,
            (admission, exchanges) -> {
              // In the order they were sent: the connections may have come in another.
              exchanges.sort(
                  Comparator.comparingInt(exchange -> timeouts.indexOf(header(exchange))));
              for (Exchange exchange : exchanges) {
                admission.offer(
                    Importance.SUGGESTION,
                    exchange,
                    way -> {
                      if (header(exchange).isEmpty()) {
                        nanos.addAndGet(7_000_000);
                      } else {
                        ways.add(way);
                      }
                      answer(exchange);
                    });
              }
            })
        .onComplete(
            test.succeeding(
                statuses ->
                    test.verify(
                        () -> {
                          // 70 ms have gone, 72 may; a whole answer takes some 3 ms by the average
                          // so far.
                          assertThat(statuses).containsOnly(200);
                          assertThat(ways).containsExactly(Way.CHEAP, Way.WHOLE);
                          test.completeNow();
                        })));
  }

  private static String header(Exchange exchange) {
    String header = exchange.request().getHeader(Admission.TIMEOUT);
    return header == null ? "" : header;
  }

  @Test
  void aTimeThatIsNoneIsRefused(Vertx vertx, VertxTestContext test) {
    play(
            vertx,
            4,
            List.of("0", "soon", "600001", "600000"),
            (admission, exchanges) ->
                exchanges.forEach(
                    exchange ->
                        assertThatCode(
                                () ->
                                    admission.offer(
                                        Importance.SUGGESTION, exchange, way -> answer(exchange)))
                            .doesNotThrowAnyException()))
        .onComplete(
            test.succeeding(
                statuses ->
                    test.verify(
                        () -> {
                          assertThat(statuses).containsExactly(400, 400, 400, 200);
                          test.completeNow();
                        })));
  }

  @Test
  void aFailureIsTheAnswerAndTheLoopGoesOn(Vertx vertx, VertxTestContext test) {
    play(
            vertx,
            2,
            List.of(),
            (admission, exchanges) -> {
              admission.offer(
                  Importance.SUGGESTION,
                  exchanges.get(0),
                  way -> {
                    throw new AssertionError("on purpose");
                  });
              admission.offer(
                  Importance.SUGGESTION, exchanges.get(1), way -> answer(exchanges.get(1)));
            })
        .onComplete(
            test.succeeding(
                statuses ->
                    test.verify(
                        () -> {
                          assertThat(statuses).containsExactlyInAnyOrder(500, 200);
                          test.completeNow();
                        })));
  }
}
