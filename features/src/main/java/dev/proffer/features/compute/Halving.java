package dev.proffer.features.compute;

/**
 * {@code 2^-x} by arithmetic alone: equal to the bit on every machine, which {@link Math#pow} need
 * not be, and several times as fast. Relative error below 1e-15.
 *
 * <p>Method: {@code x = n / 256 + r} with {@code |r|} at most 1/512; a table has {@code 2^-(n mod
 * 256 / 256)}, the exponent's bits the whole part, and {@code 2^-r} is its Taylor series up to the
 * fifth term (Tang, "Table-Driven Implementation of the Exponential Function", ACM TOMS 1989).
 */
final class Halving {
  private static final int PARTS = 256;
  private static final double LN_2 = 0.6931471805599453;

  /** Beyond it a double has no exponent left. */
  private static final double MOST = 1_020;

  private static final double[] TABLE = new double[PARTS];

  static {
    for (int part = 0; part < PARTS; part++) {
      TABLE[part] = StrictMath.pow(2, -(double) part / PARTS);
    }
  }

  private Halving() {}

  /** What is left of 1 after {@code halves} half-lives, of which there are none or more. */
  static double after(double halves) {
    if (!(halves < MOST)) {
      return Double.isNaN(halves) ? Double.NaN : 0;
    }
    long nearest = (long) (halves * PARTS + 0.5);
    double y = ((double) nearest / PARTS - halves) * LN_2;
    double series = 1 + y * (1 + y * (0.5 + y * (1.0 / 6 + y * (1.0 / 24))));
    double whole = Double.longBitsToDouble((Double.MAX_EXPONENT - (nearest >> 8)) << 52);
    return TABLE[(int) nearest & PARTS - 1] * series * whole;
  }
}
