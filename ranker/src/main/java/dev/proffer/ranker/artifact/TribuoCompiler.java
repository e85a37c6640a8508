package dev.proffer.ranker.artifact;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.proffer.ranker.LinearScorer;
import dev.proffer.ranker.Scorer;
import dev.proffer.ranker.TreeScorer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.Model;
import org.tribuo.VariableIDInfo;
import org.tribuo.classification.Label;
import org.tribuo.classification.sgd.linear.LinearSGDModel;
import org.tribuo.common.xgboost.XGBoostExternalModel;
import org.tribuo.common.xgboost.protos.XGBoostExternalModelProto;
import org.tribuo.math.la.DenseMatrix;

/**
 * Turns a Tribuo model into a {@link Scorer} over rows of a contract. Knows XGBoost boosters with
 * one margin ({@code binary:logistic}, {@code rank:*}, {@code reg:*}) imported into Tribuo, and
 * logistic regression with two labels.
 */
final class TribuoCompiler {
  /** The label of "yes" in a two-label model. */
  static final String YES = "yes";

  private static final JsonMapper JSON = new JsonMapper();

  private TribuoCompiler() {}

  /**
   * Compiles.
   *
   * @param features the contract's features in row order; the model's features are found by name
   * @throws ModelRefused when the model is of a kind or shape that is not known, or has a feature
   *     the contract lacks
   */
  static Scorer compile(Model<?> model, List<String> features) throws ModelRefused {
    int[] columns = columns(model.getFeatureIDMap(), features);
    try {
      if (model instanceof XGBoostExternalModel<?> external) {
        XGBoostExternalModelProto proto =
            external.serialize().getSerializedData().unpack(XGBoostExternalModelProto.class);
        // The booster numbers its features as it was trained; Tribuo numbers them by name.
        int[] boosterColumns = new int[columns.length];
        for (int id = 0; id < columns.length; id++) {
          boosterColumns[proto.getForwardFeatureMapping(id)] = columns[id];
        }
        byte[] booster = proto.getModel().toByteArray();
        return trees(
            XGBoost.loadModel(new ByteArrayInputStream(booster)), boosterColumns, features.size());
      }
      if (model instanceof LinearSGDModel linear) {
        return linear(linear, columns, features.size());
      }
    } catch (IOException | XGBoostError | RuntimeException e) {
      throw new ModelRefused("the model cannot be compiled: " + e.getMessage(), e);
    }
    throw new ModelRefused("no scorer is known for a " + model.getClass().getSimpleName());
  }

  private static int[] columns(ImmutableFeatureMap ids, List<String> features) throws ModelRefused {
    int[] columns = new int[ids.size()];
    for (int id = 0; id < columns.length; id++) {
      VariableIDInfo info = ids.get(id);
      columns[id] = features.indexOf(info.getName());
      if (columns[id] < 0) {
        throw new ModelRefused(
            "the model uses the feature " + info.getName() + ", which the contract lacks");
      }
    }
    return columns;
  }

  private static Scorer linear(LinearSGDModel model, int[] columns, int width) throws ModelRefused {
    DenseMatrix weights = model.getWeightsCopy();
    if (weights.getDimension1Size() != 2) {
      throw new ModelRefused(
          "a logistic model of " + weights.getDimension1Size() + " labels; expected 2");
    }
    int yes = model.getOutputIDInfo().getID(new Label(YES));
    if (yes < 0) {
      throw new ModelRefused("a logistic model without the label " + YES);
    }
    float[] byColumn = new float[width];
    for (int id = 0; id < columns.length; id++) {
      byColumn[columns[id]] = (float) (weights.get(yes, id) - weights.get(1 - yes, id));
    }
    int bias = columns.length;
    return new LinearScorer(
        byColumn, (float) (weights.get(yes, bias) - weights.get(1 - yes, bias)));
  }

  private static Scorer trees(Booster booster, int[] columns, int width)
      throws XGBoostError, IOException, ModelRefused {
    List<TreeScorer.Node> roots = new ArrayList<>();
    for (String tree : booster.getModelDump((String) null, true, "json")) {
      roots.add(node(JSON.readTree(tree), columns));
    }
    booster.dispose();
    return new TreeScorer(width, roots, 0f);
  }

  private static TreeScorer.Node node(JsonNode node, int[] columns) throws ModelRefused {
    double cover = node.path("cover").asDouble();
    JsonNode leaf = node.get("leaf");
    if (leaf != null) {
      return TreeScorer.Node.leaf(Float.parseFloat(leaf.asText()), cover);
    }
    String split = node.path("split").asText();
    if (!split.matches("f\\d{1,6}") || Integer.parseInt(split.substring(1)) >= columns.length) {
      throw new ModelRefused(
          "a split on \"" + split + "\", expected one of f0 to f" + (columns.length - 1));
    }
    int yes = node.path("yes").asInt();
    boolean firstIsYes = node.path("children").path(0).path("nodeid").asInt() == yes;
    return new TreeScorer.Node(
        columns[Integer.parseInt(split.substring(1))],
        Float.parseFloat(node.path("split_condition").asText()),
        node.path("missing").asInt() == yes,
        node(node.path("children").path(firstIsYes ? 0 : 1), columns),
        node(node.path("children").path(firstIsYes ? 1 : 0), columns),
        0,
        cover);
  }
}
