package dev.proffer.offline.train;

import dev.proffer.ranker.ModelsSpec;
import java.util.ArrayList;
import java.util.List;
import org.tribuo.Feature;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.sgd.linear.LinearSGDTrainer;
import org.tribuo.classification.sgd.objectives.LogMulticlass;
import org.tribuo.impl.ArrayExample;
import org.tribuo.math.optimisers.AdaGrad;
import org.tribuo.provenance.SimpleDataSourceProvenance;

/**
 * Logistic regression by Tribuo's stochastic gradient descent with AdaGrad. A missing value counts
 * as 0, as it does when the model scores.
 */
final class LogisticFit {
  private static final Label YES = new Label("yes");
  private static final Label NO = new Label("no");
  private static final int LOG_EVERY = 1_000_000_000;

  private LogisticFit() {}

  static Model<Label> fit(
      Rows rows, List<String> features, ModelsSpec.Logistic parameters, long seed) {
    LabelFactory factory = new LabelFactory();
    MutableDataset<Label> dataset =
        new MutableDataset<>(new SimpleDataSourceProvenance("rows of the log", factory), factory);
    for (int row = 0; row < rows.count(); row++) {
      List<Feature> values = new ArrayList<>(features.size());
      for (int column = 0; column < features.size(); column++) {
        float value = rows.value(row, column);
        // Tribuo cannot add the gradients of rows with and without missing values in one batch.
        values.add(new Feature(features.get(column), Float.isNaN(value) ? 0 : value));
      }
      ArrayExample<Label> example = new ArrayExample<>(rows.label(row) ? YES : NO, values);
      example.setWeight(rows.weight(row));
      dataset.add(example);
    }
    return new LinearSGDTrainer(
            new LogMulticlass(),
            new AdaGrad(parameters.learningRate(), 0.1),
            parameters.epochs(),
            LOG_EVERY,
            32,
            seed)
        .train(dataset);
  }
}
