package dev.proffer.pipeline.experiments;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Says which arm a request is part of. Belongs to one thread; an arm that was met before is given
 * again, so that a request allocates the bytes of its unit's id and little else.
 *
 * <p>In each layer the unit's bucket names the experiment, a point of its own whether the ramp has
 * reached it, and another one the variant. The three are hashes under different salts: raising a
 * ramp lets units in and moves none that is.
 */
public final class Assigner {
  private static final int FORCED = 1;
  private static final int STOPPED = 2;

  private final ExperimentsSpec spec;
  private final boolean none;
  private final Bucketing bucketing = new Bucketing();
  private final Map<Long, Arm> arms = new HashMap<>();
  private final int[] chosen; // by layer: experiment
  private final int[] variants;
  private final int[] marks;

  public Assigner(ExperimentsSpec spec) {
    this.spec = spec;
    this.none = spec.layers().stream().allMatch(layer -> layer.experiments().isEmpty());
    this.chosen = new int[spec.layers().size()];
    this.variants = new int[chosen.length];
    this.marks = new int[chosen.length];
  }

  /**
   * The arm of a request.
   *
   * @param sessionId null when the caller named none: then it is in no experiment over sessions
   * @param millis the instant it is for, epoch milliseconds
   */
  public Arm assign(String userId, @Nullable String sessionId, long millis, Stops stops) {
    if (none) {
      return Arm.DEFAULT;
    }
    bucketing.unit(userId);
    boolean heldOut = spec.holdout() > 0 && bucketing.point(spec.holdoutSalt()) < spec.holdout();
    long key = 0;
    for (int at = 0; at < chosen.length; at++) {
      Layer layer = spec.layers().get(at);
      chosen[at] = -1;
      if (!forced(at, layer, userId, sessionId, millis) && !heldOut) {
        draw(at, layer, userId, sessionId, millis);
      }
      if (chosen[at] >= 0) {
        Experiment experiment = layer.experiments().get(chosen[at]);
        Variant variant = experiment.variants().get(variants[at]);
        marks[at] |= stops.of(experiment.name(), variant.name()) == null ? 0 : STOPPED;
      }
      key = key * spec.choices(at) + place(at);
    }
    Arm arm = arms.get(key);
    if (arm == null) {
      arm = arm();
      arms.put(key, arm);
    }
    return heldOut && arm.parts().isEmpty() ? Arm.HOLDOUT : arm;
  }

  /** A number of what was chosen in a layer; 0 for nothing. */
  private long place(int at) {
    return chosen[at] < 0
        ? 0
        : 1 + ((long) chosen[at] * ExperimentsSpec.MOST_VARIANTS + variants[at]) * 4 + marks[at];
  }

  private boolean forced(
      int at, Layer layer, String userId, @Nullable String sessionId, long millis) {
    for (int number = 0; number < layer.experiments().size(); number++) {
      Experiment experiment = layer.experiments().get(number);
      String unit = experiment.unit() == Experiment.Unit.USER ? userId : sessionId;
      String variant =
          unit == null || experiment.allowed().isEmpty() ? null : experiment.allowed().get(unit);
      if (variant != null && experiment.runsAt(millis)) {
        chosen[at] = number;
        variants[at] = experiment.indexOf(variant);
        marks[at] = FORCED;
        return true;
      }
    }
    return false;
  }

  private void draw(int at, Layer layer, String userId, @Nullable String sessionId, long millis) {
    for (int number = 0; number < layer.experiments().size(); number++) {
      Experiment experiment = layer.experiments().get(number);
      String unit = experiment.unit() == Experiment.Unit.USER ? userId : sessionId;
      if (unit == null || !experiment.runsAt(millis)) {
        continue;
      }
      bucketing.unit(unit);
      int bucket = bucketing.bucket(layer.salt());
      if (bucket >= experiment.from()
          && bucket < experiment.until()
          && (experiment.share() >= 1
              || bucketing.point(experiment.rampSalt()) < experiment.share())) {
        chosen[at] = number;
        variants[at] = experiment.at(bucketing.point(experiment.salt()));
        marks[at] = 0;
        return;
      }
    }
  }

  private Arm arm() {
    List<Arm.Part> parts = new ArrayList<>();
    for (int at = 0; at < chosen.length; at++) {
      if (chosen[at] >= 0) {
        Experiment experiment = spec.layers().get(at).experiments().get(chosen[at]);
        parts.add(
            new Arm.Part(
                experiment,
                experiment.variants().get(variants[at]),
                (marks[at] & FORCED) != 0,
                (marks[at] & STOPPED) != 0));
      }
    }
    return Arm.of(parts);
  }
}
