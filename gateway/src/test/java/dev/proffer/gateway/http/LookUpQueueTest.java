package dev.proffer.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.candidates.Candidates;
import dev.proffer.candidates.CandidatesSpec;
import dev.proffer.candidates.LookUps;
import dev.proffer.candidates.source.CandidateSource;
import dev.proffer.candidates.source.CatalogIndex;
import dev.proffer.candidates.source.LookUp;
import dev.proffer.candidates.source.LookUpSource;
import dev.proffer.events.time.Time;
import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import dev.proffer.gateway.ops.LoopMeters;
import dev.proffer.gateway.ops.Metrics;
import dev.proffer.gateway.ops.Route;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A real request waits for look-ups that the test holds up. */
@ExtendWith(VertxExtension.class)
class LookUpQueueTest {
  private static final int PATIENCE_MILLIS = 20;

  private final Metrics metrics = new Metrics();

  private static LookUps lookUps(LookUp lookUp) {
    LookUpSource source = (in, index) -> lookUp;
    CandidateSource plain = source;
    return new Candidates(
            new CandidatesSpec(
                9, List.of(new CandidatesSpec.Source("s", "s", 1, 1, "r", () -> plain))))
        .lookUps(new FeatureInput(), new CatalogIndex(Catalog.EMPTY, new Statistics()));
  }

  private interface Script {
    void run(LookUpQueue queue, Exchange exchange) throws Exception;
  }

  /** Sends one request to a script, and gives the status it answers with. */
  private io.vertx.core.Future<Integer> play(Vertx vertx, int millis, int most, Script script) {
    Limits limits = new Limits(1_000, 1_000, 25, most, millis, 0, 1);
    return vertx
        .createHttpServer()
        .requestHandler(
            request -> {
              LoopMeters meters = new LoopMeters(metrics);
              Exchange exchange = new Exchange(request, Route.SUGGEST, Time.system(), meters);
              try {
                script.run(new LookUpQueue(vertx, Time.system(), meters, limits), exchange);
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

  @Test
  void runsOffTheLoopAndAnswersOnIt(Vertx vertx, VertxTestContext test) {
    boolean[] onLoop = {true, false};
    play(
            vertx,
            60_000,
            10,
            (queue, exchange) -> {
              Context loop = Vertx.currentContext();
              LookUps asked =
                  lookUps(
                      () -> {
                        onLoop[0] = Context.isOnEventLoopThread();
                        return new int[0];
                      });
              queue.run(
                  asked,
                  exchange,
                  looked -> {
                    onLoop[1] =
                        Context.isOnEventLoopThread()
                            && Vertx.currentContext() == loop
                            && looked == asked;
                    answer(exchange);
                  });
            })
        .onComplete(
            test.succeeding(
                status ->
                    test.verify(
                        () -> {
                          assertThat(status).isEqualTo(200);
                          assertThat(onLoop).containsExactly(false, true);
                          assertThat(metrics.scrape())
                              .contains(
                                  "proffer_look_up_duration_seconds_count{outcome=\"done\"} 1");
                          test.completeNow();
                        })));
  }

  @Test
  void whatIsLateIsLeftOutAndWhatWaitsBehindItIsNotBegun(Vertx vertx, VertxTestContext test) {
    CountDownLatch held = new CountDownLatch(1);
    AtomicInteger begun = new AtomicInteger();
    AtomicInteger left = new AtomicInteger();
    int requests = 2 * Runtime.getRuntime().availableProcessors();
    play(
            vertx,
            PATIENCE_MILLIS,
            1_000,
            (queue, exchange) -> {
              for (int at = 0; at < requests; at++) {
                queue.run(
                    lookUps(
                        () -> {
                          begun.incrementAndGet();
                          try {
                            held.await();
                          } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                          }
                          return new int[0];
                        }),
                    exchange,
                    looked -> {
                      assertThat(looked).isSameAs(LookUps.LEFT_OUT);
                      if (left.incrementAndGet() == requests) {
                        held.countDown();
                        // Behind all of them: when it is done, so are they.
                        LookUps last = lookUps(() -> new int[0]);
                        vertx.setTimer(
                            1,
                            fired -> {
                              try {
                                queue.run(last, exchange, after -> answer(exchange));
                              } catch (Exception e) {
                                exchange.fail(e);
                              }
                            });
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
                          assertThat(left.get()).isEqualTo(requests);
                          assertThat(begun.get())
                              .isEqualTo(
                                  Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
                          assertThat(metrics.scrape())
                              .contains(
                                  "proffer_look_up_duration_seconds_count{outcome=\"late\"} "
                                      + requests);
                          test.completeNow();
                        })));
  }

  @Test
  void whatFindsNoRoomIsLeftOutAtOnce(Vertx vertx, VertxTestContext test) {
    play(
            vertx,
            60_000,
            0,
            (queue, exchange) ->
                queue.run(
                    lookUps(
                        () -> {
                          throw new AssertionError("asked");
                        }),
                    exchange,
                    looked -> {
                      assertThat(looked).isSameAs(LookUps.LEFT_OUT);
                      answer(exchange);
                    }))
        .onComplete(
            test.succeeding(
                status ->
                    test.verify(
                        () -> {
                          assertThat(status).isEqualTo(200);
                          test.completeNow();
                        })));
  }
}
