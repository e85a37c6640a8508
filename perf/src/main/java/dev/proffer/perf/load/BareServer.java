package dev.proffer.perf.load;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * What HTTP alone costs: one loop, one handler that reads the body and answers every request with
 * the same bytes. It is what the gateway's figures are read beside.
 *
 * <p>Or what HTTP and a second thread cost: each request is handed to another thread, which sleeps
 * while there is none, and answered on the loop when that thread hands it back, all it had taken at
 * a time. No server whose log has a thread of its own can acknowledge with less.
 *
 * <p>Arguments: the status, a file of header lines ({@code name: value}), a file with the body, and
 * {@code handing-over} for the second thread. Says {@code ready PORT COLLECTORS} on a line, and
 * ends when standard input ends.
 */
public final class BareServer {
  /** The argument that asks for a second thread. */
  public static final String HANDING_OVER = "handing-over";

  private static final long START_SECONDS = 30;

  private BareServer() {}

  public static void main(String[] arguments) throws Exception {
    List<String[]> headers = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of(arguments[1]))) {
      int colon = line.indexOf(':');
      headers.add(new String[] {line.substring(0, colon), line.substring(colon + 1).strip()});
    }
    Handler handler =
        new Handler(
            Integer.parseInt(arguments[0]),
            headers,
            Buffer.buffer(Files.readAllBytes(Path.of(arguments[2]))),
            arguments.length > 3 && arguments[3].equals(HANDING_OVER));
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    try {
      vertx.deployVerticle(handler).await(START_SECONDS, TimeUnit.SECONDS);
      System.out.println("ready " + handler.port + " " + collectors());
      untilInputEnds();
    } finally {
      vertx.close().await(START_SECONDS, TimeUnit.SECONDS);
    }
  }

  private static void untilInputEnds() throws IOException {
    byte[] ignored = new byte[64];
    while (System.in.read(ignored) >= 0) {
      // only the end of it means anything
    }
  }

  /** The garbage collectors this JVM chose, as it chose for the gateway under the same flags. */
  private static String collectors() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .map(GarbageCollectorMXBean::getName)
        .map(name -> name.replace(' ', '-'))
        .collect(Collectors.joining("+"));
  }

  private static final class Handler extends VerticleBase {
    private final int status;
    private final List<String[]> headers;
    private final Buffer answer;
    private final boolean handingOver;
    private volatile int port;

    Handler(int status, List<String[]> headers, Buffer answer, boolean handingOver) {
      this.status = status;
      this.headers = headers;
      this.answer = answer;
      this.handingOver = handingOver;
    }

    @Override
    public Future<?> start() {
      HttpServer server =
          vertx.createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(0));
      CharSequence[] names = new CharSequence[headers.size()];
      CharSequence[] values = new CharSequence[headers.size()];
      for (int at = 0; at < names.length; at++) {
        names[at] = HttpHeaders.createOptimized(headers.get(at)[0]);
        values[at] = HttpHeaders.createOptimized(headers.get(at)[1]);
      }
      OtherThread other = handingOver ? new OtherThread(context) : null;
      return server
          .requestHandler(
              request ->
                  request.bodyHandler(
                      body -> {
                        if (other == null) {
                          answer(request, names, values, body);
                        } else {
                          other.hand(() -> answer(request, names, values, body));
                        }
                      }))
          .listen()
          .onSuccess(listening -> port = listening.actualPort());
    }

    private void answer(
        HttpServerRequest request, CharSequence[] names, CharSequence[] values, Buffer body) {
      if (body.length() == 0) {
        request.response().setStatusCode(400).end("a body was expected");
        return;
      }
      for (int at = 0; at < names.length; at++) {
        request.response().putHeader(names[at], values[at]);
      }
      request.response().setStatusCode(status).end(answer);
    }
  }

  /** Takes what the loop hands over and hands it back. */
  private static final class OtherThread {
    private final Context loop;
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final Thread thread = new Thread(this::run, "other");
    private volatile boolean sleeping;

    OtherThread(Context loop) {
      this.loop = loop;
      thread.setDaemon(true);
      thread.start();
    }

    void hand(Runnable answer) {
      waiting.add(answer);
      if (sleeping) {
        LockSupport.unpark(thread);
      }
    }

    private void run() {
      while (true) {
        List<Runnable> taken = new ArrayList<>();
        for (Runnable next = waiting.poll(); next != null; next = waiting.poll()) {
          taken.add(next);
        }
        if (taken.isEmpty()) {
          sleeping = true;
          if (waiting.isEmpty()) {
            LockSupport.park(this);
          }
          sleeping = false;
        } else {
          loop.runOnContext(here -> taken.forEach(Runnable::run));
        }
      }
    }
  }
}
