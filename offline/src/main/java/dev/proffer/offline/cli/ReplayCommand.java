package dev.proffer.offline.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.proffer.configs.Problems;
import dev.proffer.events.LogEntry;
import dev.proffer.events.Pseudonyms;
import dev.proffer.events.log.EventLog;
import dev.proffer.events.log.LogSpec;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.store.HeapSequenceStore;
import dev.proffer.features.store.StateCheckpoint;
import dev.proffer.offline.Settings;
import dev.proffer.offline.replay.StateReplay;
import dev.proffer.offline.warehouse.LogSource;
import dev.proffer.offline.warehouse.SpoolSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code proffer replay}: the state that a copy of the log folds to, as counts and a digest, so
 * that two copies can be held against each other; and the checkpoint made anew from the log.
 */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    description =
        "Folds the log into a fresh state and prints its counts and its SHA-256: equal for the"
            + " same entries in any order, however often each is there.")
final class ReplayCommand implements Callable<Integer> {
  @Mixin private HomeOptions home = new HomeOptions();

  @Option(
      names = "--source",
      paramLabel = "SOURCE",
      description = "Where the log is read: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private LogOrigin origin = LogOrigin.spool;

  @Option(
      names = "--from",
      paramLabel = "INSTANT",
      converter = InstantConverter.class,
      description =
          "Only what arrived then or later (items always): RFC 3339 or epoch milliseconds.")
  private @Nullable Instant from;

  @Option(
      names = "--to",
      paramLabel = "INSTANT",
      converter = InstantConverter.class,
      description = "Only what arrived before.")
  private @Nullable Instant to;

  @Option(
      names = "--write-checkpoint",
      description =
          "Replace HOME/checkpoint/state: by the whole spool folded in its own order, or by what"
              + " Kafka and the spool hold together. No gateway may run there.")
  private boolean writeCheckpoint;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the figures there.")
  private @Nullable Path json;

  @Override
  public Integer call() throws IOException {
    if (from != null && to != null && !from.isBefore(to)) {
      throw new Failed("--from " + from + " is not before --to " + to);
    }
    if (writeCheckpoint && (from != null || to != null)) {
      throw new Failed("--write-checkpoint is of the whole log; expected neither --from nor --to");
    }
    Settings settings = home.settings();
    SequenceSpec spec = settings.contracts().sequence();
    boolean fromKafka = origin == LogOrigin.kafka;
    if (writeCheckpoint && fromKafka && Pseudonyms.of(settings.events()).apply()) {
      throw new Failed(
          "Kafka holds pseudonyms where a gateway knows people; expected --write-checkpoint of the"
              + " spool, or pseudonyms.apply: false in "
              + settings.events().file());
    }
    Console console = new Console();
    StateReplay replay =
        new StateReplay(
            spec,
            from == null ? Long.MIN_VALUE : from.toEpochMilli(),
            to == null ? Long.MAX_VALUE : to.toEpochMilli());
    StateReplay.Outcome outcome;
    long unreadable = 0;
    try (EventLog log = home.log()) {
      long end = log.lastIndex();
      if (fromKafka) {
        unreadable += read(home.kafka(), replay, console);
      }
      if (!fromKafka || writeCheckpoint) {
        unreadable += read(new SpoolSource(log, false), replay, console);
      }
      if (fromKafka && writeCheckpoint) {
        StateReplay.Checkpointed folded = replay.fold(end, rememberedIds());
        log.force();
        new StateCheckpoint(home.home, spec).write(folded.point());
        outcome = folded.outcome();
      } else {
        outcome = replay.fold();
        if (writeCheckpoint) {
          rebuild(log, spec, console);
        }
      }
    }
    row(console, "entries read", outcome.entries());
    row(console, "records unreadable", unreadable);
    row(console, "events", outcome.events());
    row(console, "impressions", outcome.impressions());
    row(console, "erasures", outcome.erasures());
    row(console, "items", outcome.items());
    row(console, "users", outcome.users());
    row(console, "duplicates dropped", outcome.duplicates());
    console.say("  sha256 " + outcome.sha256());
    if (json != null) {
      Files.writeString(
          json, new JsonMapper().writerWithDefaultPrettyPrinter().writeValueAsString(outcome));
    }
    return 0;
  }

  /** Gives all of a source to the replay; how many of its records could not be read. */
  private static long read(LogSource source, StateReplay replay, Console console) {
    try (source) {
      console.begin("replay " + source.name());
      source.open(null);
      for (LogEntry entry = source.next(); entry != null; entry = source.next()) {
        replay.add(entry);
      }
      console.end("");
      return source.unreadable();
    }
  }

  private int rememberedIds() {
    Problems problems = new Problems();
    int remembered = LogSpec.read(home.config, problems).rememberedIds();
    problems.throwIfAny();
    return remembered;
  }

  private void rebuild(EventLog log, SequenceSpec spec, Console console) throws IOException {
    int remembered = rememberedIds();
    console.begin("rebuild the checkpoint");
    try {
      long index =
          new StateCheckpoint(home.home, spec).rebuild(log, remembered, HeapSequenceStore::new);
      console.end(index < 0 ? "nothing: the log is empty" : "up to " + Long.toHexString(index));
    } catch (IllegalStateException e) {
      throw new Failed(String.valueOf(e.getMessage()));
    }
  }

  private static void row(Console console, String what, long count) {
    console.say(String.format(Locale.ROOT, "  %-24s %,14d", what, count));
  }
}
