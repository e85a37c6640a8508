package dev.proffer.gateway.http;

import dev.proffer.events.time.Time;
import dev.proffer.gateway.ops.LoopMeters;
import dev.proffer.gateway.ops.Route;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The paths of one port on one loop, and the same answers everywhere to what no path takes: another
 * method, another path, a request that is not HTTP.
 */
final class Routes {
  private static final int IDLE_SECONDS = 75;

  private final Router router;
  private final Time time;
  private final LoopMeters meters;
  private final List<String> known = new ArrayList<>();
  private final Map<String, Consumer<Exchange>> below = new LinkedHashMap<>();

  Routes(Vertx vertx, Time time, LoopMeters meters) {
    this.router = Router.router(vertx);
    this.time = time;
    this.meters = meters;
  }

  /**
   * How a server of ours listens. HTTP/1.1 only: with Vert.x's upgrade to clear-text HTTP/2 a
   * client that asks for it, such as the JDK's, now and then reads bytes of one protocol as the
   * other.
   */
  static HttpServerOptions listening(String host, int port) {
    return new HttpServerOptions()
        .setHost(host)
        .setPort(port)
        .setHttp2ClearTextEnabled(false)
        .setIdleTimeout(IDLE_SECONDS)
        .setHandle100ContinueAutomatically(true);
  }

  void post(String path, Route route, Consumer<Exchange> handler) {
    known.add(path);
    add(path, route, handler, "POST", HttpMethod.POST);
  }

  void get(String path, Route route, Consumer<Exchange> handler) {
    known.add(path);
    part(path, route, handler);
  }

  /**
   * Everything below a prefix, escaped or not: the handler reads the rest of the path and answers
   * also what it does not take.
   *
   * @param described how the paths are named to who asks for something else
   */
  void below(String prefix, List<String> described, Consumer<Exchange> handler) {
    known.addAll(described);
    below.put(prefix, handler);
  }

  /** What a page is made of: served like the page, and not named to who asks for something else. */
  void part(String path, Route route, Consumer<Exchange> handler) {
    add(path, route, handler, "GET, HEAD", HttpMethod.GET, HttpMethod.HEAD);
  }

  private void add(
      String path, Route route, Consumer<Exchange> handler, String allow, HttpMethod... methods) {
    io.vertx.ext.web.Route taken = router.route(path);
    for (HttpMethod method : methods) {
      taken.method(method);
    }
    taken.handler(ctx -> handler.accept(new Exchange(ctx.request(), route, time, meters)));
    router
        .route(path)
        .handler(
            ctx -> {
              Exchange exchange = new Exchange(ctx.request(), route, time, meters);
              exchange.response().putHeader(HttpHeaders.ALLOW, allow);
              exchange.refuse(
                  Refused.of(
                      Problem.METHOD_NOT_ALLOWED,
                      "method",
                      ctx.request().method().name(),
                      "one of [" + allow + "]"));
            });
  }

  /** What a server hands its requests to, once all paths are there. */
  Handler<HttpServerRequest> handler() {
    router.route().handler(ctx -> noSuchPath(ctx.request()));
    router.route().failureHandler(this::failed);
    // None of the router's paths needs escaping, and the router throws on a path that is escaped
    // wrongly;
    // "OPTIONS *" has no path at all.
    return request -> {
      String path = request.path();
      Consumer<Exchange> handler = path == null ? null : handlerBelow(path);
      if (handler != null) {
        handler.accept(new Exchange(request, Route.MANAGEMENT, time, meters));
      } else if (path == null || !path.startsWith("/") || path.indexOf('%') >= 0) {
        noSuchPath(request);
      } else {
        router.handle(request);
      }
    };
  }

  private @Nullable Consumer<Exchange> handlerBelow(String path) {
    for (Map.Entry<String, Consumer<Exchange>> one : below.entrySet()) {
      if (path.startsWith(one.getKey())) {
        return one.getValue();
      }
    }
    return null;
  }

  private void noSuchPath(HttpServerRequest request) {
    new Exchange(request, Route.OTHER, time, meters)
        .refuse(
            Refused.of(
                Problem.NO_SUCH_PATH, "path", String.valueOf(request.path()), "one of " + known));
  }

  private void failed(RoutingContext ctx) {
    Throwable failure = ctx.failure();
    new Exchange(ctx.request(), Route.OTHER, time, meters)
        .fail(failure == null ? new IllegalStateException("status " + ctx.statusCode()) : failure);
  }

  /** Answers what Netty could not read as HTTP, and hangs up. */
  void invalid(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    Refused why;
    if (cause instanceof TooLongHttpLineException) {
      why = Refused.of(Problem.URI_TOO_LONG, "path", "too long", "a shorter address");
    } else if (cause instanceof TooLongHttpHeaderException) {
      why = Refused.of(Problem.HEADERS_TOO_LARGE, "headers", "too large", "smaller headers");
    } else {
      why = Refused.of(Problem.MALFORMED_REQUEST, "request", "not HTTP", "HTTP/1.1");
    }
    meters.problem(why.problem().word());
    HttpServerResponse response = request.response();
    response
        .setStatusCode(why.problem().status())
        .putHeader(HttpHeaders.CONTENT_TYPE, Exchange.PROBLEM_JSON)
        .end(Exchange.problemJson(why))
        .onComplete(done -> request.connection().close());
  }
}
