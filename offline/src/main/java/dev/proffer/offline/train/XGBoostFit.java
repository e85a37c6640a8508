package dev.proffer.offline.train;

import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.StringProvenance;
import dev.proffer.ranker.ModelsSpec;
import java.util.HashMap;
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
final class XGBoostFit {
  private XGBoostFit() {}

  /**
   * Fits.
   *
   * @param ranks whether to raise NDCG within each group of rows instead of the likelihood of each
   *     row
   */
  static Model<Regressor> fit(
      Rows rows,
      List<String> features,
      ModelsSpec.Trees trees,
      long seed,
      boolean ranks,
      DoubleConsumer progress) {
    Map<String, Object> parameters = ModelTraining.parameters(trees, seed, ranks);
    try {
      DMatrix matrix = new DMatrix(rows.values(), rows.count(), rows.width(), Float.NaN);
      matrix.setLabel(rows.labels());
      if (ranks) {
        // A weight would be a group's, and each choice counts alike.
        matrix.setGroup(rows.groups());
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
}
