package dev.proffer.ranker.artifact;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.proffer.ranker.Calibration;
import dev.proffer.ranker.LinearScorer;
import dev.proffer.ranker.Scorer;
import dev.proffer.ranker.ServedModel;
import dev.proffer.ranker.TreeScorer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.Feature;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.sgd.linear.LinearSGDTrainer;
import org.tribuo.classification.sgd.objectives.LogMulticlass;
import org.tribuo.common.xgboost.XGBoostExternalModel;
import org.tribuo.impl.ArrayExample;
import org.tribuo.math.optimisers.AdaGrad;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.xgboost.XGBoostRegressionConverter;

class ModelArtifactTest {
  private static final String SHA = "c0ffee".repeat(10) + "0123";

  /** In an order that is not the alphabet's, which is the one Tribuo numbers features by. */
  private static final List<String> FEATURES = List.of("zeta", "alpha", "mid", "beta", "omega");

  private static final int WIDTH = FEATURES.size();
  private static final int ROWS = 600;

  @TempDir Path home;

  private final Random random = new Random(17);
  private final float[] rows = new float[ROWS * WIDTH];
  private final float[] labels = new float[ROWS];

  ModelArtifactTest() {
    for (int row = 0; row < ROWS; row++) {
      double sum = 0;
      for (int column = 0; column < WIDTH; column++) {
        float value = (float) random.nextGaussian();
        rows[row * WIDTH + column] =
            random.nextInt(6) == 0 && column != row % WIDTH ? Float.NaN : value;
        sum += column == 0 ? 2 * value : column == 3 ? -value * value : 0.1 * value;
      }
      labels[row] = sum + 0.3 * random.nextGaussian() > -0.5 ? 1 : 0;
    }
  }

  @Test
  void scoresTreesAsXGBoostDoes() throws Exception {
    Booster booster = booster("binary:logistic");
    ModelArtifact.write(
        home, manifest(FEATURES), imported(booster, FEATURES), Arrays.copyOf(rows, 64 * WIDTH));

    ServedModel model = ModelArtifact.read(home, SHA);

    assertThat(model.version()).isEqualTo("v1");
    assertThat(model.task()).isEqualTo("ranking");
    assertThat(model.contract()).isEqualTo("small");
    assertThat(model.contractSha()).isEqualTo(SHA);
    assertThat(model.calibration()).isEqualTo(new Calibration(1.5, -0.25));
    assertThat(model.scorer()).isInstanceOf(TreeScorer.class);
    float[] scores = new float[ROWS];
    model.scorer().score(rows, ROWS, scores);
    DMatrix matrix = new DMatrix(rows, ROWS, WIDTH, Float.NaN);
    float[][] margins = booster.predict(matrix, true);
    float[][] probabilities = booster.predict(matrix, false);
    for (int row = 0; row < ROWS; row++) {
      assertThat(scores[row]).as("row %d", row).isEqualTo(margins[row][0]);
      assertThat(Calibration.NONE.probability(scores[row]))
          .as("row %d", row)
          .isCloseTo(probabilities[row][0], within(1e-6f));
    }
    float[][] contributions = booster.predictContrib(matrix, 0);
    for (int row = 0; row < ROWS; row++) {
      float[] ours = new float[WIDTH];
      model.scorer().contribute(rows, row, ours);
      for (int column = 0; column < WIDTH; column++) {
        assertThat(ours[column])
            .as("row %d, %s", row, FEATURES.get(column))
            .isCloseTo(contributions[row][column], within(1e-5f));
      }
      assertThat(model.scorer().baseline()).isCloseTo(contributions[row][WIDTH], within(1e-5f));
    }
    matrix.dispose();
    explains(model.scorer());
  }

  @Test
  void scoresAContractThatHasMoreFeaturesThanTheModel() throws Exception {
    Booster booster = booster("binary:logistic");
    List<String> wider = List.of("extra", "omega", "zeta", "alpha", "more", "mid", "beta");
    float[] wide = new float[ROWS * wider.size()];
    for (int row = 0; row < ROWS; row++) {
      for (int column = 0; column < wider.size(); column++) {
        int from = FEATURES.indexOf(wider.get(column));
        wide[row * wider.size() + column] = from < 0 ? row : rows[row * WIDTH + from];
      }
    }
    ModelArtifact.write(
        home, manifest(wider), imported(booster, FEATURES), Arrays.copyOf(wide, 70));

    Scorer scorer = ModelArtifact.read(home, SHA).scorer();

    float[] scores = new float[ROWS];
    scorer.score(wide, ROWS, scores);
    DMatrix matrix = new DMatrix(rows, ROWS, WIDTH, Float.NaN);
    float[][] margins = booster.predict(matrix, true);
    for (int row = 0; row < ROWS; row++) {
      assertThat(scores[row]).as("row %d", row).isEqualTo(margins[row][0]);
    }
    matrix.dispose();
  }

