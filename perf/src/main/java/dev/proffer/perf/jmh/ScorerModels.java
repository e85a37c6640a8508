package dev.proffer.perf.jmh;

import ai.onnx.proto.OnnxMl;
import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;
import org.tribuo.Feature;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.sgd.linear.LinearSGDTrainer;
import org.tribuo.classification.sgd.objectives.LogMulticlass;
import org.tribuo.common.xgboost.XGBoostExternalModel;
import org.tribuo.impl.ArrayExample;
import org.tribuo.math.la.DenseMatrix;
import org.tribuo.math.optimisers.AdaGrad;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.xgboost.XGBoostRegressionConverter;

/**
 * The models that the scorers are measured on: trained once on made-up rows, written in the forms
 * that each contender reads. A twentieth of the values is missing.
 */
public final class ScorerModels {
  /** Features a row. */
  public static final int WIDTH = 40;

  static final int DEPTH = 6;
  private static final int ROWS = 20_000;
  private static final int OPSET = 13;

  private ScorerModels() {}

  /** Features, by name. */
  static List<String> features() {
    List<String> features = new ArrayList<>();
    for (int column = 0; column < WIDTH; column++) {
      features.add("f" + column);
    }
    return features;
  }

  /** Rows as the models were trained on. */
  static float[] rows(int count, long seed) {
    Random random = new Random(seed);
    float[] rows = new float[count * WIDTH];
    for (int at = 0; at < rows.length; at++) {
      rows[at] = random.nextInt(20) == 0 ? Float.NaN : (float) random.nextGaussian();
    }
    return rows;
  }

  private static float[] labels(float[] rows) {
    Random random = new Random(11);
    float[] labels = new float[rows.length / WIDTH];
    for (int row = 0; row < labels.length; row++) {
      double sum = random.nextGaussian();
      for (int column = 0; column < WIDTH; column++) {
        double value = rows[row * WIDTH + column];
        if (!Double.isNaN(value)) {
          sum += Math.sin(value * (1 + column % 5)) * (column % 7 - 3) * 0.3;
        }
      }
      labels[row] = sum > 0 ? 1 : 0;
    }
    return labels;
  }

  /** Trains one model of boosted trees and writes it: for 0 trees a linear one. */
  public static void write(Path directory, int trees) throws IOException, XGBoostError {
    float[] rows = rows(ROWS, 1);
    float[] labels = labels(rows);
    if (trees == 0) {
      Model<Label> linear = linear(rows, labels);
      linear.serializeToFile(tribuo(directory, 0));
      Files.write(onnx(directory, 0), linearOnnx(linear).toByteArray());
      return;
    }
    DMatrix matrix = new DMatrix(rows, ROWS, WIDTH, Float.NaN);
    matrix.setLabel(labels);
    Map<String, Object> parameters = new HashMap<>();
    parameters.put("objective", "binary:logistic");
    parameters.put("max_depth", DEPTH);
    parameters.put("eta", 0.1);
    parameters.put("tree_method", "hist");
    parameters.put("verbosity", 0);
    parameters.put("seed", 5);
    Booster booster = XGBoost.train(matrix, parameters, trees, new HashMap<>(), null, null);
    matrix.dispose();
    booster.saveModel(booster(directory, trees).toString());
    Map<String, Integer> mapping = new HashMap<>();
    for (int column = 0; column < WIDTH; column++) {
      mapping.put("f" + column, column);
    }
    XGBoostExternalModel.createXGBoostModel(
            new RegressionFactory(),
            mapping,
            Map.of(new Regressor("yes", Double.NaN), 0),
            new XGBoostRegressionConverter(),
            booster,
            Map.of())
        .serializeToFile(tribuo(directory, trees));
    Files.write(
        onnx(directory, trees),
        treesOnnx(NaiveTrees.read(booster(directory, trees))).toByteArray());
  }

  static Path booster(Path directory, int trees) {
    return directory.resolve("booster-" + trees + ".json");
  }

