package dev.proffer.ranker;

import dev.proffer.configs.ConfigFile;
import dev.proffer.configs.Problems;
import dev.proffer.configs.Section;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tasks that models answer, how each is trained, and which gates a challenger must pass; read
 * from {@code models.yaml}. Offline trains by it, the gateway answers {@code /predict} by it.
 *
 * @param tasks by name, in file order
 * @param attributionMinutes a click without a request_id is joined to what its user was shown
 *     within this time before it
 * @param holdoutShare the share of the events, up to the last, that a retrain judges challenger and
 *     champion on
 * @param minNewTargets how many labels must have come since the champion was trained before a
 *     retrain may replace it
 * @param registry where versions are kept
 * @param mlflow who else hears of them
 */
public record ModelsSpec(
    Map<String, Task> tasks,
    int attributionMinutes,
    double holdoutShare,
    int minNewTargets,
    RegistrySpec registry,
    MlflowSpec mlflow) {
  /** The file's name below the configuration directory. */
  public static final String FILE = "models.yaml";

  /** The task that ranks; every other one is answered by {@code /predict}. */
  public static final String RANKING = "ranking";

  public ModelsSpec {
    tasks = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(tasks));
  }

  /** The same with the versions in the home. */
  public ModelsSpec inHome() {
    return new ModelsSpec(
        tasks, attributionMinutes, holdoutShare, minNewTargets, RegistrySpec.HOME, mlflow);
  }

  /** What is learned. */
  public enum Label {
    /** Which item is chosen next; one row a candidate. */
    NEXT_ITEM,
    /** Whether the session ends with this event; one row an event. */
    SESSION_ENDS
  }

  /** What learns it. */
  public enum Trainer {
    /** Boosted trees with a logistic loss, by XGBoost, imported into Tribuo. */
    XGBOOST,
    /**
     * LambdaMART: boosted trees that raise NDCG within each request's candidates, by XGBoost's
     * {@code rank:ndcg} (Burges, "From RankNet to LambdaRank to LambdaMART", 2010).
     */
    LAMBDAMART,
    /** Logistic regression by Tribuo's stochastic gradient descent. */
    LOGISTIC
  }

  /**
   * One task.
   *
   * @param prior the probability that is answered when no model can
   * @param burnInShare the share of the events, from the first on, that only fill the statistics
   * @param calibrationShare the share of the events, up to the last, that the calibration is fitted
   *     on
   * @param negatives how many items that were not chosen are sampled for each one that was
   * @param positionBias what is done about slots that are looked at less than others
   */
  public record Task(
      String name,
      String contract,
      Label label,
      double prior,
      Trainer trainer,
      Trees trees,
      Logistic logistic,
      double burnInShare,
      double calibrationShare,
      int negatives,
      PositionBias positionBias,
      long seed,
      List<Gate> gates) {
    public Task {
      gates = List.copyOf(gates);
    }
  }

  /**
   * What is done about slots that are looked at less than others: a choice from a slot that is
   * looked at half as often weighs twice (Joachims, Swaminathan and Schnabel, WSDM 2017).
   *
   * @param corrects whether choices are weighted at all
   * @param examination how often each slot is looked at, the first one first, in any unit; a slot
   *     beyond the last is looked at as often as that; empty to be estimated from the slots that
   *     exploration filled
   * @param mostWeight the most that a choice may weigh beside one from the first slot
   */
  public record PositionBias(boolean corrects, List<Double> examination, double mostWeight) {
    /** Every choice weighs the same. */
    public static final PositionBias UNCORRECTED = new PositionBias(false, List.of(), 1);

    public PositionBias {
      examination = List.copyOf(examination);
    }

    private enum Correct {
      NONE,
      IPW
    }

    private static PositionBias read(Section section) {
      boolean corrects = section.oneOf("correct", Correct.class, Correct.NONE) == Correct.IPW;
      List<Double> examination = new ArrayList<>();
      for (String text : section.texts("examination")) {
        try {
          double share = Double.parseDouble(text);
          if (share > 0 && share <= MOST_EXAMINATION) {
            examination.add(share);
            continue;
          }
        } catch (NumberFormatException e) {
          // Refused below.
        }
        section.refuse(
            "examination", "\"" + text + "\" is not a number above 0, up to " + MOST_EXAMINATION);
      }
      double most = section.number("most-weight", 20, 1, 1e6);
      section.done();
      return new PositionBias(corrects, examination, most);
    }

    private static final int MOST_EXAMINATION = 1_000_000;
  }

  /** Parameters of boosted trees; the names are XGBoost's. */
  public record Trees(
      int rounds,
      int maxDepth,
      double learningRate,
      double minChildWeight,
      double subsample,
      double columnSample,
      double lambda,
      double gamma) {}

  /** Parameters of logistic regression by AdaGrad. */
  public record Logistic(int epochs, double learningRate) {}

  /**
   * A condition on a challenger's figure.
   *
   * @param metric the figure's name in the evaluation
   * @param atLeast the least value allowed; null for none
   * @param atMost the greatest value allowed; null for none
   * @param maxLoss how much worse than the champion it may be, on the same events; null for any
   */
  public record Gate(
      String metric, @Nullable Double atLeast, @Nullable Double atMost, @Nullable Double maxLoss) {}

  /** Reads the file below {@code configDir}; mistakes go to {@code problems}. */
  public static ModelsSpec read(Path configDir, Problems problems) {
    Section root = ConfigFile.read(configDir.resolve(FILE), problems);
    int attribution = root.integer("attribution-minutes", 30, 1, 1_000_000);
    double holdout = root.number("holdout-share", 0.1, 0.01, 0.5);
    int minNew = root.integer("min-new-targets", 50, 1, 1_000_000);
    Map<String, Task> tasks = new LinkedHashMap<>();
    Section declared = root.section("tasks");
    declared.named().forEach((name, section) -> tasks.put(name, task(name, section)));
    if (!tasks.containsKey(RANKING)) {
      root.refuse("tasks", "the task \"" + RANKING + "\" must be declared");
    }
    RegistrySpec registry = RegistrySpec.read(root.section("registry"), System.getenv());
    MlflowSpec mlflow = MlflowSpec.read(root.section("mlflow"));
    root.done();
    return new ModelsSpec(tasks, attribution, holdout, minNew, registry, mlflow);
  }

  private static Task task(String name, Section section) {
    Section trees = section.section("trees");
    Section logistic = section.section("logistic");
    List<Gate> gates = new ArrayList<>();
    for (Section gate : section.sections("gates")) {
      gates.add(
          new Gate(
              gate.text("metric"),
              bound(gate, "at-least"),
              bound(gate, "at-most"),
              bound(gate, "max-loss")));
      if (!gate.has("at-least") && !gate.has("at-most") && !gate.has("max-loss")) {
        gate.refuse("metric", "has no bound; expected at-least, at-most or max-loss");
      }
      gate.done();
    }
    Task task =
        new Task(
            name,
            section.text("contract"),
            section.oneOf("label", Label.class, Label.NEXT_ITEM),
            section.number("prior", 0.5, 0, 1),
            section.oneOf("trainer", Trainer.class, Trainer.XGBOOST),
            new Trees(
                trees.integer("rounds", 100, 1, 5_000),
                trees.integer("max-depth", 6, 1, TreeScorer.MAX_DEPTH),
                trees.number("learning-rate", 0.1, 0.0001, 1),
                trees.number("min-child-weight", 1, 0, 1e6),
                trees.number("subsample", 1, 0.01, 1),
                trees.number("column-sample", 1, 0.01, 1),
                trees.number("lambda", 1, 0, 1e6),
                trees.number("gamma", 0, 0, 1e6)),
            new Logistic(
                logistic.integer("epochs", 5, 1, 1_000),
                logistic.number("learning-rate", 0.1, 1e-6, 10)),
            section.number("burn-in-share", 0.1, 0, 0.99),
            section.number("calibration-share", 0.1, 0.001, 0.5),
            section.integer("negatives", 20, 1, 1_000),
            PositionBias.read(section.section("position-bias")),
            section.integer("seed", 1L, 0, Long.MAX_VALUE),
            gates);
    if (task.burnInShare() + task.calibrationShare() >= 1) {
      section.refuse(
          "burn-in-share",
          task.burnInShare()
              + " leaves nothing to learn from before the last "
              + task.calibrationShare()
              + "; expected less than 1 - calibration-share");
    }
    if (task.trainer() == Trainer.LAMBDAMART && task.label() != Label.NEXT_ITEM) {
      section.refuse("trainer", "is \"lambdamart\", which needs label: next-item to rank within");
    }
    if (task.positionBias().corrects() && task.label() != Label.NEXT_ITEM) {
      section.refuse("position-bias", "needs label: next-item, whose rows were shown in slots");
    }
    trees.done();
    logistic.done();
    section.done();
    return task;
  }

  private static @Nullable Double bound(Section gate, String key) {
    double bound = gate.number(key, Double.NaN, -1e9, 1e9);
    return Double.isNaN(bound) ? null : bound;
  }
}
