package dev.proffer.events.log;

import dev.proffer.configs.ConfigFile;
import dev.proffer.configs.Problems;
import dev.proffer.configs.Section;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * How the event log is kept; read from {@code log.yaml}. Immutable.
 *
 * @param durability what an acknowledged event survives
 * @param roll when a new file is begun; what is in force is what the log was made with
 * @param quotaBytes the most the log's files may take; 0 for no bound
 * @param warnShare the share of the quota from which on it warns, and files that everybody has read
 *     are deleted before their time
 * @param reserveBytes less free space than this on the log's disk counts as full
 * @param retainMillis how long a file is kept after its last record; 0 for ever
 * @param readers whose {@link Positions} a file must lie behind before it is deleted
 * @param rememberedIds how many of the latest event ids a repeated one is known by
 */
public record LogSpec(
    Durability durability,
    Roll roll,
    long quotaBytes,
    double warnShare,
    long reserveBytes,
    long retainMillis,
    List<String> readers,
    int rememberedIds) {
  /** The file's name below the configuration directory. */
  public static final String FILE = "log.yaml";

  /** What a log has when nobody says otherwise: kept for ever, as far as the disk reaches. */
  public static final LogSpec DEFAULT =
      new LogSpec(
          Durability.PROCESS, Roll.HOURLY, 0, 0.8, 0, 0, List.of(Positions.WAREHOUSE), 1_000_000);

  public LogSpec {
    readers = List.copyOf(readers);
  }

  /** What an acknowledged event survives. */
  public enum Durability {
    /** The death of the process, however sudden; not that of the machine. */
    PROCESS,
    /** A loss of power too: written to the disk before it is acknowledged, many at a time. */
    POWER
  }

  /** When a new file is begun, by the clock of UTC. */
  public enum Roll {
    MINUTELY,
    HOURLY,
    DAILY
  }

  /** Reads the file below {@code configDir}; mistakes go to {@code problems}. */
  public static LogSpec read(Path configDir, Problems problems) {
    Section root = ConfigFile.read(configDir.resolve(FILE), problems);
    LogSpec spec =
        new LogSpec(
            root.oneOf("durability", Durability.class, Durability.PROCESS),
            root.oneOf("roll", Roll.class, Roll.HOURLY),
            root.integer("quota-mib", 20_480L, 0, 1L << 30) << 20,
            root.integer("warn-percent", 80, 1, 100) / 100.0,
            root.integer("reserve-mib", 256L, 0, 1L << 30) << 20,
            TimeUnit.HOURS.toMillis(root.integer("retain-hours", 0L, 0, 1_000_000)),
            root.has("readers") ? root.texts("readers") : List.of(Positions.WAREHOUSE),
            root.integer("remember-ids", 1_000_000, 1_000, 100_000_000));
    for (String reader : spec.readers()) {
      if (!reader.matches("[a-z0-9-]{1,64}")) {
        root.refuse(
            "readers", "\"" + reader + "\" is not a name of 1 to 64 of the characters a-z 0-9 -");
      }
    }
    root.done();
    return spec;
  }

  /** The same with one more reader that must have read a file before it is deleted. */
  public LogSpec readBy(String reader) {
    if (readers.contains(reader)) {
      return this;
    }
    List<String> more = new java.util.ArrayList<>(readers);
    more.add(reader);
    return new LogSpec(
        durability, roll, quotaBytes, warnShare, reserveBytes, retainMillis, more, rememberedIds);
  }
}
