package dev.proffer.events;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One answer of {@code POST /suggest} as it was served: what was shown, and everything it was
 * chosen with. Training reads these and reconstructs nothing. Immutable by agreement: the arrays of
 * {@link Shown} are not written after creation.
 *
 * @param requestId the attribution token that later clicks carry
 * @param context what the person was looking at, where the caller said
 * @param contextType what {@code context} is
 * @param servedBy the rung of the fallback ladder
 * @param modelVersion the model that scored, null when none did
 * @param variant {@code default} or {@code holdout}, or the arms of experiments: {@code
 *     experiment:variant}, several with commas
 * @param contractSha the feature contract the rows follow, null when no rows were computed
 * @param degraded what was missing, in words of the API
 * @param candidates how many candidates were ranked
 * @param tookNanos from the request's head to its page, in nanoseconds; -1 when it is not known
 */
public record Impression(
    String requestId,
    String userId,
    @Nullable String sessionId,
    @Nullable String device,
    @Nullable String context,
    String contextType,
    long timeMillis,
    String servedBy,
    @Nullable String modelVersion,
    String variant,
    @Nullable String contractSha,
    List<String> degraded,
    int candidates,
    List<Shown> shown,
    long tookNanos)
    implements LogEntry {

  public Impression {
    degraded = List.copyOf(degraded);
    shown = List.copyOf(shown);
  }

  /** An impression of which is not known how long it took. */
  public Impression(
      String requestId,
      String userId,
      @Nullable String sessionId,
      @Nullable String device,
      @Nullable String context,
      String contextType,
      long timeMillis,
      String servedBy,
      @Nullable String modelVersion,
      String variant,
      @Nullable String contractSha,
      List<String> degraded,
      int candidates,
      List<Shown> shown) {
    this(
        requestId,
        userId,
        sessionId,
        device,
        context,
        contextType,
        timeMillis,
        servedBy,
        modelVersion,
        variant,
        contractSha,
        degraded,
        candidates,
        shown,
        -1);
  }

  /**
   * One slot of the answer, best first.
   *
   * @param sources the candidate sources that found it
   * @param score what it was ordered by
   * @param confidence the probability shown to the caller
   * @param propensity the probability with which the policy chose this item for this slot
   * @param features the values it was scored on, in contract order; empty when no model scored
   */
  public record Shown(
      String itemId,
      List<String> sources,
      float score,
      float confidence,
      float propensity,
      float[] features) {
    public Shown {
      sources = List.copyOf(sources);
    }
  }
}