  @Test
  void scoresLogisticRegressionAsTribuoDoes() throws Exception {
    Model<Label> tribuo = logistic();
    ModelArtifact.write(home, manifest(FEATURES), tribuo, Arrays.copyOf(rows, 64 * WIDTH));

    ServedModel model = ModelArtifact.read(home, SHA);

    assertThat(model.scorer()).isInstanceOf(LinearScorer.class);
    float[] scores = new float[ROWS];
    model.scorer().score(rows, ROWS, scores);
    for (int row = 0; row < ROWS; row++) {
      Label yes = requireNonNull(tribuo.predict(example(row)).getOutputScores().get("yes"));
      assertThat((double) Calibration.NONE.probability(scores[row]))
          .as("row %d", row)
          .isCloseTo(yes.getScore(), within(1e-6));
    }
    explains(model.scorer());
  }

  @Test
  void givesTheManifestAndTheFiguresBackAsTheyWere() throws Exception {
    ModelManifest manifest = manifest(FEATURES);
    ModelArtifact.write(home, manifest, logistic(), Arrays.copyOf(rows, WIDTH));
    assertThat(ModelArtifact.manifest(home)).isEqualTo(manifest);
    assertThat(Files.readString(home.resolve("manifest.json"))).contains("2026-01-02T03:04:05Z");
  }

  @Test
  void refusesAModelOfAnotherContract() throws Exception {
    writeLogistic();
    refused(
        "f".repeat(64),
        "was trained on contract small with hash c0ffeec0ffee; the running one has ffffffffffff");
  }

  @Test
  void refusesAModelThatIsNotThere() throws Exception {
    refused(SHA, "the manifest cannot be read");
    writeLogistic();
    Files.delete(home.resolve("model.tribuo"));
    refused(SHA, "version v1 cannot be read");
    writeLogistic();
    Files.delete(home.resolve("golden.bin"));
    refused(SHA, "version v1 cannot be read");
  }

  @Test
  void refusesAManifestThatIsBrokenOrNotWhole() throws Exception {
    writeLogistic();
    Path file = home.resolve("manifest.json");
    String manifest = Files.readString(file);
    for (String broken :
        List.of(
            "",
            "{",
            "[]",
            "{}",
            "null",
            manifest.replace("\"contractSha256\"", "\"other\""),
            manifest.replace("\"version\" : \"v1\"", "\"version\" : null"),
            manifest.replaceFirst("\"features\" : \\[[^]]*]", "\"features\" : []"),
            manifest.replaceFirst("\"features\" : \\[[^]]*]", "\"features\" : null"))) {
      Files.writeString(file, broken);
      refused(SHA, "the manifest cannot be read");
    }
    Files.writeString(file, manifest.replace("\"slope\" : 1.5", "\"slope\" : 0"));
    refused(SHA, "version v1 cannot be checked: slope=0.0");
  }

