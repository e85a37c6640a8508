package dev.proffer.offline.build;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * A part of the labels that one worker computes, by their number in the timeline.
 *
 * @param number of the stretch, from 0; what is behind another has the greater number
 * @param first the first label
 * @param end behind the last
 */
public record Stretch(int number, long first, long end) implements Serializable {
  private static final long serialVersionUID = 1L;

  /**
   * Labels parted into at most so many stretches of about equal length. The last one is open, so
   * that the timeline is gone through to its end.
   */
  public static List<Stretch> of(long labels, int stretches) {
    int count = (int) Math.max(1, Math.min(stretches, labels));
    List<Stretch> all = new ArrayList<>();
    for (int at = 0; at < count; at++) {
      long end = at == count - 1 ? Long.MAX_VALUE : labels * (at + 1) / count;
      all.add(new Stretch(at, labels * at / count, end));
    }
    return all;
  }
}
