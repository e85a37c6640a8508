package dev.proffer.perf;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.proffer.perf.JmhRun.Figure;
import dev.proffer.perf.jmh.ScorerModels;
import dev.proffer.perf.jmh.ScorersBenchmark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import ml.dmlc.xgboost4j.java.XGBoostError;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code proffer bench scorers}: what scoring a request's rows costs, beside other libraries. */
@Command(
    name = "scorers",
    description = {
      "Measures scorers, side by side, all on the same models.",
      "Boosted trees of depth 6 and a linear model over 40 features: ours, the plain arrays that are",
      "written first, ONNX Runtime, XGBoost4J and Tribuo's predict (JMH, a fork each, one thread, with",
      "-prof gc; every contender is held against ours first); and what the contributions of the same",
      "rows cost. Takes about seven minutes."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class ScorersCommand implements Callable<Integer> {
  private static final String OURS = "ours";
  private static final List<String> WHO =
      List.of(OURS, "naive", "onnx", "xgboost", "tribuo", "contributions");

  @Mixin private Report report = new Report();

  @Option(
      names = "--trees",
      split = ",",
      paramLabel = "N",
      description = "How many trees; 0 for a linear model.")
  private List<Integer> trees = List.of(0, 50, 100, 300);

  @Option(names = "--rows", split = ",", paramLabel = "N", description = "Rows a request.")
  private List<Integer> rows = List.of(1, 20, 100, 200, 1_000);

  @Option(names = "--forks", paramLabel = "N", description = "JVMs for each figure.")
  private int forks = 1;

  @Option(
      names = "--quick",
      description = "Few sizes and short iterations, to see that it works; no figures to keep.")
  private boolean quick;

  @Override
  public Integer call() throws IOException, RunnerException, XGBoostError {
    report.begin(Machine.look());
    List<Integer> measuredTrees = quick ? List.of(50) : trees;
    List<Integer> measuredRows = quick ? List.of(20) : rows;
    Map<Integer, Map<Integer, Map<String, Figure>>> figures = new LinkedHashMap<>();
    try (Resources resources = new Resources()) {
      Path models = resources.directory();
      for (int number : measuredTrees) {
        ScorerModels.write(models, number);
      }
      for (int number : measuredTrees) {
        Map<Integer, Map<String, Figure>> ofTrees = run(models, number, measuredRows);
        figures.put(number, ofTrees);
        table(number, ofTrees);
      }
    }
    write(figures);
    return 0;
  }

  private Map<Integer, Map<String, Figure>> run(Path models, int number, List<Integer> measuredRows)
      throws RunnerException {
    OptionsBuilder options = JmhRun.options(ScorersBenchmark.class, quick);
    options
        .param("trees", String.valueOf(number))
        .param("count", measuredRows.stream().map(String::valueOf).toArray(String[]::new))
        .param("who", who(number).toArray(new String[0]))
        .forks(forks)
        .jvmArgsAppend("-D" + ScorersBenchmark.MODELS + "=" + models, "-Xmx1g");
    Map<Integer, Map<String, Figure>> figures = new LinkedHashMap<>();
    for (RunResult result : new Runner(options.build()).run()) {
      BenchmarkParams params = result.getParams();
      figures
          .computeIfAbsent(
              Integer.valueOf(params.getParam("count")), count -> new LinkedHashMap<>())
          .put(params.getParam("who"), Figure.of(result));
    }
    return figures;
  }

  /** Who can score; XGBoost keeps no linear model of ours. */
  private static List<String> who(int number) {
    return number > 0 ? WHO : WHO.stream().filter(who -> !who.equals("xgboost")).toList();
  }

  private void table(int number, Map<Integer, Map<String, Figure>> figures) {
    report.say("");
    report.say(
        number == 0
            ? "A linear model"
            : number + " trees of depth 6 (aim: 0.5 µs a row at 100 trees, three times naive)");
    report.say(
        "%6s  %-14s %12s %12s %21s %10s %10s",
        "rows", "who", "µs a request", "µs a row", "least-greatest a row", "B a row", "times ours");
    figures.forEach(
        (count, byWho) -> {
          Figure ours = byWho.get(OURS);
          byWho.forEach(
              (who, figure) ->
                  report.say(
                      "%6d  %-14s %12.2f %12.3f %21s %10.1f %10s",
                      count,
                      who,
                      figure.micros(),
                      figure.micros() / count,
                      String.format(
                          Locale.ROOT,
                          "%.3f-%.3f",
                          figure.least() / count,
                          figure.greatest() / count),
                      figure.bytes() / count,
                      ours == null
                          ? ""
                          : String.format(Locale.ROOT, "%.2f", figure.micros() / ours.micros())));
        });
  }

  private void write(Map<Integer, Map<Integer, Map<String, Figure>>> figures) throws IOException {
    ObjectNode json = report.json();
    json.put("features", ScorerModels.WIDTH);
    ArrayNode all = json.putArray("figures");
    figures.forEach(
        (number, byCount) ->
            byCount.forEach(
                (count, byWho) ->
                    byWho.forEach(
                        (who, figure) -> {
                          ObjectNode one = all.addObject();
                          one.put("trees", number);
                          one.put("rows", count);
                          one.put("who", who);
                          figure.write(one);
                        })));
    report.write();
  }
}