  static Path tribuo(Path directory, int trees) {
    return directory.resolve("model-" + trees + ".tribuo");
  }

  static Path onnx(Path directory, int trees) {
    return directory.resolve("model-" + trees + ".onnx");
  }

  private static Model<Label> linear(float[] rows, float[] labels) {
    LabelFactory factory = new LabelFactory();
    MutableDataset<Label> dataset =
        new MutableDataset<>(new SimpleDataSourceProvenance("made up", factory), factory);
    for (int row = 0; row < 2_000; row++) {
      dataset.add(
          new ArrayExample<>(new Label(labels[row] > 0 ? "yes" : "no"), features(rows, row)));
    }
    return new LinearSGDTrainer(
            new LogMulticlass(), new AdaGrad(0.1, 0.1), 2, Integer.MAX_VALUE, 1, 12_345L)
        .train(dataset);
  }

  /** A row as Tribuo takes it. */
  static List<Feature> features(float[] rows, int row) {
    List<Feature> features = new ArrayList<>();
    for (int column = 0; column < WIDTH; column++) {
      float value = rows[row * WIDTH + column];
      if (!Float.isNaN(value)) {
        features.add(new Feature("f" + column, value));
      }
    }
    return features;
  }

  /** The linear model's weights, yes less no, in the order of the rows, the intercept last. */
  static float[] weights(Model<?> model) {
    if (!(model instanceof org.tribuo.classification.sgd.linear.LinearSGDModel linear)) {
      throw new IllegalArgumentException("a linear model is expected");
    }
    DenseMatrix weights = linear.getWeightsCopy();
    int yes = linear.getOutputIDInfo().getID(new Label("yes"));
    float[] byColumn = new float[WIDTH + 1];
    for (int column = 0; column <= WIDTH; column++) {
      int id = column == WIDTH ? WIDTH : linear.getFeatureIDMap().getID("f" + column);
      byColumn[column] = (float) (weights.get(yes, id) - weights.get(1 - yes, id));
    }
    return byColumn;
  }

  private static OnnxMl.ModelProto linearOnnx(Model<Label> linear) {
    float[] weights = weights(linear);
    List<Float> coefficients = new ArrayList<>();
    for (int column = 0; column < WIDTH; column++) {
      coefficients.add(weights[column]);
    }
    return model(
        OnnxMl.NodeProto.newBuilder()
            .setOpType("LinearRegressor")
            .addAttribute(floats("coefficients", coefficients))
            .addAttribute(floats("intercepts", List.of(weights[WIDTH])))
            .addAttribute(number("targets", 1)));
  }

  private static OnnxMl.ModelProto treesOnnx(JsonNode trees) {
    List<Long> tree = new ArrayList<>();
    List<Long> node = new ArrayList<>();
    List<Long> feature = new ArrayList<>();
    List<Float> value = new ArrayList<>();
    List<String> mode = new ArrayList<>();
    List<Long> below = new ArrayList<>();
    List<Long> other = new ArrayList<>();
    List<Long> missing = new ArrayList<>();
    List<Long> leafTree = new ArrayList<>();
    List<Long> leafNode = new ArrayList<>();
    List<Long> leafTarget = new ArrayList<>();
    List<Float> leafWeight = new ArrayList<>();
    for (int t = 0; t < trees.size(); t++) {
      JsonNode of = trees.path(t);
      for (int n = 0; n < of.path("left_children").size(); n++) {
        int left = of.path("left_children").path(n).asInt();
        float at = (float) of.path("split_conditions").path(n).asDouble();
        tree.add((long) t);
        node.add((long) n);
        mode.add(left < 0 ? "LEAF" : "BRANCH_LT");
        feature.add(left < 0 ? 0 : of.path("split_indices").path(n).asLong());
        value.add(left < 0 ? 0 : at);
        below.add(left < 0 ? 0L : left);
        other.add(left < 0 ? 0 : of.path("right_children").path(n).asLong());
        missing.add(left < 0 ? 0 : of.path("default_left").path(n).asLong());
        if (left < 0) {
          leafTree.add((long) t);
          leafNode.add((long) n);
          leafTarget.add(0L);
          leafWeight.add(at);
        }
      }
    }
    return model(
        OnnxMl.NodeProto.newBuilder()
            .setOpType("TreeEnsembleRegressor")
            .addAttribute(numbers("nodes_treeids", tree))
            .addAttribute(numbers("nodes_nodeids", node))
            .addAttribute(numbers("nodes_featureids", feature))
            .addAttribute(floats("nodes_values", value))
            .addAttribute(texts("nodes_modes", mode))
            .addAttribute(numbers("nodes_truenodeids", below))
            .addAttribute(numbers("nodes_falsenodeids", other))
            .addAttribute(numbers("nodes_missing_value_tracks_true", missing))
            .addAttribute(numbers("target_treeids", leafTree))
            .addAttribute(numbers("target_nodeids", leafNode))
            .addAttribute(numbers("target_ids", leafTarget))
            .addAttribute(floats("target_weights", leafWeight))
            .addAttribute(number("n_targets", 1)));
  }

