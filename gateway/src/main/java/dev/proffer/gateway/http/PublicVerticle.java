package dev.proffer.gateway.http;

import dev.proffer.events.time.TimeOrderedIds;
import dev.proffer.gateway.ops.Health;
import dev.proffer.gateway.ops.LoopMeters;
import dev.proffer.gateway.ops.Route;
import dev.proffer.pipeline.PredictPipeline;
import dev.proffer.pipeline.SuggestPipeline;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The public port on one event loop: as many instances as loops, each with pipelines, readers and
 * ids of its own. Starting means "I can answer", stopping "my last request is answered".
 */
public final class PublicVerticle extends VerticleBase {
  /** Scripts and styles from this port alone; Swagger UI sets styles and inlines its icons. */
  private static final String CONTENT_SECURITY =
      "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
          + " frame-ancestors 'none'";

  private final Services services;
  private final Pages pages;
  private final String host;
  private final int port;
  private final int drainSeconds;
  private final IntConsumer bound;
  private @Nullable HttpServer server;
  private @Nullable Sequences sequences;

  /**
   * An instance.
   *
   * @param port what to listen on; negative for a free one that all instances share
   * @param bound told the port that was bound
   */
  public PublicVerticle(
      Services services, Pages pages, String host, int port, int drainSeconds, IntConsumer bound) {
    this.services = services;
    this.pages = pages;
    this.host = host;
    this.port = port;
    this.drainSeconds = drainSeconds;
    this.bound = bound;
  }

  @Override
  public Future<?> start() {
    TimeOrderedIds ids = new TimeOrderedIds(services.time());
    LoopMeters meters = new LoopMeters(services.metrics());
    Routes routes = new Routes(vertx, services.time(), meters);
    Sequences reading = new Sequences(services, vertx);
    sequences = reading;
    Admission admission =
        new Admission(vertx, services.time(), services.limits(), services.pump()::wake);
    services.metrics().watchLimit(admission::limit);
    SuggestHandler suggest =
        new SuggestHandler(
            services,
            meters,
            ids,
            suggesting(),
            reading,
            admission,
            offLoop(meters, this::suggesting));
    suggest.warmUp();
    routes.post("/suggest", Route.SUGGEST, suggest::handle);
    routes.post(
        "/log_event",
        Route.LOG_EVENT,
        new LogEventHandler(services, meters, ids, admission, vertx)::handle);
    routes.post(
        "/predict",
        Route.PREDICT,
        new PredictHandler(
                services,
                meters,
                predicting(),
                reading,
                admission,
                offLoop(meters, this::predicting))
            ::handle);
    routes.get("/health", Route.HEALTH, this::health);
    routes.get(Pages.CONTRACT, Route.OPENAPI, exchange -> page(exchange, Pages.CONTRACT));
    routes.get(Pages.DOCS, Route.DOCS, exchange -> page(exchange, Pages.DOCS));
    for (String path : pages.parts()) {
      routes.part(path, Route.DOCS, exchange -> page(exchange, path));
    }
    HttpServer created =
        vertx
            .createHttpServer(Routes.listening(host, port))
            .requestHandler(routes.handler())
            .invalidRequestHandler(routes::invalid);
    server = created;
    return created.listen().onSuccess(listening -> bound.accept(listening.actualPort()));
  }

  private SuggestPipeline suggesting() {
    return new SuggestPipeline(
        services.contracts(), services.candidates(), services.ranking(), services.showings());
  }

  private PredictPipeline predicting() {
    return new PredictPipeline(services.contracts());
  }

  private <P> OffLoop<P> offLoop(LoopMeters meters, Supplier<P> maker) {
    return new OffLoop<>(vertx, services.time(), meters, services.limits(), maker);
  }

  @Override
  public Future<?> stop() {
    HttpServer listening = server;
    Sequences reading = sequences;
    Future<?> stopped =
        listening == null
            ? Future.succeededFuture()
            : listening.shutdown(drainSeconds, TimeUnit.SECONDS);
    return reading == null ? stopped : stopped.onComplete(done -> reading.close());
  }

  private void page(Exchange exchange, String path) {
    Pages.Page page = pages.at(path);
    if (page == null) {
      throw new IllegalStateException("no page at " + path);
    }
    exchange
        .response()
        .putHeader("content-security-policy", CONTENT_SECURITY)
        .putHeader("x-content-type-options", "nosniff");
    exchange.answer(200, page.contentType(), page.body());
  }

  private void health(Exchange exchange) {
    Health.Report report = services.health().report();
    exchange.answer(
        200,
        Exchange.JSON,
        JsonOutput.write(
            512,
            json -> {
              json.writeStartObject();
              json.writeStringField("phase", report.phase().word());
              json.writeStringField("status", report.ok() ? "ok" : "degraded");
              json.writeNumberField("uptime_seconds", report.uptimeSeconds());
              json.writeObjectFieldStart("parts");
              for (Map.Entry<String, Health.Part> part : report.parts().entrySet()) {
                json.writeObjectFieldStart(part.getKey());
                json.writeStringField("status", part.getValue().ok() ? "ok" : "degraded");
                json.writeStringField("detail", part.getValue().words());
                json.writeEndObject();
              }
              json.writeEndObject();
              json.writeEndObject();
            }));
  }
}
