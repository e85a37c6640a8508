package dev.proffer.features.compute;

/**
 * The share of the latest session's events whose item has the same value of an attribute; 0 for an
 * empty session.
 */
final class ShareOfAttribute implements Transformation.OfCandidate {
  private final String attribute;
  private int[] codes = new int[0];
  private int[] counts = new int[32];

  ShareOfAttribute(String attribute) {
    this.attribute = attribute;
  }

  @Override
  public void prepare(FeatureInput in) {
    codes = in.catalog().codes(attribute);
    java.util.Arrays.fill(counts, 0);
    for (int back = 1; back <= in.sessionLength(); back++) {
      int code = codes[in.last(back)];
      if (code >= counts.length) {
        counts = java.util.Arrays.copyOf(counts, code * 2);
      }
      counts[code]++;
    }
  }

  @Override
  public float value(FeatureInput in, int item) {
    int code = codes[item];
    return in.sessionLength() == 0 || code == 0 || code >= counts.length
        ? 0
        : (float) counts[code] / in.sessionLength();
  }
}
