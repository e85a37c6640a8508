package dev.proffer.ranker;

/**
 * Gauss's quadrature over 0 to 1: exact for polynomials of degree {@code 2 * nodes.length - 1}.
 *
 * @param nodes where the function is asked, between 0 and 1
 * @param weights by how much each counts; they sum to 1
 */
public record GaussLegendre(double[] nodes, double[] weights) {
  private static final int STEPS = 100;

  /** The rule of some points, at least 1; nodes are roots of Legendre's polynomial, by Newton. */
  public static GaussLegendre of(int points) {
    double[] nodes = new double[points];
    double[] weights = new double[points];
    for (int point = 0; point < points; point++) {
      double x = Math.cos(Math.PI * (point + 0.75) / (points + 0.5));
      double slope = 1;
      double move = 1;
      for (int step = 0; step < STEPS && Math.abs(move) > 1e-16; step++) {
        double last = 1;
        double value = x;
        for (int degree = 2; degree <= points; degree++) {
          double next = ((2 * degree - 1) * x * value - (degree - 1) * last) / degree;
          last = value;
          value = next;
        }
        slope = points * (x * value - last) / (x * x - 1);
        move = value / slope;
        x -= move;
      }
      nodes[point] = (x + 1) / 2;
      weights[point] = 1 / ((1 - x * x) * slope * slope);
    }
    return new GaussLegendre(nodes, weights);
  }
}
