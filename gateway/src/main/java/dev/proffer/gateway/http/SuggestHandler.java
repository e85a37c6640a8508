package dev.proffer.gateway.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.proffer.events.Hash64;
import dev.proffer.events.Impression;
import dev.proffer.events.codec.InvalidInput;
import dev.proffer.events.time.TimeOrderedIds;
import dev.proffer.features.state.UserSequence;
import dev.proffer.gateway.ops.LoopMeters;
import dev.proffer.pipeline.Degradation;
import dev.proffer.pipeline.Effort;
import dev.proffer.pipeline.Page;
import dev.proffer.pipeline.SuggestInput;
import dev.proffer.pipeline.SuggestPipeline;
import dev.proffer.pipeline.SuggestQuery;
import dev.proffer.pipeline.World;
import dev.proffer.pipeline.experiments.Arm;
import dev.proffer.pipeline.experiments.Assigner;
import dev.proffer.pipeline.rules.Touch;
import dev.proffer.pipeline.sample.ServedSample;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /suggest}: what it reads is local, so it runs from the body's last byte to the answer
 * without leaving the loop; with Redis a sequence that is not at hand is waited for, a few
 * milliseconds at most, and a page that takes longer than a loop may wait is made beside it. The
 * impression is handed to the log without waiting; when the log's queue is full the answer goes out
 * all the same, and says so.
 */
final class SuggestHandler {
  private static final Logger LOG = LoggerFactory.getLogger(SuggestHandler.class);
  private static final long WARM_UP_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final int WARM_UP_TURNS = 5_000;

  private final Services services;
  private final LoopMeters meters;
  private final TimeOrderedIds ids;
  private final SuggestPipeline pipeline;
  private final Assigner assigner;
  private final Sequences sequences;
  private final Admission admission;
  private final OffLoop<SuggestPipeline> offLoop;
  private final @Nullable AnswerCache answers;
  private int lastBytes = 2_048;

  SuggestHandler(
      Services services,
      LoopMeters meters,
      TimeOrderedIds ids,
      SuggestPipeline pipeline,
      Sequences sequences,
      Admission admission,
      OffLoop<SuggestPipeline> offLoop) {
    this.services = services;
    this.meters = meters;
    this.ids = ids;
    this.pipeline = pipeline;
    this.assigner = new Assigner(services.experiments().spec());
    this.sequences = sequences;
    this.admission = admission;
    this.offLoop = offLoop;
    this.answers =
        services.limits().answerCacheMillis() == 0
            ? null
            : new AnswerCache(services.limits(), services.time());
  }

  void handle(Exchange exchange) {
    Bodies.json(
        exchange,
        services.limits().maxBodyBytes(),
        (media, body) ->
            admission.offer(
                Admission.Importance.SUGGESTION, exchange, way -> answer(exchange, body, way)));
  }

  /**
   * Answers made-up requests for a moment, so that the first callers do not pay for cold code.
   * Leaves no trace: no impression, no count, no answer.
   */
  void warmUp() {
    byte[] body = "{\"user_id\":\"warm-up\"}".getBytes(StandardCharsets.UTF_8);
    long endNanos = services.time().nanos() + WARM_UP_NANOS;
    try {
      // A made-up person walks through the catalog, so that every way through the features is
      // taken.
      UserSequence walk = UserSequence.EMPTY;
      for (int turn = 0; turn < WARM_UP_TURNS && services.time().nanos() < endNanos; turn++) {
        World world = services.worlds().now();
        long now = services.time().millis();
        SuggestQuery query = SuggestRequest.read(body).query(now);
        Page page = pipeline.suggest(query, walk, world);
        int items = world.catalog().size() - 1;
        if (items > 0) {
          long item = Hash64.of(world.catalog().item(1 + turn * 7 % items).id());
          walk = turn % 20 == 0 ? UserSequence.EMPTY : walk;
          walk = walk.with(now - 60_000 + turn % 20, item, turn, 0, 20);
        }
        impression("", query, Arm.DEFAULT, page, 0);
        lastBytes =
            JsonOutput.write(64, json -> write(json, "", query, Arm.DEFAULT, page, true, 0))
                .length();
      }
    } catch (InvalidInput | RuntimeException e) {
      LOG.error("warming up failed; requests are answered all the same", e);
    }
  }

