package dev.proffer.features.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.proffer.events.time.Time;
import dev.proffer.features.state.UserSequence;
import dev.proffer.features.store.SequenceReader.Outcome;
import dev.proffer.fixtures.RedisServer;
import dev.proffer.fixtures.TcpProxy;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a reader asks of a real Redis, by Redis's own count, and for how long it keeps it. */
class SequenceReaderIT {
  private static final int LOOPS = 2;
  private static final int WAITING = 100;
  private static final int KEEP_SECONDS = 60;
  private static final int GET_BYTES =
      "*2\r\n$3\r\nGET\r\n$27\r\ntest:{events-0}:seq:user-000\r\n".length();

  @TempDir private static Path dir;
  private static Vertx vertx;
  private static RedisServer redis;

  private final AtomicLong nanos = new AtomicLong(1);
  private final Time time =
      new Time() {
        @Override
        public long millis() {
          return nanos.get() / 1_000_000;
        }

        @Override
        public long nanos() {
          return nanos.get();
        }
      };

  private record Answer(@Nullable UserSequence sequence, Outcome outcome) {}

  @BeforeAll
  static void begin() {
    vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(LOOPS));
    redis = RedisServer.in(dir).start();
    UserSequence sequence = UserSequence.EMPTY.with(1, 2, 3, 4, 5);
    try (RedisLink link = new RedisLink(vertx, PartitionStateIT.spec(endpoint(redis.port())))) {
      for (int user = 0; user < 2 * WAITING; user++) {
        link.send(
            Request.cmd(Command.SET)
                .arg("test:{events-0}:seq:" + name(user))
                .arg(io.vertx.core.buffer.Buffer.buffer(sequence.encode())));
      }
    }
  }

  @AfterAll
  static void end() throws Exception {
    redis.close();
    vertx.close().await(20, TimeUnit.SECONDS);
  }

  private static String endpoint(int port) {
    return "127.0.0.1:" + port;
  }

  private static String name(int user) {
    return String.format(java.util.Locale.ROOT, "user-%03d", user);
  }

  /** Readers of some loops over what they share. */
  private final class Readers implements AutoCloseable {
    private final SharedSequences shared;
    private final List<Context> loops = new ArrayList<>();
    private final List<SequenceReader> readers = new ArrayList<>();

    Readers(int port, int count, int deadlineMillis) throws Exception {
      RedisSpec spec = PartitionStateIT.spec(endpoint(port));
      shared =
          new SharedSequences(
              new RedisSpec(
                  spec.endpoints(),
                  spec.mode(),
                  spec.masterName(),
                  spec.prefix(),
                  spec.security(),
                  new RedisSpec.Reading(
                      deadlineMillis, 100, KEEP_SECONDS, 1_000, WAITING, 1_000, 20),
                  spec.updating()),
              "events",
              (user, partitions) -> 0,
              time);
      shared.partitions(1);
      for (int loop = 0; loop < count; loop++) {
        Context context = loop();
        CompletableFuture<SequenceReader> made = new CompletableFuture<>();
        context.runOnContext(on -> made.complete(shared.reader(vertx)));
        loops.add(context);
        readers.add(made.get(20, TimeUnit.SECONDS));
      }
      await().until(() -> shared.availability() == 1);
    }

    /** A loop for a thread of its own: a thread that comes again is given the loop it had. */
    private static Context loop() throws Exception {
      CompletableFuture<Context> loop = new CompletableFuture<>();
      Thread thread = new Thread(() -> loop.complete(vertx.getOrCreateContext()));
      thread.start();
      thread.join();
      return loop.get();
    }

    /** Asks for users in one go on one loop, as so many requests of that moment would. */
    List<CompletableFuture<Answer>> ask(int loop, List<String> users) {
      List<CompletableFuture<Answer>> answers = new ArrayList<>();
      users.forEach(user -> answers.add(new CompletableFuture<>()));
      loops
          .get(loop)
          .runOnContext(
              on -> {
                for (int at = 0; at < users.size(); at++) {
                  CompletableFuture<Answer> answer = answers.get(at);
                  UserSequence fresh = readers.get(loop).fresh(users.get(at));
                  if (fresh != null) {
                    answer.complete(new Answer(fresh, Outcome.FRESH));
                  } else {
                    readers
                        .get(loop)
                        .read(
                            users.get(at),
                            (sequence, outcome) -> answer.complete(new Answer(sequence, outcome)));
                  }
                }
              });
      return answers;
    }

    @Override
    public void close() {
      for (int loop = 0; loop < loops.size(); loop++) {
        int of = loop;
        CompletableFuture<Boolean> closed = new CompletableFuture<>();
        loops
            .get(of)
            .runOnContext(
                on -> {
                  readers.get(of).close();
                  closed.complete(true);
                });
        closed.orTimeout(20, TimeUnit.SECONDS).join();
      }
    }
  }

  private static List<String> users(int from, int to) {
    return IntStream.range(from, to).mapToObj(SequenceReaderIT::name).toList();
  }

  private static void outcomes(List<CompletableFuture<Answer>> answers, Outcome expected) {
    for (CompletableFuture<Answer> answer : answers) {
      Answer got = answer.orTimeout(20, TimeUnit.SECONDS).join();
      assertThat(got.outcome()).isEqualTo(expected);
      assertThat(got.sequence() == null).isEqualTo(expected == Outcome.LATE);
    }
  }

  /** How often Redis was sent a command since it was told to count anew. */
  private static long calls(String command) {
    String counted = String.join("\n", redis.ask("INFO", "commandstats"));
    Matcher found = Pattern.compile("cmdstat_" + command + ":calls=(\\d+)").matcher(counted);
    return found.find() ? Long.parseLong(found.group(1)) : 0;
  }

  @Test
  void asksForAHotUserOnceALoopHoweverManyRequestsWait() throws Exception {
    try (Readers readers = new Readers(redis.port(), LOOPS, 10_000)) {
      redis.ask("CONFIG", "RESETSTAT");
      List<String> hot = IntStream.range(0, 500).mapToObj(request -> name(0)).toList();
      for (int round = 1; round <= 3; round++) {
        for (int loop = 0; loop < LOOPS; loop++) {
          List<CompletableFuture<Answer>> answers = readers.ask(loop, hot);
          outcomes(answers, Outcome.FRESH);
        }
        assertThat(calls("get")).as("by rounds of staleness").isEqualTo(round);
        nanos.addAndGet(Duration.ofMillis(101).toNanos()); // none of it is fresh any more
      }
      redis.freeze(); // so that every loop asks before any is answered
      List<CompletableFuture<Answer>> all = new ArrayList<>();
      for (int loop = 0; loop < LOOPS; loop++) {
        all.addAll(readers.ask(loop, hot));
      }
      redis.thaw();
      outcomes(all, Outcome.FRESH);
      assertThat(calls("get")).isBetween(4L, 3L + LOOPS);
      assertThat(calls("mget") + calls("hget") + calls("eval")).isZero();
    }
  }

  /** Nothing is answered before everything is asked. */
  @Test
  void sendsWhatIsMissingInOneGoAndLetsNoMoreWaitThanItMay() throws Exception {
    try (TcpProxy network = TcpProxy.to(redis.port());
        Readers readers = new Readers(network.port(), 1, 10_000)) {
      redis.ask("CONFIG", "RESETSTAT");
      redis.freeze();
      try {
        long before = network.carried();
        List<CompletableFuture<Answer>> waiting = readers.ask(0, users(0, WAITING));
        List<CompletableFuture<Answer>> tooMany = readers.ask(0, users(WAITING, WAITING + 20));
        outcomes(tooMany, Outcome.LATE); // at once: nobody has thawed it
        await().until(() -> network.carried() - before >= (long) WAITING * GET_BYTES);
        assertThat(network.carried() - before).isEqualTo((long) WAITING * GET_BYTES);
        assertThat(waiting).noneMatch(CompletableFuture::isDone);
        redis.thaw();
        outcomes(waiting, Outcome.FRESH);
        assertThat(calls("get")).isEqualTo(WAITING);
      } finally {
        redis.thaw();
      }
    }
  }

  @Test
  void usesWhatItReadBeforeForKeepSecondsAndSaysHowOldItWas() throws Exception {
    try (TcpProxy network = TcpProxy.to(redis.port());
        Readers readers = new Readers(network.port(), 1, 10_000)) {
      List<String> one = users(7, 8);
      outcomes(readers.ask(0, one), Outcome.FRESH);
      network.down();
      await().until(() -> readers.shared.availability() == 0);

      nanos.addAndGet(Duration.ofSeconds(KEEP_SECONDS - 1).toNanos());
      outcomes(readers.ask(0, one), Outcome.STALE);
      assertThat(readers.shared.stale()).isOne();
      assertThat(readers.shared.staleNanos())
          .isEqualTo(Duration.ofSeconds(KEEP_SECONDS - 1).toNanos());

      nanos.addAndGet(Duration.ofSeconds(1).toNanos());
      outcomes(readers.ask(0, one), Outcome.LATE);
      assertThat(readers.shared.stale()).isOne();
      assertThat(readers.shared.late()).isOne();
      assertThat(Objects.requireNonNull(readers.shared.trouble())).isNotEmpty();
    }
  }
}
