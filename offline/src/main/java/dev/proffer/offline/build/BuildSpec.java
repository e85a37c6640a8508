package dev.proffer.offline.build;

import dev.proffer.features.spec.FeatureContract;
import dev.proffer.offline.Settings;
import dev.proffer.ranker.ModelsSpec;
import java.io.Serializable;
import java.util.List;
import java.util.Objects;

/**
 * Which training set is to be built. Immutable; Spark sends it to its workers.
 *
 * @param task of models.yaml, whose labels are meant
 * @param contract whose features are computed
 * @param contractSha256 of that contract
 * @param asOfMillis nothing that became known then or later has any influence
 * @param fromMillis labels before it give no rows, and are known all the same
 * @param negatives how many items that were not chosen are drawn for each that was
 * @param seed of that draw
 * @param attributionMillis how long before a choice its impression may lie
 * @param sessionGapMillis a longer pause parts two sessions
 * @param sequenced the types of events that are choices
 */
public record BuildSpec(
    String task,
    ModelsSpec.Label label,
    String contract,
    String contractSha256,
    long asOfMillis,
    long fromMillis,
    KnownAt knownAt,
    int negatives,
    long seed,
    long attributionMillis,
    long sessionGapMillis,
    List<String> sequenced)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  public BuildSpec {
    sequenced = List.copyOf(sequenced);
  }

  /**
   * The set that a task is trained on.
   *
   * @param contract one other than the task's; the task's own when it is empty
   * @throws IllegalArgumentException when no contract is called so
   */
  public static BuildSpec of(
      Settings settings, ModelsSpec.Task task, String contract, long asOfMillis, KnownAt knownAt) {
    String name = contract.isEmpty() ? task.contract() : contract;
    FeatureContract of = settings.contracts().contract(name);
    if (of == null) {
      throw new IllegalArgumentException(
          "no contract is called \""
              + name
              + "\"; expected one of "
              + settings.contracts().names());
    }
    return new BuildSpec(
        task.name(),
        task.label(),
        name,
        Objects.requireNonNull(of).sha256(),
        asOfMillis,
        Long.MIN_VALUE,
        knownAt,
        task.negatives(),
        task.seed(),
        settings.models().attributionMinutes() * 60_000L,
        settings.contracts().sequence().sessionGapMillis(),
        settings.contracts().sequence().events());
  }

  /** The same with labels from an instant on. */
  public BuildSpec from(long otherFromMillis) {
    return new BuildSpec(
        task,
        label,
        contract,
        contractSha256,
        asOfMillis,
        otherFromMillis,
        knownAt,
        negatives,
        seed,
        attributionMillis,
        sessionGapMillis,
        sequenced);
  }

  /** The same with another draw. */
  public BuildSpec withNegatives(int otherNegatives) {
    return new BuildSpec(
        task,
        label,
        contract,
        contractSha256,
        asOfMillis,
        fromMillis,
        knownAt,
        otherNegatives,
        seed,
        attributionMillis,
        sessionGapMillis,
        sequenced);
  }
}
