package dev.proffer.gateway.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.proffer.events.codec.EventReader;
import dev.proffer.events.codec.InvalidInput;
import dev.proffer.events.codec.JsonInput;
import dev.proffer.features.state.UserSequence;
import dev.proffer.gateway.ops.LoopMeters;
import dev.proffer.pipeline.Degradation;
import dev.proffer.pipeline.Effort;
import dev.proffer.pipeline.PredictInput;
import dev.proffer.pipeline.PredictPipeline;
import dev.proffer.pipeline.PredictPipeline.Prediction;
import dev.proffer.ranker.ModelsSpec;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code POST /predict}: a task's probability for one user, with the features that spoke most. */
final class PredictHandler {
  private static final List<String> FIELDS = List.of("user_id", "entity_id", "task", "timestamp");

  private final Services services;
  private final LoopMeters meters;
  private final PredictPipeline pipeline;
  private final Sequences sequences;
  private final Admission admission;
  private final OffLoop<PredictPipeline> offLoop;
  private final List<String> tasks;

  PredictHandler(
      Services services,
      LoopMeters meters,
      PredictPipeline pipeline,
      Sequences sequences,
      Admission admission,
      OffLoop<PredictPipeline> offLoop) {
    this.services = services;
    this.meters = meters;
    this.pipeline = pipeline;
    this.sequences = sequences;
    this.admission = admission;
    this.offLoop = offLoop;
    this.tasks =
        services.models().tasks().keySet().stream()
            .filter(task -> !task.equals(ModelsSpec.RANKING))
            .toList();
  }

  /** The body. {@code entityField} is the field that named whom it is about. */
  private record Request(String entityField, String entityId, String task, long timeMillis) {}

  void handle(Exchange exchange) {
    Bodies.json(
        exchange,
        services.limits().maxBodyBytes(),
        (media, body) ->
            admission.offer(
                Admission.Importance.PREDICTION, exchange, way -> answer(exchange, body)));
  }

  private void answer(Exchange exchange, byte[] body) throws Exception {
    Request request = read(body);
    ModelsSpec.Task task = services.models().tasks().get(request.task());
    if (task == null || !tasks.contains(request.task())) {
      throw Refused.of(Problem.UNKNOWN_TASK, "task", request.task(), "one of " + tasks);
    }
    if (sequences.isShared()) {
      sequences.read(
          request.entityId(),
          exchange,
          (sequence, behind) -> answer(exchange, request, task, sequence, behind));
    } else {
      answer(exchange, request, task, sequences.own(request.entityId()), null);
    }
  }

  private void answer(
      Exchange exchange,
      Request request,
      ModelsSpec.Task task,
      @Nullable UserSequence sequence,
      @Nullable Degradation behind)
      throws Exception {
    long at = request.timeMillis() >= 0 ? request.timeMillis() : sequences.nowFor(sequence);
    PredictInput input =
        new PredictInput(
            task.name(),
            task.prior(),
            request.entityId(),
            sequence,
            services.worlds().now(),
            at,
            Effort.QUICK,
            behind == null ? Set.of() : Set.of(behind));
    if (pipeline.takesLong(input)) {
      PredictInput whole = input.with(Effort.WHOLE);
      offLoop.make(
          exchange,
          by -> by.predict(whole),
          (by, prediction) -> answer(exchange, request, task, prediction),
          () -> answer(exchange, request, task, pipeline.predict(input)));
    } else {
      answer(exchange, request, task, pipeline.predict(input));
    }
  }

  private void answer(
      Exchange exchange, Request request, ModelsSpec.Task task, Prediction prediction) {
    meters.predicted(task.name(), prediction);
    exchange.answer(
        200,
        Exchange.JSON,
        JsonOutput.write(1_024, json -> write(json, exchange, request, prediction)));
  }

  private static Request read(byte[] body) throws InvalidInput {
    @Nullable String[] texts = new @Nullable String[FIELDS.size()];
    long timeMillis = -1;
    int seen = 0;
    try (JsonInput in = new JsonInput(body, 0, body.length)) {
      in.next();
      in.object("body");
      for (String name = in.field(); name != null; name = in.field()) {
        int field = FIELDS.indexOf(name);
        if (field < 0) {
          throw in.refused(name, "only the fields " + FIELDS);
        }
        if ((seen & 1 << field) != 0) {
          throw new InvalidInput(name, "stands twice", "each field once");
        }
        seen |= 1 << field;
        if (in.isNull()) {
          continue;
        }
        if (name.equals("timestamp")) {
          timeMillis = in.instant(name);
        } else {
          texts[field] = SuggestRequest.notBlank(in, name);
        }
      }
      in.end();
    }
    String userId = texts[0];
    String entityId = texts[1];
    String task = texts[2];
    if (userId != null && entityId != null) {
      throw new InvalidInput("entity_id", entityId, "either user_id or entity_id");
    }
    if (task == null) {
      throw missing("task");
    }
    if (userId != null) {
      return new Request("user_id", userId, task, timeMillis);
    }
    if (entityId != null) {
      return new Request("entity_id", entityId, task, timeMillis);
    }
    throw missing("user_id");
  }

  private static InvalidInput missing(String field) {
    return new InvalidInput(
        field, "missing", "a text of 1 to " + EventReader.MAX_ID + " characters");
  }

  private static void write(
      JsonGenerator json, Exchange exchange, Request request, Prediction prediction)
      throws IOException {
    json.writeStartObject();
    json.writeStringField(request.entityField(), request.entityId());
    json.writeFieldName(request.task() + "_probability");
    JsonOutput.number(json, prediction.probability());
    json.writeStringField("task", request.task());
    json.writeStringField("model_version", prediction.modelVersion());
    json.writeStringField("served_by", prediction.servedBy().word());
    json.writeArrayFieldStart("degraded");
    for (Degradation cause : prediction.degraded()) {
      json.writeString(cause.word());
    }
    json.writeEndArray();
    json.writeArrayFieldStart("reasons");
    for (PredictPipeline.Reason reason : prediction.reasons()) {
      json.writeStartObject();
      json.writeStringField("feature", reason.feature());
      json.writeStringField("description", reason.description());
      json.writeFieldName("value");
      JsonOutput.number(json, reason.value());
      json.writeFieldName("contribution");
      JsonOutput.number(json, reason.contribution());
      json.writeEndObject();
    }
    json.writeEndArray();
    JsonOutput.latency(json, exchange.elapsedNanos());
    json.writeEndObject();
  }
}
