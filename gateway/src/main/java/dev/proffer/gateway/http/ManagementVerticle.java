package dev.proffer.gateway.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.proffer.events.log.EventLog;
import dev.proffer.events.log.LogPump;
import dev.proffer.events.time.Time;
import dev.proffer.features.store.SequenceStore;
import dev.proffer.gateway.live.Experiments;
import dev.proffer.gateway.live.ModelWatcher;
import dev.proffer.gateway.live.Worlds;
import dev.proffer.gateway.ops.Health;
import dev.proffer.gateway.ops.LoopMeters;
import dev.proffer.gateway.ops.Metrics;
import dev.proffer.gateway.ops.Phase;
import dev.proffer.gateway.ops.Route;
import dev.proffer.ranker.store.StoreAway;
import dev.proffer.ranker.store.StoreRefused;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The management port: alive, ready, metrics, models, the catalog, a person's data. One instance,
 * up before the history is folded and down after the last request is answered.
 */
public final class ManagementVerticle extends VerticleBase {
  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

  private final Time time;
  private final Metrics metrics;
  private final Health health;
  private final ModelWatcher watcher;
  private final Set<String> tasks;
  private final EventLog log;
  private final LogPump pump;
  private final SequenceStore sequences;
  private final Consumer<String> forgotten;
  private final Worlds worlds;
  private final Experiments experiments;
  private final int maxBodyBytes;
  private final String host;
  private final int port;
  private final IntConsumer bound;

  /**
   * The instance.
   *
   * @param forgotten told the id of each user who was forgotten, once the state holds nothing of
   *     them; on the loop
   * @param maxBodyBytes largest item
   * @param port what to listen on; 0 for a free one
   * @param bound told the port that was bound
   */
  public ManagementVerticle(
      Time time,
      Metrics metrics,
      Health health,
      ModelWatcher watcher,
      Set<String> tasks,
      EventLog log,
      LogPump pump,
      SequenceStore sequences,
      Consumer<String> forgotten,
      Worlds worlds,
      Experiments experiments,
      int maxBodyBytes,
      String host,
      int port,
      IntConsumer bound) {
    this.time = time;
    this.metrics = metrics;
    this.health = health;
    this.watcher = watcher;
    this.tasks = tasks;
    this.log = log;
    this.pump = pump;
    this.sequences = sequences;
    this.forgotten = forgotten;
    this.worlds = worlds;
    this.experiments = experiments;
    this.maxBodyBytes = maxBodyBytes;
    this.host = host;
    this.port = port;
    this.bound = bound;
  }

  @Override
  public Future<?> start() {
    Routes routes = new Routes(vertx, time, new LoopMeters(metrics));
    routes.get("/livez", Route.MANAGEMENT, exchange -> status(exchange, 200, "alive"));
    routes.get("/readyz", Route.MANAGEMENT, this::ready);
    routes.get("/metrics", Route.MANAGEMENT, this::metrics);
    routes.get("/models", Route.MANAGEMENT, this::models);
    for (String task : tasks) {
      routes.post(
          "/models/" + task + "/rollback", Route.MANAGEMENT, exchange -> rollback(exchange, task));
    }
    new ExperimentsHandler(vertx, experiments).register(routes);
    routes.below(
        UserHandler.PREFIX,
        List.of("DELETE /users/{id}", "/users/{id}/export"),
        new UserHandler(vertx, time, log, pump, sequences, forgotten)::handle);
    CatalogChanges changes = new CatalogChanges(vertx, time, pump, worlds);
    routes.post(
        ItemsUpload.PATH,
        Route.MANAGEMENT,
        exchange -> ItemsUpload.take(vertx, changes, exchange, maxBodyBytes));
    routes.below(
        ItemHandler.PREFIX, List.of("/items/{id}"), new ItemHandler(changes, maxBodyBytes)::handle);
    HttpServer server =
        vertx
            .createHttpServer(Routes.listening(host, port))
            .requestHandler(routes.handler())
            .invalidRequestHandler(routes::invalid);
    return server.listen().onSuccess(listening -> bound.accept(listening.actualPort()));
  }

  private void ready(Exchange exchange) {
    Phase phase = health.phase();
    status(exchange, phase == Phase.READY ? 200 : 503, phase.word());
  }

  private static void status(Exchange exchange, int status, String word) {
    exchange.answer(
        status,
        Exchange.JSON,
        JsonOutput.write(
            32,
            json -> {
              json.writeStartObject();
              json.writeStringField("status", word);
              json.writeEndObject();
            }));
  }

  private void metrics(Exchange exchange) {
    vertx
        .executeBlocking(metrics::scrape)
        .onComplete(text -> exchange.answer(200, PROMETHEUS, Buffer.buffer(text)), exchange::fail);
  }

  private void models(Exchange exchange) {
    exchange.answer(
        200,
        Exchange.JSON,
        JsonOutput.write(
            1_024,
            json -> {
              ModelWatcher.StoreState store = watcher.store();
              json.writeStartObject();
              json.writeObjectFieldStart("store");
              json.writeStringField("place", store.place());
              json.writeBooleanField("answers", store.ok());
              text(json, "trouble", store.ok() ? null : store.trouble());
              json.writeEndObject();
              json.writeObjectFieldStart("tasks");
              for (ModelWatcher.TaskState state : watcher.states()) {
                write(json, state);
              }
              json.writeEndObject();
              json.writeEndObject();
            }));
  }

  private void rollback(Exchange exchange, String task) {
    vertx
        .executeBlocking(() -> watcher.rollback(task))
        .onComplete(
            state ->
                exchange.answer(
                    200,
                    Exchange.JSON,
                    JsonOutput.write(
                        256,
                        json -> {
                          json.writeStartObject();
                          json.writeStringField("task", task);
                          text(json, "champion", state.champion());
                          text(json, "previous", state.previous());
                          json.writeEndObject();
                        })),
            failure ->
                exchange.fail(
                    failure instanceof StoreAway || failure instanceof StoreRefused
                        ? Refused.of(
                            Problem.MODEL_STORE_AWAY,
                            "task",
                            task,
                            "a store that takes changes; " + failure.getMessage())
                        : failure instanceof IllegalArgumentException
                            ? Refused.of(
                                Problem.NO_PREVIOUS_MODEL,
                                "task",
                                task,
                                "a task whose champion took the place of another")
                            : failure));
  }

  private static void write(JsonGenerator json, ModelWatcher.TaskState state) throws IOException {
    json.writeObjectFieldStart(state.task());
    json.writeStringField("contract", state.contract());
    text(json, "named_champion", state.championAlias());
    text(json, "champion", state.champion());
    text(json, "previous", state.previous());
    json.writeObjectFieldStart("variants");
    for (Map.Entry<String, String> variant : state.variants().entrySet()) {
      text(json, variant.getKey(), variant.getValue().isEmpty() ? null : variant.getValue());
    }
    json.writeEndObject();
    json.writeArrayFieldStart("refused");
    for (Map.Entry<String, String> refusal : state.refused().entrySet()) {
      json.writeStartObject();
      json.writeStringField("model_version", refusal.getKey());
      json.writeStringField("reason", refusal.getValue());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void text(JsonGenerator json, String field, @Nullable String value)
      throws IOException {
    json.writeStringField(field, value);
  }
}
