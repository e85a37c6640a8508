package dev.proffer.perf;

import dev.proffer.events.Hash64;
import dev.proffer.events.time.Time;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.state.UserSequence;
import dev.proffer.features.store.ChronicleSequenceStore;
import dev.proffer.features.store.LiveState;
import dev.proffer.features.store.RedisSpec;
import dev.proffer.features.store.SequenceReader;
import dev.proffer.features.store.SharedSequences;
import dev.proffer.features.store.StateCheckpoint;
import dev.proffer.features.store.StoreBounds;
import dev.proffer.fixtures.RedisServer;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code proffer bench store}: reads, memory and restart of the store of sequences. */
@picocli.CommandLine.Command(
    name = "store",
    description = {
      "Measures the store of users' sequences: reads off and on the heap, reads from a Redis of its",
      "own beside a plain client's MGET of the same bytes, in turns; memory per user on the heap, off",
      "it and in Redis; and a warm start from a checkpoint. Needs about 3 KiB of memory a user."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class StoreCommand implements Callable<Integer> {
  private static final String PREFIX = "bench:";
  private static final String TOPIC = "events";
  private static final int LENGTH = 200;
  private static final SequenceSpec SEQUENCE =
      new SequenceSpec(List.of("click"), LENGTH, 1_800_000, "");
  private static final int HOT = 200;
  private static final int BATCH = 1_000;
  private static final int TURNS = 10;

  @Mixin private Report report = new Report();

  @Option(names = "--users", paramLabel = "N", description = "Users.")
  private int users = 1_000_000;

  @Option(names = "--events", paramLabel = "N", description = "Events of each.")
  private int events = 50;

  @Option(
      names = "--quick",
      hidden = true,
      description = "Few users and reads, to see that it works; no figures to keep.")
  private boolean quick;

  private final Random random = new Random(1);

  @Override
  public Integer call() throws Exception {
    if (quick) {
      users = Math.min(users, 20_000);
    }
    report.begin(Machine.look());
    report.json().put("users", users);
    report.json().put("events", events);
    report.say("%,d users of %d events each", users, events);
    try (Resources resources = new Resources();
        ChronicleSequenceStore warm = new ChronicleSequenceStore(bounds(16))) {
      warm.write("first", sequence(0)); // the map compiles its classes once a process
      local(resources.directory());
      shared(resources.directory());
    }
    report.write();
    return 0;
  }

  private StoreBounds bounds(long room) {
    return new StoreBounds(room, sequence(0).encode().length, 0);
  }

  private UserSequence sequence(int user) {
    UserSequence sequence = UserSequence.EMPTY;
    long time = 1_700_000_000_000L + user * 1_000L;
    for (int event = 0; event < events; event++) {
      time += 1_000 + 977L * (event * 31 + user) % 600_000;
      sequence =
          sequence.with(
              time,
              Hash64.of("item-" + (user * 7 + event * event) % 50_000),
              Hash64.of(user + "-" + event),
              UserSequence.typeCode("click"),
              LENGTH);
    }
    return sequence;
  }

  private static String name(int user) {
    return "customer-" + user;
  }

  private void local(Path directory) throws Exception {
    long heapBefore = heap();
    try (ChronicleSequenceStore store = new ChronicleSequenceStore(bounds(users + users / 20L))) {
      for (int user = 0; user < users; user++) {
        store.write(name(user), sequence(user));
      }
      report.say("");
      report.say("%-44s %12s", "memory", "bytes a user");
      figure(
          "on the heap (those written last, decoded)", "heap_bytes_per_user", heap() - heapBefore);
      figure("off the heap", "off_heap_bytes_per_user", store.allocatedBytes());
      report.say("%-44s %12d", "the record itself", sequence(0).encode().length);
      report.json().put("record_bytes", sequence(0).encode().length);
      report.json().put("evicted", store.evicted());
      report.say("");
      report.say("%-44s %9s %9s", "local reads, µs", "p50", "p99");
      int reads = quick ? 20_000 : 1_000_000;
      for (int round = 0; round < 2; round++) { // the first warms up
        Histogram any = new Histogram(3);
        Histogram hot = new Histogram(3);
        for (int read = 0; read < reads; read++) {
          String user = name(random.nextInt(users));
          long from = System.nanoTime();
          store.read(user);
          any.recordValue(System.nanoTime() - from);
        }
        for (int user = 0; user < Math.min(users, HOT); user++) {
          store.write(name(user), sequence(user));
        }
        for (int read = 0; read < reads; read++) {
          String user = name(random.nextInt(Math.min(users, HOT)));
          long from = System.nanoTime();
          store.read(user);
          hot.recordValue(System.nanoTime() - from);
        }
        if (round == 1) {
          figure("any user, most of them off the heap", "local_any", any);
          figure("one of the " + HOT + " written last", "local_hot", hot);
        }
      }
      LiveState state = new LiveState(SEQUENCE, store);
      StateCheckpoint checkpoint = new StateCheckpoint(directory, SEQUENCE);
      long from = System.nanoTime();
      checkpoint.write(new StateCheckpoint.Point(state, store, 1, new long[0]));
      seconds("checkpoint written", "checkpoint_write_seconds", System.nanoTime() - from);
      report.json().put("checkpoint_bytes", Files.size(directory.resolve("checkpoint/state")));
    }
    StateCheckpoint checkpoint = new StateCheckpoint(directory, SEQUENCE);
    long from = System.nanoTime();
    try (ChronicleSequenceStore again = new ChronicleSequenceStore(bounds(users + users / 20L))) {
      checkpoint.read(again);
      seconds(
          "warm start: the checkpoint read again", "warm_start_seconds", System.nanoTime() - from);
      if (again.users() != users) {
        throw new Failed(again.users() + " users came back of " + users);
      }
    }
  }

  private void shared(Path directory) throws Exception {
    Vertx vertx = Vertx.vertx();
    try (RedisServer server =
        RedisServer.in(Files.createDirectories(directory.resolve("redis"))).start()) {
      RedisSpec redis = redis("127.0.0.1:" + server.port());
      Redis client =
          Redis.createClient(
              vertx,
              new RedisOptions()
                  .setConnectionString("redis://127.0.0.1:" + server.port())
                  .setMaxWaitingHandlers(1 << 16));
      RedisConnection connection = client.connect().await(10, TimeUnit.SECONDS);
      long before = used(connection);
      for (int first = 0; first < users; first += BATCH) {
        List<Request> batch = new ArrayList<>();
        for (int user = first; user < Math.min(users, first + BATCH); user++) {
          batch.add(
              Request.cmd(Command.SET).arg(key(user)).arg(Buffer.buffer(sequence(user).encode())));
        }
        connection.batch(batch).await(30, TimeUnit.SECONDS);
      }
      figure("in Redis", "redis_bytes_per_user", used(connection) - before);
      SharedSequences sequences =
          new SharedSequences(redis, TOPIC, (user, partitions) -> 0, Time.system());
      sequences.partitions(1);
      Context loop = vertx.getOrCreateContext();
      CompletableFuture<SequenceReader> opened = new CompletableFuture<>();
      loop.runOnContext(go -> opened.complete(sequences.reader(vertx)));
      SequenceReader reader = opened.get(10, TimeUnit.SECONDS);
      for (long until = System.nanoTime() + 10_000_000_000L;
          sequences.availability() < 1 && System.nanoTime() < until; ) {
        TimeUnit.MILLISECONDS.sleep(10);
      }
      report.say("");
      report.say("%-44s %9s %9s", "reads from Redis, µs", "p50", "p99");
      for (int keys : new int[] {1, 100}) {
        Histogram ours = new Histogram(3);
        Histogram plain = new Histogram(3);
        int reads = quick ? 50 : 20_000 / (keys == 1 ? 1 : 10) / TURNS;
        for (int turn = -2; turn < TURNS; turn++) { // two to warm up
          run(
              loop,
              keys,
              reads,
              turn < 0 ? new Histogram(3) : ours,
              (some, done) -> read(reader, some, done));
          run(
              loop,
              keys,
              reads,
              turn < 0 ? new Histogram(3) : plain,
              (some, done) -> mget(connection, some, done));
        }
        String many = keys == 1 ? "1 key" : keys + " keys";
        figure("ours, " + many + ", all misses", "redis_miss_" + keys, ours);
        figure("vertx-redis-client MGET, " + many, "plain_mget_" + keys, plain);
      }
      if (sequences.failures() > 0 || sequences.late() > 0) {
        throw new Failed(
            sequences.failures() + " reads failed, " + sequences.late() + " were late");
      }
      loop.runOnContext(go -> reader.close());
      client.close();
    } finally {
      vertx.close().await(20, TimeUnit.SECONDS);
    }
  }

  /** Reads some users, then runs what is to come. */
  private interface Reading {
    void read(int[] some, Runnable done);
  }

  /** So many reads of so many users one after the other on a loop, each timed. */
  private void run(Context loop, int keys, int reads, Histogram into, Reading reading)
      throws Exception {
    CompletableFuture<Void> over = new CompletableFuture<>();
    loop.runOnContext(go -> next(keys, reads, into, reading, over));
    over.get(120, TimeUnit.SECONDS);
  }

  private void next(
      int keys, int left, Histogram into, Reading reading, CompletableFuture<Void> over) {
    if (left == 0) {
      over.complete(null);
      return;
    }
    int[] some = new int[keys];
    int first = random.nextInt(users);
    for (int at = 0; at < keys; at++) {
      some[at] = (int) ((first + at * 7_919L) % users);
    }
    long from = System.nanoTime();
    reading.read(
        some,
        () -> {
          into.recordValue(System.nanoTime() - from);
          Context own = Vertx.currentContext();
          own.runOnContext(go -> next(keys, left - 1, into, reading, over));
        });
  }

  private static void read(SequenceReader reader, int[] some, Runnable done) {
    int[] waiting = {some.length};
    for (int user : some) {
      reader.read(
          name(user),
          (sequence, outcome) -> {
            if (--waiting[0] == 0) {
              done.run();
            }
          });
    }
  }

  private static void mget(RedisConnection connection, int[] some, Runnable done) {
    Request request = Request.cmd(Command.MGET);
    for (int user : some) {
      request.arg(key(user));
    }
    connection
        .send(request)
        .onComplete(
            answers -> {
              for (Response one : answers) {
                one.toBytes();
              }
              done.run();
            },
            failure -> {
              throw new IllegalStateException(failure);
            });
  }

  private static String key(int user) {
    return PREFIX + "{" + TOPIC + "-0}:seq:" + name(user);
  }

  private static RedisSpec redis(String endpoint) {
    RedisSpec.Secret none = new RedisSpec.Secret("", "");
    return new RedisSpec(
        List.of(endpoint),
        RedisSpec.Mode.STANDALONE,
        "",
        PREFIX,
        new RedisSpec.Security(false, "", none, "", none),
        new RedisSpec.Reading(1_000, 0, 60, 1_000, 1_000, 5, 250),
        new RedisSpec.Updating(false, 500, 1_000, 1_000, 5_000));
  }

  private static long used(RedisConnection connection) throws Exception {
    String info =
        connection
            .send(Request.cmd(Command.INFO).arg("memory"))
            .await(10, TimeUnit.SECONDS)
            .toString();
    return info.lines()
        .filter(line -> line.startsWith("used_memory:"))
        .mapToLong(line -> Long.parseLong(line.substring("used_memory:".length()).strip()))
        .findFirst()
        .orElseThrow();
  }

  private static long heap() throws InterruptedException {
    for (int round = 0; round < 3; round++) {
      System.gc();
      TimeUnit.MILLISECONDS.sleep(100);
    }
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private void figure(String what, String key, long bytes) {
    report.say("%-44s %12.1f", what, (double) bytes / users);
    report.json().put(key, (double) bytes / users);
  }

  private void figure(String what, String key, Histogram nanos) {
    double median = nanos.getValueAtPercentile(50) / 1e3;
    double tail = nanos.getValueAtPercentile(99) / 1e3;
    report.say("%-44s %9.2f %9.2f", what, median, tail);
    report.json().put(key + "_p50_us", median);
    report.json().put(key + "_p99_us", tail);
  }

  private void seconds(String what, String key, long nanos) {
    report.say("%-44s %9.2f s", what, nanos / 1e9);
    report.json().put(key, nanos / 1e9);
  }
}
