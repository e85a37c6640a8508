package dev.proffer.perf;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.proffer.offline.Settings;
import dev.proffer.perf.jmh.SuggestPipelineBenchmark;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--home", paramLabel = "DIR", description = "A trained home; it is copied.")
  private Path home = Path.of("var");

  @Option(names = "--config", paramLabel = "DIR", description = "Holds the YAML files.")
  private Path config = Path.of("configs");

  @Option(names = "--json", paramLabel = "FILE", description = "Writes all figures.")
  private @Nullable Path jsonFile;

  @Option(
      names = "--quick",
      hidden = true,
      description = "Two short iterations, to see that it works; no figures to keep.")
  private boolean quick;

  private static final List<String> STAGES =
      List.of("features of the user", "candidates", "matrix", "score", "select, contributions");

  /** In µs, for 200 candidates and 100 trees. */
  private static final List<Integer> BUDGETS = List.of(15, 20, 20, 100, 15);

  /** Median and best of the iterations, in µs, and bytes allocated. */
  private record Figure(double micros, double best, double bytes) {
    Figure less(Figure part) {
      return new Figure(micros - part.micros, best - part.best, bytes - part.bytes);
    }
  }

  @Override
  public Integer call() throws IOException, RunnerException {
    Home.champion(home);
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
    try (Resources resources = new Resources()) {
      Path copy = resources.directory().resolve("home");
      Home.copy(home, copy, Settings.read(config));
      Map<String, Map<String, Figure>> figures = figures(run(copy));
      figures.forEach(this::table);
      if (jsonFile != null) {
        write(jsonFile, machine, began, commit, load, figures);
      }
    }
    return 0;
  }

  private Collection<RunResult> run(Path copy) throws RunnerException {
    OptionsBuilder options = new OptionsBuilder();
    options
        .include(SuggestPipelineBenchmark.class.getName() + "\\.")
        .addProfiler(GCProfiler.class)
        .jvmArgsAppend(
            "-D" + SuggestPipelineBenchmark.HOME + "=" + copy,
            "-D" + SuggestPipelineBenchmark.CONFIG + "=" + config.toAbsolutePath())
        .shouldFailOnError(true)
        .verbosity(VerboseMode.SILENT);
    if (quick) {
      options.warmupTime(TimeValue.milliseconds(50)).measurementTime(TimeValue.milliseconds(50));
    }
    return new Runner(options.build()).run();
  }

  private static Map<String, Map<String, Figure>> figures(Collection<RunResult> results) {
    Map<String, Map<String, Figure>> figures = new LinkedHashMap<>();
    for (RunResult result : results) {
      String label = result.getPrimaryResult().getLabel();
      Result<?> time = result.getPrimaryResult();
      Result<?> allocated = result.getSecondaryResults().get("gc.alloc.rate.norm");
      figures
          .computeIfAbsent(result.getParams().getParam("what"), what -> new LinkedHashMap<>())
          .put(
              label,
              new Figure(
                  time.getStatistics().getPercentile(50),
                  time.getStatistics().getMin(),
                  allocated == null ? Double.NaN : allocated.getScore()));
    }
    return figures;
  }

  private void table(String what, Map<String, Figure> figures) {
    say("");
    say(
        what.equals("given")
            ? "Items given: " + Home.GIVEN + " (the budget is for 200 candidates)"
            : "Items found by the sources, at most as many as candidates.yaml says");
    say(
        String.format(
            Locale.ROOT, "%-24s %10s %10s %10s %12s", "stage", "µs", "best µs", "budget", "B/op"));
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
      say(row(STAGES.get(stage), stages.get(stage), BUDGETS.get(stage)));
      rest = rest.less(stages.get(stage));
    }
    say(row("the rest: page, reasons", rest, 0));
    say(row("all of it", whole, BUDGETS.stream().mapToInt(Integer::intValue).sum()));
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
        "%-24s %10.1f %10.1f %10s %12.0f",
        stage,
        figure.micros(),
        figure.best(),
        budget == 0 ? "" : String.valueOf(budget),
        figure.bytes());
  }

  private void write(
      Path file,
      Machine machine,
      String began,
      String commit,
      double load,
      Map<String, Map<String, Figure>> figures)
      throws IOException {
    JsonMapper mapper = new JsonMapper();
    ObjectNode json = mapper.createObjectNode();
    json.put("measured_at", began);
    json.put("commit", commit);
    machine.write(json.putObject("machine"));
    json.put("load_average_before", load);
    ArrayNode all = json.putArray("figures");
    figures.forEach(
        (what, stages) ->
            stages.forEach(
                (stage, figure) -> {
                  ObjectNode one = all.addObject();
                  one.put("items", what);
                  one.put("stage", stage);
                  one.put("micros", figure.micros());
                  one.put("micros_best", figure.best());
                  one.put("bytes", figure.bytes());
                }));
    mapper.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), json);
    say("written to " + file);
  }

  private void say(String line) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(line);
    out.flush();
  }
}
