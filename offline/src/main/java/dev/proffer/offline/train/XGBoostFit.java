package dev.proffer.offline.train;

import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.StringProvenance;
import dev.proffer.ranker.ModelsSpec;
import dev.proffer.ranker.Scorer;
import dev.proffer.ranker.artifact.ModelArtifact;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleConsumer;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;
import org.tribuo.Model;
import org.tribuo.common.xgboost.XGBoostExternalModel;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.xgboost.XGBoostRegressionConverter;

/**
 * Boosted trees, with a logistic loss or as LambdaMART, fitted by XGBoost on the flat rows and
 * imported into Tribuo. Tribuo's own XGBoost trainers know {@code multi:softprob} (two trees a
 * round for a yes or no) and squared error only, and copy every row into objects
 * (docs/decisions/0005).
 */
public final class XGBoostFit {
  /** What is made small, or raised. */
  public enum Objective {
    /** The logistic loss of each row. */
    LOGISTIC("binary:logistic", false),
    /** The squared error of each row. */
    SQUARED("reg:squarederror", false),
    /** NDCG within each group of rows: LambdaMART. */
    NDCG("rank:ndcg", true),
    /** The order of each pair of rows within a group. */
    PAIRWISE("rank:pairwise", true);

    private final String name;
    private final boolean ranks;

    Objective(String name, boolean ranks) {
      this.name = name;
      this.ranks = ranks;
    }

    /** Whether rows are compared within groups and their labels are grades. */
    public boolean ranks() {
      return ranks;
    }
  }

  private XGBoostFit() {}

  /** Fits, and compiles what was fitted. */
  public static Scorer scorer(
      Rows rows, List<String> features, ModelsSpec.Trees trees, long seed, Objective objective) {
    return ModelArtifact.compile(
        fit(rows, features, trees, seed, objective, share -> {}), features);
  }

  /**
   * Fits.
   *
   * @param progress told the share done, 0 to 1
   */
  static Model<Regressor> fit(
      Rows rows,
      List<String> features,
      ModelsSpec.Trees trees,
      long seed,
      Objective objective,
      DoubleConsumer progress) {
    Map<String, Object> parameters = parameters(trees, seed, objective);
    try {
      DMatrix matrix = new DMatrix(rows.values(), rows.count(), rows.width(), Float.NaN);
      matrix.setLabel(rows.labels());
      if (objective.ranks) {
        matrix.setGroup(rows.groups());
        if (rows.groupsWeigh()) {
          matrix.setWeight(rows.groupWeights()); // a weight is a group's here
        }
      } else {
        matrix.setWeight(rows.weights());
      }
      Booster booster = XGBoost.train(matrix, parameters, 1, new HashMap<>(), null, null);
      for (int round = 1; round < trees.rounds(); round++) {
        booster.update(matrix, round);
        progress.accept((double) round / trees.rounds());
      }
      matrix.dispose();
      Map<String, Integer> mapping = new HashMap<>();
      for (int column = 0; column < features.size(); column++) {
        mapping.put(features.get(column), column);
      }
      Map<String, Provenance> provenance =
          Map.of("parameters", new StringProvenance("parameters", parameters.toString()));
      return XGBoostExternalModel.createXGBoostModel(
          new RegressionFactory(),
          mapping,
          Map.of(new Regressor("yes", Double.NaN), 0),
          new XGBoostRegressionConverter(),
          booster,
          provenance);
    } catch (XGBoostError e) {
      throw new IllegalStateException("XGBoost cannot train: " + e.getMessage(), e);
    }
  }

  /** XGBoost's parameters by name. */
  private static Map<String, Object> parameters(
      ModelsSpec.Trees trees, long seed, Objective objective) {
    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put("objective", objective.name);
    parameters.put("tree_method", "hist");
    parameters.put("max_bin", 128);
    parameters.put("max_depth", trees.maxDepth());
    parameters.put("eta", trees.learningRate());
    parameters.put("min_child_weight", trees.minChildWeight());
    parameters.put("subsample", trees.subsample());
    parameters.put("colsample_bytree", trees.columnSample());
    parameters.put("lambda", trees.lambda());
    parameters.put("gamma", trees.gamma());
    parameters.put("seed", seed);
    parameters.put("nthread", Runtime.getRuntime().availableProcessors());
    parameters.put("verbosity", 0);
    return parameters;
  }
}
