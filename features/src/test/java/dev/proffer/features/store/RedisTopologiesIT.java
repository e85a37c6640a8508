package dev.proffer.features.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.proffer.events.Event;
import dev.proffer.events.Item;
import dev.proffer.events.log.PartitionedLog;
import dev.proffer.events.time.Time;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.state.UserSequence;
import dev.proffer.features.store.RedisSpec.Mode;
import dev.proffer.features.store.RedisSpec.Secret;
import dev.proffer.features.store.RedisSpec.Security;
import dev.proffer.features.store.SequenceReader.Outcome;
import dev.proffer.fixtures.Ports;
import dev.proffer.fixtures.RedisServer;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Updater, statistics and reader against every way in which Redis can be set up. */
@Tag("slow")
class RedisTopologiesIT {
  private static final SequenceSpec SEQUENCE =
      new SequenceSpec(List.of("click"), 6, 30 * 60_000, "place");
  private static final Security OPEN =
      new Security(false, "", new Secret("", ""), "", new Secret("", ""));
  private static final int USERS = 30;

  @TempDir private static Path dir;
  private static Vertx vertx;

  @BeforeAll
  static void begin() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void end() throws Exception {
    vertx.close().await(20, TimeUnit.SECONDS);
  }

  private record Answer(@Nullable UserSequence sequence, Outcome outcome) {}

  private record Fed(MemoryLog log) implements StreamUpdater.Source {
    @Override
    public Map<String, Integer> partitions() {
      return log.layout();
    }

    @Override
    public PartitionedLog events(PartitionedLog.Listener listener) {
      return log.member(log.all(), listener);
    }

    @Override
    public PartitionedLog items() {
      return log.member(
          List.of(new PartitionedLog.Partition(MemoryLog.ITEMS, 0)), MemoryLog.NOBODY);
    }
  }

  /** All that a gateway has of Redis, over a log in memory, and what it should come to. */
  private static final class Everything implements AutoCloseable {
    private final MemoryLog log = new MemoryLog(4);
    private final LiveState expected = new LiveState(SEQUENCE, new HeapSequenceStore());
    private final StreamUpdater updater;
    private final SharedSequences sequences;
    private final SharedStatistics statistics;
    private final Context loop = vertx.getOrCreateContext();
    private final SequenceReader reader;
    private int events;

    Everything(RedisSpec spec) throws Exception {
      for (int item = 0; item < 6; item++) {
        Item one = new Item("i" + item, "t", "c" + item % 2, 0, Map.of("place", (long) item));
        log.append(one);
        expected.apply(one);
      }
      sequences =
          new SharedSequences(
              spec,
              MemoryLog.EVENTS,
              (user, partitions) -> log.partitionOf(user).number(),
              Time.system());
      statistics =
          new SharedStatistics(
              vertx,
              spec,
              SEQUENCE,
              sequences,
              MemoryLog.EVENTS,
              expected::catalog,
              50,
              Time.system());
      updater = new StreamUpdater(new Fed(log), vertx, spec, SEQUENCE, item -> {}, Time.system());
      expected.catalog(); // so that the other thread finds it made
      CompletableFuture<SequenceReader> made = new CompletableFuture<>();
      loop.runOnContext(on -> made.complete(sequences.reader(vertx)));
      reader = made.get(20, TimeUnit.SECONDS);
      statistics.start();
      updater.start();
    }

    void append(int more) {
      for (int number = 0; number < more; number++) {
        Event event =
            new Event(
                "e" + events,
                "click",
                "u" + events % USERS,
                "i" + events % 6,
                null,
                null,
                events * 60_000L,
                0,
                Map.of());
        events++;
        log.append(event);
        expected.apply(event);
      }
    }

    Answer read(String user) throws Exception {
      CompletableFuture<Answer> answer = new CompletableFuture<>();
      loop.runOnContext(
          on ->
              reader.read(
                  user, (sequence, outcome) -> answer.complete(new Answer(sequence, outcome))));
      return answer.get(20, TimeUnit.SECONDS);
    }

    /** Waits until all that was appended is in Redis and comes back from it. */
    void comesBack() {
      await()
          .untilAsserted(
              () -> {
                assertThat(updater.trouble()).isEmpty();
                assertThat(statistics.trouble()).isEmpty();
                assertThat(sequences.trouble()).isEmpty();
                assertThat(statistics.latest()).isNotNull();
                assertThat(Objects.requireNonNull(statistics.latest()).totalEvents())
                    .isEqualTo(expected.statistics().totalEvents());
                for (int user = 0; user < USERS; user++) {
                  Answer answer = read("u" + user);
                  assertThat(answer.outcome())
                      .as("u%s: %s", user, sequences.trouble())
                      .isEqualTo(Outcome.FRESH);
                  assertThat(Objects.requireNonNull(answer.sequence()).encode())
                      .isEqualTo(expected.sequences().read("u" + user).encode());
                }
              });
    }

