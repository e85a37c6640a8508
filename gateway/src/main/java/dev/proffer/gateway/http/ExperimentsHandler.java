package dev.proffer.gateway.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.proffer.gateway.live.Experiments;
import dev.proffer.gateway.ops.Route;
import dev.proffer.pipeline.experiments.Comparison;
import dev.proffer.pipeline.experiments.Experiment;
import dev.proffer.pipeline.experiments.Guardrail;
import dev.proffer.pipeline.experiments.SequentialTest;
import dev.proffer.pipeline.experiments.Stops;
import dev.proffer.pipeline.experiments.Tally;
import dev.proffer.pipeline.experiments.Variant;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * The experiments on the management port: what is declared and counted, an interim report of one,
 * and its switch. The figures are those of this gateway since it started; {@code proffer experiment
 * report} reads all that was logged.
 */
final class ExperimentsHandler {
  private static final String PREFIX = "/experiments";
  private static final double ALPHA = 0.05;

  /** The interim report is sharpest after so many answers of either arm. */
  private static final double SHARPEST = 10_000;

  private final Vertx vertx;
  private final Experiments experiments;

  ExperimentsHandler(Vertx vertx, Experiments experiments) {
    this.vertx = vertx;
    this.experiments = experiments;
  }

  void register(Routes routes) {
    routes.get(PREFIX, Route.MANAGEMENT, exchange -> answer(exchange, this::all));
    for (Experiment experiment : experiments.spec().experiments()) {
      String path = PREFIX + "/" + experiment.name();
      routes.get(
          path + "/report",
          Route.MANAGEMENT,
          exchange -> answer(exchange, () -> report(experiment)));
      routes.post(path + "/stop", Route.MANAGEMENT, exchange -> change(exchange, experiment, true));
      routes.post(
          path + "/start", Route.MANAGEMENT, exchange -> change(exchange, experiment, false));
    }
  }

  /** Off the loop: sums are shared with the log's thread, stops are files. */
  private void answer(Exchange exchange, Callable<Buffer> made) {
    vertx
        .executeBlocking(made)
        .onComplete(body -> exchange.answer(200, Exchange.JSON, body), exchange::fail);
  }

  private void change(Exchange exchange, Experiment experiment, boolean stop) {
    String variant = exchange.request().getParam("variant");
    answer(
        exchange,
        () -> {
          if (!experiments.set(experiment, variant, stop, "asked for on the management port")) {
            throw Refused.of(
                Problem.NO_SUCH_VARIANT,
                "variant",
                variant == null ? "" : variant,
                "one of " + experiment.variants().stream().map(Variant::name).toList());
          }
          return JsonOutput.write(512, json -> write(json, experiment));
        });
  }

  private Buffer all() {
    return JsonOutput.write(
        2_048,
        json -> {
          json.writeStartObject();
          json.writeStringField("counted_since", instant(experiments.sinceMillis()));
          number(json, "holdout", experiments.spec().holdout());
          json.writeObjectFieldStart("shadow");
          json.writeStringField("model", experiments.spec().shadow().model());
          number(json, "share", experiments.spec().shadow().share());
          json.writeEndObject();
          json.writeArrayFieldStart("experiments");
          for (Experiment experiment : experiments.spec().experiments()) {
            write(json, experiment);
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  private void write(JsonGenerator json, Experiment experiment) throws IOException {
    json.writeStartObject();
    json.writeStringField("experiment", experiment.name());
    json.writeStringField("layer", experiment.layer());
    json.writeStringField("unit", experiment.unit().name().toLowerCase(java.util.Locale.ROOT));
    json.writeNumberField("from_bucket", experiment.from());
    json.writeNumberField("until_bucket", experiment.until());
    number(json, "ramp_percent", 100 * experiment.share());
    json.writeStringField(
        "starts",
        experiment.startMillis() == Long.MIN_VALUE ? null : instant(experiment.startMillis()));
    json.writeStringField(
        "ends", experiment.endMillis() == Long.MAX_VALUE ? null : instant(experiment.endMillis()));
    json.writeStringField("control", experiment.control());
    json.writeNumberField("allowed", experiment.allowed().size());
    json.writeArrayFieldStart("variants");
    for (Variant variant : experiment.variants()) {
      write(json, experiment, variant);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("guardrails");
    for (Guardrail guardrail : experiment.guardrails()) {
      json.writeStartObject();
      json.writeStringField("metric", guardrail.metric().word());
      number(json, "max_loss", guardrail.maxLoss());
      json.writeNumberField("min_answers", guardrail.minAnswers());
      number(json, "alpha", guardrail.alpha());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void write(JsonGenerator json, Experiment experiment, Variant variant)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("variant", variant.name());
    number(json, "share", experiment.shareOf(variant));
    json.writeStringField("model", variant.model());
    json.writeStringField("sources", variant.sources());
    json.writeStringField("rules", variant.rules());
    Stops.Stop stop = experiments.stops().of(experiment.name(), variant.name());
    json.writeStringField("stopped_at", stop == null ? null : instant(stop.atMillis()));
    json.writeStringField("stopped_for", stop == null ? null : stop.reason());
    counts(json, experiments.tallies().of(experiment.name(), variant.name()));
    json.writeEndObject();
  }

  private static void counts(JsonGenerator json, Tally tally) throws IOException {
    json.writeNumberField("answers", tally.answers());
    json.writeNumberField("propositions", tally.propositions());
    json.writeNumberField("clicks", tally.clicks());
    json.writeNumberField("accepted", tally.accepted());
    json.writeNumberField("conversions", tally.conversions());
    number(json, "value", tally.value());
    json.writeNumberField("degraded", tally.degraded());
  }

  private Buffer report(Experiment experiment) {
    Tally control = experiments.tallies().of(experiment.name(), experiment.control());
    SequentialTest test = SequentialTest.sharpestAt(ALPHA, SHARPEST / 2);
    return JsonOutput.write(
        2_048,
        json -> {
          json.writeStartObject();
          json.writeStringField("experiment", experiment.name());
          json.writeStringField("control", experiment.control());
          json.writeStringField("counted_since", instant(experiments.sinceMillis()));
          number(json, "alpha", ALPHA);
          json.writeArrayFieldStart("variants");
          for (Variant variant : experiment.variants()) {
            Tally tally = experiments.tallies().of(experiment.name(), variant.name());
            json.writeStartObject();
            json.writeStringField("variant", variant.name());
            counts(json, tally);
            json.writeObjectFieldStart("figures");
            for (Guardrail.Metric metric : Guardrail.Metric.values()) {
              write(json, Comparison.of(metric, control, tally, test), variant, experiment);
            }
            json.writeEndObject();
            json.writeEndObject();
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  private static void write(
      JsonGenerator json, Comparison comparison, Variant variant, Experiment experiment)
      throws IOException {
    json.writeObjectFieldStart(comparison.metric().word());
    number(json, "value", comparison.variant().value());
    number(json, "standard_error", Math.sqrt(comparison.variant().variance()));
    if (!variant.name().equals(experiment.control())) {
      number(json, "difference", comparison.difference());
      number(json, "low", comparison.difference() - comparison.halfWidth());
      number(json, "high", comparison.difference() + comparison.halfWidth());
      number(json, "p_value", comparison.pValue());
    }
    json.writeEndObject();
  }

  private static String instant(long millis) {
    return Instant.ofEpochMilli(millis).toString();
  }

  private static void number(JsonGenerator json, String field, @Nullable Double value)
      throws IOException {
    if (value == null || !Double.isFinite(value)) {
      json.writeNullField(field);
    } else {
      json.writeNumberField(field, value);
    }
  }
}
