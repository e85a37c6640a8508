package dev.proffer.perf;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.proffer.offline.Settings;
import dev.proffer.perf.JmhRun.Figure;
import dev.proffer.perf.jmh.SuggestPipelineBenchmark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code proffer bench pipeline}: the stages of a suggestion without HTTP, beside their budget. */
@Command(
    name = "pipeline",
    description = {
      "Measures the stages of a suggestion without HTTP.",
      "Time and allocation of each beside its budget (JMH, a fork each, with -prof gc). Works on a",
      "copy of the home. Takes about two minutes."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class PipelineCommand implements Callable<Integer> {
  @Mixin private Report report = new Report();

  @Option(names = "--home", paramLabel = "DIR", description = "A trained home; it is copied.")
  private Path home = Path.of("var");

  @Option(names = "--config", paramLabel = "DIR", description = "Holds the YAML files.")
  private Path config = Path.of("configs");

  @Option(
      names = "--quick",
      hidden = true,
      description = "Two short iterations, to see that it works; no figures to keep.")
  private boolean quick;

  private static final List<String> STAGES =
      List.of("features of the user", "candidates", "matrix", "score", "select");

  /** In µs, for 200 candidates and 100 trees. */
  private static final List<Integer> BUDGETS = List.of(15, 20, 20, 100, 15);

  @Override
  public Integer call() throws IOException, RunnerException {
    Home.champion(home);
    report.begin(Machine.look());
    try (Resources resources = new Resources()) {
      Path copy = resources.directory().resolve("home");
      Home.copy(home, copy, Settings.read(config));
      Map<String, Map<String, Figure>> figures = figures(run(copy));
      figures.forEach(this::table);
      write(figures);
    }
    return 0;
  }

  private Collection<RunResult> run(Path copy) throws RunnerException {
    OptionsBuilder options = JmhRun.options(SuggestPipelineBenchmark.class, quick);
    options.jvmArgsAppend(
        "-D" + SuggestPipelineBenchmark.HOME + "=" + copy,
        "-D" + SuggestPipelineBenchmark.CONFIG + "=" + config.toAbsolutePath());
    return new Runner(options.build()).run();
  }

  private static Map<String, Map<String, Figure>> figures(Collection<RunResult> results) {
    Map<String, Map<String, Figure>> figures = new LinkedHashMap<>();
    for (RunResult result : results) {
      figures
          .computeIfAbsent(result.getParams().getParam("what"), what -> new LinkedHashMap<>())
          .put(result.getPrimaryResult().getLabel(), Figure.of(result));
    }
    return figures;
  }

  private void table(String what, Map<String, Figure> figures) {
    report.say("");
    report.say(
        what.equals("given")
            ? "Items given: "
                + SuggestPipelineBenchmark.GIVEN
                + " (the budget is for 200 candidates)"
            : "Items found by the sources, at most as many as candidates.yaml says");
    report.say("%-26s %10s %10s %10s %12s", "stage", "µs", "best µs", "budget", "B/op");
    Figure input = figure(figures, "input");
    Figure whole = figure(figures, "page");
    List<Figure> stages =
        List.of(
            input,
            figure(figures, "candidates"),
            figure(figures, "inputAndMatrix").less(input),
            figure(figures, "score"),
            figure(figures, "select"));
    Figure rest = whole;
    for (int stage = 0; stage < stages.size(); stage++) {
      report.say(row(STAGES.get(stage), stages.get(stage), BUDGETS.get(stage)));
      rest = rest.less(stages.get(stage));
    }
    report.say(row("the rest: page", rest, 0));
    report.say(row("all of it", whole, BUDGETS.stream().mapToInt(Integer::intValue).sum()));
    report.say(row("beside: every rule", figure(figures, "selectRuled"), 0));
    report.say(row("beside: Thompson sampling", figure(figures, "selectSampled"), 0));
    report.say(row("beside: contributions", figure(figures, "contributions"), 0));
  }

  private static Figure figure(Map<String, Figure> figures, String name) {
    Figure figure = figures.get(name);
    if (figure == null) {
      throw new Failed("no figure for " + name + "; see what JMH said above");
    }
    return figure;
  }

  private static String row(String stage, Figure figure, int budget) {
    return String.format(
        Locale.ROOT,
        "%-26s %10.1f %10.1f %10s %12.0f",
        stage,
        figure.micros(),
        figure.least(),
        budget == 0 ? "" : String.valueOf(budget),
        figure.bytes());
  }

  private void write(Map<String, Map<String, Figure>> figures) throws IOException {
    ObjectNode json = report.json();
    ArrayNode all = json.putArray("figures");
    figures.forEach(
        (what, stages) ->
            stages.forEach(
                (stage, figure) -> {
                  ObjectNode one = all.addObject();
                  one.put("items", what);
                  one.put("stage", stage);
                  figure.write(one);
                }));
    report.write();
  }
}
