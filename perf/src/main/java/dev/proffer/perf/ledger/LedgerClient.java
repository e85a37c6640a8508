package dev.proffer.perf.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A client that sends events and notes what it is told: single events and arrays, with ids of its
 * own or under an {@code Idempotency-Key}; what had no answer mostly again, at once or later, and
 * now and then what was acknowledged long ago. Runs on a thread of its own until it is told to end.
 *
 * <p>Every event's {@code session_id} is its id in the ledger, whatever the gateway calls it.
 */
public final class LedgerClient implements Runnable {
  private static final Duration PATIENCE = Duration.ofSeconds(12);
  private static final int MOST_OPEN = 200;
  private static final int LARGEST_BATCH = 100;
  private static final int USERS = 5_000;
  private static final int ITEMS = 217;
  private static final long BACKOFF_MILLIS = 100;
  private static final int ACCEPTED = 202;
  private static final int UNAVAILABLE = 503;

  private final Ledger.Book book;
  private final Recoveries recoveries;
  private final Random random;
  private final List<Integer> ports;
  private final boolean anyGateway;
  private final double eventsPerSecond;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();
  private final JsonMapper json = new JsonMapper();
  private final Deque<Request> open = new ArrayDeque<>();
  private final BitSet keyed = new BitSet();
  private int sentBefore;
  private int gateway;
  private volatile boolean ending;
  private volatile @Nullable String objection;

  /** Events that go out together, and the same way each time. */
  private record Request(int[] numbers, boolean array, @Nullable String key) {}

  /** What came of sending a request. */
  private enum Answer {
    ACKNOWLEDGED,
    LATER,
    REFUSED,
    NONE
  }

  /**
   * A client of a run.
   *
   * @param ports of the gateways, on the loopback address
   * @param anyGateway whether what one gateway did not answer may go to another one
   */
  public LedgerClient(
      Ledger.Book book,
      Recoveries recoveries,
      long seed,
      List<Integer> ports,
      boolean anyGateway,
      double eventsPerSecond) {
    this.book = book;
    this.recoveries = recoveries;
    this.random = new Random(seed * 1_000_003 + book.client());
    this.ports = ports;
    this.anyGateway = anyGateway;
    this.eventsPerSecond = eventsPerSecond;
    this.gateway = book.client() % ports.size();
  }

  /** Asks it to end when what it has sent is answered. */
  public void end() {
    ending = true;
  }

  /** An answer that should not have been given; null when there was none. */
  public @Nullable String objection() {
    return objection;
  }

  @Override
  public void run() {
    long due = System.nanoTime();
    while (!ending) {
      long now = System.nanoTime();
      if (now < due) {
        LockSupport.parkNanos(due - now);
        continue;
      }
      Request request = next();
      // What an outage kept from being sent is made up for in part, not at once.
      due = Math.max(due, now - TimeUnit.SECONDS.toNanos(5));
      due += (long) (request.numbers().length * 1e9 / eventsPerSecond);
      deliver(request);
    }
  }

  /** Sends a request, again and again while there is no answer, until giving up by chance. */
  private void deliver(Request request) {
    if (anyGateway && random.nextInt(10) == 0) {
      gateway = random.nextInt(ports.size()); // also to one that was gone before
    }
    Answer answer = send(request);
    while (answer != Answer.ACKNOWLEDGED && answer != Answer.REFUSED && !ending) {
      if (anyGateway) {
        gateway = random.nextInt(ports.size());
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(BACKOFF_MILLIS));
      if (answer == Answer.NONE && random.nextInt(10) == 0) {
        break; // perhaps later, perhaps never
      }
      answer = send(request);
    }
    if (answer == Answer.NONE || answer == Answer.LATER) {
      if (open.size() == MOST_OPEN) {
        open.removeFirst();
      }
      open.addLast(request);
    }
  }

