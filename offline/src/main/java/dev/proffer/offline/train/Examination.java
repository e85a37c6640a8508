package dev.proffer.offline.train;

import dev.proffer.events.Event;
import dev.proffer.events.Impression;
import dev.proffer.offline.replay.History;
import dev.proffer.ranker.ModelsSpec;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How often each slot is looked at, beside the first one, and so what a choice from it weighs: the
 * inverse. Of choices so weighted, an item's share no longer depends on where it stood (position
 * based model; Joachims, Swaminathan and Schnabel, "Unbiased Learning-to-Rank with Biased
 * Feedback", WSDM 2017). Immutable.
 *
 * <p>It is estimated from neighbouring slots that were both filled by chance. Weighted by the
 * inverse of both propensities, every two items of the pool stand in either order equally often, so
 * that what is clicked in the one slot and in the other differs by how often they are looked at,
 * and by nothing else: an intervention by swaps (Agarwal et al., WSDM 2019), with the swaps taken
 * from the propensities. Where fewer clicks than {@value #LEAST_CLICKS} tell of two neighbours, the
 * second counts as looked at as often as the first.
 */
final class Examination {
  /** Fewer clicks tell nothing. */
  static final int LEAST_CLICKS = 30;

  private final double[] shares;
  private final double[] weights;

  private Examination(double[] shares, long[] clicks, double mostWeight) {
    this.shares = shares;
    weights = new double[shares.length];
    double total = 0;
    double weighted = 0;
    for (int slot = 0; slot < shares.length; slot++) {
      weights[slot] = Math.min(mostWeight, shares[0] / shares[slot]);
      total += clicks[slot];
      weighted += clicks[slot] * weights[slot];
    }
    // All choices together weigh as much as without weights, so that min-child-weight and rows
    // from history keep their meaning.
    double mean = total == 0 ? 1 : weighted / total;
    for (int slot = 0; slot < weights.length; slot++) {
      weights[slot] /= mean;
    }
  }

  private record Answered(Impression impression, Set<String> items) {}

  /**
   * What a task's choices weigh.
   *
   * @param answered the impression that each event of the history answers
   * @param until later events and impressions are not looked at, epoch milliseconds
   */
  static Examination of(
      ModelsSpec.PositionBias bias, History history, @Nullable Impression[] answered, long until) {
    Map<String, Answered> byRequest = new LinkedHashMap<>();
    int slots = 1;
    for (int at = 0; at < answered.length; at++) {
      Event event = history.events().get(at);
      Impression shown = answered[at];
      if (shown != null && event.timeMillis() < until) {
        byRequest
            .computeIfAbsent(shown.requestId(), id -> new Answered(shown, new HashSet<>()))
            .items()
            .add(String.valueOf(event.itemId()));
        slots = Math.max(slots, shown.shown().size());
      }
    }
    long[] clicks = new long[slots];
    double[][] pairs = new double[slots][2];
    long[] tell = new long[slots];
    for (Answered one : byRequest.values()) {
      List<Impression.Shown> page = one.impression().shown();
      for (int slot = 0; slot < page.size(); slot++) {
        boolean here = one.items().contains(page.get(slot).itemId());
        clicks[slot] += here ? 1 : 0;
        if (slot + 1 == page.size()) {
          break;
        }
        double propensity = page.get(slot).propensity();
        double next = page.get(slot + 1).propensity();
        boolean there = one.items().contains(page.get(slot + 1).itemId());
        if (propensity < 1 && next < 1 && propensity * next > 0) {
          pairs[slot][0] += here ? 1 / (propensity * next) : 0;
          pairs[slot][1] += there ? 1 / (propensity * next) : 0;
          tell[slot] += (here ? 1 : 0) + (there ? 1 : 0);
        }
      }
    }
    double[] shares = new double[slots];
    for (int slot = 0; slot < slots; slot++) {
      if (!bias.examination().isEmpty()) {
        shares[slot] = bias.examination().get(Math.min(slot, bias.examination().size() - 1));
      } else if (slot == 0) {
        shares[slot] = 1;
      } else {
        double[] pair = pairs[slot - 1];
        boolean told = tell[slot - 1] >= LEAST_CLICKS && pair[0] > 0 && pair[1] > 0;
        shares[slot] = shares[slot - 1] * (told ? pair[1] / pair[0] : 1);
      }
    }
    return new Examination(shares, clicks, bias.mostWeight());
  }

  /** What a choice from a slot weighs, slots counted from 0; 1 on average over all choices. */
  double weight(int slot) {
    return weights[Math.min(slot, weights.length - 1)];
  }

  /** How often a slot is looked at for each time that the first is. */
  double share(int slot) {
    return shares[Math.min(slot, shares.length - 1)] / shares[0];
  }

  @Override
  public String toString() {
    return Arrays.stream(shares)
        .mapToObj(share -> String.format(Locale.ROOT, "%.3f", share / shares[0]))
        .collect(Collectors.joining(" "));
  }
}