    @Override
    public void close() {
      updater.close();
      statistics.close();
      CompletableFuture<Boolean> closed = new CompletableFuture<>();
      loop.runOnContext(
          on -> {
            reader.close();
            closed.complete(true);
          });
      closed.orTimeout(20, TimeUnit.SECONDS).join();
    }
  }

  private static RedisSpec spec(Mode mode, Security security, RedisServer... servers) {
    List<String> endpoints = new ArrayList<>();
    for (RedisServer server : servers) {
      endpoints.add("127.0.0.1:" + server.port());
    }
    return spec(mode, security, endpoints);
  }

  private static RedisSpec spec(Mode mode, Security security, List<String> endpoints) {
    return new RedisSpec(
        endpoints,
        mode,
        "shop",
        "test:",
        security,
        new RedisSpec.Reading(1_000, 10, 60, 1_000, 100, 3, 50),
        new RedisSpec.Updating(true, 20, 500, 100, 1_000));
  }

  private static @Nullable Response send(RedisServer server, Command command, Object... args) {
    Request request = Request.cmd(command);
    for (Object arg : args) {
      request.arg(arg.toString());
    }
    try (RedisLink link = new RedisLink(vertx, spec(Mode.STANDALONE, OPEN, server))) {
      return link.send(request);
    }
  }

  @Test
  void worksAsAUserWhoMayDoNoMoreThanItNeeds() throws Exception {
    Path acl = dir.resolve("users.acl");
    Files.writeString(
        acl,
        """
        user default off
        user gateway on >secret ~test:* -@all +@read +@write +@connection +eval -@dangerous
        """);
    Path password = dir.resolve("password");
    Files.writeString(password, "secret\n");
    Path wrong = dir.resolve("wrong");
    Files.writeString(wrong, "guessed\n");
    try (RedisServer redis = RedisServer.in(dir.resolve("acl")).set("aclfile", acl).start()) {
      Security as =
          new Security(
              false, "", new Secret("", ""), "gateway", new Secret(password.toString(), ""));
      try (Everything all = new Everything(spec(Mode.STANDALONE, as, redis))) {
        all.append(200);
        all.comesBack();
      }
      Security guess =
          new Security(false, "", new Secret("", ""), "gateway", new Secret(wrong.toString(), ""));
      try (Everything none = new Everything(spec(Mode.STANDALONE, guess, redis))) {
        await().until(() -> none.updater.trouble().contains("WRONGPASS"));
        await().until(() -> none.sequences.trouble().contains("WRONGPASS"));
        assertThat(none.read("u1").outcome()).isEqualTo(Outcome.LATE);
      }
    }
  }

  @Test
  void speaksTlsWithWhomItTrustsOnly() throws Exception {
    Path store = dir.resolve("key.p12");
    keytool(
        "-genkeypair",
        "-alias",
        "redis",
        "-keyalg",
        "EC",
        "-dname",
        "CN=redis",
        "-validity",
        "30",
        "-ext",
        "san=ip:127.0.0.1",
        "-keystore",
        store.toString());
    Path certificate = dir.resolve("redis.crt");
    keytool(
        "-exportcert",
        "-rfc",
        "-alias",
        "redis",
        "-file",
        certificate.toString(),
        "-keystore",
        store.toString());
    Path trust = dir.resolve("trust.p12");
    keytool(
        "-importcert",
        "-noprompt",
        "-alias",
        "redis",
        "-file",
        certificate.toString(),
        "-keystore",
        trust.toString());
    Path password = dir.resolve("store-password");
    Files.writeString(password, "changeit");
    int port = Ports.free();
    try (RedisServer redis =
        RedisServer.in(dir.resolve("tls"))
            .set("tls-port", port)
            .set("tls-cert-file", certificate)
            .set("tls-key-file", privateKey(store))
            .set("tls-ca-cert-file", certificate)
            .set("tls-auth-clients", "no")
            .start()) {
      assertThat(redis.isRunning()).isTrue();
      List<String> endpoint = List.of("127.0.0.1:" + port);
      Security trusting =
          new Security(
              true, trust.toString(), new Secret(password.toString(), ""), "", new Secret("", ""));
      try (Everything all = new Everything(spec(Mode.STANDALONE, trusting, endpoint))) {
        all.append(100);
        all.comesBack();
      }
      Security ofTheJvm = new Security(true, "", new Secret("", ""), "", new Secret("", ""));
      try (Everything none = new Everything(spec(Mode.STANDALONE, ofTheJvm, endpoint))) {
        await().until(() -> none.updater.failures() > 0);
        assertThat(none.read("u1").outcome()).isEqualTo(Outcome.LATE);
        assertThat(none.sequences.availability()).isZero();
      }
    }
  }

