package dev.proffer.features.compute;

/**
 * Clicks over the showings that were looked at, as far as the slot tells: {@code (clicks + weight *
 * mean) / (sum over slots of shown in the slot * examination of the slot + weight)}, the mean being
 * that of all items. An item that only ever stood far down is not blamed for it.
 *
 * <p>The examination of a slot is its click rate over that of slot 1, cut to at most 1; both rates
 * are smoothed by one click at the rate of all slots, {@code (clicks + 1) / (showings + 1 / rate)}
 * with {@code rate = (all clicks + 1) / (all showings + 2)}. It takes all that sets slots apart for
 * being looked at, though better items stand higher: it corrects too much where the ranking is
 * good.
 *
 * <p>A probability; missing for the unknown item and where nothing was shown. Source: Richardson,
 * Dominowska and Ragno, "Predicting Clicks: Estimating the Click-Through Rate for New Ads", WWW
 * 2007 (the examination hypothesis).
 */
final class PositionDebiasedRate implements Transformation.OfCandidate {
  private final Window clicks;
  private final Window showings;
  private final Window clicksOfSlot;
  private final Window showingsOfSlot;
  private final double weight;
  private final double[] examination;
  private final Remembered examinedOf = new Remembered();
  private double mean;

  PositionDebiasedRate(
      Window clicks, Window showings, Window clicksOfSlot, Window showingsOfSlot, double weight) {
    this.clicks = clicks;
    this.showings = showings;
    this.clicksOfSlot = clicksOfSlot;
    this.showingsOfSlot = showingsOfSlot;
    this.weight = weight;
    this.examination = new double[showings.spec().maxPosition() + 1];
  }

  @Override
  public void prepare(FeatureInput in) {
    clicks.at(in);
    showings.at(in);
    clicksOfSlot.at(in);
    showingsOfSlot.at(in);
    double rate = (clicksOfSlot.total() + 1) / (showingsOfSlot.total() + 2);
    double first = rate(1, rate);
    double examined = 0;
    for (int slot = 1; slot < examination.length; slot++) {
      examination[slot] = Math.min(1, rate(slot, rate) / first);
      examined += showingsOfSlot.of(slot) * examination[slot];
    }
    mean = examined > 0 ? clicks.total() / examined : Double.NaN;
    examinedOf.at(showings, showingsOfSlot, clicksOfSlot);
  }

  private double rate(int slot, double ofAll) {
    return (clicksOfSlot.of(slot) + 1) / (showingsOfSlot.of(slot) + 1 / ofAll);
  }

  @Override
  public float value(FeatureInput in, int item) {
    if (!clicks.known(in, item)) {
      return Float.NaN;
    }
    double examined = examinedOf.of(item);
    if (Double.isNaN(examined)) {
      examined = 0;
      for (int slot = 1; slot < examination.length; slot++) {
        examined += showings.of(item, slot) * examination[slot];
      }
      examinedOf.put(item, examined);
    }
    return (float) ((clicks.of(item) + weight * mean) / (examined + weight));
  }
}
