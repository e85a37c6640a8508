package dev.proffer.ranker.artifact;

import dev.proffer.ranker.Scorer;
import java.util.ArrayList;
import java.util.List;
import org.tribuo.Example;
import org.tribuo.Feature;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.impl.ArrayExample;
import org.tribuo.regression.Regressor;

/**
 * Asks Tribuo's own {@code predict}: for models that no compiler knows, and what every compiled
 * scorer is held against. Copies every row into objects and may take milliseconds, so never on an
 * event loop. A missing value (NaN) is a feature that the example lacks. Thread-safe as far as the
 * model is.
 */
final class PredictingScorer<T extends Output<T>> implements Scorer {
  private final Model<T> model;
  private final List<String> features;
  private final List<String> labels = new ArrayList<>();
  private final int outputs;

  PredictingScorer(Model<T> model, List<String> features) {
    this.model = model;
    this.features = List.copyOf(features);
    int yes = TribuoCompiler.yes(model.getOutputIDInfo());
    int size = model.getOutputIDInfo().size();
    for (int id = 0; id < size; id++) {
      if (model.getOutputIDInfo().getOutput(id) instanceof Label label && (yes < 0 || yes == id)) {
        labels.add(label.getLabel());
      }
    }
    outputs = labels.isEmpty() ? size : labels.size();
  }

  @Override
  public void score(float[] rows, int count, float[] scores) {
    double[] predictions = predict(rows, count, false);
    for (int at = 0; at < predictions.length; at++) {
      scores[at] = (float) predictions[at];
    }
  }

  /**
   * What the model says, {@link #outputs} numbers a row.
   *
   * @param difference of two labels, what yes has more than no instead of what it has
   */
  double[] predict(float[] rows, int count, boolean difference) {
    List<Example<T>> examples = new ArrayList<>();
    T unknown = model.getOutputIDInfo().getDomain().iterator().next();
    int width = features.size();
    for (int row = 0; row < count; row++) {
      List<Feature> values = new ArrayList<>(width);
      for (int column = 0; column < width; column++) {
        float value = rows[row * width + column];
        if (!Float.isNaN(value)) {
          values.add(new Feature(features.get(column), value));
        }
      }
      examples.add(new ArrayExample<>(unknown, values));
    }
    double[] predictions = new double[count * outputs];
    int at = 0;
    for (Prediction<T> prediction : model.predict(examples)) {
      if (prediction.getOutput() instanceof Regressor regressor) {
        for (double value : regressor.getValues()) {
          predictions[at++] = value;
        }
        continue;
      }
      for (String label : labels) {
        predictions[at] = score(prediction, label);
        if (difference) {
          for (String other : prediction.getOutputScores().keySet()) {
            predictions[at] -= other.equals(label) ? 0 : score(prediction, other);
          }
        }
        at++;
      }
    }
    return predictions;
  }

  private double score(Prediction<T> prediction, String label) {
    return prediction.getOutputScores().get(label) instanceof Label score
        ? score.getScore()
        : Double.NaN;
  }

  @Override
  public void contribute(float[] rows, int row, float[] contributions) {
    throw new UnsupportedOperationException(
        "what features contribute to a " + model.getClass().getSimpleName() + " is not known");
  }

  @Override
  public float baseline() {
    throw new UnsupportedOperationException(
        "what features contribute to a " + model.getClass().getSimpleName() + " is not known");
  }

  @Override
  public int width() {
    return features.size();
  }

  @Override
  public int outputs() {
    return outputs;
  }

  @Override
  public boolean isCompiled() {
    return false;
  }
}
