package dev.proffer.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.proffer.events.Hash64;
import dev.proffer.events.time.Time;
import dev.proffer.features.state.UserSequence;
import dev.proffer.fixtures.RedisServer;
import dev.proffer.fixtures.TcpProxy;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a person who asks for suggestions sees of a Redis that goes wrong: a word in degraded. */
@ExtendWith(NoBlockedLoops.class)
final class RedisTroubleIT {
  private static final String SEEN = "You looked at it before";

  @TempDir private Path dir;
  private final AtomicInteger strangers = new AtomicInteger();

  /** Listens where Redis should and answers everything with the same bytes. */
  private static final class Babbler implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket();
    private final byte[] words;
    private final Thread thread = new Thread(this::accept);

    Babbler(int port, String words) throws IOException {
      this.words = words.getBytes(StandardCharsets.ISO_8859_1);
      listener.setReuseAddress(true);
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      thread.setDaemon(true);
      thread.start();
    }

    private void accept() {
      while (true) {
        try {
          Socket socket = listener.accept();
          Thread answering = new Thread(() -> answer(socket));
          answering.setDaemon(true);
          answering.start();
        } catch (IOException e) {
          return; // closed
        }
      }
    }

    private void answer(Socket socket) {
      try (socket) {
        byte[] buffer = new byte[4_096];
        while (!listener.isClosed() && socket.getInputStream().read(buffer) >= 0) {
          socket.getOutputStream().write(words);
        }
      } catch (IOException e) {
        // the gateway has had enough
      }
    }

