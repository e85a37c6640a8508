package dev.proffer.offline;

import dev.proffer.candidates.CandidatesSpec;
import dev.proffer.configs.Problems;
import dev.proffer.events.EventRegistry;
import dev.proffer.features.compute.Contracts;
import dev.proffer.features.tables.TableRefused;
import dev.proffer.features.tables.TableRegistry;
import dev.proffer.features.tables.Tables;
import dev.proffer.pipeline.RankingSpec;
import dev.proffer.pipeline.experiments.ExperimentsSpec;
import dev.proffer.ranker.ModelsSpec;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The configuration offline works by; the files the gateway reads too. Immutable.
 *
 * @param tables every version of the home's attribute tables; none until {@link #with}
 */
public record Settings(
    EventRegistry events,
    Contracts contracts,
    CandidatesSpec candidates,
    RankingSpec ranking,
    ExperimentsSpec experiments,
    ModelsSpec models,
    Tables tables) {

  /** Reads all files below a directory; throws with every mistake of every file. */
  public static Settings read(Path configDir) {
    Problems problems = new Problems();
    EventRegistry events = EventRegistry.read(configDir, problems);
    Contracts contracts = Contracts.read(configDir, problems);
    CandidatesSpec candidates = CandidatesSpec.read(configDir, problems);
    RankingSpec ranking = RankingSpec.read(configDir, problems);
    Settings settings =
        new Settings(
            events,
            contracts,
            candidates,
            ranking,
            ExperimentsSpec.read(
                configDir,
                new ExperimentsSpec.Names(candidates.sets().keySet(), ranking.sets().keySet()),
                problems),
            ModelsSpec.read(configDir, problems),
            Tables.NONE);
    settings.ranking().check(settings.contracts(), configDir, problems);
    for (ModelsSpec.Task task : settings.models().tasks().values()) {
      if (settings.contracts().contract(task.contract()) == null) {
        problems.add(
            configDir.resolve(ModelsSpec.FILE).toString(),
            0,
            "tasks." + task.name() + ".contract",
            "\"" + task.contract() + "\" is not one of " + settings.contracts().names());
      }
    }
    problems.throwIfAny();
    return settings;
  }

  /** The same with every version of a home's tables, so that a row sees the one of its instant. */
  public Settings withTablesOf(Path home) throws IOException {
    try {
      return with(
          new TableRegistry(home.resolve(TableRegistry.DIRECTORY)).history(contracts.tables()));
    } catch (TableRefused e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** The same with tables. */
  public Settings with(Tables known) {
    return new Settings(events, contracts, candidates, ranking, experiments, models, known);
  }
}
