package dev.proffer.ranker.artifact;

import dev.proffer.ranker.Scorer;
import java.io.IOException;
import java.util.List;
import ml.dmlc.xgboost4j.java.XGBoostError;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.VariableIDInfo;
import org.tribuo.classification.Label;
import org.tribuo.classification.liblinear.LibLinearClassificationModel;
import org.tribuo.classification.sgd.fm.FMClassificationModel;
import org.tribuo.common.sgd.AbstractLinearSGDModel;
import org.tribuo.common.tree.TreeModel;
import org.tribuo.common.xgboost.XGBoostExternalModel;
import org.tribuo.common.xgboost.XGBoostModel;
import org.tribuo.ensemble.WeightedEnsembleModel;
import org.tribuo.regression.liblinear.LibLinearRegressionModel;

/**
 * Turns a Tribuo model into a {@link Scorer} over rows of a contract: linear models and
 * factorization machines ({@link LinearCompiler}), CART trees and forests ({@link TreeCompiler}),
 * XGBoost's boosters ({@link BoosterCompiler}). Any other model is asked itself ({@link
 * PredictingScorer}).
 *
 * <p>A model of two labels of which one is yes has one score, one of other labels a score each in
 * the order of Tribuo's numbers, a regression one.
 */
final class TribuoCompiler {
  /** The label of "yes" in a two-label model. */
  static final String YES = "yes";

  private TribuoCompiler() {}

  /** A model of a known kind has something that no scorer knows. */
  static final class NotCompiled extends ModelRefused {
    private static final long serialVersionUID = 1L;

    NotCompiled(String what) {
      super("no scorer is known for " + what);
    }
  }

  /** Where Tribuo's features, by their numbers, lie in a row. */
  static final class Columns {
    private final int[] columns;
    private final int width;

    private Columns(int[] columns, int width) {
      this.columns = columns;
      this.width = width;
    }

    int count() {
      return columns.length;
    }

    int of(int id) {
      return columns[id];
    }

    int width() {
      return width;
    }
  }

  /**
   * Compiles.
   *
   * @param features the contract's features in row order; the model's features are found by name
   * @throws ModelRefused when the model is broken or has a feature the contract lacks
   */
  static Compiled compile(Model<?> model, List<String> features) throws ModelRefused {
    Columns columns = columns(model.getFeatureIDMap(), features);
    try {
      return compile(model, columns);
    } catch (NotCompiled e) {
      return new Compiled(new PredictingScorer<>(model, features), Link.IDENTITY);
    } catch (IOException | XGBoostError | RuntimeException e) {
      throw new ModelRefused("the model cannot be compiled: " + e.getMessage(), e);
    }
  }

  private static Compiled compile(Model<?> model, Columns columns)
      throws ModelRefused, IOException, XGBoostError {
    if (model instanceof XGBoostExternalModel<?> external) {
      return BoosterCompiler.external(external, columns);
    }
    if (model instanceof XGBoostModel<?> trained) {
      return BoosterCompiler.trained(trained, columns);
    }
    if (model instanceof AbstractLinearSGDModel<?> linear) {
      return LinearCompiler.sgd(linear, columns);
    }
    if (model instanceof LibLinearClassificationModel linear) {
      return LinearCompiler.libLinear(linear, columns);
    }
    if (model instanceof LibLinearRegressionModel linear) {
      return LinearCompiler.libLinear(linear, columns);
    }
    if (model instanceof FMClassificationModel machine) {
      return LinearCompiler.factorization(machine, columns);
    }
    if (model instanceof TreeModel<?> tree) {
      return TreeCompiler.tree(tree, columns);
    }
    if (model instanceof WeightedEnsembleModel<?> ensemble) {
      return TreeCompiler.ensemble(ensemble, columns);
    }
    throw new NotCompiled("a " + model.getClass().getSimpleName());
  }

  private static Columns columns(ImmutableFeatureMap ids, List<String> features)
      throws ModelRefused {
    int[] columns = new int[ids.size()];
    for (int id = 0; id < columns.length; id++) {
      VariableIDInfo info = ids.get(id);
      columns[id] = features.indexOf(info.getName());
      if (columns[id] < 0) {
        throw new ModelRefused(
            "the model uses the feature " + info.getName() + ", which the contract lacks");
      }
    }
    return new Columns(columns, features.size());
  }

  /** The number of yes among two labels; -1 when they are not two, or neither is yes. */
  static <T extends Output<T>> int yes(ImmutableOutputInfo<T> outputs) {
    for (int id = 0; outputs.size() == 2 && id < 2; id++) {
      if (outputs.getOutput(id) instanceof Label label && label.getLabel().equals(YES)) {
        return id;
      }
    }
    return -1;
  }

  /** Refuses to compile a regression of several numbers. */
  static void oneDimension(int dimensions) throws NotCompiled {
    if (dimensions != 1) {
      throw new NotCompiled("a regression of " + dimensions + " numbers");
    }
  }
}
