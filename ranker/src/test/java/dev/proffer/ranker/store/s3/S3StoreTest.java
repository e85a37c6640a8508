package dev.proffer.ranker.store.s3;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.proffer.events.time.Time;
import dev.proffer.fixtures.S3Server;
import dev.proffer.fixtures.TcpProxy;
import dev.proffer.ranker.RegistrySpec;
import dev.proffer.ranker.artifact.ModelRegistry;
import dev.proffer.ranker.store.Aliases;
import dev.proffer.ranker.store.StoreAway;
import dev.proffer.ranker.store.StoreRefused;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** Against a server that speaks S3 and checks signatures; one of each test's own prefix. */
class S3StoreTest {
  private static final String TASK = "ranking";
  private static final Map<String, String> KEYS =
      Map.of("AWS_ACCESS_KEY_ID", "id", "AWS_SECRET_ACCESS_KEY", "secret");

  @TempDir static Path objects;
  private static S3Server server;
  private static TcpProxy network;

  @TempDir Path home;
  private final AtomicLong nanos = new AtomicLong(1);
  private final List<ModelRegistry> opened = new ArrayList<>();
  private String prefix = "";

  @BeforeAll
  static void start() {
    server = S3Server.start(objects, "models", "id", "secret", S3Server.Conditions.HEEDED);
    network = TcpProxy.to(server.port());
  }

  @AfterAll
  static void stop() {
    network.close();
    server.close();
  }

  @BeforeEach
  void name(TestInfo test) {
    prefix = "of/" + test.getTestMethod().orElseThrow().getName();
  }

  @AfterEach
  void close() {
    opened.forEach(ModelRegistry::close);
  }

  @Test
  void givesAnotherMachineWhatOnePublished() throws IOException {
    ModelRegistry one = registry("one");
    assertThat(one.aliases(TASK)).isEqualTo(Aliases.NONE);
    assertThat(one.versions(TASK)).isEmpty();
    assertThatThrownBy(() -> one.promote(TASK, "v1"))
        .isInstanceOf(StoreRefused.class)
        .hasMessage("no version v1 of ranking in s3://models/" + prefix);
    Files.writeString(one.begin(TASK, "v1").resolve("model"), "half");
    assertThat(registry("other").versions(TASK)).isEmpty();
    version(one, "v1");
    version(one, "v2");
    one.promote(TASK, "v1");
    one.promote(TASK, "v2");
    one.challenge(TASK, "v1");
    one.keepFigures(TASK, "v1", Map.of("ndcg@10", 0.5));

    ModelRegistry other = registry("other");
    assertThat(other.versions(TASK)).containsExactly("v1", "v2");
    assertThat(other.aliases(TASK)).isEqualTo(new Aliases("v2", "v1", "v1"));
    assertThat(other.directory(TASK, "v2").resolve("model")).hasContent("v2");
    assertThat(other.figures(TASK, "v1")).isEqualTo(Map.of("ndcg@10", 0.5));
    assertThat(other.figures(TASK, "v2")).isEmpty();
    assertThat(other.rollback(TASK)).isEqualTo("v1");
    assertThat(one.aliases(TASK)).isEqualTo(new Aliases("v1", "v2", "v1"));
    assertThat(registry("third").versions("leave")).isEmpty();
    assertThatThrownBy(() -> other.rollback("leave"))
        .hasMessage("no version of leave was champion before null");
    assertThat(objects.resolve("models").resolve(prefix).resolve("ranking/aliases"))
        .content()
        .contains("champion v1\nprevious v2\nchallenger v1\n");
  }

