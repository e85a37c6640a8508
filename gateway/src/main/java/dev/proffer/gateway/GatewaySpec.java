package dev.proffer.gateway;

import dev.proffer.configs.ConfigFile;
import dev.proffer.configs.Problems;
import dev.proffer.configs.Section;
import dev.proffer.features.store.StoreBounds;
import dev.proffer.gateway.http.Limits;
import java.nio.file.Path;

/**
 * How the gateway runs; read from {@code gateway.yaml}.
 *
 * @param host the address both ports listen on
 * @param port the public port; 0 for a free one
 * @param managementPort the port of health, metrics and models; 0 for a free one
 * @param eventLoops how many loops serve; at least 1
 * @param limits how much the public port takes in
 * @param logQueue submissions to the log that may wait
 * @param logBehind log entries that may be acknowledged and not in state yet; 0 for none
 * @param store how much the sequences of users may take
 * @param attributionRequests how many of the latest suggestions clicks are attributed to
 * @param statisticsRefreshMillis how often new events reach the statistics; 0 for never
 * @param modelPollMillis how often the registry is looked at
 * @param drainSeconds how long a stop waits for requests in flight
 * @param checkpointSeconds how often the checkpoint of state is written; 0 for only before log
 *     files are deleted
 * @param forgetSeconds how soon the checkpoint is written anew after a user was forgotten
 * @param sampleShare the share of answers whose features are kept as a sample; 0 for none
 * @param sampleHours how long samples are kept
 */
public record GatewaySpec(
    String host,
    int port,
    int managementPort,
    int eventLoops,
    Limits limits,
    int logQueue,
    int logBehind,
    StoreBounds store,
    int attributionRequests,
    long statisticsRefreshMillis,
    long modelPollMillis,
    int drainSeconds,
    long checkpointSeconds,
    long forgetSeconds,
    double sampleShare,
    int sampleHours) {
  /** The file's name below the configuration directory. */
  public static final String FILE = "gateway.yaml";

  private static final int MOST_LOOPS = 256;

  /** Reads the file below {@code configDir}; mistakes go to {@code problems}. */
  public static GatewaySpec read(Path configDir, Problems problems) {
    Section root = ConfigFile.read(configDir.resolve(FILE), problems);
    int loops = root.integer("event-loops", 0, 0, MOST_LOOPS);
    int bodyKib = root.integer("max-body-kib", 64, 1, 16_384);
    GatewaySpec spec =
        new GatewaySpec(
            root.text("host", "127.0.0.1"),
            root.integer("port", 8080, 0, 65_535),
            root.integer("management-port", 8081, 0, 65_535),
            loops == 0 ? Runtime.getRuntime().availableProcessors() : loops,
            new Limits(
                bodyKib * 1024,
                root.integer("max-batch-kib", Math.max(bodyKib, 1_024), bodyKib, 65_536) * 1024,
                root.integer("queue-target-ms", 25, 1, 60_000),
                root.integer("most-waiting", 1_000, 4, 1_000_000),
                root.integer("off-loop-ms", 100, 1, 60_000),
                root.integer("answer-cache-ms", 0L, 0, 600_000),
                root.integer("answer-cache-entries", 10_000, 1, 10_000_000)),
            root.integer("log-queue", 10_000, 1, 10_000_000),
            root.integer("log-behind", 1_000_000, 0, 1_000_000_000),
            new StoreBounds(
                root.integer("users", 250_000L, 1_000, 1_000_000_000),
                root.integer("user-bytes", StoreBounds.RECORD_BYTES, 32, 1 << 20),
                root.integer("users-mib", 0L, 0, 1 << 24) << 20),
            root.integer("attribution-requests", 200_000, 1_000, 10_000_000),
            root.integer("statistics-refresh-ms", 1_000L, 0, 3_600_000),
            root.integer("model-poll-ms", 1_000L, 50, 3_600_000),
            root.integer("drain-seconds", 5, 0, 600),
            root.integer("checkpoint-seconds", 900L, 0, 604_800),
            root.integer("forget-seconds", 60L, 0, 86_400),
            root.number("sample-share", 0.001, 0, 1),
            root.integer("sample-hours", 168, 1, 87_600));
    root.done();
    return spec;
  }

  /** The same on other ports. */
  public GatewaySpec onPorts(int publicPort, int otherManagementPort) {
    return new GatewaySpec(
        host,
        publicPort,
        otherManagementPort,
        eventLoops,
        limits,
        logQueue,
        logBehind,
        store,
        attributionRequests,
        statisticsRefreshMillis,
        modelPollMillis,
        drainSeconds,
        checkpointSeconds,
        forgetSeconds,
        sampleShare,
        sampleHours);
  }

  /** The same with the statistics as they are at the start. */
  public GatewaySpec withFrozenStatistics() {
    return new GatewaySpec(
        host,
        port,
        managementPort,
        eventLoops,
        limits,
        logQueue,
        logBehind,
        store,
        attributionRequests,
        0,
        modelPollMillis,
        drainSeconds,
        checkpointSeconds,
        forgetSeconds,
        sampleShare,
        sampleHours);
  }
}