    @Override
    public void close() throws IOException {
      listener.close();
      try {
        thread.join(20_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private interface Fault {
    void begins() throws IOException;
  }

  @Test
  void suggestsThroughWhateverRedisDoesAndTakesItUpAgain() throws Exception {
    Shop.open(dir.resolve("var"));
    try (RedisServer redis = RedisServer.in(dir.resolve("redis")).start();
        TcpProxy network = TcpProxy.to(redis.port())) {
      seed(redis.port());
      network.down(); // gone at the start
      Configuration configuration = configured("standalone", network.port());
      try (RunningGateway running = RunningGateway.on(dir, configuration)) {
        late(running);
        network.up();
        recovers(running);
        redis.ask("CONFIG", "RESETSTAT");
        for (int request = 0; request < 10; request++) {
          asked(running, "newcomer-" + request);
        }
        assertThat(redis.ask("INFO", "commandstats").get(0))
            .as("a request asks for one key, whatever it computes")
            .contains("cmdstat_get:calls=10,");

        through(running, "slow", () -> network.latency(Duration.ofMillis(400)));
        network.latency(Duration.ZERO);
        recovers(running);
        through(running, "silent", () -> network.blackHole(true));
        network.blackHole(false);
        recovers(running);
        through(running, "gone", network::down);
        for (String words :
            List.of(
                "-ERR no\r\n",
                "-OOM command not allowed when used memory > 'maxmemory'.\r\n",
                "-LOADING Redis is loading the dataset in memory\r\n",
                "HTTP/1.1 400 Bad Request\r\n\r\n",
                "\u0000\u00ff\u0007 rubbish \r\n*-7\r\n$x\r\n")) {
          try (Babbler babbler = new Babbler(network.port(), words)) {
            assertThat(babbler.words).isNotEmpty();
            through(running, words, () -> {});
          }
        }
        network.up();
        recovers(running);
        network.reset();
        recovers(running);
      }
    }
  }

  @Test
  void suggestsWhileAReplicaTakesOver() throws Exception {
    Shop.open(dir.resolve("var"));
    try (RedisServer primary = RedisServer.in(dir.resolve("primary")).start();
        RedisServer replica = RedisServer.in(dir.resolve("replica")).start()) {
      seed(primary.port());
      send(replica.port(), "REPLICAOF", "127.0.0.1", Integer.toString(primary.port()));
      await()
          .until(
              () -> send(replica.port(), "INFO", "replication").contains("master_link_status:up"));
      try (RedisServer sentinel =
          RedisServer.in(dir.resolve("sentinel")).sentinelOf("shop", primary.port()).start()) {
        await().until(() -> send(sentinel.port(), "INFO", "sentinel").contains("slaves=1"));
        Configuration configuration = configured("sentinel", sentinel.port());
        try (RunningGateway running = RunningGateway.on(dir, configuration)) {
          recovers(running);
          through(running, "the primary is gone", primary::kill);
          recovers(running);
        }
      }
    }
  }

  private Configuration configured(String mode, int port) {
    return Configuration.shipped(dir)
        .with(
            "redis.yaml",
            """
            endpoints: ["127.0.0.1:%d"]
            mode: %s
            master-name: shop
            reading:
              deadline-ms: 50
              staleness-ms: 20
              breaker-failures: 3
              breaker-retry-ms: 50
            updater:
              timeout-ms: 300
            """
                .formatted(port, mode));
  }

  /** While it lasts, nobody waits for Redis and everybody is answered, with a word about it. */
  private void through(RunningGateway running, String what, Fault fault) throws IOException {
    fault.begins();
    await()
        .untilAsserted(
            () ->
                assertThat(asked(running, "walker").degraded())
                    .as(what)
                    .contains("features_stale"));
    assertThat(reasons(asked(running, "walker"))).as(what).contains(SEEN);
    late(running);
    await()
        .untilAsserted(
            () -> assertThat(part(running).getString("status")).as(what).isNotEqualTo("ok"));
    assertThat(running.management().get("/readyz").status()).isEqualTo(200);
  }

  private void late(RunningGateway running) {
    String stranger = "stranger-" + strangers.incrementAndGet();
    assertThat(asked(running, stranger).degraded()).contains("features_late");
  }

  private void recovers(RunningGateway running) {
    await()
        .untilAsserted(
            () -> {
              assertThat(part(running).getString("status")).isEqualTo("ok");
              Answer answer = asked(running, "walker");
              assertThat(answer.degraded()).noneMatch(word -> word.startsWith("features_"));
              assertThat(reasons(answer)).contains(SEEN);
            });
  }

  private static Answer asked(RunningGateway running, String user) {
    Answer answer = running.open().post("/suggest", "{\"user_id\":\"" + user + "\",\"limit\":12}");
    assertThat(answer.status()).isEqualTo(200);
    return answer;
  }

  private static List<String> reasons(Answer answer) {
    return answer.json().getJsonArray("propositions").stream()
        .map(one -> ((JsonObject) one).getString("reason"))
        .toList();
  }

  private static JsonObject part(RunningGateway running) {
    return running.open().get("/health").json().getJsonObject("parts").getJsonObject("redis");
  }

  /** One partition, and a user in it who looked at an item, as an updater would have written it. */
  private static void seed(int port) {
    long now = Time.system().millis();
    UserSequence sequence =
        UserSequence.EMPTY.with(
            now, Hash64.of("T3"), Hash64.of("seen"), UserSequence.typeCode("click"), 100);
    send(port, "HSET", "proffer:layout", "proffer.events", "1");
    send(
        port,
        "SET".getBytes(StandardCharsets.US_ASCII),
        "proffer:{proffer.events-0}:seq:walker".getBytes(StandardCharsets.US_ASCII),
        sequence.encode());
  }

  private static String send(int port, String... words) {
    byte[][] bytes = new byte[words.length][];
    for (int at = 0; at < words.length; at++) {
      bytes[at] = words[at].getBytes(StandardCharsets.UTF_8);
    }
    return send(port, bytes);
  }

  /** One command to a Redis of this machine, and the beginning of its answer. */
  private static String send(int port, byte[]... words) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(20_000);
      ByteArrayOutputStream command = new ByteArrayOutputStream();
      command.write(("*" + words.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
      for (byte[] word : words) {
        command.write(("$" + word.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
        command.write(word);
        command.write("\r\n".getBytes(StandardCharsets.US_ASCII));
      }
      socket.getOutputStream().write(command.toByteArray());
      byte[] answer = new byte[16_384];
      InputStream in = socket.getInputStream();
      int length = Math.max(0, in.read(answer));
      String said = new String(answer, 0, length, StandardCharsets.ISO_8859_1);
      assertThat(said).doesNotStartWith("-");
      return said;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