  private static OnnxMl.ModelProto model(OnnxMl.NodeProto.Builder node) {
    return OnnxMl.ModelProto.newBuilder()
        .setIrVersion(7)
        .setProducerName("proffer")
        .addOpsetImport(OnnxMl.OperatorSetIdProto.newBuilder().setVersion(OPSET))
        .addOpsetImport(
            OnnxMl.OperatorSetIdProto.newBuilder().setDomain("ai.onnx.ml").setVersion(1))
        .setGraph(
            OnnxMl.GraphProto.newBuilder()
                .setName("scorer")
                .addNode(node.setDomain("ai.onnx.ml").addInput("rows").addOutput("scores"))
                .addInput(value("rows", WIDTH))
                .addOutput(value("scores", 1)))
        .build();
  }

  private static OnnxMl.ValueInfoProto value(String name, int width) {
    return OnnxMl.ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            OnnxMl.TypeProto.newBuilder()
                .setTensorType(
                    OnnxMl.TypeProto.Tensor.newBuilder()
                        .setElemType(OnnxMl.TensorProto.DataType.FLOAT.getNumber())
                        .setShape(
                            OnnxMl.TensorShapeProto.newBuilder()
                                .addDim(
                                    OnnxMl.TensorShapeProto.Dimension.newBuilder()
                                        .setDimParam("count"))
                                .addDim(
                                    OnnxMl.TensorShapeProto.Dimension.newBuilder()
                                        .setDimValue(width)))))
        .build();
  }

  private static OnnxMl.AttributeProto number(String name, long value) {
    return OnnxMl.AttributeProto.newBuilder()
        .setName(name)
        .setType(OnnxMl.AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  private static OnnxMl.AttributeProto numbers(String name, List<Long> values) {
    return OnnxMl.AttributeProto.newBuilder()
        .setName(name)
        .setType(OnnxMl.AttributeProto.AttributeType.INTS)
        .addAllInts(values)
        .build();
  }

  private static OnnxMl.AttributeProto floats(String name, List<Float> values) {
    return OnnxMl.AttributeProto.newBuilder()
        .setName(name)
        .setType(OnnxMl.AttributeProto.AttributeType.FLOATS)
        .addAllFloats(values)
        .build();
  }

  private static OnnxMl.AttributeProto texts(String name, List<String> values) {
    OnnxMl.AttributeProto.Builder builder =
        OnnxMl.AttributeProto.newBuilder()
            .setName(name)
            .setType(OnnxMl.AttributeProto.AttributeType.STRINGS);
    values.forEach(value -> builder.addStrings(ByteString.copyFromUtf8(value)));
    return builder.build();
  }
}
