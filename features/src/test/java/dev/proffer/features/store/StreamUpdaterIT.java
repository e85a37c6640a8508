package dev.proffer.features.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.proffer.events.Event;
import dev.proffer.events.Item;
import dev.proffer.events.log.PartitionedLog;
import dev.proffer.events.log.PartitionedLog.Partition;
import dev.proffer.events.time.Time;
import dev.proffer.features.spec.EveryStatistic;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.state.StatisticsCodec;
import dev.proffer.fixtures.RedisServer;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Updaters over a log in memory and a real Redis that comes and goes. */
class StreamUpdaterIT {
  private static final SequenceSpec SEQUENCE =
      new SequenceSpec(List.of("click"), 6, 30 * 60_000, "place", EveryStatistic.spec());
  private static final int PARTITIONS = 4;

  @TempDir private Path dir;

  private record Fed(MemoryLog log, List<Partition> own) implements StreamUpdater.Source {
    @Override
    public Map<String, Integer> partitions() {
      return log.layout();
    }

    @Override
    public PartitionedLog events(PartitionedLog.Listener listener) {
      return log.member(own, listener);
    }

    @Override
    public PartitionedLog items() {
      return log.member(List.of(new Partition(MemoryLog.ITEMS, 0)), MemoryLog.NOBODY);
    }
  }

  @Test
  void foldsEverythingOnceWhileRedisIsFrozenKilledAndEmptyAndUpdatersTakeOver() throws Exception {
    Vertx vertx = Vertx.vertx();
    MemoryLog log = new MemoryLog(PARTITIONS);
    LiveState expected = new LiveState(SEQUENCE, new HeapSequenceStore());
    Random random = new Random(3);
    for (int item = 0; item < 6; item++) {
      Item one = new Item("i" + item, "t", "c" + item % 2, 0, Map.of("place", (long) item));
      log.append(one);
      expected.apply(one);
    }
    try (RedisServer redis = RedisServer.in(dir).start()) {
      RedisSpec spec = impatient("127.0.0.1:" + redis.port());
      List<Partition> all = log.all();
      StreamUpdater a =
          updater(log, all.stream().filter(one -> one.number() < 2).toList(), vertx, spec);
      StreamUpdater b =
          updater(log, all.stream().filter(one -> one.number() >= 2).toList(), vertx, spec);
      try {
        append(log, expected, random, 0, 300);
        awaitState(vertx, spec, log, expected);

        redis.freeze();
        append(log, expected, random, 300, 500);
        await()
            .until(() -> a.failures() > 0 && a.trouble().contains("did not answer within 300 ms"));
        redis.thaw();
        awaitState(vertx, spec, log, expected);

        redis.kill();
        append(log, expected, random, 500, 700);
        await().until(() -> !b.trouble().isEmpty());
        redis.start(); // it comes back empty
        awaitState(vertx, spec, log, expected);

        b.close();
        try (StreamUpdater successor = updater(log, all, vertx, spec)) {
          append(log, expected, random, 700, 900);
          awaitState(vertx, spec, log, expected);
          // Both own four of them, and take them from each other again and again.
          await().until(() -> successor.partitions() == 8);
        }
      } finally {
        a.close();
        b.close();
      }
    } finally {
      vertx.close().await(20, TimeUnit.SECONDS);
    }
  }

  private static RedisSpec impatient(String endpoint) {
    RedisSpec spec = PartitionStateIT.spec(endpoint);
    return new RedisSpec(
        spec.endpoints(),
        spec.mode(),
        spec.masterName(),
        spec.prefix(),
        spec.security(),
        spec.reading(),
        new RedisSpec.Updating(true, 20, 200, 100, 300));
  }

  private static StreamUpdater updater(
      MemoryLog log, List<Partition> own, Vertx vertx, RedisSpec spec) {
    StreamUpdater updater =
        new StreamUpdater(new Fed(log, own), vertx, spec, SEQUENCE, item -> {}, Time.system());
    updater.start();
    return updater;
  }

  private static void append(MemoryLog log, LiveState expected, Random random, int from, int to) {
    for (int number = from; number < to; number++) {
      String user = "u" + random.nextInt(40);
      String item = "i" + random.nextInt(6);
      Event event =
          new Event(
              "e" + number,
              "click",
              user,
              item,
              null,
              null,
              random.nextInt(600) * 60_000L,
              0,
              Map.of());
      log.append(event);
      expected.apply(event);
      if (random.nextInt(10) == 0) {
        log.append(event);
      }
    }
  }

  private static void awaitState(Vertx vertx, RedisSpec spec, MemoryLog log, LiveState expected) {
    Catalog.Builder items = new Catalog.Builder();
    for (int item = 1; item < expected.catalog().size(); item++) {
      items.put(expected.catalog().item(item));
    }
    RedisKeys keys = new RedisKeys(spec.prefix());
    byte[] counted = StatisticsCodec.encode(expected.statistics(), items);
    try (RedisLink link = new RedisLink(vertx, PartitionStateIT.spec(spec.endpoints().get(0)))) {
      await()
          .ignoreExceptions()
          .untilAsserted(
              () -> {
                Statistics merged =
                    new Statistics(
                        SEQUENCE.sessionGapMillis(),
                        SEQUENCE.orderAttribute(),
                        SEQUENCE.statistics());
                for (Partition partition : log.all()) {
                  Response bytes =
                      link.send(
                          Request.cmd(Command.HGET).arg(keys.state(partition)).arg("statistics"));
                  if (bytes != null) {
                    StatisticsCodec.add(bytes.toBytes(), merged, items);
                  }
                }
                assertThat(merged.totalEvents()).isEqualTo(expected.statistics().totalEvents());
                assertThat(StatisticsCodec.encode(merged, items)).isEqualTo(counted);
              });
      for (int user = 0; user < 40; user++) {
        String id = "u" + user;
        Response sequence =
            link.send(Request.cmd(Command.GET).arg(keys.sequence(log.partitionOf(id), id)));
        byte[] own = expected.sequences().read(id).encode();
        assertThat(sequence == null ? new byte[5] : sequence.toBytes())
            .as(id)
            .isEqualTo(sequence == null ? new byte[5] : own);
      }
    }
  }
}
