package dev.proffer.features.store;

import dev.proffer.events.log.PartitionedLog.Partition;

/**
 * The names of what is kept in Redis. Everything of one partition of the log carries one hash tag,
 * so that it is one slot of a cluster and one script may touch all of it.
 */
record RedisKeys(String prefix) {
  /** By topic, how many partitions it has. */
  String layout() {
    return prefix + "layout";
  }

  /** Epoch, offsets, statistics and ids of a partition. */
  String state(Partition partition) {
    return tag(partition) + "state";
  }

  /** The sequences as the statistics know them, of users whose sequence is ahead of these. */
  String base(Partition partition) {
    return tag(partition) + "base";
  }

  /** A user's sequence. */
  String sequence(Partition partition, String userId) {
    return tag(partition) + "seq:" + userId;
  }

  /** Which version of an attribute table counts, its header, and how far pushes of others are. */
  String table(String table) {
    return prefix + "table:" + table;
  }

  /** Rows of a version of an attribute table, by the 8 bytes of the hash of the id. */
  String rows(String table, String version, long bucket) {
    return prefix + "rows:" + table + ":" + version + ":" + bucket;
  }

  private String tag(Partition partition) {
    return prefix + "{" + partition + "}:";
  }
}