  private void answer(Exchange exchange, byte[] body, Admission.Way way) throws Exception {
    SuggestRequest request = SuggestRequest.read(body);
    if (sequences.isShared()) {
      sequences.read(
          request.userId(),
          exchange,
          (sequence, behind) -> answer(exchange, request, way, sequence, behind));
    } else {
      answer(exchange, request, way, sequences.own(request.userId()), sequences.behind());
    }
  }

  private void answer(
      Exchange exchange,
      SuggestRequest request,
      Admission.Way way,
      @Nullable UserSequence sequence,
      @Nullable Degradation behind)
      throws Exception {
    SuggestQuery query = request.query(sequences.nowFor(sequence));
    World world = services.worlds().now();
    Arm arm =
        assigner.assign(
            query.userId(), query.sessionId(), query.timeMillis(), services.experiments().stops());
    AnswerCache cache =
        query.explain() || request.hasTime() || behind != null || pipeline.differsNextTime(arm)
            ? null
            : answers;
    String requestId = ids.next();
    SuggestInput input =
        new SuggestInput(
            query,
            sequence,
            world,
            Hash64.of(requestId),
            arm,
            way == Admission.Way.CHEAP ? Effort.CHEAP : Effort.QUICK,
            behind == null ? Set.of() : Set.of(behind));
    Asked asked = new Asked(exchange, cache, requestId, input);
    Page kept = cache == null ? null : cache.page(query, arm.word(), sequence, world);
    if (kept != null) {
      answer(asked, kept, null);
    } else if (way == Admission.Way.CHEAP || !pipeline.takesLong(input)) {
      make(asked);
    } else {
      SuggestInput whole = input.with(Effort.WHOLE);
      offLoop.make(
          exchange,
          by -> by.suggest(whole),
          (by, page) -> answerWith(asked, page, by),
          () -> make(asked));
    }
  }

  /**
   * A request on its way.
   *
   * @param cache of answers; null when this one is not to be kept
   */
  private record Asked(
      Exchange exchange, @Nullable AnswerCache cache, String requestId, SuggestInput input) {}

  /** Answers with a page made here and now. */
  private void make(Asked asked) {
    answerWith(asked, pipeline.suggest(asked.input()), pipeline);
  }

  private void answerWith(Asked asked, Page page, SuggestPipeline by) {
    AnswerCache cache = asked.cache();
    SuggestInput input = asked.input();
    if (cache != null) {
      cache.keep(input.query(), input.arm().word(), input.sequence(), input.world(), page);
    }
    answer(asked, page, by);
  }

  /**
   * Answers with a page.
   *
   * @param by the pipeline that has made it just now; null when it was kept
   */
  private void answer(Asked asked, Page page, @Nullable SuggestPipeline by) {
    Exchange exchange = asked.exchange();
    String requestId = asked.requestId();
    SuggestQuery query = asked.input().query();
    Arm arm = asked.input().arm();
    boolean logged =
        services
            .pump()
            .offer(List.of(impression(requestId, query, arm, page, exchange.elapsedNanos())), null);
    if (logged && by != null && services.sampler().wants(requestId)) {
      sample(asked, by);
    }
    meters.suggested(page, !logged, query.items() == null, by);
    Buffer answer =
        JsonOutput.write(
            lastBytes + 256,
            json -> write(json, requestId, query, arm, page, logged, exchange.elapsedNanos()));
    lastBytes = answer.length();
    exchange.answer(200, Exchange.JSON, answer);
    if (by != null) {
      services.shadow().offer(requestId, asked.input().world(), by, query.limit());
    }
  }

  private void sample(Asked asked, SuggestPipeline by) {
    SuggestInput input = asked.input();
    SuggestPipeline.Scored scored = by.scored();
    if (scored != null) {
      services
          .sampler()
          .offer(
              new ServedSample(
                  asked.requestId(),
                  Hash64.of(input.query().userId()),
                  sequences.isShared() ? -1 : input.world().logIndex(),
                  ServedSample.hash(
                      input.sequence() == null ? UserSequence.EMPTY : input.sequence()),
                  scored.contract().sha256(),
                  scored.items(),
                  scored.contract().width(),
                  scored.rows()));
    }
  }

