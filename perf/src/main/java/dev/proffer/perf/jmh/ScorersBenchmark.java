package dev.proffer.perf.jmh;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.proffer.ranker.Scorer;
import dev.proffer.ranker.artifact.ModelArtifact;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.impl.ArrayExample;

/**
 * Scoring the rows of one request: {@code ./proffer bench scorers}. Every contender reads the same
 * model and is held against ours on the first request. Of many requests one after another each has
 * other rows, since rows that come again teach the processor's branch prediction.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 150, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class ScorersBenchmark {
  /** The system property that says where the models are. */
  public static final String MODELS = "proffer.bench.models";

  private static final int POOL_ROWS = 8_192;

  /** Who scores. */
  @Param({"ours", "naive", "onnx", "xgboost", "tribuo", "contributions"})
  public String who = "ours";

  /** How many trees; 0 for a linear model. */
  @Param({"0", "50", "100", "300"})
  public int trees;

  /** How many rows a request has. */
  @Param({"1", "20", "100", "200", "1000"})
  public int count;

  private interface Contender {
    void score(float[] rows, float[] scores) throws OrtException, XGBoostError;
  }

  private float[][] requests = {};
  private float[] scores = {};
  private @Nullable Contender contender;
  private int next;

  /** Loads the models. */
  @Setup
  public void load() throws IOException, XGBoostError, OrtException {
    Path directory = Path.of(Objects.requireNonNull(System.getProperty(MODELS)));
    float[] pool = ScorerModels.rows(POOL_ROWS, 99);
    int width = count * ScorerModels.WIDTH;
    requests = new float[POOL_ROWS / count][];
    for (int request = 0; request < requests.length; request++) {
      requests[request] = Arrays.copyOfRange(pool, request * width, (request + 1) * width);
    }
    scores = new float[count];
    Model<?> model = Model.deserializeFromFile(ScorerModels.tribuo(directory, trees));
    Scorer scorer = ModelArtifact.compile(model, ScorerModels.features());
    contender =
        switch (who) {
          case "ours" -> (rows, into) -> scorer.score(rows, count, into);
          case "contributions" -> contributions(scorer);
          case "naive" -> naive(directory, model);
          case "onnx" -> onnx(directory);
          case "xgboost" -> xgboost(directory);
          case "tribuo" -> tribuo(model);
          default -> throw new IllegalArgumentException(who);
        };
    if (!who.equals("contributions")) {
      check(scorer);
    }
  }

  private void check(Scorer scorer) throws OrtException, XGBoostError {
    float[] expected = new float[count];
    scorer.score(requests[0], count, expected);
    score();
    for (int row = 0; row < count; row++) {
      double ours = who.equals("tribuo") ? 1 / (1 + Math.exp(-expected[row])) : expected[row];
      if (!(Math.abs(ours - scores[row]) <= 1e-4)) {
        throw new IllegalStateException(
            who + " says " + scores[row] + " of row " + row + ", ours " + ours);
      }
    }
    next = 0;
  }

  private Contender contributions(Scorer scorer) {
    float[] contributions = new float[ScorerModels.WIDTH];
    return (rows, into) -> {
      for (int row = 0; row < count; row++) {
        Arrays.fill(contributions, 0);
        scorer.contribute(rows, row, contributions);
        into[row] = contributions[0];
      }
    };
  }

  private Contender naive(Path directory, Model<?> model) throws IOException {
    if (trees > 0) {
      NaiveTrees naive = new NaiveTrees(NaiveTrees.read(ScorerModels.booster(directory, trees)));
      return (rows, into) -> naive.score(rows, count, ScorerModels.WIDTH, into);
    }
    float[] weights = ScorerModels.weights(model);
    return (rows, into) -> {
      for (int row = 0; row < count; row++) {
        float sum = weights[ScorerModels.WIDTH];
        for (int column = 0; column < ScorerModels.WIDTH; column++) {
          float value = rows[row * ScorerModels.WIDTH + column];
          sum += Float.isNaN(value) ? 0 : weights[column] * value;
        }
        into[row] = sum;
      }
    };
  }

  /** ONNX Runtime on one thread, over a buffer that is kept; linear models take 0 for missing. */
  private Contender onnx(Path directory) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(1);
    options.setInterOpNumThreads(1);
    OrtSession session =
        environment.createSession(ScorerModels.onnx(directory, trees).toString(), options);
    FloatBuffer buffer =
        ByteBuffer.allocateDirect(4 * count * ScorerModels.WIDTH)
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    long[] shape = {count, ScorerModels.WIDTH};
    return (rows, into) -> {
      buffer.clear();
      if (trees > 0) {
        buffer.put(rows);
      } else {
        for (float value : rows) {
          buffer.put(Float.isNaN(value) ? 0 : value);
        }
      }
      buffer.flip();
      try (OnnxTensor tensor = OnnxTensor.createTensor(environment, buffer, shape);
          OrtSession.Result result = session.run(Map.of("rows", tensor))) {
        ((OnnxTensor) result.get(0)).getFloatBuffer().get(into);
      }
    };
  }

  /** A matrix of its own for every request: this version has no prediction in place. */
  private Contender xgboost(Path directory) throws XGBoostError {
    Booster booster = XGBoost.loadModel(ScorerModels.booster(directory, trees).toString());
    booster.setParam("nthread", 1);
    return (rows, into) -> {
      DMatrix matrix = new DMatrix(rows, count, ScorerModels.WIDTH, Float.NaN);
      float[][] margins = booster.predict(matrix, true);
      matrix.dispose();
      for (int row = 0; row < count; row++) {
        into[row] = margins[row][0];
      }
    };
  }

  /** Tribuo's own predict over the rows as one list; examples are made anew, as rows are. */
  private <T extends Output<T>> Contender tribuo(Model<T> model) {
    T unknown = model.getOutputIDInfo().getDomain().iterator().next();
    return (rows, into) -> {
      List<Example<T>> examples = new ArrayList<>(count);
      for (int row = 0; row < count; row++) {
        examples.add(new ArrayExample<>(unknown, ScorerModels.features(rows, row)));
      }
      int row = 0;
      for (var prediction : model.predict(examples)) {
        into[row++] =
            prediction.getOutput() instanceof org.tribuo.regression.Regressor regressor
                ? (float) regressor.getValues()[0]
                : yes(prediction);
      }
    };
  }

  private static float yes(org.tribuo.Prediction<?> prediction) {
    return prediction.getOutputScores().get("yes") instanceof org.tribuo.classification.Label label
        ? (float) label.getScore()
        : Float.NaN;
  }

  /** One request. */
  @Benchmark
  public float[] score() throws OrtException, XGBoostError {
    Objects.requireNonNull(contender).score(requests[next], scores);
    next = next + 1 < requests.length ? next + 1 : 0;
    return scores;
  }
}
