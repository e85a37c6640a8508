package dev.proffer.pipeline;

import dev.proffer.candidates.ItemFilter;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A suggestion asked for, already checked.
 *
 * @param context what the person looks at; its meaning is {@code contextType}'s
 * @param limit how many propositions at most
 * @param timeMillis the instant to suggest for
 * @param items rank exactly these, null to find candidates
 * @param exclude ids that must not be proposed
 * @param reasons whether reasons tell what spoke most for a proposition, which its contributions
 *     cost; null for what {@link ReasonsSpec#always} says
 * @param explain whether features and contributions are wanted
 */
public record SuggestQuery(
    String userId,
    @Nullable String sessionId,
    @Nullable String device,
    @Nullable String context,
    ContextType contextType,
    int limit,
    long timeMillis,
    @Nullable List<String> items,
    Set<String> exclude,
    ItemFilter filter,
    @Nullable Boolean reasons,
    boolean explain) {

  /** Most propositions that may be asked for. */
  public static final int MAX_LIMIT = 100;

  /** Most items that may be given to rank. */
  public static final int MAX_ITEMS = 1_000;

  /** The same for another instant. */
  public SuggestQuery at(long otherMillis) {
    return new SuggestQuery(
        userId,
        sessionId,
        device,
        context,
        contextType,
        limit,
        otherMillis,
        items,
        exclude,
        filter,
        reasons,
        explain);
  }

  /** The simplest query: the best for a person at an instant. */
  public static SuggestQuery forUser(String userId, int limit, long timeMillis) {
    return new SuggestQuery(
        userId,
        null,
        null,
        null,
        ContextType.HOME,
        limit,
        timeMillis,
        null,
        Set.of(),
        ItemFilter.NONE,
        null,
        false);
  }
}
