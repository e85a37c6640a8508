package dev.proffer.perf;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.proffer.perf.jmh.ScorerModels;
import dev.proffer.perf.jmh.ScorersBenchmark;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import ml.dmlc.xgboost4j.java.XGBoostError;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

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

  @Spec private CommandSpec spec = CommandSpec.create();

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

  @Option(names = "--json", paramLabel = "FILE", description = "Writes all figures.")
  private @Nullable Path jsonFile;

  @Option(
      names = "--quick",
      description = "Few sizes and short iterations, to see that it works; no figures to keep.")
  private boolean quick;

  /** Median, least and greatest of the iterations, in µs a request, and bytes allocated. */
  private record Figure(double micros, double least, double greatest, double bytes) {}

  @Override
  public Integer call() throws IOException, RunnerException, XGBoostError {
    Machine machine = Machine.look();
    String began = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    String commit = System.getProperty("proffer.commit", "unknown");
    double load = Machine.load();
    say(
        String.format(
            Locale.ROOT,
            "%s, %d cores, %s; commit %s, %s; load average %.2f before the start",
            machine.processor(),
            machine.cores(),
            machine.jdk(),
            commit,
            began,
            load));
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
    if (jsonFile != null) {
      write(jsonFile, machine, began, commit, load, figures);
    }
    return 0;
  }

  private Map<Integer, Map<String, Figure>> run(Path models, int number, List<Integer> measuredRows)
      throws RunnerException {
    OptionsBuilder options = new OptionsBuilder();
    options
        .include(ScorersBenchmark.class.getName() + "\\.")
        .param("trees", String.valueOf(number))
        .param("count", measuredRows.stream().map(String::valueOf).toArray(String[]::new))
        .param("who", WHO.toArray(new String[0]))
        .forks(forks)
        .addProfiler(GCProfiler.class)
        .jvmArgsAppend("-D" + ScorersBenchmark.MODELS + "=" + models, "-Xmx1g")
        .shouldFailOnError(true)
        .verbosity(VerboseMode.SILENT);
    if (quick) {
      options.warmupTime(TimeValue.milliseconds(20)).measurementTime(TimeValue.milliseconds(20));
    }
    Map<Integer, Map<String, Figure>> figures = new LinkedHashMap<>();
    for (RunResult result : new Runner(options.build()).run()) {
      BenchmarkParams params = result.getParams();
      Result<?> time = result.getPrimaryResult();
      Result<?> allocated = result.getSecondaryResults().get("gc.alloc.rate.norm");
      figures
          .computeIfAbsent(
              Integer.valueOf(params.getParam("count")), count -> new LinkedHashMap<>())
          .put(
              params.getParam("who"),
              new Figure(
                  time.getStatistics().getPercentile(50),
                  time.getStatistics().getMin(),
                  time.getStatistics().getMax(),
                  allocated == null ? Double.NaN : allocated.getScore()));
    }
    return figures;
  }

  private void table(int number, Map<Integer, Map<String, Figure>> figures) {
    say("");
    say(
        number == 0
            ? "A linear model"
            : number + " trees of depth 6 (aim: 0.5 µs a row at 100 trees, three times naive)");
    say(
        String.format(
            Locale.ROOT,
            "%6s  %-14s %12s %12s %21s %10s %10s",
            "rows",
            "who",
            "µs a request",
            "µs a row",
            "least-greatest a row",
            "B a row",
            "times ours"));
    figures.forEach(
        (count, byWho) -> {
          Figure ours = byWho.get(OURS);
          byWho.forEach(
              (who, figure) ->
                  say(
                      String.format(
                          Locale.ROOT,
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
                              : String.format(
                                  Locale.ROOT, "%.2f", figure.micros() / ours.micros()))));
        });
  }

  private void write(
      Path file,
      Machine machine,
      String began,
      String commit,
      double load,
      Map<Integer, Map<Integer, Map<String, Figure>>> figures)
      throws IOException {
    JsonMapper mapper = new JsonMapper();
    ObjectNode json = mapper.createObjectNode();
    json.put("measured_at", began);
    json.put("commit", commit);
    machine.write(json.putObject("machine"));
    json.put("load_average_before", load);
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
                          one.put("micros", figure.micros());
                          one.put("micros_least", figure.least());
                          one.put("micros_greatest", figure.greatest());
                          one.put("bytes", figure.bytes());
                        })));
    mapper.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), json);
    say("written to " + file);
  }

  private void say(String line) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(line);
    out.flush();
  }
}
