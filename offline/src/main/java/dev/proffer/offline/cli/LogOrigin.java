package dev.proffer.offline.cli;

/** Where a command reads the log from; the names are what a person types. */
enum LogOrigin {
  /** The log of the home. */
  spool,
  /** The topics of {@code kafka.yaml}. */
  kafka
}
