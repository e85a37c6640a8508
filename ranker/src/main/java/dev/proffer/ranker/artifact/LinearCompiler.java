package dev.proffer.ranker.artifact;

import de.bwaldvogel.liblinear.Model;
import de.bwaldvogel.liblinear.SolverType;
import dev.proffer.ranker.FactorizationScorer;
import dev.proffer.ranker.LinearScorer;
import dev.proffer.ranker.Scorer;
import java.util.ArrayList;
import java.util.List;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.Output;
import org.tribuo.classification.Label;
import org.tribuo.classification.liblinear.LibLinearClassificationModel;
import org.tribuo.classification.sgd.fm.FMClassificationModel;
import org.tribuo.common.sgd.AbstractLinearSGDModel;
import org.tribuo.math.la.DenseMatrix;
import org.tribuo.math.la.DenseVector;
import org.tribuo.math.la.Tensor;
import org.tribuo.regression.liblinear.LibLinearRegressionModel;

/**
 * Compiles weighted sums: Tribuo's own by stochastic gradient descent, LibLinear's, and
 * factorization machines. Two labels become one score, that of yes less that of no.
 */
final class LinearCompiler {
  private LinearCompiler() {}

  static Compiled sgd(AbstractLinearSGDModel<?> model, TribuoCompiler.Columns columns)
      throws ModelRefused {
    DenseMatrix weights = model.getWeightsCopy();
    int outputs = weights.getDimension1Size();
    double[][] rows = new double[outputs][columns.count() + 1];
    for (int output = 0; output < outputs; output++) {
      for (int id = 0; id <= columns.count(); id++) {
        rows[output][id] = weights.get(output, id);
      }
    }
    boolean labels = model.getOutputIDInfo().getOutput(0) instanceof Label;
    if (!labels) {
      TribuoCompiler.oneDimension(outputs);
      return new Compiled(scorer(rows[0], columns), Link.IDENTITY);
    }
    return compiled(
        rows,
        model.getOutputIDInfo(),
        columns,
        model.generatesProbabilities() ? Link.LOGISTIC : Link.DIFFERENCE,
        model.generatesProbabilities() ? Link.SOFTMAX : Link.IDENTITY);
  }

  static Compiled libLinear(LibLinearClassificationModel model, TribuoCompiler.Columns columns)
      throws ModelRefused {
    Model inner = model.getInnerModels().get(0);
    int[] labels = inner.getLabels();
    int outputs = model.getOutputIDInfo().size();
    if (labels.length != outputs) {
      throw new TribuoCompiler.NotCompiled("labels that no row had");
    }
    // LibLinear keeps one sum for two labels, for and against the first; else one a label.
    boolean two = labels.length == 2 && inner.getSolverType() != SolverType.MCSVM_CS;
    double[] weights = inner.getFeatureWeights();
    int stride = two ? 1 : labels.length;
    double[][] rows = new double[outputs][columns.count() + 1];
    for (int label = 0; label < labels.length; label++) {
      for (int id = 0; id <= columns.count(); id++) {
        double weight = two ? weights[id] : weights[id * stride + label];
        // Half of it for, half against: their difference is the decision value.
        boolean halves = two && inner.isProbabilityModel();
        double share = two && label == 1 ? -1 : 1;
        rows[labels[label]][id] = weight * share * (halves ? 0.5 : 1);
      }
    }
    Link several = two ? Link.SOFTMAX : Link.LOGISTIC_SHARES;
    return compiled(
        rows,
        model.getOutputIDInfo(),
        columns,
        inner.isProbabilityModel() ? Link.LOGISTIC : Link.DIFFERENCE,
        inner.isProbabilityModel() ? several : Link.IDENTITY);
  }

  static Compiled libLinear(LibLinearRegressionModel model, TribuoCompiler.Columns columns)
      throws ModelRefused {
    TribuoCompiler.oneDimension(model.getInnerModels().size());
    Model inner = model.getInnerModels().get(0);
    return new Compiled(scorer(inner.getFeatureWeights(), columns), Link.IDENTITY);
  }

  static Compiled factorization(FMClassificationModel model, TribuoCompiler.Columns columns)
      throws ModelRefused {
    int yes = TribuoCompiler.yes(model.getOutputIDInfo());
    if (yes < 0 || !model.generatesProbabilities()) {
      throw new TribuoCompiler.NotCompiled("factors of anything but yes and no");
    }
    DenseMatrix weights = model.getLinearWeightsCopy();
    DenseVector biases = model.getBiasesCopy();
    Tensor[] factors = model.getFactorsCopy();
    double[] linear = new double[columns.count() + 1];
    for (int id = 0; id < columns.count(); id++) {
      linear[id] = weights.get(yes, id) - weights.get(1 - yes, id);
    }
    linear[columns.count()] = biases.get(yes) - biases.get(1 - yes);
    return new Compiled(
        new FactorizationScorer(
            byColumn(linear, columns),
            linear[columns.count()],
            byColumn((DenseMatrix) factors[yes], columns),
            byColumn((DenseMatrix) factors[1 - yes], columns)),
        Link.LOGISTIC);
  }

  private static <T extends Output<T>> Compiled compiled(
      double[][] rows,
      ImmutableOutputInfo<T> labels,
      TribuoCompiler.Columns columns,
      Link two,
      Link several)
      throws ModelRefused {
    int yes = TribuoCompiler.yes(labels);
    if (yes >= 0) {
      double[] difference = new double[rows[0].length];
      for (int id = 0; id < difference.length; id++) {
        difference[id] = rows[yes][id] - rows[1 - yes][id];
      }
      return new Compiled(scorer(difference, columns), two);
    }
    List<Scorer> outputs = new ArrayList<>();
    for (double[] row : rows) {
      outputs.add(scorer(row, columns));
    }
    return Compiled.of(outputs, several);
  }

  /** A scorer of weights by Tribuo's numbers, the intercept last. */
  private static LinearScorer scorer(double[] weights, TribuoCompiler.Columns columns) {
    return new LinearScorer(byColumn(weights, columns), weights[columns.count()]);
  }

  private static double[] byColumn(double[] weights, TribuoCompiler.Columns columns) {
    double[] byColumn = new double[columns.width()];
    for (int id = 0; id < columns.count(); id++) {
      byColumn[columns.of(id)] = weights[id];
    }
    return byColumn;
  }

  private static double[][] byColumn(DenseMatrix factors, TribuoCompiler.Columns columns) {
    double[][] byColumn = new double[factors.getDimension1Size()][columns.width()];
    for (int factor = 0; factor < byColumn.length; factor++) {
      for (int id = 0; id < columns.count(); id++) {
        byColumn[factor][columns.of(id)] = factors.get(factor, id);
      }
    }
    return byColumn;
  }
}