  @Test
  void refusesAModelFileThatIsCutShort() throws Exception {
    ModelArtifact.write(
        home,
        manifest(FEATURES),
        imported(booster("binary:logistic"), FEATURES),
        Arrays.copyOf(rows, 64 * WIDTH));
    Path file = home.resolve("model.tribuo");
    byte[] whole = Files.readAllBytes(file);
    for (int length : new int[] {0, 1, whole.length / 2, whole.length - 1}) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> ModelArtifact.read(home, SHA))
          .as("%d of %d bytes", length, whole.length)
          .isInstanceOf(ModelRefused.class);
    }
    Files.write(file, "not a model".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> ModelArtifact.read(home, SHA)).isInstanceOf(ModelRefused.class);
  }

  @Test
  void refusesAModelWithoutGoldenRowsToCheckItOn() throws Exception {
    writeLogistic();
    Files.write(home.resolve("golden.bin"), new byte[0]);
    refused(SHA, "version v1 has no golden rows");
    Files.write(home.resolve("golden.bin"), new byte[4 * WIDTH - 1]);
    refused(SHA, "version v1 has no golden rows");
  }

  @Test
  void refusesGoldenRowsThatTribuoCannotScore() throws Exception {
    float[] nothing = new float[WIDTH];
    Arrays.fill(nothing, Float.NaN);
    ModelArtifact.write(home, manifest(FEATURES), logistic(), nothing);
    refused(SHA, "version v1 cannot be checked");
  }

  /** What a bit flipped in the weights, or a scorer compiled for other columns, would come to. */
  @Test
  void refusesAModelWhoseScorerDisagreesWithTribuo() throws Exception {
    // On infinite values a weighted sum is no number, which agrees with nothing.
    float[] infinite = Arrays.copyOf(rows, WIDTH);
    Arrays.fill(infinite, Float.POSITIVE_INFINITY);
    ModelArtifact.write(home, manifest(FEATURES), logistic(), infinite);
    refused(SHA, "the compiled scorer says");
  }

  @Test
  void refusesAModelThatUsesAFeatureTheContractLacks() throws Exception {
    ModelArtifact.write(home, manifest(List.of("zeta", "alpha", "mid", "beta")), logistic(), rows);
    refused(SHA, "the model uses the feature omega, which the contract lacks");
  }

  @Test
  void refusesAModelOfSeveralScores() throws Exception {
    ModelArtifact.write(home, manifest(FEATURES), logistic("on", "off"), rows);
    refused(SHA, "version v1 gives 2 scores a row; expected 1");
    ModelArtifact.write(home, manifest(FEATURES), logistic("yes", "no", "maybe"), rows);
    refused(SHA, "version v1 gives 3 scores a row; expected 1");
  }

  private void explains(Scorer scorer) {
    float[] scores = new float[ROWS];
    scorer.score(rows, ROWS, scores);
    for (int row = 0; row < ROWS; row++) {
      float[] contributions = new float[scorer.width()];
      scorer.contribute(rows, row, contributions);
      double sum = scorer.baseline();
      for (float contribution : contributions) {
        sum += contribution;
      }
      assertThat(sum).as("row %d", row).isCloseTo(scores[row], within(1e-4));
    }
  }

  private void refused(String sha, String reason) {
    assertThatThrownBy(() -> ModelArtifact.read(home, sha))
        .isInstanceOf(ModelRefused.class)
        .hasMessageContaining(reason);
  }

  private void writeLogistic() throws IOException {
    ModelArtifact.write(home, manifest(FEATURES), logistic(), Arrays.copyOf(rows, 64 * WIDTH));
  }

  private Booster booster(String objective) throws XGBoostError {
    DMatrix matrix = new DMatrix(rows, ROWS, WIDTH, Float.NaN);
    matrix.setLabel(labels);
    Map<String, Object> parameters = new HashMap<>();
    parameters.put("objective", objective);
    parameters.put("max_depth", 5);
    parameters.put("eta", 0.3);
    parameters.put("seed", 3);
    parameters.put("nthread", 1);
    parameters.put("verbosity", 0);
    Booster booster = XGBoost.train(matrix, parameters, 25, new HashMap<>(), null, null);
    matrix.dispose();
    return booster;
  }

  private static Model<Regressor> imported(Booster booster, List<String> features) {
    Map<String, Integer> mapping = new HashMap<>();
    for (int column = 0; column < features.size(); column++) {
      mapping.put(features.get(column), column);
    }
    return XGBoostExternalModel.createXGBoostModel(
        new RegressionFactory(),
        mapping,
        Map.of(new Regressor("yes", Double.NaN), 0),
        new XGBoostRegressionConverter(),
        booster,
        Map.of());
  }

  private Model<Label> logistic() {
    return logistic("yes", "no");
  }

  private Model<Label> logistic(String yes, String... others) {
    LabelFactory factory = new LabelFactory();
    MutableDataset<Label> dataset =
        new MutableDataset<>(new SimpleDataSourceProvenance("test", factory), factory);
    for (int row = 0; row < ROWS; row++) {
      String label = labels[row] > 0 ? yes : others[row % others.length];
      ArrayExample<Label> example = new ArrayExample<>(new Label(label), features(row));
      dataset.add(example);
    }
    // Says nothing while it trains.
    return new LinearSGDTrainer(
            new LogMulticlass(), new AdaGrad(1.0, 0.1), 5, Integer.MAX_VALUE, 1, 12_345L)
        .train(dataset);
  }

  private ArrayExample<Label> example(int row) {
    return new ArrayExample<>(new Label("yes"), features(row));
  }

  private List<Feature> features(int row) {
    List<Feature> features = new ArrayList<>();
    for (int column = 0; column < WIDTH; column++) {
      if (!Float.isNaN(rows[row * WIDTH + column])) {
        features.add(new Feature(FEATURES.get(column), rows[row * WIDTH + column]));
      }
    }
    return features;
  }

  private static ModelManifest manifest(List<String> features) {
    return new ModelManifest(
        "v1",
        "ranking",
        "test",
        "small",
        SHA,
        features,
        List.of(),
        Instant.parse("2026-01-02T03:04:05Z"),
        Instant.parse("2026-01-03T00:00:00.123Z"),
        600,
        10,
        "log",
        "unknown",
        3,
        1.5,
        -0.25,
        "provenance",
        Map.of("rows", "600"));
  }
}
