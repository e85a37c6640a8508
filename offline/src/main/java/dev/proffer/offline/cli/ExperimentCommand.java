package dev.proffer.offline.cli;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.proffer.events.time.Time;
import dev.proffer.offline.Settings;
import dev.proffer.offline.experiment.Difference;
import dev.proffer.offline.experiment.ExperimentReport;
import dev.proffer.offline.warehouse.Warehouse;
import dev.proffer.offline.warehouse.WarehouseFiles;
import dev.proffer.pipeline.experiments.Experiment;
import dev.proffer.pipeline.experiments.ExperimentsSpec;
import dev.proffer.pipeline.experiments.StopDirectory;
import dev.proffer.pipeline.experiments.Variant;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code proffer experiment}: what experiments came to, and their switch. */
@Command(
    name = "experiment",
    mixinStandardHelpOptions = true,
    description = "Reports experiments, stops variants and lets them run again.",
    subcommands = {
      ExperimentCommand.Report.class,
      ExperimentCommand.Stop.class,
      ExperimentCommand.Start.class
    })
final class ExperimentCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return 2;
  }

  private static Experiment experiment(ExperimentsSpec experiments, String name) {
    Experiment experiment = experiments.experiment(name);
    if (experiment == null) {
      throw new Failed(
          "\""
              + name
              + "\" is not an experiment of "
              + ExperimentsSpec.FILE
              + ", which declares "
              + experiments.experiments().stream().map(Experiment::name).toList());
    }
    return experiment;
  }

  /** {@code proffer experiment report}. */
  @Command(
      name = "report",
      mixinStandardHelpOptions = true,
      description = {
        "Says by variant what the warehouse holds of each experiment, with what is known of the",
        "difference from the control: at one look, at any number of looks, and at any number of looks",
        "less what units did before (CUPED). What the log gained since the last compact is not in it."
      })
  static final class Report implements Callable<Integer> {
    @Mixin private HomeOptions home = new HomeOptions();

    @Parameters(
        arity = "0..*",
        paramLabel = "NAME",
        description = "Experiments of experiments.yaml; all by default.")
    private List<String> names = List.of();

    @Option(
        names = "--from",
        paramLabel = "INSTANT",
        converter = InstantConverter.class,
        description = "Answers from here on; all by default.")
    private @Nullable Instant from;

    @Option(
        names = "--to",
        paramLabel = "INSTANT",
        converter = InstantConverter.class,
        description = "Answers and events before it; all by default.")
    private @Nullable Instant to;

    @Option(
        names = "--alpha",
        paramLabel = "P",
        description = "1 less the confidence of every interval (default: ${DEFAULT-VALUE}).")
    private double alpha = 0.05;

    @Option(
        names = "--sharpest-at",
        paramLabel = "UNITS",
        description =
            "After how many units an arm the always valid tests are sharpest; choose it before"
                + " looking (default: ${DEFAULT-VALUE}).")
    private int sharpestAt = 5_000;

    @Option(
        names = "--pre-days",
        paramLabel = "DAYS",
        description =
            "How many days before a unit's first answer CUPED looks at (default:"
                + " ${DEFAULT-VALUE}).")
    private int preDays = 14;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the figures there.")
    private @Nullable Path json;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, SQLException {
      if (!(alpha > 0 && alpha < 0.5) || sharpestAt < 2 || preDays < 0) {
        throw new Failed(
            "--alpha must be from 0 to 0.5, --sharpest-at at least 2 and --pre-days at least 0");
      }
      ExperimentsSpec experiments = Settings.read(home.config).experiments();
      List<Experiment> wanted = new ArrayList<>();
      names.forEach(name -> wanted.add(experiment(experiments, name)));
      Path directory = home.home.resolve(Warehouse.DIRECTORY);
      if (!Files.isDirectory(directory)) {
        throw new Failed("there is no warehouse in " + directory + "; run proffer compact");
      }
      List<ExperimentReport> reports = new ArrayList<>();
      Instant until = to == null ? Instant.ofEpochMilli(Time.system().millis() + 1) : to;
      try (Warehouse warehouse = Warehouse.open(home.home)) {
        WarehouseFiles files = WarehouseFiles.of(warehouse);
        for (Experiment one : names.isEmpty() ? experiments.experiments() : wanted) {
          reports.add(
              ExperimentReport.of(
                  files, one, from, until, new ExperimentReport.Look(alpha, sharpestAt, preDays)));
        }
      }
      PrintWriter out = spec.commandLine().getOut();
      if (reports.isEmpty()) {
        out.println(home.config.resolve(ExperimentsSpec.FILE) + " declares no experiment");
      }
      reports.forEach(report -> print(report, out));
      out.flush();
      if (json != null) {
        JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build()
            .writeValue(json.toFile(), reports);
      }
      return 0;
    }

    private static void print(ExperimentReport report, PrintWriter out) {
      out.printf(
          Locale.ROOT,
          "%s, by %s, until %s%s%n",
          report.experiment(),
          report.unit(),
          report.until(),
          report.stopped() ? ", when a variant was stopped" : "");
      out.printf(
          Locale.ROOT,
          "  sample ratio: %s (chi-square %.2f, p %.3g)%s%n",
          report.sampleRatio().mismatch()
              ? "MISMATCH: units were lost on the way, believe no figure below"
              : "as declared",
          report.sampleRatio().chiSquare(),
          report.sampleRatio().pValue(),
          report.crossed() == 0
              ? ""
              : ", " + report.crossed() + " units saw several variants and are left out");
      for (ExperimentReport.Arm arm : report.variants()) {
        out.printf(
            Locale.ROOT,
            "  %s%s: %,d units assigned (share %.3f), %,.0f answers, %,.0f clicks, %,.0f converted,"
                + " value %,.2f; latency p50 %.3f p95 %.3f p99 %.3f ms%n",
            arm.variant(),
            arm.control() ? " (control)" : "",
            arm.assigned(),
            arm.share(),
            arm.counts().getOrDefault("answers", 0.0),
            arm.counts().getOrDefault("clicks", 0.0),
            arm.counts().getOrDefault("converted", 0.0),
            arm.counts().getOrDefault("value", 0.0),
            arm.latency().getOrDefault("p50", Double.NaN),
            arm.latency().getOrDefault("p95", Double.NaN),
            arm.latency().getOrDefault("p99", Double.NaN));
        for (Map.Entry<String, ExperimentReport.Value> figure : arm.figures().entrySet()) {
          print(figure.getKey(), figure.getValue(), out);
        }
      }
    }

    private static void print(String name, ExperimentReport.Value value, PrintWriter out) {
      Difference by = value.againstControl();
      out.printf(Locale.ROOT, "    %-11s %s", name, number(value.value()));
      if (by == null) {
        out.println();
        return;
      }
      out.printf(
          Locale.ROOT,
          "  %s %%%n",
          Double.isFinite(by.relative())
              ? String.format(Locale.ROOT, "%+.2f", 100 * by.relative())
              : "-");
      line(out, "one look", by.difference(), by.low(), by.high(), by.pValue(), "");
      line(
          out, "any look", by.difference(), by.alwaysLow(), by.alwaysHigh(), by.alwaysPValue(), "");
      Difference.Cuped cuped = by.cuped();
      line(
          out,
          "CUPED",
          cuped.difference(),
          cuped.alwaysLow(),
          cuped.alwaysHigh(),
          cuped.alwaysPValue(),
          String.format(Locale.ROOT, "  variance -%.0f %%", 100 * cuped.varianceReduction()));
    }

    private static void line(
        PrintWriter out,
        String what,
        double difference,
        double low,
        double high,
        double pValue,
        String more) {
      out.printf(
          Locale.ROOT,
          "      %-9s %s  from %s to %s  p %s%s%n",
          what,
          number(difference),
          number(low),
          number(high),
          number(pValue),
          more);
    }

    /** Six characters of it, or so; a dash for what cannot be known. */
    private static String number(double value) {
      return Double.isFinite(value) ? String.format(Locale.ROOT, "%10.4g", value) : "         -";
    }
  }

  /** What {@code stop} and {@code start} have in common. */
  abstract static class Switch implements Callable<Integer> {
    @Mixin private HomeOptions home = new HomeOptions();

    @Parameters(
        index = "0",
        paramLabel = "NAME[:VARIANT]",
        description = "An experiment of experiments.yaml, or one of its variants.")
    private String name = "";

    @Spec private CommandSpec spec = CommandSpec.create();

    abstract void set(StopDirectory stops, String experiment, String variant) throws IOException;

    abstract String done();

    @Override
    public Integer call() throws IOException {
      int colon = name.indexOf(':');
      Experiment experiment =
          experiment(
              Settings.read(home.config).experiments(),
              colon < 0 ? name : name.substring(0, colon));
      List<String> variants = experiment.variants().stream().map(Variant::name).toList();
      String wanted = colon < 0 ? null : name.substring(colon + 1);
      if (wanted != null && !variants.contains(wanted)) {
        throw new Failed("\"" + wanted + "\" is not a variant; expected one of " + variants);
      }
      PrintWriter out = spec.commandLine().getOut();
      for (String variant : wanted == null ? variants : List.of(wanted)) {
        set(new StopDirectory(home.home), experiment.name(), variant);
        out.println(experiment.name() + ":" + variant + " " + done());
      }
      out.flush();
      return 0;
    }
  }

  /** {@code proffer experiment stop}. */
  @Command(
      name = "stop",
      mixinStandardHelpOptions = true,
      description =
          "Gives the units of a variant the default from now on; a running gateway follows by"
              + " itself, and a restart does not undo it.")
  static final class Stop extends Switch {
    @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for who asks later.")
    private String reason = "stopped by hand";

    @Override
    void set(StopDirectory stops, String experiment, String variant) throws IOException {
      stops.stop(experiment, variant, Time.system().millis(), reason.replace('\n', ' '));
    }

    @Override
    String done() {
      return "is stopped";
    }
  }

  /** {@code proffer experiment start}. */
  @Command(
      name = "start",
      mixinStandardHelpOptions = true,
      description = "Takes a stop back, be it by hand or a guardrail's.")
  static final class Start extends Switch {
    @Override
    void set(StopDirectory stops, String experiment, String variant) throws IOException {
      stops.start(experiment, variant);
    }

    @Override
    String done() {
      return "runs";
    }
  }
}
