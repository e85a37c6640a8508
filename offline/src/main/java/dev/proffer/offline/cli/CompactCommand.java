package dev.proffer.offline.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.proffer.configs.Problems;
import dev.proffer.events.EventRegistry;
import dev.proffer.events.EventType;
import dev.proffer.events.log.EventLog;
import dev.proffer.events.time.Time;
import dev.proffer.offline.warehouse.Compaction;
import dev.proffer.offline.warehouse.CompactionReport;
import dev.proffer.offline.warehouse.LogSource;
import dev.proffer.offline.warehouse.SpoolSource;
import dev.proffer.offline.warehouse.Warehouse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code proffer compact}: the log into the warehouse, each event once. Run it as often as you
 * like, also while gateways run, and again after it was killed.
 */
@Command(
    name = "compact",
    mixinStandardHelpOptions = true,
    description =
        "Writes what the log gained into Parquet files below HOME/warehouse, each event once.")
final class CompactCommand implements Callable<Integer> {
  @Mixin private HomeOptions home = new HomeOptions();

  @Option(
      names = "--from",
      paramLabel = "SOURCE",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private LogOrigin from = LogOrigin.spool;

  @Option(
      names = "--until-end",
      description = "Read also what is appended meanwhile, until there is nothing more.")
  private boolean untilEnd;

  @Option(
      names = "--batch-entries",
      paramLabel = "N",
      description = "Most entries of one change (default: ${DEFAULT-VALUE}).")
  private int batchEntries = Compaction.Limits.DEFAULT.batchEntries();

  @Option(
      names = "--duplicate-days",
      paramLabel = "DAYS",
      description =
          "How many days before a batch's first an id is looked for; 0, the default, for all.")
  private int duplicateDays;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the closing figures there.")
  private @Nullable Path json;

  @Override
  public Integer call() throws IOException, SQLException {
    if (batchEntries < 1 || duplicateDays < 0) {
      throw new Failed("--batch-entries must be at least 1 and --duplicate-days at least 0");
    }
    Compaction.Limits plain = Compaction.Limits.DEFAULT;
    Compaction.Limits limits =
        new Compaction.Limits(
            batchEntries,
            plain.batchBytes(),
            duplicateDays,
            plain.mergeFiles(),
            plain.smallBytes());
    Console console = new Console();
    CompactionReport report;
    try (Warehouse warehouse = Warehouse.open(home.home);
        EventLog log = home.log();
        LogSource source = from == LogOrigin.spool ? new SpoolSource(log, untilEnd) : home.kafka();
        Compaction compaction =
            new Compaction(warehouse, source, Time.system(), limits, retainDays())) {
      console.begin("compact " + from);
      report =
          compaction.run(
              (batches, entries, duplicates) ->
                  console.say(
                      String.format(
                          Locale.ROOT,
                          "    batch %,d: %,d entries so far, %,d duplicates",
                          batches,
                          entries,
                          duplicates)));
      console.end("into " + home.home.resolve(Warehouse.DIRECTORY));
    }
    table(report, console);
    if (json != null) {
      Files.writeString(
          json, new JsonMapper().writerWithDefaultPrettyPrinter().writeValueAsString(report));
    }
    return 0;
  }

  /** By type, how long its events are kept; of those that are not kept for ever. */
  private Map<String, Integer> retainDays() {
    Problems problems = new Problems();
    EventRegistry registry = EventRegistry.read(home.config, problems);
    problems.throwIfAny();
    Map<String, Integer> days = new TreeMap<>();
    for (EventType type : registry.types()) {
      if (type.retainDays() > 0) {
        days.put(type.name(), type.retainDays());
      }
    }
    return days;
  }

  private static void table(CompactionReport report, Console console) {
    row(console, "entries read", report.entries());
    row(console, "records unreadable", report.unreadable());
    row(console, "events written", report.events());
    row(console, "impressions written", report.impressions());
    row(console, "propositions written", report.propositions());
    row(console, "items written", report.items());
    row(console, "asides written", report.asides());
    row(console, "erasures noted", report.erasures());
    row(console, "duplicates dropped", report.duplicates());
    row(console, "rows erased", report.erasedRows());
    row(console, "rows expired", report.expiredRows());
    row(console, "files written", report.filesWritten());
    row(console, "files merged", report.filesMerged());
    console.say(String.format(Locale.ROOT, "  %-24s %,14.1f", "seconds", report.seconds()));
  }

  private static void row(Console console, String what, long count) {
    console.say(String.format(Locale.ROOT, "  %-24s %,14d", what, count));
  }
}
