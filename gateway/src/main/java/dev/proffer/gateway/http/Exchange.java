package dev.proffer.gateway.http;

import dev.proffer.events.codec.InvalidInput;
import dev.proffer.events.time.Time;
import dev.proffer.gateway.ops.LoopMeters;
import dev.proffer.gateway.ops.Route;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request and its one answer: the only place that writes responses, turns failures into
 * problems and takes the time. Lives on the request's loop.
 */
final class Exchange {
  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

  static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
  static final CharSequence PROBLEM_JSON = HttpHeaders.createOptimized("application/problem+json");
  private static final CharSequence RETRY_AFTER = HttpHeaders.createOptimized("retry-after");

  private final HttpServerRequest request;
  private final Route route;
  private final Time time;
  private final LoopMeters meters;
  private final long doorNanos;

  Exchange(HttpServerRequest request, Route route, Time time, LoopMeters meters) {
    this.request = request;
    this.route = route;
    this.time = time;
    this.meters = meters;
    this.doorNanos = time.nanos();
  }

  HttpServerRequest request() {
    return request;
  }

  HttpServerResponse response() {
    return request.response();
  }

  /** Time since the request came in at the door, in nanoseconds. */
  long elapsedNanos() {
    return time.nanos() - doorNanos;
  }

  /** Answers, unless it was answered already or the caller is gone. */
  void answer(int status, CharSequence contentType, Buffer body) {
    HttpServerResponse response = request.response();
    if (response.ended() || response.closed()) {
      return;
    }
    response.setStatusCode(status).putHeader(HttpHeaders.CONTENT_TYPE, contentType);
    if (request.method().equals(HttpMethod.HEAD)) {
      response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
      response.end();
    } else {
      response.end(body);
    }
    meters.request(route, status, elapsedNanos());
  }

  /** Answers with a problem. */
  void refuse(Refused refused) {
    Problem problem = refused.problem();
    meters.problem(problem.word());
    if (problem.status() == 503) {
      response().putHeader(RETRY_AFTER, "1");
    }
    answer(problem.status(), PROBLEM_JSON, problemJson(refused));
  }

  /** Answers with the problem a failure stands for. */
  void fail(Throwable failure) {
    if (failure instanceof Refused refused) {
      refuse(refused);
    } else if (failure instanceof InvalidInput input) {
      refuse(new Refused(Problem.MALFORMED_REQUEST, List.of(Refused.Violation.of(input))));
    } else {
      LOG.error("{} {} failed", request.method(), route.word(), failure);
      refuse(new Refused(Problem.INTERNAL, List.of()));
    }
  }

  static Buffer problemJson(Refused refused) {
    Problem problem = refused.problem();
    return JsonOutput.write(
        512,
        json -> {
          json.writeStartObject();
          json.writeStringField("type", problem.type());
          json.writeStringField("title", problem.title());
          json.writeNumberField("status", problem.status());
          json.writeStringField("detail", refused.getMessage());
          json.writeArrayFieldStart("errors");
          for (Refused.Violation violation : refused.violations()) {
            json.writeStartObject();
            if (violation.index() >= 0) {
              json.writeNumberField("index", violation.index());
            }
            json.writeStringField("field", violation.field());
            json.writeStringField("value", violation.value());
            json.writeStringField("allowed", violation.allowed());
            json.writeEndObject();
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }
}
