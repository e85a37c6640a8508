package dev.proffer.pipeline;

import dev.proffer.pipeline.rules.Touch;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An answer to a suggestion, best first. Immutable by agreement: arrays are not written after
 * creation.
 *
 * @param modelVersion the model that scored, null when none did
 * @param contractSha the contract of the rows, null when there are none
 * @param featureNames the contract's names in row order; empty when there are no rows
 * @param candidates how many candidates were ranked
 * @param removed how many of them each rule left out; empty unless asked for
 */
public record Page(
    Rung servedBy,
    @Nullable String modelVersion,
    @Nullable String contractSha,
    List<String> featureNames,
    Set<Degradation> degraded,
    int candidates,
    List<Proposition> propositions,
    Map<String, Integer> removed) {

  /** The same page, answered with once more. */
  public Page again() {
    return new Page(
        Rung.CACHE,
        modelVersion,
        contractSha,
        featureNames,
        degraded,
        candidates,
        propositions,
        removed);
  }

  /**
   * One proposition.
   *
   * @param category null when it has none, or is unknown
   * @param confidence the probability that this is what the person chooses next
   * @param sources which sources found it; empty when the caller named it
   * @param propensity the probability with which the policy chose it for this slot
   * @param features the row it was scored on; empty when no model scored
   * @param explanation null unless asked for
   */
  public record Proposition(
      String id,
      String title,
      @Nullable String category,
      float score,
      float confidence,
      String reason,
      List<String> sources,
      float propensity,
      float[] features,
      @Nullable Explanation explanation) {}

  /**
   * How a proposition came to its place.
   *
   * @param modelScore before any rule
   * @param contributions what each feature added to it; empty when no model scored
   * @param families the same added up by family
   * @param found by which source and at which place of what it named
   * @param rules what the rules did to it, in order
   */
  public record Explanation(
      float modelScore,
      float[] contributions,
      Map<String, Float> families,
      List<Found> found,
      List<Touch> rules) {}

  /**
   * Where a source had an item.
   *
   * @param place from 1
   */
  public record Found(String source, int place) {}
}
