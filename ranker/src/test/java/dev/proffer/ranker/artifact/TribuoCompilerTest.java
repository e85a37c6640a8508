package dev.proffer.ranker.artifact;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.proffer.ranker.Scorer;
import java.io.ByteArrayOutputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntFunction;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.Feature;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Output;
import org.tribuo.OutputFactory;
import org.tribuo.Trainer;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.dtree.CARTClassificationTrainer;
import org.tribuo.classification.ensemble.FullyWeightedVotingCombiner;
import org.tribuo.classification.ensemble.VotingCombiner;
import org.tribuo.classification.liblinear.LibLinearClassificationTrainer;
import org.tribuo.classification.liblinear.LinearClassificationType;
import org.tribuo.classification.liblinear.LinearClassificationType.LinearType;
import org.tribuo.classification.sgd.fm.FMClassificationTrainer;
import org.tribuo.classification.sgd.linear.LinearSGDTrainer;
import org.tribuo.classification.sgd.objectives.Hinge;
import org.tribuo.classification.sgd.objectives.LogMulticlass;
import org.tribuo.classification.xgboost.XGBoostClassificationTrainer;
import org.tribuo.common.liblinear.protos.LibLinearModelProto;
import org.tribuo.common.tree.RandomForestTrainer;
import org.tribuo.common.xgboost.XGBoostExternalModel;
import org.tribuo.ensemble.EnsembleCombiner;
import org.tribuo.impl.ArrayExample;
import org.tribuo.math.optimisers.AdaGrad;
import org.tribuo.protos.core.ModelProto;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.ensemble.AveragingCombiner;
import org.tribuo.regression.liblinear.LibLinearRegressionTrainer;
import org.tribuo.regression.rtree.CARTRegressionTrainer;
import org.tribuo.regression.rtree.impurity.MeanSquaredError;
import org.tribuo.regression.sgd.objectives.SquaredLoss;
import org.tribuo.regression.xgboost.XGBoostRegressionConverter;
import org.tribuo.regression.xgboost.XGBoostRegressionTrainer;

/** Every kind of model, held against the library that trained it. */
class TribuoCompilerTest {
  /** In an order that is not the alphabet's, which is the one Tribuo numbers features by. */
  private static final List<String> FEATURES = List.of("zeta", "alpha", "mid", "beta", "omega");

  private static final int WIDTH = FEATURES.size();
  private static final int ROWS = 400;
  private static final int PROBES = 500;

  @TempDir Path home;

  private final Random random = new Random(5);
  private final float[] rows = new float[ROWS * WIDTH];
  private final float[] sums = new float[ROWS];

  TribuoCompilerTest() {
    for (int row = 0; row < ROWS; row++) {
      for (int column = 0; column < WIDTH; column++) {
        float value = random.nextInt(65) / 16f - 2;
        rows[row * WIDTH + column] =
            random.nextInt(6) == 0 && column != row % WIDTH ? Float.NaN : value;
        sums[row] += column == 0 ? 2 * value : column == 3 ? -value * value : 0.3f * value;
      }
      sums[row] += (float) (0.3 * random.nextGaussian());
    }
  }

  @Test
  void linearModels() throws Exception {
    for (boolean two : new boolean[] {true, false}) {
      agrees(
          labels(two, new LinearSGDTrainer(new LogMulticlass(), steps(), 5, 1 << 30, 1, 7)), 1e-6);
      agrees(labels(two, new LinearSGDTrainer(new Hinge(), steps(), 5, 1 << 30, 1, 7)), 1e-6);
      for (LinearType type :
          List.of(LinearType.L2R_LR, LinearType.L2R_L2LOSS_SVC_DUAL, LinearType.MCSVM_CS)) {
        agrees(
            labels(
                two,
                new LibLinearClassificationTrainer(new LinearClassificationType(type), 1, 0.1)),
            1e-6);
      }
    }
    agrees(
        numbers(
            new org.tribuo.regression.sgd.linear.LinearSGDTrainer(
                new SquaredLoss(), steps(), 5, 1 << 30, 1, 7)),
        1e-6);
    agrees(numbers(new LibLinearRegressionTrainer()), 1e-6);
  }