  @Test
  void followsTheSentinelsToTheNextPrimary() throws Exception {
    try (RedisServer primary = RedisServer.in(dir.resolve("primary")).start();
        RedisServer replica = RedisServer.in(dir.resolve("replica")).start()) {
      send(replica, Command.REPLICAOF, "127.0.0.1", primary.port());
      await().until(() -> info(replica, "replication").contains("master_link_status:up"));
      try (RedisServer sentinel =
          RedisServer.in(dir.resolve("sentinel")).sentinelOf("shop", primary.port()).start()) {
        await().until(() -> info(sentinel, "sentinel").contains("slaves=1"));
        try (Everything all = new Everything(spec(Mode.SENTINEL, OPEN, sentinel))) {
          all.append(200);
          all.comesBack();
          assertThat(all.read("u1").outcome()).isEqualTo(Outcome.FRESH);

          primary.kill();
          all.append(100);
          await().until(() -> all.read("u1").outcome() == Outcome.STALE);
          assertThat(all.read("stranger").outcome()).isEqualTo(Outcome.LATE);
          all.comesBack();
          assertThat(info(replica, "replication")).contains("role:master");

          primary.start(); // it comes back as the replica of its successor, and nothing changes
          await().until(() -> info(primary, "replication").contains("master_link_status:up"));
          all.append(50);
          all.comesBack();
        }
      }
    }
  }

  @Test
  void sharesOutItsKeysInACluster() throws Exception {
    List<RedisServer> nodes = new ArrayList<>();
    try {
      for (int node = 0; node < 3; node++) {
        nodes.add(
            RedisServer.in(dir.resolve("node-" + node))
                .set("cluster-enabled", "yes")
                .set("cluster-node-timeout", 1_000)
                .start());
      }
      for (int node = 0; node < 3; node++) {
        List<Object> slots = new ArrayList<>(List.of("ADDSLOTS"));
        for (int slot = node; slot < 16_384; slot += 3) {
          slots.add(slot);
        }
        send(nodes.get(node), Command.CLUSTER, slots.toArray());
        send(nodes.get(0), Command.CLUSTER, "MEET", "127.0.0.1", nodes.get(node).port());
      }
      for (RedisServer node : nodes) {
        await()
            .until(
                () -> {
                  String info = String.valueOf(send(node, Command.CLUSTER, "INFO"));
                  return info.contains("cluster_state:ok") && info.contains("cluster_size:3");
                });
      }
      RedisSpec spec = spec(Mode.CLUSTER, OPEN, nodes.get(0), nodes.get(1));
      try (Everything all = new Everything(spec)) {
        all.append(300);
        all.comesBack();
        for (RedisServer node : nodes) {
          assertThat(Objects.requireNonNull(send(node, Command.DBSIZE)).toLong()).isPositive();
        }
        nodes.get(2).freeze();
        all.append(100);
        await().until(() -> !all.updater.trouble().isEmpty());
        nodes.get(2).thaw();
        all.comesBack();
      }
    } finally {
      nodes.forEach(RedisServer::close);
    }
  }

  @Test
  void waitsWhileRedisIsFullAndReadsOn() throws Exception {
    try (RedisServer redis =
        RedisServer.in(dir.resolve("full")).set("maxmemory-policy", "noeviction").start()) {
      try (Everything all = new Everything(spec(Mode.STANDALONE, OPEN, redis))) {
        all.append(100);
        all.comesBack();
        send(redis, Command.CONFIG, "SET", "maxmemory", "1");
        all.append(100);
        await().until(() -> all.updater.trouble().contains("OOM"));
        assertThat(all.read("u1").outcome()).isEqualTo(Outcome.FRESH);
        assertThat(all.statistics.trouble()).isEmpty();
        send(redis, Command.CONFIG, "SET", "maxmemory", "0");
        all.comesBack();
      }
    }
  }

  private static String info(RedisServer server, String section) {
    return String.valueOf(send(server, Command.INFO, section));
  }

  private static void keytool(String... args) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(args));
    command.addAll(List.of("-storetype", "PKCS12", "-storepass", "changeit"));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  private static Path privateKey(Path store) throws Exception {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, "changeit".toCharArray());
    }
    Key key = keys.getKey("redis", "changeit".toCharArray());
    return pem(store.resolveSibling("redis.key"), key.getEncoded());
  }

  private static Path pem(Path file, byte[] encoded) throws IOException {
    return Files.writeString(
        file,
        """
        -----BEGIN PRIVATE KEY-----
        %s
        -----END PRIVATE KEY-----
        """
            .formatted(Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded)));
  }
}
