package dev.proffer.gateway.http;

import dev.proffer.events.Item;
import dev.proffer.events.codec.InvalidInput;
import dev.proffer.events.codec.ItemReader;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /items}: many changes of the catalog, one a line (NDJSON), read as they come in: what
 * is held is a line, a few batches on their way to the log, and the first {@value #MOST_TOLD}
 * refusals. Each line is kept or refused by itself. The answer comes when what was kept is durable
 * and folded, and with patience seen by suggestions.
 *
 * <p>An instance is one request's, on the management port's loop.
 */
final class ItemsUpload {
  private static final Logger LOG = LoggerFactory.getLogger(ItemsUpload.class);

  static final String PATH = "/items";
  static final int MOST_TOLD = 1_000;
  private static final int BATCH = 200;
  private static final int MOST_ON_THEIR_WAY = 8;
  private static final long RETRY_MILLIS = 20;
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long MOST_LET_GO = 16L << 20;
  private static final Set<Media> NDJSON = EnumSet.of(Media.NDJSON);

  private final Vertx vertx;
  private final CatalogChanges changes;
  private final Exchange exchange;
  private final HttpServerRequest request;
  private final byte[] line;
  private int length;
  private boolean tooLong;
  private long number;
  private List<Item> batch = new ArrayList<>();
  private long batchFrom;
  private int onTheirWay;
  private long retryingSinceNanos = -1;
  private boolean ended;
  private boolean over;
  private long letGo;
  private long kept;
  private long deleted;
  private long refused;
  private final List<Refusal> told = new ArrayList<>();
  private @Nullable Item last;

  private record Refusal(long line, InvalidInput why) {}

  private ItemsUpload(Vertx vertx, CatalogChanges changes, Exchange exchange, int maxLineBytes) {
    this.vertx = vertx;
    this.changes = changes;
    this.exchange = exchange;
    this.request = exchange.request();
    this.line = new byte[maxLineBytes];
  }

  /** Takes a request's lines of at most {@code maxLineBytes} each. */
  static void take(Vertx vertx, CatalogChanges changes, Exchange exchange, int maxLineBytes) {
    new ItemsUpload(vertx, changes, exchange, maxLineBytes).begin();
  }

  private void begin() {
    request.handler(this::chunk);
    request.endHandler(end -> end());
    request.exceptionHandler(gone -> over = true);
    String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
    String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
    if (type == null || Media.of(type, NDJSON) == null) {
      refuse(
          Refused.of(
              Problem.UNSUPPORTED_MEDIA_TYPE,
              "content-type",
              type == null ? "missing" : type,
              Media.words(NDJSON)));
    } else if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      refuse(
          Refused.of(Problem.UNSUPPORTED_MEDIA_TYPE, "content-encoding", encoding, "no encoding"));
    }
  }

  private void refuse(Refused why) {
    over = true;
    exchange.refuse(why);
  }

  private void chunk(Buffer chunk) {
    if (over) {
      letGo += chunk.length();
      if (letGo > MOST_LET_GO) {
        request.connection().close();
      }
      return;
    }
    try {
      byte[] bytes = chunk.getBytes();
      int from = 0;
      for (int at = 0; at < bytes.length && !over; at++) {
        if (bytes[at] == '\n') {
          append(bytes, from, at);
          line();
          from = at + 1;
        }
      }
      append(bytes, from, bytes.length);
      flow();
    } catch (RuntimeException e) {
      over = true;
      exchange.fail(e);
    }
  }

  private void append(byte[] bytes, int from, int to) {
    if (tooLong || length + to - from > line.length) {
      tooLong = true;
      return;
    }
    System.arraycopy(bytes, from, line, length, to - from);
    length += to - from;
  }

  private void line() {
    number++;
    try {
      if (tooLong) {
        throw new InvalidInput(
            "line", "more than " + line.length + " bytes", "at most " + line.length + " bytes");
      }
      if (!isBlank()) {
        take(ItemReader.read(line, 0, length, true));
      }
    } catch (InvalidInput e) {
      refused++;
      if (told.size() < MOST_TOLD) {
        told.add(new Refusal(number, e));
      }
    }
    length = 0;
    tooLong = false;
  }

  private boolean isBlank() {
    for (int at = 0; at < length; at++) {
      if (line[at] != ' ' && line[at] != '\t' && line[at] != '\r') {
        return false;
      }
    }
    return true;
  }

  private void take(ItemReader.Sent sent) throws InvalidInput {
    String id = sent.id();
    if (id == null) {
      throw new InvalidInput("id", "nothing", "the id of an item");
    }
    changes.check(id);
    Item before = changes.item(id);
    boolean there = before != null && !before.deleted();
    Item item;
    if (sent.deleted()) {
      if (before == null || before.deleted()) {
        throw new InvalidInput("id", id, "an item of the catalog, to be deleted");
      }
      item = before.deletedAt(changes.next(before));
      deleted++;
    } else {
      long added = before != null && there ? before.addedMillis() : changes.nowMillis();
      item = sent.item(id, added, changes.next(before));
      kept++;
    }
    if (batch.isEmpty()) {
      batchFrom = number;
    }
    batch.add(item);
    last = item;
    if (batch.size() >= BATCH && retryingSinceNanos < 0) {
      send();
    }
  }

  private void send() {
    List<Item> sending = batch;
    long from = batchFrom;
    boolean taken =
        changes.offer(
            sending,
            new Acknowledgements.Waiting() {
              @Override
              public void kept() {
                onTheirWay--;
                flow();
              }

              @Override
              public void lost(@Nullable Throwable failure) {
                LOG.error("the log did not take {} items", sending.size(), failure);
                stop(Problem.LOG_FAILED, from);
              }
            });
    if (taken) {
      retryingSinceNanos = -1;
      onTheirWay++;
      batch = new ArrayList<>();
      changes.flush();
    } else {
      long now = changes.nanos();
      retryingSinceNanos = retryingSinceNanos < 0 ? now : retryingSinceNanos;
      if (now - retryingSinceNanos > PATIENCE_NANOS) {
        stop(changes.refusing(), from);
      } else {
        vertx.setTimer(RETRY_MILLIS, tick -> sendAgain());
      }
    }
  }

  private void sendAgain() {
    if (!over) {
      send();
      flow();
    }
  }

  private void stop(Problem problem, long from) {
    if (!over) {
      request.resume(); // what still comes in is let go
      refuse(Refused.of(problem, "line", Long.toString(from), "to be sent again from here on"));
    }
  }

  /** Reads on, or waits for the log, or is done. */
  private void flow() {
    if (over) {
      return;
    }
    if (!ended) {
      if (onTheirWay >= MOST_ON_THEIR_WAY || retryingSinceNanos >= 0) {
        request.pause();
      } else {
        request.resume();
      }
    } else if (retryingSinceNanos < 0) {
      if (!batch.isEmpty()) {
        send();
      }
      if (batch.isEmpty() && onTheirWay == 0) {
        done();
      }
    }
  }

  private void end() {
    if (over) {
      return;
    }
    ended = true;
    if (length > 0 || tooLong) {
      line();
    }
    flow();
  }

  private void done() {
    Item latest = last;
    if (latest != null) {
      over = true;
      changes.served(latest, this::answer);
    } else if (told.isEmpty()) {
      refuse(Refused.of(Problem.MALFORMED_REQUEST, "body", "no line", "an item a line"));
    } else {
      List<Refused.Violation> violations = new ArrayList<>(told.size());
      for (Refusal refusal : told) {
        int index = (int) Math.min(Integer.MAX_VALUE, refusal.line() - 1);
        violations.add(Refused.Violation.of(index, refusal.why()));
      }
      refuse(new Refused(Problem.NO_ITEM_KEPT, violations));
    }
  }

  private void answer(boolean served) {
    exchange.answer(
        served ? 200 : 202,
        Exchange.JSON,
        JsonOutput.write(
            256,
            json -> {
              json.writeStartObject();
              json.writeNumberField("kept", kept);
              json.writeNumberField("deleted", deleted);
              json.writeNumberField("refused", refused);
              json.writeBooleanField("served", served);
              json.writeArrayFieldStart("refusals");
              for (Refusal refusal : told) {
                json.writeStartObject();
                json.writeNumberField("line", refusal.line());
                json.writeStringField("field", refusal.why().field());
                json.writeStringField("value", refusal.why().value());
                json.writeStringField("allowed", refusal.why().allowed());
                json.writeEndObject();
              }
              json.writeEndArray();
              json.writeEndObject();
            }));
  }
}
