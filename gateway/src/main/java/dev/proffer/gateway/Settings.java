package dev.proffer.gateway;

import dev.proffer.candidates.CandidatesSpec;
import dev.proffer.configs.Problems;
import dev.proffer.events.EventRegistry;
import dev.proffer.events.Pseudonyms;
import dev.proffer.events.log.LogSpec;
import dev.proffer.events.log.kafka.KafkaSpec;
import dev.proffer.features.compute.Contracts;
import dev.proffer.features.spec.FeatureContract;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.store.RedisSpec;
import dev.proffer.pipeline.RankingSpec;
import dev.proffer.pipeline.experiments.ExperimentsSpec;
import dev.proffer.ranker.ModelsSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/** Everything the gateway reads at its start, valid as a whole. */
public record Settings(
    GatewaySpec gateway,
    LogSpec log,
    EventRegistry events,
    Contracts contracts,
    CandidatesSpec candidates,
    RankingSpec ranking,
    ExperimentsSpec experiments,
    ModelsSpec models,
    KafkaSpec kafka,
    RedisSpec redis) {

  /**
   * Reads all files below a directory.
   *
   * @throws dev.proffer.configs.ConfigException naming every mistake of every file
   */
  public static Settings read(Path configDir) {
    Problems problems = new Problems();
    GatewaySpec gateway = GatewaySpec.read(configDir, problems);
    LogSpec log = LogSpec.read(configDir, problems);
    EventRegistry events = EventRegistry.read(configDir, problems);
    Pseudonyms.of(events, problems); // whether the key can be used shows at the start
    Contracts contracts = Contracts.read(configDir, problems);
    CandidatesSpec candidates = CandidatesSpec.read(configDir, problems);
    RankingSpec ranking = RankingSpec.read(configDir, problems);
    ExperimentsSpec experiments =
        ExperimentsSpec.read(
            configDir,
            new ExperimentsSpec.Names(candidates.sets().keySet(), ranking.sets().keySet()),
            problems);
    ModelsSpec models = ModelsSpec.read(configDir, problems);
    ranking.check(contracts, configDir, problems);
    KafkaSpec kafka = KafkaSpec.read(configDir, problems);
    RedisSpec redis = RedisSpec.read(configDir, problems);
    for (ModelsSpec.Task task : models.tasks().values()) {
      if (!task.contract().isEmpty() && contracts.contract(task.contract()) == null) {
        problems.add(
            configDir.resolve(ModelsSpec.FILE).toString(),
            0,
            "tasks." + task.name() + ".contract",
            "\"" + task.contract() + "\" is not one of " + contracts.names());
      }
    }
    checkTypes("events", contracts.sequence().events(), events, configDir, problems);
    for (SequenceSpec.Named named : contracts.sequence().named()) {
      checkTypes("named." + named.name() + ".events", named.events(), events, configDir, problems);
    }
    problems.throwIfAny();
    return new Settings(
        gateway, log, events, contracts, candidates, ranking, experiments, models, kafka, redis);
  }

  /** The attribute tables that a task's features or a source of candidates read. */
  public Set<String> usedTables() {
    Set<String> used = new TreeSet<>();
    candidates.vectors().forEach(wanted -> used.add(wanted.of().table()));
    for (ModelsSpec.Task task : models.tasks().values()) {
      FeatureContract contract = contracts.contract(task.contract());
      if (contract != null) {
        contract.features().stream()
            .map(feature -> feature.parameters().get(Contracts.TABLE))
            .filter(Objects::nonNull)
            .forEach(used::add);
      }
    }
    return used;
  }

  private static void checkTypes(
      String key, List<String> types, EventRegistry events, Path configDir, Problems problems) {
    for (String type : types) {
      if (events.type(type) == null) {
        problems.add(
            configDir.resolve(SequenceSpec.FILE).toString(),
            0,
            key,
            "the type \"" + type + "\" is not declared in " + EventRegistry.FILE);
      }
    }
  }

  /** The same with another Kafka. */
  public Settings with(KafkaSpec other) {
    return new Settings(
        gateway, log, events, contracts, candidates, ranking, experiments, models, other, redis);
  }

  /** The same with the versions of models in the home, wherever they are configured to be. */
  public Settings withModelsInHome() {
    return new Settings(
        gateway,
        log,
        events,
        contracts,
        candidates,
        ranking,
        experiments,
        models.inHome(),
        kafka,
        redis);
  }

  /** The same with another way to run. */
  public Settings with(GatewaySpec other) {
    return new Settings(
        other, log, events, contracts, candidates, ranking, experiments, models, kafka, redis);
  }
}