  @Test
  void neverChangesAVersionAndTakesUpOneThatWasNotEnded() throws IOException {
    ModelRegistry one = registry("one");
    version(one, "v1");
    ModelRegistry other = registry("other");
    Files.writeString(other.begin(TASK, "v1").resolve("model"), "another");
    assertThatThrownBy(() -> other.complete(TASK, "v1"))
        .isInstanceOf(StoreRefused.class)
        .hasMessageContaining("a version never changes");
    assertThat(registry("third").directory(TASK, "v1").resolve("model")).hasContent("v1");

    Path left = stored("v2");
    Files.createDirectories(left);
    Files.writeString(left.resolve("model"), "a try that did not end");
    assertThat(one.versions(TASK)).containsExactly("v1");
    version(one, "v2");
    assertThat(registry("third").directory(TASK, "v2").resolve("model")).hasContent("v2");
  }

  @Test
  void losesNoChangeWhenManyChangeAtOnce() throws Exception {
    ModelRegistry first = registry("first");
    version(first, "v1");
    version(first, "v2");
    first.promote(TASK, "v1");
    first.promote(TASK, "v2");
    AtomicReference<Throwable> failed = new AtomicReference<>();
    List<Thread> threads = new ArrayList<>();
    for (int thread = 0; thread < 3; thread++) {
      ModelRegistry own = registry("machine-" + thread);
      threads.add(
          new Thread(
              () -> {
                try {
                  for (int change = 0; change < 6; change++) {
                    own.rollback(TASK);
                  }
                } catch (RuntimeException e) {
                  failed.set(e);
                }
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failed.get()).isNull();
    // An even number of exchanges; a lost one would leave another order.
    assertThat(first.aliases(TASK)).isEqualTo(new Aliases("v2", "v1", null));
    assertThat(Files.readString(stored("../aliases")).lines())
        .as("eighteen changes and two before, of which the latest are remembered")
        .filteredOn(line -> line.startsWith("change "))
        .hasSize(8);
  }

  @Test
  void servesFromItsCopyWhileTheBucketIsAwayAndFindsItAgain() throws IOException {
    ModelRegistry publisher = registry("publisher");
    version(publisher, "v1");
    publisher.promote(TASK, "v1");
    ModelRegistry gateway = registry("gateway", network.port());
    assertThat(gateway.lastSeen(TASK)).isNull();
    assertThat(gateway.aliases(TASK).champion()).isEqualTo("v1");
    gateway.directory(TASK, "v1");
    version(publisher, "v2");

    network.down();
    assertThatThrownBy(() -> gateway.aliases(TASK))
        .isInstanceOf(StoreAway.class)
        .hasMessageContaining("s3://models/" + prefix + " at http://127.0.0.1:" + network.port());
    assertThat(gateway.lastSeen(TASK)).isEqualTo(new Aliases("v1", null, null));
    assertThat(gateway.directory(TASK, "v1").resolve("model")).hasContent("v1");
    assertThatThrownBy(() -> gateway.directory(TASK, "v2"))
        .isInstanceOf(StoreAway.class)
        .hasMessageStartingWith("version v2 is not on this machine, and s3://");
    ModelRegistry restarted = registry("gateway", network.port());
    assertThat(restarted.lastSeen(TASK)).isEqualTo(new Aliases("v1", null, null));
    assertThat(restarted.directory(TASK, "v1").resolve("model")).hasContent("v1");

    network.up();
    assertThatThrownBy(() -> gateway.aliases(TASK))
        .as("it is left alone for a second")
        .isInstanceOf(StoreAway.class);
    nanos.addAndGet(1_000_000_000L);
    assertThat(gateway.aliases(TASK).champion()).isEqualTo("v1");
    assertThat(gateway.directory(TASK, "v2").resolve("model")).hasContent("v2");
  }

  @Test
  void refusesWhatIsDamagedOnTheWayAndFetchesAnewWhatIsDamagedHere() throws IOException {
    ModelRegistry one = registry("one");
    version(one, "v1");
    version(one, "v2");
    Files.writeString(stored("v1").resolve("model"), "vX");
    ModelRegistry other = registry("other");
    assertThatThrownBy(() -> other.directory(TASK, "v1"))
        .isInstanceOf(StoreRefused.class)
        .hasMessageContaining("ranking/versions/v1/model has the digest ")
        .hasMessageContaining("; expected ");
    Files.delete(stored("v1").resolve("model"));
    assertThatThrownBy(() -> other.directory(TASK, "v1"))
        .isInstanceOf(StoreRefused.class)
        .hasMessageContaining("v1/model is missing; expected ");

    Path here = other.directory(TASK, "v2").resolve("model");
    Files.writeString(here, "vX");
    assertThat(registry("other").directory(TASK, "v2").resolve("model")).hasContent("v2");
    assertThat(here).hasContent("v2");
  }

  @Test
  void collectsOnlyWhatNobodyNamesServesOrMayWant() throws IOException {
    ModelRegistry registry = registry("one");
    for (int version = 1; version <= 7; version++) {
      version(registry, "v" + version);
    }
    registry.promote(TASK, "v1");
    registry.promote(TASK, "v3");
    registry.keepFigures(TASK, "v4", Map.of("auc", 0.5));
    long now = Time.system().millis();
    registry.serving(TASK, "there", Set.of("v2", "v3"), now - ModelRegistry.SERVING_MILLIS);
    registry.serving(TASK, "gone", Set.of("v4"), now - ModelRegistry.SERVING_MILLIS - 1);
    Path abandoned = stored("v0");
    Files.createDirectories(abandoned);
    Files.writeString(abandoned.resolve("model"), "not ended");
    Files.setLastModifiedTime(
        abandoned.resolve("model"), FileTime.fromMillis(now - 25 * 3_600_000L));

    assertThat(registry.served(TASK, now)).containsExactly("v2", "v3");
    assertThat(registry.collect(TASK, 2, now)).containsExactly("v4", "v5");
    assertThat(registry.versions(TASK)).containsExactly("v1", "v2", "v3", "v6", "v7");
    assertThat(stored("v4").resolve("model")).doesNotExist();
    assertThat(stored("v4").resolve("metrics.json")).doesNotExist();
    assertThat(abandoned.resolve("model")).doesNotExist();
    assertThat(registry.collect(TASK, 2, now)).isEmpty();
  }

  @Test
  void neitherServesNorNamesWhatIsBeingRemovedAndSparesWhatIsServedMeanwhile() throws IOException {
    ModelRegistry registry = registry("one");
    for (int version = 1; version <= 3; version++) {
      version(registry, "v" + version);
    }
    registry.promote(TASK, "v3");
    long now = Time.system().millis();
    // A collection that ended in the middle: v1 and v2 are marked, a gateway wanted v2 by then.
    Path aliases = stored("../aliases");
    Files.writeString(aliases, Files.readString(aliases) + "removing v1\nremoving v2\n");
    registry.serving(TASK, "gateway", Set.of("v2"), now);

    ModelRegistry other = registry("other");
    assertThatThrownBy(() -> other.directory(TASK, "v1")).isInstanceOf(StoreRefused.class);
    assertThatThrownBy(() -> other.promote(TASK, "v1")).isInstanceOf(StoreRefused.class);
    assertThat(other.collect(TASK, 9, now)).containsExactly("v1");
    assertThat(other.versions(TASK)).containsExactly("v2", "v3");
    other.promote(TASK, "v2");
    assertThat(other.directory(TASK, "v2").resolve("model")).hasContent("v2");
  }

  @Test
  void refusesAStoreThatDoesNotHeedConditions(@TempDir Path disk) throws IOException {
    try (S3Server old = S3Server.start(disk, "models", null, "", S3Server.Conditions.IGNORED)) {
      ModelRegistry registry = open("old", old.port(), RegistrySpec.Credentials.ANONYMOUS);
      version(registry, "v1");
      assertThatThrownBy(() -> registry.promote(TASK, "v1"))
          .isInstanceOf(StoreRefused.class)
          .hasMessageContaining("writes although If-None-Match does not hold")
          .hasMessageContaining("expected a store with conditional writes");
      assertThat(registry.aliases(TASK)).isEqualTo(Aliases.NONE);
    }
  }

  @Test
  void saysWhatTheStoreAnsweredToKeysItDoesNotKnow() {
    RegistrySpec here = spec(server.port(), RegistrySpec.Credentials.ENVIRONMENT, "models");
    Map<String, String> wrong =
        Map.of("AWS_ACCESS_KEY_ID", "id", "AWS_SECRET_ACCESS_KEY", "another");
    ModelRegistry stranger = ModelRegistry.open(here, home.resolve("stranger"), time(), wrong);
    opened.add(stranger);
    assertThatThrownBy(() -> stranger.aliases(TASK))
        .isInstanceOf(StoreAway.class)
        .hasMessageContaining(
            "s3://models/" + prefix + " answered 403 SignatureDoesNotMatch to get ");
    RegistrySpec elsewhere = spec(server.port(), RegistrySpec.Credentials.ENVIRONMENT, "nowhere");
    ModelRegistry lost = ModelRegistry.open(elsewhere, home.resolve("lost"), time(), KEYS);
    opened.add(lost);
    assertThatThrownBy(() -> lost.aliases(TASK))
        .isInstanceOf(StoreAway.class)
        .hasMessageContaining("answered 404 NoSuchBucket to get ranking/aliases");
  }

  @Test
  void keepsOnThisMachineWhatIsWantedOrWasAskedForLately() throws IOException {
    ModelRegistry registry = registry("one");
    for (int version = 1; version <= 3; version++) {
      version(registry, "v" + version);
    }
    Supplier<List<String>> here =
        () -> {
          try (var paths = Files.walk(home.resolve("one"))) {
            return paths
                .filter(path -> path.endsWith("model"))
                .map(path -> String.valueOf(requireNonNull(path.getParent()).getFileName()))
                .sorted()
                .toList();
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        };
    registry.directory(TASK, "v1");
    registry.directory(TASK, "v2");
    registry.serving(TASK, "gateway", Set.of("v1"), Time.system().millis());
    assertThat(here.get()).containsExactly("v1", "v2");
    registry.serving(TASK, "gateway", Set.of("v1"), Time.system().millis() + 2 * 3_600_000L);
    assertThat(here.get()).containsExactly("v1");
    assertThat(registry.directory(TASK, "v2").resolve("model")).hasContent("v2");
  }

  private static void version(ModelRegistry registry, String version) throws IOException {
    Path directory = registry.begin(TASK, version);
    Files.writeString(directory.resolve("model"), version);
    Files.writeString(directory.resolve("manifest"), "of " + version);
    registry.complete(TASK, version);
  }

  /** Where the server keeps a version's objects. */
  private Path stored(String version) {
    Path versions = objects.resolve("models").resolve(prefix).resolve("ranking/versions");
    return versions.resolve(version).normalize();
  }

  private ModelRegistry registry(String machine) {
    return registry(machine, server.port());
  }

  private ModelRegistry registry(String machine, int port) {
    return open(machine, port, RegistrySpec.Credentials.ENVIRONMENT);
  }

  private ModelRegistry open(String machine, int port, RegistrySpec.Credentials credentials) {
    ModelRegistry registry =
        ModelRegistry.open(spec(port, credentials, "models"), home.resolve(machine), time(), KEYS);
    opened.add(registry);
    return registry;
  }

  private RegistrySpec spec(int port, RegistrySpec.Credentials credentials, String bucket) {
    return new RegistrySpec(
        new RegistrySpec.Bucket(
            bucket,
            prefix,
            URI.create("http://127.0.0.1:" + port),
            "us-east-1",
            true,
            credentials,
            2_000));
  }

  private Time time() {
    return new Time() {
      @Override
      public long millis() {
        return Time.system().millis();
      }

      @Override
      public long nanos() {
        return nanos.get();
      }
    };
  }
}