  @Test
  void factorizationMachines() throws Exception {
    Compiled compiled =
        agrees(
            labels(
                true,
                new FMClassificationTrainer(
                    new LogMulticlass(), steps(), 5, 1 << 30, 1, 7, 3, 0.3)),
            1e-6);
    sumsUp(compiled.scorer());
  }

  @Test
  void treesToTheBit() throws Exception {
    for (boolean two : new boolean[] {true, false}) {
      agrees(labels(two, new CARTClassificationTrainer(8)), 0);
    }
    agrees(numbers(new CARTRegressionTrainer(14)), 0);
  }

  @Test
  void forests() throws Exception {
    CARTClassificationTrainer tree =
        new CARTClassificationTrainer(
            6, 1, 0, 0.5f, false, new org.tribuo.classification.dtree.impurity.GiniIndex(), 3);
    for (EnsembleCombiner<Label> combiner :
        List.of(new VotingCombiner(), new FullyWeightedVotingCombiner())) {
      for (boolean two : new boolean[] {true, false}) {
        agrees(labels(two, new RandomForestTrainer<>(tree, combiner, 7, 3)), 1e-6);
      }
    }
    Compiled compiled =
        agrees(
            numbers(
                new RandomForestTrainer<>(
                    new CARTRegressionTrainer(6, 1, 0, 0.5f, new MeanSquaredError(), 3),
                    new AveragingCombiner(),
                    7,
                    3)),
            1e-6);
    sumsUp(compiled.scorer());
  }

  @Test
  void boostersThatTribuoTrains() throws Exception {
    for (boolean two : new boolean[] {true, false}) {
      agrees(labels(two, new XGBoostClassificationTrainer(6)), 1e-6);
    }
    agrees(
        numbers(new XGBoostRegressionTrainer(XGBoostRegressionTrainer.RegressionType.LINEAR, 6)),
        1e-6);
  }

  @Test
  void boostersThatAreImportedEqualTheirMarginsToTheBit() throws Exception {
    for (String objective :
        List.of("binary:logistic", "reg:squarederror", "rank:ndcg", "rank:pairwise")) {
      Booster booster = booster(objective);
      Compiled compiled = agrees(imported(booster), 1e-6);
      Scorer scorer = compiled.scorer();
      float[] probes = probes(false);
      float[] scores = new float[PROBES];
      scorer.score(probes, PROBES, scores);
      DMatrix matrix = new DMatrix(probes, PROBES, WIDTH, Float.NaN);
      float[][] margins = booster.predict(matrix, true);
      float[][] contributions = booster.predictContrib(matrix, 0);
      for (int row = 0; row < PROBES; row++) {
        assertThat(scores[row]).as("%s, row %d", objective, row).isEqualTo(margins[row][0]);
        float[] ours = new float[WIDTH];
        scorer.contribute(probes, row, ours);
        for (int column = 0; column < WIDTH; column++) {
          assertThat(ours[column])
              .as("%s, row %d, %s", objective, row, FEATURES.get(column))
              .isCloseTo(contributions[row][column], within(1e-5f));
        }
        assertThat(scorer.baseline()).isCloseTo(contributions[row][WIDTH], within(1e-5f));
      }
      matrix.dispose();
      // XGBoost takes no infinities; beyond every threshold they are like any large value.
      float[] infinite = probes.clone();
      float[] huge = probes.clone();
      for (int at = 0; at < probes.length; at += 3) {
        infinite[at] = at % 2 == 0 ? Float.POSITIVE_INFINITY : Float.NEGATIVE_INFINITY;
        huge[at] = at % 2 == 0 ? Float.MAX_VALUE : -Float.MAX_VALUE;
      }
      float[] other = new float[PROBES];
      scorer.score(infinite, PROBES, scores);
      scorer.score(huge, PROBES, other);
      assertThat(scores).as(objective).containsExactly(other);
    }
  }

