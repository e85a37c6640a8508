package dev.proffer.pipeline;

import dev.proffer.events.Hash64;
import dev.proffer.features.state.UserSequence;
import dev.proffer.pipeline.experiments.Arm;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A query, and all it is answered over: the same input gives the same page.
 *
 * @param sequence the user's events; null when they could not be read
 * @param seed what exploration draws chance from, such as the {@link Hash64} of the request's id
 * @param arm whose model, sources and rules it is answered by
 * @param missing what is wrong with all this already
 */
public record SuggestInput(
    SuggestQuery query,
    @Nullable UserSequence sequence,
    World world,
    long seed,
    Arm arm,
    Effort effort,
    Set<Degradation> missing) {

  /** An input in no experiment, whose chance is drawn from who asks when, for a whole answer. */
  public static SuggestInput of(SuggestQuery query, @Nullable UserSequence sequence, World world) {
    return new SuggestInput(
        query,
        sequence,
        world,
        Hash64.of(query.userId()) ^ Long.rotateLeft(query.timeMillis(), 32),
        Arm.DEFAULT,
        Effort.WHOLE,
        Set.of());
  }

  /** The same with chance drawn from another seed, by an arm. */
  public SuggestInput by(long otherSeed, Arm otherArm) {
    return new SuggestInput(query, sequence, world, otherSeed, otherArm, effort, missing);
  }

  /** The same with another effort. */
  public SuggestInput with(Effort other) {
    return new SuggestInput(query, sequence, world, seed, arm, other, missing);
  }
}
