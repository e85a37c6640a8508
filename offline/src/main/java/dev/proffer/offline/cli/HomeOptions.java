package dev.proffer.offline.cli;

import dev.proffer.events.log.EventLog;
import dev.proffer.offline.Settings;
import dev.proffer.offline.replay.History;
import dev.proffer.ranker.artifact.ModelRegistry;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where state and configuration are; the same options on every command. */
final class HomeOptions {
  @Option(
      names = "--home",
      paramLabel = "DIR",
      description = "Holds all state (default: ${DEFAULT-VALUE}).")
  Path home = Path.of("var");

  @Option(
      names = "--config",
      paramLabel = "DIR",
      description = "Holds the YAML files (default: ${DEFAULT-VALUE}).")
  Path config = Path.of("configs");

  Settings settings() {
    return Settings.read(config);
  }

  EventLog log() {
    return EventLog.open(home.resolve("log"));
  }

  ModelRegistry registry() {
    return new ModelRegistry(home.resolve("models"));
  }

  /** The whole log in memory; says what to do when it is empty. */
  History history(Settings settings) {
    try (EventLog log = log()) {
      History history = History.read(log, settings.contracts().sequence());
      if (history.events().isEmpty()) {
        throw new Failed(
            "the log in "
                + home.resolve("log")
                + " holds no events; run proffer ingest, or proffer demo");
      }
      return history;
    }
  }
}
