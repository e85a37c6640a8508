package dev.proffer.gateway.live;

import dev.proffer.events.time.Time;
import dev.proffer.features.compute.Contracts;
import dev.proffer.features.spec.FeatureContract;
import dev.proffer.pipeline.World;
import dev.proffer.ranker.ModelsSpec;
import dev.proffer.ranker.ServedModel;
import dev.proffer.ranker.artifact.ModelArtifact;
import dev.proffer.ranker.artifact.ModelRefused;
import dev.proffer.ranker.artifact.ModelRegistry;
import dev.proffer.ranker.store.Aliases;
import dev.proffer.ranker.store.StoreAway;
import dev.proffer.ranker.store.StoreRefused;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the registry's aliases: loads what they name, shows it to requests, and says why a
 * version is refused. A refused champion leaves the previous model serving, as {@code
 * previous_model}; if that cannot be had either, whatever served last stays.
 *
 * <p>When the registry's store is away, what is loaded goes on serving, and {@link #store} says so;
 * the next look that is answered ends that. The first look of all asks no store that keeps a copy
 * on this machine: it takes what the copy says, so that a start waits for nobody.
 *
 * <p>{@link #look} reads files and compiles: never on an event loop, one call at a time. {@link
 * #states} may be read from any thread.
 */
public final class ModelWatcher {
  private static final Logger LOG = LoggerFactory.getLogger(ModelWatcher.class);

  /** A refusal may have been a full disk or a busy one: such a version is tried again. */
  private static final long RETRY_NANOS = TimeUnit.MINUTES.toNanos(1);

  private static final long SAY_NANOS =
      TimeUnit.MILLISECONDS.toNanos(ModelRegistry.SERVING_MILLIS / 10);

  private final String gateway;
  private final Map<String, Said> said = new HashMap<>();
  private final ModelRegistry registry;
  private final ModelsSpec spec;
  private final Contracts contracts;
  private final Worlds worlds;
  private final Time time;
  private final Listener listener;
  private final Map<String, Map<String, Refusal>> refused = new HashMap<>();
  private volatile List<TaskState> states = List.of();
  private final Map<String, String> troubles = new TreeMap<>();
  private volatile StoreState store;
  private boolean looked;

  /** Whether the aliases of the task that is looked at came from the store rather than a copy. */
  private boolean answered;

  private Set<String> variants = Set.of();

  /**
   * How the registry's store is.
   *
   * @param place where it is
   * @param trouble why it could not be asked when it was last; "" when it answered
   * @param sinceMillis since when that is so, epoch milliseconds
   */
  public record StoreState(String place, String trouble, long sinceMillis) {
    /** Whether it answered when it was last asked. */
    public boolean ok() {
      return trouble.isEmpty();
    }
  }

  /** Hears what the watcher did. Called on the thread of {@link #look}. */
  public interface Listener {
    /** A version was refused for the first time. */
    void refused(String task, String version);

    /** What serves now, after a change. */
    void serving(List<TaskState> states);
  }

  /**
   * One task's models.
   *
   * @param contract the feature contract the task declares
   * @param championAlias the version named champion, null when none is
   * @param champion the version that serves as champion, null when none does
   * @param previous the version that stands behind it, null when none does
   * @param variants the models that experiments name, and the version that serves under each name;
   *     "" when none does
   * @param refused reasons by version
   */
  public record TaskState(
      String task,
      String contract,
      @Nullable String championAlias,
      @Nullable String champion,
      @Nullable String previous,
      Map<String, String> variants,
      Map<String, String> refused) {
    public TaskState {
      variants = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(variants));
      refused = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(refused));
    }
  }

  private record Refusal(String reason, long nanos) {}

  private record Said(Set<String> versions, long nanos) {}

  /**
   * A watcher that has not looked yet.
   *
   * @param gateway what the registry knows this gateway by
   */
  public ModelWatcher(
      String gateway,
      ModelRegistry registry,
      ModelsSpec spec,
      Contracts contracts,
      Worlds worlds,
      Time time,
      Listener listener) {
    this.gateway = gateway;
    this.registry = registry;
    this.spec = spec;
    this.contracts = contracts;
    this.worlds = worlds;
    this.time = time;
    this.listener = listener;
    this.store = new StoreState(registry.place(), "", time.millis());
  }

  /** How the registry's store was when it was last asked; from any thread. */
  public StoreState store() {
    return store;
  }

  /** The models of every task, in the order of {@code models.yaml}. */
  public List<TaskState> states() {
    return states;
  }

  /** Loads further models of the ranking task, by alias or version; before the first look. */
  public void variants(Set<String> names) {
    variants = Set.copyOf(names);
  }

  /** Looks at every task once. */
  public synchronized void look() {
    List<TaskState> seen = new ArrayList<>();
    for (ModelsSpec.Task task : spec.tasks().values()) {
      try {
        seen.add(look(task));
      } catch (UncheckedIOException e) {
        troubles.put(task.name(), String.valueOf(e.getMessage()));
        states.stream().filter(state -> state.task().equals(task.name())).forEach(seen::add);
      } catch (RuntimeException e) {
        LOG.error("the registry of the task {} cannot be read, its models stay", task.name(), e);
        states.stream().filter(state -> state.task().equals(task.name())).forEach(seen::add);
      }
    }
    looked = true;
    tell();
    if (!seen.equals(states)) {
      states = List.copyOf(seen);
      listener.serving(states);
    }
  }

  /** Says once that the store went away, and once that it is back. */
  private void tell() {
    String trouble = troubles.isEmpty() ? "" : troubles.values().iterator().next();
    StoreState before = store;
    if (before.ok() == trouble.isEmpty() && (before.ok() || before.trouble().equals(trouble))) {
      return;
    }
    if (before.ok()) {
      LOG.warn("the store of models is away, what is loaded goes on serving: {}", trouble);
    } else if (trouble.isEmpty()) {
      LOG.info("the store of models {} answers again", before.place());
    }
    store =
        new StoreState(
            before.place(),
            trouble,
            before.ok() == trouble.isEmpty() ? before.sinceMillis() : time.millis());
  }

  /** Who goes by which alias; of a store that is away, who did when it last answered. */
  private Aliases aliases(String task) {
    answered = false;
    Aliases kept = looked ? null : registry.lastSeen(task);
    if (kept != null) {
      return kept;
    }
    try {
      Aliases now = registry.aliases(task);
      troubles.remove(task);
      answered = true;
      return now;
    } catch (UncheckedIOException e) {
      Aliases last = registry.lastSeen(task);
      if (last == null) {
        throw e;
      }
      troubles.put(task, String.valueOf(e.getMessage()));
      return last;
    }
  }

  private TaskState look(ModelsSpec.Task task) {
    Aliases aliases = aliases(task.name());
    String championAlias = aliases.champion();
    String previousAlias = aliases.previous();
    World.Models now = worlds.now().models(task.name());
    Map<String, String> named = named(task, aliases);
    List<ServedModel> known = known(task, now);
    Set<String> wanted = new TreeSet<>(named.values());
    Stream.of(championAlias, previousAlias).filter(Objects::nonNull).forEach(wanted::add);
    known.forEach(model -> wanted.add(model.version()));
    wanted.remove("");
    if (answered) {
      say(task.name(), wanted);
    }
    ServedModel champion = load(task, championAlias, known);
    ServedModel previous = load(task, previousAlias, known);
    if (champion == null && previous == null && championAlias != null) {
      previous = now.champion() != null ? now.champion() : now.previous();
    }
    World.Models changed = new World.Models(champion, previous);
    if (!changed.equals(now)) {
      worlds.update(world -> world.with(task.name(), changed));
      LOG.info("{}: champion {}, previous {}", task.name(), version(champion), version(previous));
    }
    Map<String, String> serving = new LinkedHashMap<>();
    named.forEach((name, version) -> serving.put(name, variant(task, name, version, known)));
    Map<String, String> reasons = new LinkedHashMap<>();
    refused
        .getOrDefault(task.name(), Map.of())
        .forEach((version, refusal) -> reasons.put(version, refusal.reason()));
    return new TaskState(
        task.name(),
        task.contract(),
        championAlias,
        champion == null ? null : champion.version(),
        previous == null ? null : previous.version(),
        serving,
        reasons);
  }

  /** The versions that experiments mean by the names they use; "" where an alias names none. */
  private Map<String, String> named(ModelsSpec.Task task, Aliases aliases) {
    Map<String, String> named = new TreeMap<>();
    if (task.name().equals(ModelsSpec.RANKING)) {
      for (String name : variants) {
        String version =
            ModelRegistry.ALIASES.contains(name) ? ModelRegistry.alias(aliases, name) : name;
        named.put(name, version == null ? "" : version);
      }
    }
    return named;
  }

  /** What is loaded of a task. */
  private List<ServedModel> known(ModelsSpec.Task task, World.Models now) {
    List<ServedModel> known = new ArrayList<>();
    Stream.of(now.champion(), now.previous()).filter(Objects::nonNull).forEach(known::add);
    if (task.name().equals(ModelsSpec.RANKING)) {
      variants.stream()
          .map(worlds.now()::variantModel)
          .filter(Objects::nonNull)
          .forEach(known::add);
    }
    return known;
  }

  /** Shows requests the model that experiments know by a name; its version, or "". */
  private String variant(
      ModelsSpec.Task task, String name, String version, List<ServedModel> known) {
    ServedModel model = version.isEmpty() ? null : load(task, version, known);
    World.Models changed = new World.Models(model, null);
    String kept = World.variant(name);
    if (!changed.equals(worlds.now().models(kept))) {
      worlds.update(world -> world.with(kept, changed));
      LOG.info("{}: experiments' {} is {}", task.name(), name, version(model));
    }
    return model == null ? "" : model.version();
  }

  /**
   * Makes the previous champion of a task the champion again, and shows it to requests.
   *
   * @return what serves now
   * @throws IllegalArgumentException when no version was champion before
   */
  public synchronized TaskState rollback(String task) {
    registry.rollback(task);
    LOG.warn("{}: rolled back", task);
    look();
    return states.stream()
        .filter(state -> state.task().equals(task))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no task " + task));
  }

  /** Tells the registry what is not to be collected: before it is loaded, and again and again. */
  private void say(String task, Set<String> versions) {
    Said before = said.get(task);
    if (versions.isEmpty()
        || (before != null
            && before.versions().equals(versions)
            && time.nanos() - before.nanos() < SAY_NANOS)) {
      return;
    }
    try {
      registry.serving(task, gateway, versions, time.millis());
      said.put(task, new Said(versions, time.nanos()));
    } catch (UncheckedIOException e) {
      // A registry that can be read only is collected by whoever writes it, which is told nothing.
      said.put(task, new Said(versions, time.nanos()));
      LOG.warn("{}: the registry was not told what is served here: {}", task, e.getMessage());
    }
  }

  private @Nullable ServedModel load(
      ModelsSpec.Task task, @Nullable String version, List<ServedModel> known) {
    if (version == null) {
      return null;
    }
    for (ServedModel model : known) {
      if (model.version().equals(version)) {
        return model;
      }
    }
    Map<String, Refusal> refusals =
        refused.computeIfAbsent(task.name(), name -> new LinkedHashMap<>());
    Refusal before = refusals.get(version);
    if (before != null && time.nanos() - before.nanos() < RETRY_NANOS) {
      return null;
    }
    try {
      ServedModel model = read(task, version);
      refusals.remove(version);
      return model;
    } catch (StoreAway e) {
      // No fault of the version: what serves stays, and the next look tries again.
      troubles.put(task.name(), String.valueOf(e.getMessage()));
      if (!known.isEmpty()) {
        throw e;
      }
      return null;
    } catch (ModelRefused | RuntimeException | LinkageError e) {
      String reason =
          e instanceof ModelRefused || e instanceof StoreRefused
              ? String.valueOf(e.getMessage())
              : e.toString();
      refusals.put(version, new Refusal(reason, time.nanos()));
      if (before == null) {
        LOG.warn("{}: version {} is refused: {}", task.name(), version, reason);
        listener.refused(task.name(), version);
      }
      return null;
    }
  }

  private ServedModel read(ModelsSpec.Task task, String version) throws ModelRefused {
    FeatureContract contract = contracts.contract(task.contract());
    if (contract == null) {
      throw new ModelRefused("the contract " + task.contract() + " is not declared");
    }
    ServedModel model = ModelArtifact.read(registry.directory(task.name(), version), contract);
    if (!model.task().equals(task.name()) || !model.version().equals(version)) {
      throw new ModelRefused(
          "it says it is version " + model.version() + " of the task " + model.task());
    }
    if (!model.contract().equals(task.contract()) || model.scorer().width() != contract.width()) {
      throw new ModelRefused(
          "it scores "
              + model.scorer().width()
              + " features of the contract "
              + model.contract()
              + "; expected "
              + contract.width()
              + " of "
              + task.contract());
    }
    return model;
  }

  private static String version(@Nullable ServedModel model) {
    return model == null ? "none" : model.version();
  }
}
