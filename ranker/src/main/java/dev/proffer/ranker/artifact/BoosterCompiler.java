package dev.proffer.ranker.artifact;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.proffer.ranker.Scorer;
import dev.proffer.ranker.TreeScorer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;
import org.tribuo.Model;
import org.tribuo.classification.Label;
import org.tribuo.common.xgboost.XGBoostExternalModel;
import org.tribuo.common.xgboost.XGBoostModel;
import org.tribuo.common.xgboost.protos.XGBoostExternalModelProto;

/**
 * Compiles XGBoost's boosters, imported into Tribuo or trained by it, from XGBoost's own JSON. A
 * score is a margin; two labels that XGBoost keeps apart ({@code multi:softprob}) become one score,
 * that of yes less that of no.
 */
final class BoosterCompiler {
  private static final JsonMapper JSON = new JsonMapper();

  private BoosterCompiler() {}

  static Compiled external(XGBoostExternalModel<?> model, TribuoCompiler.Columns columns)
      throws IOException, XGBoostError, ModelRefused {
    XGBoostExternalModelProto proto =
        model.serialize().getSerializedData().unpack(XGBoostExternalModelProto.class);
    // The booster numbers its features as it was trained; Tribuo numbers them by name.
    int[] numbers = new int[columns.count()];
    for (int id = 0; id < numbers.length; id++) {
      numbers[proto.getForwardFeatureMapping(id)] = columns.of(id);
    }
    Booster booster = XGBoost.loadModel(new ByteArrayInputStream(proto.getModel().toByteArray()));
    try {
      return compiled(booster, numbers, model, columns.width());
    } finally {
      booster.dispose();
    }
  }

  static Compiled trained(XGBoostModel<?> model, TribuoCompiler.Columns columns)
      throws IOException, XGBoostError, ModelRefused {
    TribuoCompiler.oneDimension(model.getInnerModels().size());
    int[] numbers = new int[columns.count()];
    for (int id = 0; id < numbers.length; id++) {
      numbers[id] = columns.of(id);
    }
    return compiled(model.getInnerModels().get(0), numbers, model, columns.width());
  }

  private static Compiled compiled(Booster booster, int[] columns, Model<?> model, int width)
      throws IOException, XGBoostError, ModelRefused {
    JsonNode learner = JSON.readTree(booster.toByteArray("json")).path("learner");
    JsonNode gradient = learner.path("gradient_booster");
    String objective = learner.path("objective").path("name").asText();
    if (!gradient.path("name").asText().equals("gbtree")) {
      throw new TribuoCompiler.NotCompiled("a booster " + gradient.path("name").asText());
    }
    float base = Float.parseFloat(learner.path("learner_model_param").path("base_score").asText());
    JsonNode trees = gradient.path("model").path("trees");
    JsonNode groups = gradient.path("model").path("tree_info");
    return switch (objective) {
      case "binary:logistic", "reg:logistic" ->
          new Compiled(
              scorer(trees, groups, 0, columns, width, (float) -Math.log(1f / base - 1f)),
              Link.LOGISTIC);
      case "reg:squarederror", "rank:ndcg", "rank:pairwise", "rank:map", "binary:logitraw" ->
          new Compiled(scorer(trees, groups, 0, columns, width, base), Link.IDENTITY);
      case "multi:softprob" -> labels(trees, groups, columns, width, base, model);
      default -> throw new TribuoCompiler.NotCompiled("the objective " + objective);
    };
  }

  private static Compiled labels(
      JsonNode trees, JsonNode groups, int[] columns, int width, float base, Model<?> model)
      throws ModelRefused {
    if (!(model.getOutputIDInfo().getOutput(0) instanceof Label)) {
      throw new TribuoCompiler.NotCompiled("labels that are no labels");
    }
    int yes = TribuoCompiler.yes(model.getOutputIDInfo());
    if (yes >= 0) {
      List<TreeScorer.Node> roots = new ArrayList<>();
      for (int tree = 0; tree < trees.size(); tree++) {
        float sign = groups.path(tree).asInt() == yes ? 1 : -1;
        roots.add(node(trees.path(tree), 0, columns, sign));
      }
      return new Compiled(new TreeScorer(width, roots, 0), Link.LOGISTIC);
    }
    List<Scorer> scorers = new ArrayList<>();
    for (int output = 0; output < model.getOutputIDInfo().size(); output++) {
      scorers.add(scorer(trees, groups, output, columns, width, base));
    }
    return Compiled.of(scorers, Link.SOFTMAX);
  }

  private static TreeScorer scorer(
      JsonNode trees, JsonNode groups, int group, int[] columns, int width, float base)
      throws ModelRefused {
    List<TreeScorer.Node> roots = new ArrayList<>();
    for (int tree = 0; tree < trees.size(); tree++) {
      if (groups.path(tree).asInt() == group) {
        roots.add(node(trees.path(tree), 0, columns, 1));
      }
    }
    return new TreeScorer(width, roots, base);
  }

  private static TreeScorer.Node node(JsonNode tree, int at, int[] columns, float sign)
      throws ModelRefused {
    if (!tree.path("left_children").has(at)) {
      throw new ModelRefused("a tree that leads to node " + at + ", which it lacks");
    }
    int left = tree.path("left_children").path(at).asInt();
    int right = tree.path("right_children").path(at).asInt();
    float value = Float.parseFloat(tree.path("split_conditions").path(at).asText());
    double cover = tree.path("sum_hessian").path(at).asDouble();
    if (left < 0) {
      return TreeScorer.Node.leaf(sign * value, cover);
    }
    int feature = tree.path("split_indices").path(at).asInt();
    if (feature < 0 || feature >= columns.length) {
      throw new ModelRefused(
          "a split on feature " + feature + ", expected one of 0 to " + (columns.length - 1));
    }
    if (tree.path("split_type").path(at).asInt() != 0) {
      throw new TribuoCompiler.NotCompiled("splits by category");
    }
    if (left <= at || right <= at) {
      throw new ModelRefused("a tree that leads back from node " + at);
    }
    return new TreeScorer.Node(
        columns[feature],
        value,
        tree.path("default_left").path(at).asInt() != 0,
        node(tree, left, columns, sign),
        node(tree, right, columns, sign),
        0,
        cover);
  }
}
