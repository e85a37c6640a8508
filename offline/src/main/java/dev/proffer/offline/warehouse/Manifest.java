package dev.proffer.offline.warehouse;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What the warehouse holds and how far it has read: {@code _manifest.json}. Immutable.
 *
 * @param format of this file
 * @param number the number of the latest change; file names carry theirs, so no name comes twice
 * @param positions where each source is to be read on from
 * @param files every Parquet file, oldest first, by its path below the warehouse
 */
record Manifest(int format, long number, Map<String, String> positions, List<Part> files) {
  static final int FORMAT = 1;

  static final Manifest EMPTY = new Manifest(FORMAT, 0, Map.of(), List.of());

  Manifest {
    positions = new TreeMap<>(positions);
    files = List.copyOf(files);
  }

  /**
   * A file.
   *
   * @param path such as {@code events/day=2026-11-20/part-00000012-0.parquet}
   */
  record Part(String path, long rows, long bytes) {
    boolean of(WarehouseTable table) {
      return path.startsWith(table.word() + "/");
    }

    /** Table and day. */
    String partition() {
      return path.substring(0, path.lastIndexOf('/'));
    }

    /** The day, as in the path. */
    String day() {
      String partition = partition();
      return partition.substring(partition.lastIndexOf('=') + 1);
    }
  }

  List<Part> of(WarehouseTable table) {
    return files.stream().filter(part -> part.of(table)).toList();
  }

  /** This with some files gone and some added, as the next change. */
  Manifest with(Map<String, String> newPositions, Set<String> gone, List<Part> added) {
    List<Part> next = new ArrayList<>();
    for (Part part : files) {
      if (!gone.contains(part.path())) {
        next.add(part);
      }
    }
    next.addAll(added);
    return new Manifest(FORMAT, number + 1, newPositions, next);
  }
}