  private static Impression impression(
      String requestId, SuggestQuery query, Arm arm, Page page, long tookNanos) {
    List<Impression.Shown> shown = new ArrayList<>(page.propositions().size());
    for (Page.Proposition proposition : page.propositions()) {
      shown.add(
          new Impression.Shown(
              proposition.id(),
              proposition.sources(),
              proposition.score(),
              proposition.confidence(),
              proposition.propensity(),
              proposition.features()));
    }
    return new Impression(
        requestId,
        query.userId(),
        query.sessionId(),
        query.device(),
        query.context(),
        query.contextType().word(),
        query.timeMillis(),
        page.servedBy().word(),
        page.modelVersion(),
        arm.word(),
        page.contractSha(),
        words(page.degraded()),
        page.candidates(),
        shown,
        tookNanos);
  }

  private static List<String> words(Set<Degradation> degraded) {
    if (degraded.isEmpty()) {
      return List.of();
    }
    List<String> words = new ArrayList<>(degraded.size());
    for (Degradation cause : degraded) {
      words.add(cause.word());
    }
    return words;
  }

  private static void write(
      JsonGenerator json,
      String requestId,
      SuggestQuery query,
      Arm arm,
      Page page,
      boolean kept,
      long elapsedNanos)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("request_id", requestId);
    json.writeArrayFieldStart("propositions");
    for (Page.Proposition proposition : page.propositions()) {
      write(json, proposition, query.explain() ? page.featureNames() : null);
    }
    json.writeEndArray();
    json.writeStringField("served_by", page.servedBy().word());
    json.writeStringField("model_version", page.modelVersion());
    json.writeStringField("variant", arm.word());
    json.writeArrayFieldStart("degraded");
    for (Degradation cause : page.degraded()) {
      json.writeString(cause.word());
    }
    if (!kept) {
      json.writeString(Degradation.IMPRESSION_LOST.word());
    }
    json.writeEndArray();
    if (query.explain()) {
      json.writeNumberField("candidates", page.candidates());
      json.writeObjectFieldStart("removed");
      for (Map.Entry<String, Integer> rule : page.removed().entrySet()) {
        json.writeNumberField(rule.getKey(), rule.getValue());
      }
      json.writeEndObject();
    }
    JsonOutput.latency(json, elapsedNanos);
    json.writeEndObject();
  }

  private static void write(
      JsonGenerator json, Page.Proposition proposition, @Nullable List<String> explained)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("id", proposition.id());
    json.writeStringField("title", proposition.title());
    json.writeStringField("category", proposition.category());
    json.writeFieldName("confidence");
    JsonOutput.number(json, proposition.confidence());
    json.writeStringField("reason", proposition.reason());
    json.writeArrayFieldStart("sources");
    for (String source : proposition.sources()) {
      json.writeString(source);
    }
    json.writeEndArray();
    Page.Explanation explanation = proposition.explanation();
    if (explained != null && explanation != null) {
      number(json, "score", proposition.score());
      row(json, "features", explained, proposition.features());
      row(json, "contributions", explained, explanation.contributions());
      explain(json, proposition, explanation);
    }
    json.writeEndObject();
  }

  private static void explain(
      JsonGenerator json, Page.Proposition proposition, Page.Explanation explanation)
      throws IOException {
    json.writeObjectFieldStart("families");
    for (Map.Entry<String, Float> family : explanation.families().entrySet()) {
      number(json, family.getKey(), family.getValue());
    }
    json.writeEndObject();
    number(json, "model_score", explanation.modelScore());
    number(json, "propensity", proposition.propensity());
    json.writeArrayFieldStart("found");
    for (Page.Found found : explanation.found()) {
      json.writeStartObject();
      json.writeStringField("source", found.source());
      json.writeNumberField("place", found.place());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("rules");
    for (Touch touch : explanation.rules()) {
      json.writeStartObject();
      json.writeStringField("rule", touch.rule());
      json.writeStringField("effect", touch.effect());
      if (!Double.isNaN(touch.amount())) {
        json.writeNumberField("amount", touch.amount());
      }
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void number(JsonGenerator json, String field, float value) throws IOException {
    json.writeFieldName(field);
    JsonOutput.number(json, value);
  }

  private static void row(JsonGenerator json, String field, List<String> names, float[] values)
      throws IOException {
    json.writeObjectFieldStart(field);
    for (int column = 0; column < values.length; column++) {
      json.writeFieldName(names.get(column));
      JsonOutput.number(json, values[column]);
    }
    json.writeEndObject();
  }
}