  private Request next() {
    int dice = random.nextInt(100);
    if (dice < 10 && !open.isEmpty()) {
      return open.removeFirst();
    }
    if (dice < 18 && book.begun() > 0) {
      Request again = acknowledgedBefore(dice < 14 ? 1 : 20);
      if (again != null) {
        return again;
      }
    }
    if (dice < 75) {
      int number = book.begin(1);
      keyed.set(number, random.nextInt(8) == 0);
      return new Request(new int[] {number}, false, isKeyed(number) ? key(number) : null);
    }
    int count = 2 + random.nextInt(LARGEST_BATCH - 1);
    int first = book.begin(count);
    int[] numbers = new int[count];
    for (int at = 0; at < count; at++) {
      numbers[at] = first + at;
    }
    return new Request(numbers, true, null);
  }

  /** Some of the acknowledged events that carry an id of their own, from any time of the run. */
  private @Nullable Request acknowledgedBefore(int count) {
    int[] numbers = new int[count];
    int found = 0;
    for (int tried = 0; tried < 10 * count && found < count; tried++) {
      int number = random.nextInt(book.begun());
      if (!book.isAcknowledged(number)) {
        continue;
      }
      if (isKeyed(number)) {
        return new Request(new int[] {number}, false, key(number));
      }
      numbers[found++] = number;
    }
    return found == 0 || found < count ? null : new Request(numbers, count > 1, null);
  }

  /** Whether an event goes out under a key, alone, instead of with an id. */
  private boolean isKeyed(int number) {
    return keyed.get(number);
  }

  private String key(int number) {
    return "key-" + book.id(number);
  }

  private Answer send(Request request) {
    int count = request.numbers().length;
    boolean again = request.numbers()[0] < sentBefore;
    sentBefore = Math.max(sentBefore, request.numbers()[count - 1] + 1);
    book.goes(count, again);
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + ports.get(gateway) + "/log_event"))
            .timeout(PATIENCE)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body(request)));
    String key = request.key();
    if (key != null) {
      builder.header("Idempotency-Key", key);
    }
    long sent = System.nanoTime();
    try {
      HttpResponse<String> response =
          http.send(builder.build(), HttpResponse.BodyHandlers.ofString());
      return answered(request, response, sent);
    } catch (IOException e) {
      book.unanswered(count);
      return Answer.NONE;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      ending = true;
      book.unanswered(count);
      return Answer.NONE;
    }
  }

  private Answer answered(Request request, HttpResponse<String> response, long sentNanos)
      throws IOException {
    int count = request.numbers().length;
    if (response.statusCode() == UNAVAILABLE) {
      if (response.headers().firstValue("Retry-After").isEmpty()) {
        objection = "a 503 without Retry-After: " + response.body();
      }
      book.full(count);
      return Answer.LATER;
    }
    JsonNode said = json.readTree(response.body());
    if (response.statusCode() != ACCEPTED || said.path("accepted").asInt(-1) != count) {
      objection = response.statusCode() + ": " + response.body();
      book.refused(count);
      return Answer.REFUSED;
    }
    book.acknowledge(request.numbers());
    recoveries.acknowledged(gateway, sentNanos, System.nanoTime());
    return Answer.ACKNOWLEDGED;
  }

  private String body(Request request) {
    if (!request.array()) {
      return event(request.numbers()[0], request.key() == null);
    }
    StringBuilder body = new StringBuilder("[");
    for (int number : request.numbers()) {
      body.append(body.length() == 1 ? "" : ",").append(event(number, true));
    }
    return body.append(']').toString();
  }

  /** An event is the same each time it is sent. */
  private String event(int number, boolean withId) {
    String id = book.id(number);
    int chance = id.hashCode() & Integer.MAX_VALUE;
    return "{\"type\":\"click\",\"user_id\":\"u"
        + chance % USERS
        + "\",\"item_id\":\"A"
        + chance / USERS % ITEMS
        + "\",\"session_id\":\""
        + id
        + (withId ? "\",\"event_id\":\"" + id : "")
        + "\"}";
  }
}
