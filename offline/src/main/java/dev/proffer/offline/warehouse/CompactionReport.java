package dev.proffer.offline.warehouse;

/**
 * What a compaction did.
 *
 * @param source what was read: spool or kafka
 * @param entries entries read
 * @param unreadable records that hold nothing this version knows
 * @param duplicates entries that were there already
 * @param erasedRows rows of users who asked to be forgotten, taken out of files or of what was read
 * @param expiredRows events taken out because their type is not kept that long
 * @param filesWritten Parquet files written, merged ones counted
 * @param filesMerged Parquet files that went into others
 * @param batches changes that were made one after another
 */
public record CompactionReport(
    String source,
    long entries,
    long unreadable,
    long events,
    long impressions,
    long propositions,
    long items,
    long asides,
    long erasures,
    long duplicates,
    long erasedRows,
    long expiredRows,
    long filesWritten,
    long filesMerged,
    long batches,
    double seconds) {}
