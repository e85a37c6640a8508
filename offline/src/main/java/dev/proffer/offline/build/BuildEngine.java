package dev.proffer.offline.build;

import dev.proffer.events.time.Time;
import dev.proffer.offline.warehouse.Warehouse;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Who brings a warehouse into order and goes through it with {@link RowBuilder}s: DuckDB on one
 * machine, Spark on many. Every engine gives the same rows in the same order to the bit; the files
 * they lie in may be cut elsewhere. A class that the service loader finds is an engine.
 */
public interface BuildEngine {
  /** What it is called on the command line. */
  String name();

  /**
   * Builds a set.
   *
   * @param config the directory of the YAML files
   * @param out the directory of the set, which appears when the set is whole
   * @throws IllegalArgumentException when the directory is there
   */
  BuildReport build(
      BuildSpec spec,
      Path config,
      Warehouse warehouse,
      Path out,
      Parallelism parallelism,
      Time time)
      throws IOException;

  /**
   * How wide to go.
   *
   * @param stretches labels are parted into so many, which are computed side by side
   * @param master Spark's; empty for an engine that has none
   */
  record Parallelism(int stretches, String master) {}
}
