package dev.proffer.offline.embed;

import java.util.Random;
import java.util.function.DoubleConsumer;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * Vectors of users and items whose products say who chose what: matrix factorisation of implicit
 * feedback by alternating least squares. Minimises {@code sum over all users and items of (1 +
 * alpha r) (p - x y)^2 + lambda (sum |x|^2 + sum |y|^2)}, where {@code r} is how often the user
 * chose the item and {@code p} whether they did. Each half step is the exact minimum over one side,
 * so the loss never grows. Source: Hu, Koren and Volinsky, "Collaborative Filtering for Implicit
 * Feedback Datasets", ICDM 2008.
 *
 * <p>The same interactions and seed give the same vectors. One thread; costs {@code (choices k^2 +
 * (users + items) k^3)} a round for {@code k} dimensions.
 *
 * @param dimensions of a vector
 * @param rounds of both half steps
 * @param alpha how much more a choice weighs than none
 * @param lambda how small vectors are kept
 * @param seed of the vectors to begin with
 */
public record ImplicitAls(int dimensions, int rounds, double alpha, double lambda, long seed) {

  /**
   * The items' vectors, by the number of the item.
   *
   * @param loss is told the loss after each round
   */
  public double[][] items(Interactions interactions, DoubleConsumer loss) {
    Interactions transposed = interactions.transposed();
    double[][] users = new double[interactions.users()][dimensions];
    double[][] items = new double[transposed.users()][dimensions];
    Random random = new Random(seed);
    for (double[] item : items) {
      for (int at = 0; at < dimensions; at++) {
        item[at] = 0.1 * random.nextGaussian();
      }
    }
    for (int round = 0; round < rounds; round++) {
      solve(interactions, items, users);
      solve(transposed, users, items);
      loss.accept(loss(interactions, users, items));
    }
    return items;
  }

  /** Sets each row's vector to the best for the other side as it stands. */
  void solve(Interactions rows, double[][] given, double[][] solved) {
    DMatrixRMaj all = gram(given);
    DMatrixRMaj left = new DMatrixRMaj(dimensions, dimensions);
    DMatrixRMaj right = new DMatrixRMaj(dimensions, 1);
    DMatrixRMaj best = new DMatrixRMaj(dimensions, 1);
    LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.symmPosDef(dimensions);
    for (int row = 0; row < solved.length; row++) {
      left.setTo(all);
      right.zero();
      for (int at = 0; at < dimensions; at++) {
        left.add(at, at, lambda);
      }
      int[] chosen = rows.items(row);
      float[] counts = rows.counts(row);
      for (int at = 0; at < chosen.length; at++) {
        double[] vector = given[chosen[at]];
        double extra = alpha * counts[at];
        for (int one = 0; one < dimensions; one++) {
          right.add(one, 0, (1 + extra) * vector[one]);
          for (int other = 0; other < dimensions; other++) {
            left.add(one, other, extra * vector[one] * vector[other]);
          }
        }
      }
      if (!solver.setA(left)) {
        throw new IllegalStateException("the equations of row " + row + " have no solution");
      }
      solver.solve(right, best);
      System.arraycopy(best.data, 0, solved[row], 0, dimensions);
    }
  }

  private DMatrixRMaj gram(double[][] vectors) {
    DMatrixRMaj gram = new DMatrixRMaj(dimensions, dimensions);
    if (vectors.length > 0) {
      DMatrixRMaj matrix = new DMatrixRMaj(vectors);
      CommonOps_DDRM.multInner(matrix, gram);
    }
    return gram;
  }

  private double loss(Interactions interactions, double[][] users, double[][] items) {
    // The squares of all products at once, then what is different where something was chosen.
    DMatrixRMaj ofUsers = gram(users);
    DMatrixRMaj ofItems = gram(items);
    double loss = dot(ofUsers.data, ofItems.data);
    loss += lambda * (CommonOps_DDRM.trace(ofUsers) + CommonOps_DDRM.trace(ofItems));
    for (int user = 0; user < users.length; user++) {
      int[] chosen = interactions.items(user);
      for (int at = 0; at < chosen.length; at++) {
        double product = dot(users[user], items[chosen[at]]);
        double weight = 1 + alpha * interactions.counts(user)[at];
        loss += weight * (1 - product) * (1 - product) - product * product;
      }
    }
    return loss;
  }

  private static double dot(double[] one, double[] other) {
    double sum = 0;
    for (int at = 0; at < one.length; at++) {
      sum += one[at] * other[at];
    }
    return sum;
  }
}
