package dev.proffer.events.log.kafka;

import dev.proffer.configs.ConfigFile;
import dev.proffer.configs.Problems;
import dev.proffer.configs.Section;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Where Kafka is and how it is spoken to; read from {@code kafka.yaml}.
 *
 * @param bootstrapServers {@code host:port}, separated by commas; empty when there is no Kafka
 * @param source what CloudEvents call the producer of an event
 * @param createTopics whether topics that are missing are made
 * @param partitions of a topic that is made
 * @param replicationFactor of a topic that is made; -1 for what the broker has by default
 * @param properties further properties of every Kafka client, by Kafka's own names
 */
public record KafkaSpec(
    String bootstrapServers,
    String source,
    Topics topics,
    boolean createTopics,
    int partitions,
    short replicationFactor,
    Security security,
    Producing producing,
    Consuming consuming,
    Map<String, String> properties) {
  /** The file's name below the configuration directory. */
  public static final String FILE = "kafka.yaml";

  private static final Pattern TOPIC = Pattern.compile("[a-zA-Z0-9._-]{1,249}");
  private static final Pattern SERVERS =
      Pattern.compile("[^\\s:,]+(:[^\\s:,]+)*:\\d{1,5}(\\s*,\\s*[^\\s:,]+(:[^\\s:,]+)*:\\d{1,5})*");

  /** Properties that this room sets for a reason; passing them on would break a promise. */
  private static final Set<String> OURS =
      Set.of(
          "acks",
          "auto.offset.reset",
          "batch.size",
          "bootstrap.servers",
          "buffer.memory",
          "compression.type",
          "delivery.timeout.ms",
          "enable.auto.commit",
          "enable.idempotence",
          "group.id",
          "isolation.level",
          "key.deserializer",
          "key.serializer",
          "linger.ms",
          "max.block.ms",
          "max.in.flight.requests.per.connection",
          "max.poll.records",
          "max.request.size",
          "partitioner.class",
          "partitioner.ignore.keys",
          "request.timeout.ms",
          "retries",
          "sasl.jaas.config",
          "sasl.mechanism",
          "security.protocol",
          "session.timeout.ms",
          "ssl.key.password",
          "ssl.keystore.location",
          "ssl.keystore.password",
          "ssl.truststore.location",
          "ssl.truststore.password",
          "transactional.id",
          "value.deserializer",
          "value.serializer");

  public KafkaSpec {
    properties = Map.copyOf(properties);
  }

  /** The names of the topics. */
  public record Topics(String events, String impressions, String items, String deadLetters) {}

  /**
   * How a connection is secured. Passwords stand in a file or in an environment variable and are
   * read anew for every connection made.
   *
   * @param user empty when nobody logs in
   */
  public record Security(
      Protocol protocol,
      String mechanism,
      String user,
      Secret password,
      String trustStore,
      Secret trustStorePassword,
      String keyStore,
      Secret keyStorePassword) {}

  /** What the connection is made of. */
  public enum Protocol {
    PLAINTEXT,
    SSL,
    SASL_PLAINTEXT,
    SASL_SSL;

    boolean asksForUser() {
      return this == SASL_PLAINTEXT || this == SASL_SSL;
    }
  }

  /** Where a password is: a file, an environment variable, or nowhere. */
  public record Secret(String file, String variable) {
    boolean given() {
      return !file.isEmpty() || !variable.isEmpty();
    }

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
   * How the relay writes.
   *
   * @param windowRecords records under way at most
   * @param bufferBytes bytes under way at most
   * @param maxRecordBytes the largest record that is sent; larger ones are dead letters
   */
  public record Producing(
      int lingerMillis,
      int batchBytes,
      String compression,
      int inFlight,
      int deliveryTimeoutMillis,
      int requestTimeoutMillis,
      int windowRecords,
      long bufferBytes,
      int maxRecordBytes) {}

  /** How groups read. */
  public record Consuming(
      String groupId,
      int maxPollRecords,
      int sessionTimeoutMillis,
      int maxPollIntervalMillis,
      boolean cooperative) {}

  /** Whether there is a Kafka at all. */
  public boolean enabled() {
    return !bootstrapServers.isEmpty();
  }

  /** The same on other servers. */
  public KafkaSpec at(String servers) {
    return new KafkaSpec(
        servers,
        source,
        topics,
        createTopics,
        partitions,
        replicationFactor,
        security,
        producing,
        consuming,
        properties);
  }

  /** Reads the file below {@code configDir}; mistakes go to {@code problems}. */
  public static KafkaSpec read(Path configDir, Problems problems) {
    Section root = ConfigFile.read(configDir.resolve(FILE), problems);
    String servers = root.text("bootstrap-servers", "").strip();
    if (!servers.isEmpty() && !SERVERS.matcher(servers).matches()) {
      root.refuse(
          "bootstrap-servers",
          "\"" + servers + "\" is not a list of host:port, separated by commas");
    }
    String source = root.text("source", "/proffer");
    if (source.isBlank()) {
      root.refuse("source", "must not be blank");
    }
    KafkaSpec spec =
        new KafkaSpec(
            servers,
            source,
            topics(root.section("topics")),
            root.flag("create-topics", true),
            root.integer("partitions", 12, 1, 10_000),
            (short) root.integer("replication-factor", -1, -1, 100),
            security(root.section("security")),
            producing(root.section("producer")),
            consuming(root.section("consumer")),
            properties(root.section("properties")));
    if (spec.replicationFactor == 0) {
      root.refuse("replication-factor", "0 is out of range; expected -1, or 1 to 100");
    }
    root.done();
    return spec;
  }

  private static Topics topics(Section section) {
    Topics topics =
        new Topics(
            topic(section, "events", "proffer.events"),
            topic(section, "impressions", "proffer.impressions"),
            topic(section, "items", "proffer.items"),
            topic(section, "dead-letters", "proffer.dead-letters"));
    Set<String> names = new HashSet<>();
    Map<String, String> all =
        Map.of(
            "events", topics.events,
            "impressions", topics.impressions,
            "items", topics.items);
    for (Map.Entry<String, String> one : all.entrySet()) {
      names.add(one.getValue());
      if (one.getValue().equals(topics.deadLetters)) {
        section.refuse(
            "dead-letters", "\"" + one.getValue() + "\" is the topic of " + one.getKey() + " too");
      }
    }
    if (names.size() < all.size()) {
      section.refuse("events", "events, impressions and items must be topics of their own");
    }
    section.done();
    return topics;
  }

  private static String topic(Section section, String key, String otherwise) {
    String name = section.text(key, otherwise);
    if (!TOPIC.matcher(name).matches() || name.equals(".") || name.equals("..")) {
      section.refuse(
          key, "\"" + name + "\" is not a topic; expected 1 to 249 letters, digits, '.', '_', '-'");
      return otherwise;
    }
    return name;
  }

  private static Security security(Section section) {
    Protocol protocol = section.oneOf("protocol", Protocol.class, Protocol.PLAINTEXT);
    String mechanism = section.word("mechanism", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512");
    String user = section.text("user", "");
    Security security =
        new Security(
            protocol,
            mechanism,
            user,
            secret(section, "password"),
            store(section, "trust-store"),
            secret(section, "trust-store-password"),
            store(section, "key-store"),
            secret(section, "key-store-password"));
    if (protocol.asksForUser() && user.isBlank()) {
      section.refuse("user", "is required by protocol " + word(protocol));
    }
    if (protocol.asksForUser() && !security.password.given()) {
      section.refuse(
          "password-file", "or password-variable is required by protocol " + word(protocol));
    }
    if (!protocol.asksForUser() && !user.isEmpty()) {
      section.refuse(
          "user",
          "\""
              + user
              + "\" is never asked for by protocol "
              + word(protocol)
              + "; expected protocol sasl-plaintext or sasl-ssl");
    }
    section.done();
    return security;
  }

  private static String word(Protocol protocol) {
    return protocol.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String store(Section section, String key) {
    String file = section.text(key, "");
    if (!file.isEmpty() && !Files.isReadable(Path.of(file))) {
      section.refuse(key, "\"" + file + "\" cannot be read; expected a PKCS12 or JKS file");
    }
    return file;
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

  private static Producing producing(Section section) {
    int deliveryTimeout = section.integer("delivery-timeout-ms", 30_000, 1_000, 3_600_000);
    int linger = section.integer("linger-ms", 5, 0, 10_000);
    int requestTimeout = section.integer("request-timeout-ms", 10_000, 500, 600_000);
    int bufferMib = section.integer("buffer-mib", 32, 2, 4_096);
    int maxRecordKib = section.integer("max-record-kib", 1_024, 1, 1_024 * bufferMib / 2);
    if (deliveryTimeout < linger + requestTimeout) {
      section.refuse(
          "delivery-timeout-ms",
          deliveryTimeout
              + " is out of range; expected at least linger-ms + request-timeout-ms = "
              + (linger + requestTimeout));
      deliveryTimeout = linger + requestTimeout;
    }
    Producing producing =
        new Producing(
            linger,
            section.integer("batch-kib", 256, 1, 16_384) * 1024,
            section.word("compression", "zstd", "lz4", "snappy", "gzip", "none"),
            section.integer("in-flight", 5, 1, 5),
            deliveryTimeout,
            requestTimeout,
            section.integer("window-records", 50_000, 1, 10_000_000),
            bufferMib * 1024L * 1024,
            maxRecordKib * 1024);
    section.done();
    return producing;
  }

  private static Consuming consuming(Section section) {
    Consuming consuming =
        new Consuming(
            section.text("group-id", "proffer-updaters"),
            section.integer("max-poll-records", 1_000, 1, 100_000),
            section.integer("session-timeout-ms", 10_000, 500, 600_000),
            section.integer("max-poll-interval-ms", 300_000, 1_000, 3_600_000),
            section.word("rebalance", "cooperative", "eager").equals("cooperative"));
    if (consuming.groupId.isBlank()) {
      section.refuse("group-id", "must not be blank");
    }
    section.done();
    return consuming;
  }

  private static Map<String, String> properties(Section section) {
    Map<String, String> properties = section.plain();
    for (String key : properties.keySet()) {
      if (OURS.contains(key)) {
        section.refuse(key, "is not passed on, since this file or a promise of the log decides it");
      }
    }
    section.done();
    return properties;
  }

  /** What every client of this Kafka is made with. Reads the passwords. */
  Map<String, Object> clientProperties(String clientId) {
    Map<String, Object> all = new HashMap<>(properties);
    all.put("bootstrap.servers", bootstrapServers);
    all.putIfAbsent("client.id", clientId);
    all.put("security.protocol", security.protocol.name());
    if (security.protocol.asksForUser()) {
      String module =
          security.mechanism.equals("PLAIN")
              ? "org.apache.kafka.common.security.plain.PlainLoginModule"
              : "org.apache.kafka.common.security.scram.ScramLoginModule";
      all.put("sasl.mechanism", security.mechanism);
      all.put(
          "sasl.jaas.config",
          module
              + " required username="
              + quoted(security.user)
              + " password="
              + quoted(security.password.read())
              + ";");
    }
    if (!security.trustStore.isEmpty()) {
      all.put("ssl.truststore.location", security.trustStore);
      if (security.trustStorePassword.given()) {
        all.put("ssl.truststore.password", security.trustStorePassword.read());
      }
    }
    if (!security.keyStore.isEmpty()) {
      all.put("ssl.keystore.location", security.keyStore);
      all.put("ssl.keystore.password", security.keyStorePassword.read());
      all.put("ssl.key.password", security.keyStorePassword.read());
    }
    return all;
  }

  /** The topics that hold what happened, in the order they are named everywhere. */
  public List<String> dataTopics() {
    return List.of(topics.events, topics.impressions, topics.items);
  }

  /** All that the log comes back from: those, and the dead letters' topic, where the asides are. */
  public List<String> logTopics() {
    return List.of(topics.events, topics.impressions, topics.items, topics.deadLetters);
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }
}