  @Test
  void asksTribuoWhereNoScorerIsKnown() throws Exception {
    Model<Label> model =
        labels(
            false,
            new FMClassificationTrainer(new LogMulticlass(), steps(), 2, 1 << 30, 1, 7, 3, 0.3));
    Scorer scorer = TribuoCompiler.compile(model, FEATURES).scorer();
    assertThat(scorer.isCompiled()).isFalse();
    assertThat(scorer.outputs()).isEqualTo(3);
    assertThat(scorer.width()).isEqualTo(WIDTH);
    float[] scores = new float[3 * ROWS];
    scorer.score(rows, ROWS, scores);
    for (int row = 0; row < ROWS; row++) {
      Map<String, Label> expected = model.predict(example(new Label("a"), row)).getOutputScores();
      for (int label = 0; label < 3; label++) {
        String name = model.getOutputIDInfo().getOutput(label).getLabel();
        assertThat((double) scores[3 * row + label])
            .isCloseTo(requireNonNull(expected.get(name)).getScore(), within(1e-6));
      }
    }
    assertThatThrownBy(() -> scorer.contribute(rows, 0, new float[WIDTH]))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("FMClassificationModel");
    assertThat(
            TribuoCompiler.compile(imported(booster("count:poisson")), FEATURES)
                .scorer()
                .isCompiled())
        .isFalse();
  }

