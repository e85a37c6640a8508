package dev.proffer.perf;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.proffer.fixtures.KafkaBroker;
import dev.proffer.perf.ledger.Ledger;
import dev.proffer.perf.ledger.LedgerClient;
import dev.proffer.perf.ledger.Recoveries;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code proffer chaos}; what it shows is in {@code docs/reliability.md}. */
@Command(
    name = "proffer chaos",
    description = {
      "Holds the promise that an acknowledged event is kept against a run of breakdowns.",
      "Clients send events and note every 202, while gateways, compactions and the broker are killed",
      "with SIGKILL, the broker is stopped, frozen and cut off, and the log's quota is reached. At the",
      "end every acknowledged event must be in the warehouse exactly once, and nothing invented.",
      "Everything runs on this machine, in a fresh directory that is removed."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    footer = {"", "Exit codes: 0 the ledger holds, 1 it does not, 2 wrong usage."})
final class ChaosCommand implements Callable<Integer> {
  private static final Duration COMPACTION = Duration.ofMinutes(5);
  private static final Duration CATCH_UP = Duration.ofMinutes(3);
  private static final Duration RELAYED = Duration.ofMillis(2_500);

  /** A reserve in MiB that is never free: a full disk. */
  private static final String NO_DISK_HAS = "1000000000";

  private static final String BEHIND = "proffer_relay_behind";
  private static final String BEHIND_AGE = "proffer_relay_behind_age_seconds";
  private static final List<String> OUTAGES =
      List.of("stopped", "killed", "frozen", "black hole", "cut off", "reset", "slow", "narrow");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--minutes",
      paramLabel = "N",
      description = "How long things break down; a fraction will do. 0.1 to 600.")
  private double minutes = 2;

  @Option(names = "--seed", paramLabel = "S", description = "Of all chance in the run.")
  private long seed = 1;

  @Option(
      names = "--events-per-second",
      paramLabel = "R",
      description = "What all clients together send while they are answered, 1 to 100000.")
  private int eventsPerSecond = 1_500;

  @Option(names = "--clients", paramLabel = "N", description = "1 to 200.")
  private int clients = 8;

  @Option(
      names = "--gateways",
      paramLabel = "N",
      description = "Each with a home of its own, 1 to 4.")
  private int gatewayCount = 2;

  @Option(
      names = "--kafka",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "Relay to a real broker and compact from it; otherwise from the spool.")
  private boolean kafka = true;

  @Option(
      names = "--kill-seconds",
      paramLabel = "MIN,MAX",
      split = ",",
      arity = "1",
      description = "The pause before the next kill of a gateway.")
  private List<Integer> killSeconds = List.of(10, 25);

  @Option(names = "--config", paramLabel = "DIR", description = "Holds the YAML files.")
  private Path config = Path.of("configs");

  @Option(
      names = "--self-test",
      description = "Also remove, double and invent a row, and see that the ledger complains.")
  private boolean selfTest;

  @Option(names = "--keep", description = "Leave the directory with all homes and logs.")
  private boolean keep;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes the ledger.")
  private @Nullable Path jsonFile;

  private final AtomicInteger gatewayKills = new AtomicInteger();
  private final AtomicInteger quotaPhases = new AtomicInteger();
  private final AtomicInteger fullPhases = new AtomicInteger();
  private final AtomicInteger compactions = new AtomicInteger();
  private final AtomicInteger compactionKills = new AtomicInteger();
  private final Map<String, AtomicInteger> outages = new LinkedHashMap<>();
  private final AtomicLong longestCatchUpNanos = new AtomicLong();
  private final AtomicInteger compactionNumber = new AtomicInteger();
  private final List<String> wrong = new ArrayList<>();

  @Override
  public Integer call() throws IOException {
    if (!(minutes >= 0.1 && minutes <= 600)) {
      throw new ParameterException(
          spec.commandLine(), "--minutes " + minutes + " is out of range; expected 0.1 to 600");
    }
    bounded("--events-per-second", eventsPerSecond, 1, 100_000);
    bounded("--clients", clients, 1, 200);
    bounded("--gateways", gatewayCount, 1, 4);
    if (killSeconds.size() != 2
        || killSeconds.get(0) < 1
        || killSeconds.get(1) < killSeconds.get(0)) {
      throw new ParameterException(
          spec.commandLine(),
          "--kill-seconds " + killSeconds + " is no pair of seconds such as 10,30");
    }
    OUTAGES.forEach(kind -> outages.put(kind, new AtomicInteger()));
    try (Resources resources = new Resources()) {
      return run(resources);
    }
  }

  private void bounded(String option, int value, int min, int max) {
    if (value < min || value > max) {
      throw new ParameterException(
          spec.commandLine(),
          option + " " + value + " is out of range; expected " + min + " to " + max);
    }
  }

  private int run(Resources resources) throws IOException {
    long began = System.nanoTime();
    String commit = System.getProperty("proffer.commit", "unknown");
    say(
        String.format(
            Locale.ROOT,
            "chaos: commit %s, %.1f minutes, seed %d, %d gateways, %d clients, %s",
            commit,
            minutes,
            seed,
            gatewayCount,
            clients,
            kafka ? "relayed to Kafka" : "no Kafka"));
    Path directory = resources.directory("proffer-chaos-", keep);
    if (keep) {
      say("kept in " + directory);
    }
    Programs programs = Programs.here();
    KafkaBroker broker =
        kafka ? resources.add(KafkaBroker.in(directory.resolve("broker")).proxied().start()) : null;
    List<Path> configs = new ArrayList<>();
    List<Path> quota = new ArrayList<>();
    List<Path> full = new ArrayList<>();
    for (int gateway = 0; gateway < gatewayCount; gateway++) {
      configs.add(configured(directory.resolve("configs-" + gateway), gateway, broker).directory());
      quota.add(
          configured(directory.resolve("configs-quota-" + gateway), gateway, broker)
              .set("log.yaml", "quota-mib", "1")
              .directory());
      full.add(
          configured(directory.resolve("configs-full-" + gateway), gateway, broker)
              .set("log.yaml", "reserve-mib", NO_DISK_HAS)
              .directory());
    }
    Gateways gateways = new Gateways(programs, directory, resources, gatewayCount);
    for (int gateway = 0; gateway < gatewayCount; gateway++) {
      gateways.start(gateway, configs.get(gateway));
    }
    Compactor compactor = new Compactor(programs, directory, gateways, configs, resources);
    Ledger ledger = new Ledger(seed, clients);
    Recoveries recoveries = new Recoveries(gatewayCount);
    List<LedgerClient> senders = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int client = 0; client < clients; client++) {
      LedgerClient sender =
          new LedgerClient(
              ledger.book(client),
              recoveries,
              seed,
              gateways.ports(),
              kafka,
              (double) eventsPerSecond / clients);
      senders.add(sender);
      Thread thread = new Thread(sender, "chaos-client-" + client);
      thread.setDaemon(true);
      threads.add(thread);
      thread.start();
    }

    Faults faults = new Faults();
    faults.begin(
        "gateways",
        seed * 31 + 1,
        killSeconds.get(0) * 1_000,
        killSeconds.get(1) * 1_000,
        random -> breakGateway(random, gateways, configs, quota, full, recoveries, faults));
    faults.begin(
        "compactions",
        seed * 31 + 2,
        8_000,
        25_000,
        random ->
            compactor.once(random.nextInt(gatewayCount), random.nextBoolean() ? random : null));
    if (broker != null) {
      faults.begin(
          "broker",
          seed * 31 + 3,
          5_000,
          20_000,
          random -> breakBroker(random, broker, gateways, faults));
    }
    watch(faults, senders, ledger, began);

    say("peace: mending, draining, relaying, compacting");
    faults.end();
    awaitRecovery(recoveries);
    senders.forEach(LedgerClient::end);
    join(threads);
    if (broker != null) {
      awaitRelayed(gateways);
    }
    gateways.stop();
    compactor.all();
    Exception failure = faults.failure();
    if (failure != null) {
      wrong.add("the run itself failed: " + failure);
    }
    senders.stream()
        .map(LedgerClient::objection)
        .filter(objection -> objection != null)
        .limit(3)
        .forEach(objection -> wrong.add("an answer that should not be: " + objection));
    return ledger(ledger, recoveries, compactor, commit, began);
  }

  private ConfigCopy configured(Path to, int gateway, @Nullable KafkaBroker broker)
      throws IOException {
    ConfigCopy copy =
        ConfigCopy.of(config, to)
            .set("gateway.yaml", "event-loops", "1")
            .set("log.yaml", "roll", "minutely");
    if (broker != null) {
      copy.set("kafka.yaml", "bootstrap-servers", "\"" + broker.proxiedServers() + "\"")
          .set("kafka.yaml", "source", "/chaos/" + gateway)
          .set("log.yaml", "readers", "[]");
    }
    return copy;
  }

  private void breakGateway(
      Random random,
      Gateways gateways,
      List<Path> configs,
      List<Path> quota,
      List<Path> full,
      Recoveries recoveries,
      Faults faults)
      throws IOException {
    int gateway = random.nextInt(gatewayCount);
    kill(gateways, gateway, recoveries);
    int phases = quotaPhases.get() + fullPhases.get();
    if (gatewayKills.get() >= 2 + 4 * phases) {
      boolean disk = phases % 2 == 1;
      (disk ? fullPhases : quotaPhases).incrementAndGet();
      gateways.start(gateway, (disk ? full : quota).get(gateway));
      faults.pause(4_000L + random.nextInt(4_000));
      kill(gateways, gateway, recoveries);
    }
    gateways.start(gateway, configs.get(gateway));
  }

  private void kill(Gateways gateways, int gateway, Recoveries recoveries) {
    long killed = System.nanoTime();
    gateways.kill(gateway);
    recoveries.killed(gateway, killed, System.nanoTime());
    gatewayKills.incrementAndGet();
  }

  private void breakBroker(Random random, KafkaBroker broker, Gateways gateways, Faults faults) {
    String kind = OUTAGES.get(random.nextInt(OUTAGES.size()));
    long millis = 3_000L + random.nextInt(15_000);
    count(outages, kind);
    switch (kind) {
      case "stopped" -> {
        broker.stop();
        faults.pause(millis);
        broker.start();
      }
      case "killed" -> {
        broker.kill();
        faults.pause(millis);
        broker.start();
      }
      case "frozen" -> {
        broker.freeze();
        faults.pause(millis);
        broker.thaw();
      }
      case "black hole" -> {
        broker.proxy().blackHole(true);
        faults.pause(millis);
        broker.proxy().blackHole(false);
      }
      case "cut off" -> {
        broker.proxy().down();
        faults.pause(millis);
        broker.proxy().up();
      }
      case "reset" -> broker.proxy().reset();
      case "slow" -> {
        broker.proxy().latency(Duration.ofMillis(100 + random.nextInt(400)));
        faults.pause(millis);
        broker.proxy().latency(Duration.ZERO);
      }
      case "narrow" -> {
        broker.proxy().bandwidth(32_768L + random.nextInt(65_536));
        faults.pause(millis);
        broker.proxy().bandwidth(Long.MAX_VALUE);
      }
      default -> throw new AssertionError(kind);
    }
    long mended = System.nanoTime();
    while (!relayed(gateways, BEHIND_AGE, 1) && System.nanoTime() - mended < CATCH_UP.toNanos()) {
      if (!faults.pause(100)) {
        return;
      }
    }
    longestCatchUpNanos.accumulateAndGet(System.nanoTime() - mended, Math::max);
  }

  private static void count(Map<String, AtomicInteger> counts, String kind) {
    AtomicInteger count = counts.get(kind);
    if (count != null) {
      count.incrementAndGet();
    }
  }

  /**
   * Whether every gateway answers, and a figure of its relay is at most this.
   *
   * @param metric looked at by the gateway every second
   */
  private static boolean relayed(Gateways gateways, String metric, double atMost) {
    for (int gateway = 0; gateway < gateways.count(); gateway++) {
      Double behind = gateways.metric(gateway, metric);
      if (behind == null || behind > atMost) {
        return false;
      }
    }
    return true;
  }

  /** Waits until nothing has been left to relay for longer than the figure's age. */
  private void awaitRelayed(Gateways gateways) {
    long began = System.nanoTime();
    long since = began;
    while (System.nanoTime() - since < RELAYED.toNanos()) {
      if (!relayed(gateways, BEHIND, 0)) {
        since = System.nanoTime();
      }
      if (System.nanoTime() - began > CATCH_UP.toNanos()) {
        wrong.add("the relay did not catch up within " + CATCH_UP.toSeconds() + " s of peace");
        return;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
  }

  private void awaitRecovery(Recoveries recoveries) {
    long began = System.nanoTime();
    while (recoveries.pending()) {
      if (System.nanoTime() - began > TimeUnit.SECONDS.toNanos(30)) {
        wrong.add("a gateway took no event within 30 s of peace");
        return;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  private static void join(List<Thread> threads) {
    for (Thread thread : threads) {
      try {
        thread.join(TimeUnit.SECONDS.toMillis(30));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      if (thread.isAlive()) {
        throw new Failed(thread.getName() + " does not end");
      }
    }
  }

  /** Says where things stand every ten seconds, until the time is over. */
  private void watch(Faults faults, List<LedgerClient> senders, Ledger ledger, long began) {
    long end = System.nanoTime() + (long) (minutes * 60e9);
    long next = 0;
    while (System.nanoTime() < end) {
      if (faults.failure() != null
          || senders.stream().anyMatch(sender -> sender.objection() != null)) {
        return;
      }
      if (System.nanoTime() >= next) {
        next = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        say(
            String.format(
                Locale.ROOT,
                "%5.0f s: %,d sent, %,d acknowledged, %d kills, %d outages, %d compactions (%d"
                    + " killed)",
                (System.nanoTime() - began) / 1e9,
                ledger.sent(),
                ledger.acknowledged(),
                gatewayKills.get(),
                outages.values().stream().mapToInt(AtomicInteger::get).sum(),
                compactions.get(),
                compactionKills.get()));
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
  }

  /** Runs {@code proffer compact}, sometimes not to its end. */
  private final class Compactor {
    private final Programs programs;
    private final Path directory;
    private final Gateways gateways;
    private final List<Path> configs;
    private final Resources resources;

    Compactor(
        Programs programs,
        Path directory,
        Gateways gateways,
        List<Path> configs,
        Resources resources) {
      this.programs = programs;
      this.directory = directory;
      this.gateways = gateways;
      this.configs = configs;
      this.resources = resources;
    }

    /** The homes whose warehouses hold the events. */
    List<Path> homes() {
      List<Path> homes = new ArrayList<>();
      for (int gateway = 0; gateway < (kafka ? 1 : gateways.count()); gateway++) {
        homes.add(kafka ? directory.resolve("warehouse-home") : gateways.home(gateway));
      }
      return homes;
    }

    /**
     * Compacts once.
     *
     * @param kill when it is to be killed; null for not at all
     */
    synchronized void once(int gateway, @Nullable Random kill) throws IOException {
      Path home = homes().get(kafka ? 0 : gateway);
      Child child =
          resources.add(
              Child.start(
                  "compact-" + compactionNumber.getAndIncrement(),
                  programs.offline(
                      List.of(
                          "compact",
                          "--home",
                          home.toString(),
                          "--config",
                          configs.get(0).toString(),
                          "--from",
                          kafka ? "kafka" : "spool"),
                      List.of("-Xmx768m", "-XX:+UseSerialGC")),
                  directory));
      if (kill != null) {
        Integer ended = child.exitCode(Duration.ofMillis(300 + kill.nextInt(4_000)));
        if (ended == null) {
          child.kill();
          compactionKills.incrementAndGet();
          return;
        }
      }
      Integer code = child.exitCode(COMPACTION);
      if (code == null) {
        child.kill();
        throw new Failed("a compaction took longer than " + COMPACTION.toMinutes() + " minutes");
      }
      if (code == 0) {
        compactions.incrementAndGet();
      } else if (kill == null && !kafka) {
        throw new Failed("a compaction failed" + child.log());
      }
    }

    /** Compacts everything, in peace. */
    void all() throws IOException {
      int before = compactions.get();
      for (int at = 0; at < homes().size(); at++) {
        once(at, null);
      }
      if (compactions.get() - before < homes().size()) {
        wrong.add("the last compaction failed");
      }
    }
  }

  private int ledger(
      Ledger ledger, Recoveries recoveries, Compactor compactor, String commit, long began)
      throws IOException {
    WarehouseRows rows = new WarehouseRows(compactor.homes());
    Ledger.Verdict verdict = rows.audit(ledger, WarehouseRows.Fault.NONE, "");
    long shared = rows.sharedEventIds();
    if (shared > 0) {
      wrong.add(shared + " rows carry an event id that another row carries too");
    }
    if (selfTest) {
      selfTest(ledger, rows);
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    Map<String, Object> lines = new LinkedHashMap<>();
    lines.put("commit", commit);
    lines.put("seed", seed);
    lines.put("seconds", seconds);
    lines.put("events sent", ledger.sent());
    lines.put("  deliveries, resends counted", ledger.deliveries());
    lines.put("  acknowledged", ledger.acknowledged());
    lines.put("  answered 503, each time", ledger.full());
    lines.put("  refused otherwise", ledger.refused());
    lines.put("  without an answer, each time", ledger.unanswered());
    lines.put("duplicates sent", ledger.repeated());
    lines.put("  acknowledged again and dropped", ledger.repeatedAcknowledged());
    lines.put("gateways killed (-9)", gatewayKills.get());
    lines.put("  started at the quota for a while", quotaPhases.get());
    lines.put("  started on a full disk for a while", fullPhases.get());
    lines.put("broker outages", outages.values().stream().mapToInt(AtomicInteger::get).sum());
    outages.forEach((kind, count) -> lines.put("  " + kind, count.get()));
    lines.put("compactions", compactions.get());
    lines.put("  killed (-9)", compactionKills.get());
    lines.put("recoveries, kill to next 202", recoveries.count());
    lines.put("  longest, s", recoveries.longestNanos() / 1e9);
    lines.put("  mean, s", recoveries.meanNanos() / 1e9);
    lines.put("longest broker back to relayed, s", longestCatchUpNanos.get() / 1e9);
    lines.put("rows in the warehouse", verdict.rows());
    lines.put("  never acknowledged (allowed)", verdict.unacknowledged());
    lines.put("missing", verdict.missing());
    lines.put("invented", verdict.invented());
    lines.put("double", verdict.doubled());
    boolean holds = verdict.holds() && wrong.isEmpty() && ledger.acknowledged() > 0;
    say("");
    lines.forEach((name, value) -> say(String.format(Locale.ROOT, "%-38s %s", name, word(value))));
    verdict.examples().forEach(example -> say("  " + example));
    wrong.forEach(this::say);
    say(holds ? "the ledger holds" : "THE LEDGER DOES NOT HOLD");
    Path file = jsonFile;
    if (file != null) {
      JsonMapper mapper = new JsonMapper();
      ObjectNode json = mapper.createObjectNode();
      lines.forEach(
          (name, value) ->
              json.putPOJO(
                  name.strip().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_"), value));
      json.put("holds", holds);
      wrong.forEach(json.withArray("wrong")::add);
      mapper.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), json);
    }
    return holds ? 0 : 1;
  }

  /** The audit of rows that were tampered with must complain, each time of what was done. */
  private void selfTest(Ledger ledger, WarehouseRows rows) {
    String victim = ledger.acknowledgedExample();
    if (victim == null) {
      wrong.add("self-test: nothing was acknowledged");
      return;
    }
    Ledger.Verdict removed = rows.audit(ledger, WarehouseRows.Fault.REMOVED, victim);
    Ledger.Verdict doubled = rows.audit(ledger, WarehouseRows.Fault.DOUBLED, victim);
    Ledger.Verdict invented = rows.audit(ledger, WarehouseRows.Fault.INVENTED, victim);
    say(
        String.format(
            Locale.ROOT,
            "self-test: one row removed: %d missing; one doubled: %d double; one invented: %d"
                + " invented",
            removed.missing(),
            doubled.doubled(),
            invented.invented()));
    if (removed.holds() || doubled.holds() || invented.holds()) {
      wrong.add("self-test: the ledger did not complain");
    }
  }

  private static String word(Object value) {
    if (value instanceof Double number) {
      return String.format(Locale.ROOT, "%.1f", number);
    }
    return value instanceof Long || value instanceof Integer
        ? String.format(Locale.ROOT, "%,d", ((Number) value).longValue())
        : value.toString();
  }

  private void say(String line) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(line);
    out.flush();
  }
}
