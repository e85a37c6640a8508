package dev.proffer.features.store;

import dev.proffer.configs.ConfigFile;
import dev.proffer.configs.Problems;
import dev.proffer.configs.Section;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.PfxOptions;
import io.vertx.redis.client.RedisClientType;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.RedisRole;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Where Redis is, how it is spoken to and how long it is waited for; read from {@code redis.yaml}.
 * Immutable.
 *
 * @param endpoints {@code host:port} of the server, or of some sentinels or cluster nodes; empty
 *     when there is no Redis
 * @param masterName what the sentinels call the server
 * @param prefix what every key begins with
 */
public record RedisSpec(
    List<String> endpoints,
    Mode mode,
    String masterName,
    String prefix,
    Security security,
    Reading reading,
    Updating updating) {
  /** The file's name below the configuration directory. */
  public static final String FILE = "redis.yaml";

  private static final Pattern ENDPOINT = Pattern.compile("[^\\s:/,]+:\\d{1,5}");
  private static final Pattern PREFIX = Pattern.compile("[^\\s{}]{0,64}");

  public RedisSpec {
    endpoints = List.copyOf(endpoints);
  }

  /** How many servers there are and who says which is in charge. */
  public enum Mode {
    STANDALONE,
    SENTINEL,
    CLUSTER
  }

  /**
   * How a connection is secured. The password stands in a file or an environment variable.
   *
   * @param trustStore a PKCS12 file; empty for those the JVM trusts
   * @param user an ACL user; empty for the default one
   */
  public record Security(
      boolean tls, String trustStore, Secret trustStorePassword, String user, Secret password) {}

  /** Where a password is: a file, an environment variable, or nowhere. */
  public record Secret(String file, String variable) {
    String read() {
      if (!file.isEmpty()) {
        try {
          return Files.readString(Path.of(file), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      String value = variable.isEmpty() ? "" : System.getenv(variable);
      return value == null ? "" : value;
    }
  }

  /**
   * How a request reads.
   *
   * @param deadlineMillis how long a suggestion waits for Redis
   * @param stalenessMillis how old a sequence that was read may be before it is read again
   * @param keepSeconds how long a sequence that was read is kept, for the time without Redis
   * @param cachedUsers how many sequences that were read are kept
   * @param waiting how many users one loop may wait for at once
   * @param breakerFailures so many failures in a row, and Redis is left alone
   * @param breakerRetryMillis how long, before it is tried again
   */
  public record Reading(
      int deadlineMillis,
      int stalenessMillis,
      int keepSeconds,
      int cachedUsers,
      int waiting,
      int breakerFailures,
      int breakerRetryMillis) {}

  /**
   * How the stream updater writes.
   *
   * @param enabled whether this process takes part
   * @param statisticsWriteMillis how often statistics are written, and how much is replayed after a
   *     crash
   * @param rememberedIds how many of the latest ids of a partition a repeated one is known by
   * @param cachedUsers how many sequences of a partition are kept at hand
   * @param timeoutMillis how long a command may take
   */
  public record Updating(
      boolean enabled,
      int statisticsWriteMillis,
      int rememberedIds,
      int cachedUsers,
      int timeoutMillis) {}

  /** Whether there is a Redis at all. */
  public boolean enabled() {
    return !endpoints.isEmpty();
  }

  /** Reads the file below {@code configDir}; mistakes go to {@code problems}. */
  public static RedisSpec read(Path configDir, Problems problems) {
    Section root = ConfigFile.read(configDir.resolve(FILE), problems);
    List<String> endpoints = root.texts("endpoints");
    for (String endpoint : endpoints) {
      if (!ENDPOINT.matcher(endpoint).matches()) {
        root.refuse("endpoints", "\"" + endpoint + "\" is not host:port");
      }
    }
    Mode mode = root.oneOf("mode", Mode.class, Mode.STANDALONE);
    if (mode == Mode.STANDALONE && endpoints.size() > 1) {
      root.refuse("endpoints", endpoints.size() + " are named; expected one with mode standalone");
    }
    String prefix = root.text("prefix", "proffer:");
    if (!PREFIX.matcher(prefix).matches()) {
      root.refuse("prefix", "\"" + prefix + "\" holds a space or a brace or is too long");
    }
    RedisSpec spec =
        new RedisSpec(
            endpoints,
            mode,
            root.text("master-name", "mymaster"),
            prefix,
            security(root.section("security")),
            reading(root.section("reading")),
            updating(root.section("updater")));
    root.done();
    return spec;
  }

  private static Security security(Section section) {
    boolean tls = section.flag("tls", false);
    String store = section.text("trust-store", "");
    if (!store.isEmpty() && !Files.isReadable(Path.of(store))) {
      section.refuse("trust-store", "\"" + store + "\" cannot be read; expected a PKCS12 file");
    }
    if (!store.isEmpty() && !tls) {
      section.refuse("trust-store", "is of use with tls: true only");
    }
    Security security =
        new Security(
            tls,
            store,
            secret(section, "trust-store-password"),
            section.text("user", ""),
            secret(section, "password"));
    section.done();
    return security;
  }

  private static Secret secret(Section section, String key) {
    if (section.has(key)) {
      section.text(key, "");
      section.refuse(
          key, "a password has no place here; expected " + key + "-file or " + key + "-variable");
    }
    Secret secret =
        new Secret(section.text(key + "-file", ""), section.text(key + "-variable", ""));
    if (!secret.file.isEmpty() && !Files.isReadable(Path.of(secret.file))) {
      section.refuse(key + "-file", "\"" + secret.file + "\" cannot be read");
    } else if (!secret.file.isEmpty() && !secret.variable.isEmpty()) {
      section.refuse(key + "-variable", "stands beside " + key + "-file; expected one of the two");
    } else if (!secret.variable.isEmpty() && secret.read().isEmpty()) {
      section.refuse(
          key + "-variable", "the environment variable \"" + secret.variable + "\" is not set");
    }
    return secret;
  }

  private static Reading reading(Section section) {
    Reading reading =
        new Reading(
            section.integer("deadline-ms", 5, 1, 10_000),
            section.integer("staleness-ms", 100, 0, 3_600_000),
            section.integer("keep-seconds", 600, 1, 604_800),
            section.integer("cached-users", 100_000, 100, 100_000_000),
            section.integer("waiting", 1_000, 1, 1_000_000),
            section.integer("breaker-failures", 5, 1, 10_000),
            section.integer("breaker-retry-ms", 250, 10, 600_000));
    section.done();
    return reading;
  }

  private static Updating updating(Section section) {
    Updating updating =
        new Updating(
            section.flag("enabled", true),
            section.integer("statistics-write-ms", 500, 10, 600_000),
            section.integer("remember-ids", 10_000, 100, 10_000_000),
            section.integer("cached-users", 20_000, 100, 100_000_000),
            section.integer("timeout-ms", 5_000, 10, 600_000));
    section.done();
    return updating;
  }

  /** The same at other endpoints. */
  public RedisSpec at(String... others) {
    return new RedisSpec(List.of(others), mode, masterName, prefix, security, reading, updating);
  }

  /** What a client is made with. Reads the password. */
  RedisOptions options(int connections, int waiting) {
    NetClientOptions net =
        new NetClientOptions()
            .setConnectTimeout(1_000)
            .setTcpNoDelay(true)
            .setSsl(security.tls)
            .setHostnameVerificationAlgorithm(security.tls ? "HTTPS" : "");
    if (!security.trustStore.isEmpty()) {
      net.setTrustOptions(
          new PfxOptions()
              .setPath(security.trustStore)
              .setPassword(security.trustStorePassword.read()));
    }
    RedisOptions options =
        new RedisOptions()
            .setType(
                switch (mode) {
                  case STANDALONE -> RedisClientType.STANDALONE;
                  case SENTINEL -> RedisClientType.SENTINEL;
                  case CLUSTER -> RedisClientType.CLUSTER;
                })
            .setNetClientOptions(net)
            .setMasterName(masterName)
            .setRole(RedisRole.MASTER)
            .setMaxPoolSize(connections)
            .setMaxPoolWaiting(connections * 4)
            .setMaxWaitingHandlers(waiting);
    for (String endpoint : endpoints) {
      options.addConnectionString((security.tls ? "rediss://" : "redis://") + endpoint);
    }
    if (!security.user.isEmpty()) {
      options.setUser(security.user);
    }
    String password = security.password.read();
    if (!password.isEmpty()) {
      options.setPassword(password);
    }
    return options;
  }
}
