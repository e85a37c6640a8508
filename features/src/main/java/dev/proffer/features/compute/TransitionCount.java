package dev.proffer.features.compute;

/** How often the item was chosen right after the item looked at: the logarithm of 1 and that. */
final class TransitionCount implements Transformation.OfCandidate {
  private static final float[] LOGARITHMS = new float[1_024];

  static {
    for (int count = 0; count < LOGARITHMS.length; count++) {
      LOGARITHMS[count] = (float) Math.log1p(count);
    }
  }

  private final Scatter counts = new Scatter();

  @Override
  public void prepare(FeatureInput in) {
    counts.clear(in.catalog().size(), in.candidates());
    counts.add(in.statistics().next(1).row(in.contextItem()), 1);
  }

  @Override
  public float value(FeatureInput in, int item) {
    float count = counts.of(item);
    int known = (int) count;
    return known == count && known < LOGARITHMS.length
        ? LOGARITHMS[known]
        : (float) Math.log1p(count);
  }
}