  @Test
  void aLibLinearModelThatHoldsAnotherClassIsRefusedUnread() throws Exception {
    ModelProto proto = labels(true, new LibLinearClassificationTrainer()).serialize();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(new ArrayList<>(List.of("anything")));
    }
    ModelProto forged =
        proto.toBuilder()
            .setSerializedData(
                Any.pack(
                    proto.getSerializedData().unpack(LibLinearModelProto.class).toBuilder()
                        .setModels(0, ByteString.copyFrom(bytes.toByteArray()))
                        .build()))
            .build();
    Path file = home.resolve("forged");
    Files.write(file, forged.toByteArray());
    assertThatThrownBy(() -> ModelFile.read(file))
        .isInstanceOf(ModelRefused.class)
        .hasMessageContaining("a LibLinear model that holds something else");
  }

  @Test
  void aThresholdBetweenTwoFloatsParts() {
    for (int seed = 0; seed < 1_000; seed++) {
      double at = random.nextGaussian() * Math.pow(10, random.nextInt(80) - 40);
      float above = TreeCompiler.above(at);
      assertThat((double) Math.nextDown(above)).isLessThanOrEqualTo(at);
      assertThat((double) above).isGreaterThan(at);
    }
    assertThat(TreeCompiler.above(1e300)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(TreeCompiler.above(0.5)).isEqualTo(Math.nextUp(0.5f));
  }

  /** Written, read, compiled, and asked the same as Tribuo. */
  private Compiled agrees(Model<?> trained, double tolerance) throws Exception {
    Path file = home.resolve("model");
    trained.serializeToFile(file);
    Model<?> model = ModelFile.read(file);
    String kind = model.getClass().getSimpleName();
    Compiled compiled = TribuoCompiler.compile(model, FEATURES);
    Scorer scorer = compiled.scorer();
    assertThat(scorer.isCompiled()).as(kind).isTrue();
    boolean exact = tolerance == 0;
    float[] probes = probes(exact);
    int outputs = scorer.outputs();
    float[] scores = new float[PROBES * outputs];
    scorer.score(probes, PROBES, scores);
    double[] expected =
        new PredictingScorer<>(model, FEATURES)
            .predict(probes, PROBES, compiled.link() == Link.DIFFERENCE);
    assertThat(expected).hasSize(scores.length);
    for (int at = 0; at < expected.length; at++) {
      double ours = compiled.link().apply(scores, at / outputs * outputs, outputs, at % outputs);
      assertThat(ours)
          .as("%s of %d outputs, number %d", kind, outputs, at)
          .isCloseTo(
              exact ? (float) expected[at] : expected[at],
              within(tolerance * Math.max(1, Math.abs(expected[at]))));
    }
    for (int output = 0; output < outputs; output++) {
      float[] one = new float[PROBES];
      scorer.output(output).score(probes, PROBES, one);
      for (int row = 0; row < PROBES; row++) {
        assertThat(one[row]).isEqualTo(scores[row * outputs + output]);
      }
    }
    return compiled;
  }

  private void sumsUp(Scorer scorer) {
    float[] scores = new float[ROWS];
    scorer.score(rows, ROWS, scores);
    for (int row = 0; row < ROWS; row++) {
      float[] contributions = new float[WIDTH];
      scorer.contribute(rows, row, contributions);
      double sum = scorer.baseline();
      for (float contribution : contributions) {
        sum += contribution;
      }
      assertThat(sum).as("row %d", row).isCloseTo(scores[row], within(1e-4));
    }
  }

  /** Rows on the grid that the training rows are on, beside it, far away and with gaps. */
  private float[] probes(boolean infinite) {
    float[] probes = new float[PROBES * WIDTH];
    for (int at = 0; at < probes.length; at++) {
      float place = random.nextInt(129) / 32f - 2;
      probes[at] =
          switch (random.nextInt(9)) {
            case 0 -> at / WIDTH % WIDTH == at % WIDTH ? 1 : Float.NaN;
            case 1 -> Math.nextUp(place);
            case 2 -> Math.nextDown(place);
            case 3 -> random.nextBoolean() ? -0f : 0f;
            case 4 -> infinite ? Float.POSITIVE_INFINITY : 100;
            case 5 -> infinite ? Float.NEGATIVE_INFINITY : -100;
            default -> place;
          };
    }
    return probes;
  }

  private static AdaGrad steps() {
    return new AdaGrad(0.3, 0.1);
  }

  private Model<Label> labels(boolean two, Trainer<Label> trainer) {
    return train(
        new LabelFactory(),
        trainer,
        row ->
            new Label(
                two
                    ? (sums[row] > -0.5 ? "yes" : "no")
                    : sums[row] > 0.5 ? "c" : sums[row] > -2 ? "a" : "b"));
  }

  private Model<Regressor> numbers(Trainer<Regressor> trainer) {
    return train(new RegressionFactory(), trainer, row -> new Regressor("value", sums[row]));
  }

  private <T extends Output<T>> Model<T> train(
      OutputFactory<T> factory, Trainer<T> trainer, IntFunction<T> output) {
    MutableDataset<T> dataset =
        new MutableDataset<>(new SimpleDataSourceProvenance("test", factory), factory);
    for (int row = 0; row < ROWS; row++) {
      dataset.add(example(output.apply(row), row));
    }
    return trainer.train(dataset);
  }

  private <T extends Output<T>> ArrayExample<T> example(T output, int row) {
    List<Feature> features = new ArrayList<>();
    for (int column = 0; column < WIDTH; column++) {
      if (!Float.isNaN(rows[row * WIDTH + column])) {
        features.add(new Feature(FEATURES.get(column), rows[row * WIDTH + column]));
      }
    }
    return new ArrayExample<>(output, features);
  }

  private Booster booster(String objective) throws XGBoostError {
    DMatrix matrix = new DMatrix(rows, ROWS, WIDTH, Float.NaN);
    float[] labels = new float[ROWS];
    for (int row = 0; row < ROWS; row++) {
      labels[row] = objective.startsWith("reg") ? sums[row] : sums[row] > -0.5 ? 1 : 0;
    }
    matrix.setLabel(labels);
    if (objective.startsWith("rank")) {
      int[] groups = new int[ROWS / 20];
      Arrays.fill(groups, 20);
      matrix.setGroup(groups);
    }
    Map<String, Object> parameters = new HashMap<>();
    parameters.put("objective", objective);
    parameters.put("max_depth", 5);
    parameters.put("tree_method", "hist");
    parameters.put("nthread", 1);
    parameters.put("verbosity", 0);
    Booster booster = XGBoost.train(matrix, parameters, 12, new HashMap<>(), null, null);
    matrix.dispose();
    return booster;
  }

  private static Model<Regressor> imported(Booster booster) {
    Map<String, Integer> mapping = new HashMap<>();
    for (int column = 0; column < WIDTH; column++) {
      mapping.put(FEATURES.get(column), column);
    }
    return XGBoostExternalModel.createXGBoostModel(
        new RegressionFactory(),
        mapping,
        Map.of(new Regressor("yes", Double.NaN), 0),
        new XGBoostRegressionConverter(),
        booster,
        Map.of());
  }
}
