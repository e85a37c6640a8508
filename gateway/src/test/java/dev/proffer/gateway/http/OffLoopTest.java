package dev.proffer.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.events.time.Time;
import dev.proffer.gateway.ops.LoopMeters;
import dev.proffer.gateway.ops.Metrics;
import dev.proffer.gateway.ops.Route;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A real request waits for answers that the test holds up. */
@ExtendWith(VertxExtension.class)
class OffLoopTest {
  private static final int LONG_ENOUGH = 60_000;
  private static final int THREADS = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);

  private final Metrics metrics = new Metrics();
  private final AtomicInteger makers = new AtomicInteger();

  private interface Script {
    void run(OffLoop<Integer> offLoop, Exchange exchange) throws Exception;
  }

  /** Sends one request to a script, and gives the status it answers with. */
  private Future<Integer> play(Vertx vertx, int millis, int most, Script script) {
    Limits limits = new Limits(1_000, 1_000, 25, most, millis, 0, 1);
    return vertx
        .createHttpServer()
        .requestHandler(
            request -> {
              LoopMeters meters = new LoopMeters(metrics);
              Exchange exchange = new Exchange(request, Route.SUGGEST, Time.system(), meters);
              try {
                script.run(
                    new OffLoop<>(vertx, Time.system(), meters, limits, makers::incrementAndGet),
                    exchange);
              } catch (Exception e) {
                exchange.fail(e);
              }
            })
        .listen(0, "127.0.0.1")
        .compose(
            server ->
                vertx
                    .createHttpClient()
                    .request(HttpMethod.GET, server.actualPort(), "127.0.0.1", "/"))
        .compose(request -> request.send())
        .map(response -> response.statusCode());
  }

  private static void answer(Exchange exchange) {
    exchange.answer(200, Exchange.JSON, Buffer.buffer("{}"));
  }

  private double count(String outcome) {
    String name = "proffer_off_loop_duration_seconds_count{outcome=\"" + outcome + "\"} ";
    return metrics
        .scrape()
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
        .sum();
  }

  @Test
  void makesAnAnswerOffTheLoopAndGivesItOnIt(Vertx vertx, VertxTestContext test) {
    boolean[] onLoop = {true, false};
    Set<Integer> by = new HashSet<>();
    play(
            vertx,
            LONG_ENOUGH,
            10,
            (offLoop, exchange) -> {
              Context loop = Vertx.currentContext();
              offLoop.make(
                  exchange,
                  maker -> {
                    onLoop[0] = Context.isOnEventLoopThread();
                    return maker + " made it";
                  },
                  (maker, made) -> {
                    onLoop[1] =
                        Context.isOnEventLoopThread()
                            && Vertx.currentContext() == loop
                            && made.equals(maker + " made it");
                    by.add(maker);
                    // A maker that is not free yet makes no other answer.
                    offLoop.make(
                        exchange,
                        another -> another,
                        (another, itself) -> {
                          by.add(another);
                          vertx.runOnContext(
                              later -> {
                                try {
                                  offLoop.make(
                                      exchange,
                                      third -> third,
                                      (third, same) -> {
                                        by.add(third);
                                        answer(exchange);
                                      },
                                      () -> {});
                                } catch (Exception e) {
                                  exchange.fail(e);
                                }
                              });
                        },
                        () -> {});
                  },
                  () -> {});
            })
        .onComplete(
            test.succeeding(
                status ->
                    test.verify(
                        () -> {
                          assertThat(status).isEqualTo(200);
                          assertThat(onLoop).containsExactly(false, true);
                          assertThat(count("done")).isEqualTo(3);
                          assertThat(by)
                              .as("those that are free are used again")
                              .hasSizeBetween(1, 2);
                          assertThat(makers.get()).isEqualTo(by.size());
                          test.completeNow();
                        })));
  }

  @Test
  void whatIsLateIsAnsweredByTheLoopAndWhatWaitsBehindItIsNotBegun(
      Vertx vertx, VertxTestContext test) {
    CountDownLatch held = new CountDownLatch(1);
    AtomicInteger begun = new AtomicInteger();
    AtomicInteger late = new AtomicInteger();
    int requests = THREADS + 3;
    play(
            vertx,
            500,
            1_000,
            (offLoop, exchange) -> {
              for (int at = 0; at < requests; at++) {
                offLoop.make(
                    exchange,
                    maker -> {
                      begun.incrementAndGet();
                      try {
                        held.await();
                      } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                      }
                      return maker;
                    },
                    (maker, made) -> exchange.fail(new AssertionError("was late")),
                    () -> {
                      if (late.incrementAndGet() == requests) {
                        held.countDown();
                        answer(exchange);
                      }
                    });
              }
            })
        .onComplete(
            test.succeeding(
                status ->
                    test.verify(
                        () -> {
                          assertThat(status).isEqualTo(200);
                          assertThat(late.get()).isEqualTo(requests);
                          assertThat(begun.get()).isEqualTo(THREADS);
                          assertThat(count("late")).isEqualTo(requests);
                          test.completeNow();
                        })));
  }

  @Test
  void whatFindsNoRoomIsAnsweredByTheLoopAtOnce(Vertx vertx, VertxTestContext test) {
    play(
            vertx,
            LONG_ENOUGH,
            0,
            (offLoop, exchange) ->
                offLoop.make(
                    exchange,
                    maker -> maker,
                    (maker, made) -> exchange.fail(new AssertionError("there was no room")),
                    () -> answer(exchange)))
        .onComplete(
            test.succeeding(
                status ->
                    test.verify(
                        () -> {
                          assertThat(status).isEqualTo(200);
                          assertThat(makers.get()).isZero();
                          test.completeNow();
                        })));
  }

  @Test
  void aFailureIsAnswered(Vertx vertx, VertxTestContext test) {
    play(
            vertx,
            LONG_ENOUGH,
            10,
            (offLoop, exchange) ->
                offLoop.make(
                    exchange,
                    maker -> {
                      throw new IllegalStateException("broken");
                    },
                    (maker, made) -> answer(exchange),
                    () -> answer(exchange)))
        .onComplete(
            test.succeeding(
                status ->
                    test.verify(
                        () -> {
                          assertThat(status).isEqualTo(500);
                          test.completeNow();
                        })));
  }
}
