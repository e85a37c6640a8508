package dev.proffer.offline.cli;

import dev.proffer.configs.Problems;
import dev.proffer.events.log.EventLog;
import dev.proffer.events.log.kafka.KafkaSpec;
import dev.proffer.events.time.Time;
import dev.proffer.features.tables.TableRefused;
import dev.proffer.features.tables.TableRegistry;
import dev.proffer.offline.Settings;
import dev.proffer.offline.mlflow.MlflowTracking;
import dev.proffer.offline.mlflow.Tracking;
import dev.proffer.offline.replay.History;
import dev.proffer.offline.warehouse.KafkaSource;
import dev.proffer.offline.warehouse.LogSource;
import dev.proffer.ranker.ModelsSpec;
import dev.proffer.ranker.RegistrySpec;
import dev.proffer.ranker.artifact.ModelRegistry;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
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

  /** Whether the home is of this command only: what it makes is nobody else's. */
  boolean thrownAway;

  private @Nullable ModelRegistry opened;
  private @Nullable Path openedFor;

  /** What is configured, with every version of the home's tables. */
  Settings settings() {
    Settings settings = Settings.read(config);
    try {
      return settings.with(tables().history(settings.contracts().tables()));
    } catch (TableRefused e) {
      throw new Failed(String.valueOf(e.getMessage()));
    }
  }

  TableRegistry tables() {
    return new TableRegistry(home.resolve(TableRegistry.DIRECTORY));
  }

  EventLog log() {
    return EventLog.open(home.resolve("log"));
  }

  /** The log as Kafka holds it. */
  LogSource kafka() {
    Problems problems = new Problems();
    KafkaSpec spec = KafkaSpec.read(config, problems);
    problems.throwIfAny();
    if (!spec.enabled()) {
      throw new Failed(
          config.resolve(KafkaSpec.FILE)
              + ": bootstrap-servers is empty; expected the brokers to read from");
    }
    return KafkaSource.of(spec, home, Time.system());
  }

  /** The registry that models.yaml says; in a home that is thrown away always its own folder. */
  ModelRegistry registry() {
    ModelRegistry known = opened;
    if (known != null && home.equals(openedFor)) {
      return known;
    }
    RegistrySpec spec = thrownAway ? RegistrySpec.HOME : models().registry();
    known = ModelRegistry.open(spec, home, Time.system(), System.getenv());
    opened = known;
    openedFor = home;
    return known;
  }

  /**
   * Who hears of trainings and of who serves, as models.yaml says; nobody of a home that is thrown
   * away.
   *
   * @param say hears what went wrong with that
   */
  Tracking tracking(Consumer<String> say) {
    return thrownAway
        ? Tracking.NONE
        : MlflowTracking.of(models().mlflow(), System.getenv(), Time.system(), say);
  }

  private ModelsSpec models() {
    Problems problems = new Problems();
    ModelsSpec spec = ModelsSpec.read(config, problems);
    problems.throwIfAny();
    return spec;
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
