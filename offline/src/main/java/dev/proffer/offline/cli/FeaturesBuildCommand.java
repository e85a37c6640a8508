package dev.proffer.offline.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.proffer.events.time.Time;
import dev.proffer.offline.Settings;
import dev.proffer.offline.build.BuildEngine;
import dev.proffer.offline.build.BuildReport;
import dev.proffer.offline.build.BuildSpec;
import dev.proffer.offline.build.DuckDbEngine;
import dev.proffer.offline.build.KnownAt;
import dev.proffer.offline.warehouse.Warehouse;
import dev.proffer.ranker.ModelsSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code proffer features build}: the warehouse into a training set, as of an instant. */
@Command(
    name = "build",
    mixinStandardHelpOptions = true,
    description =
        "Computes the features of every label in the warehouse, each as of its own instant, and"
            + " writes them as Parquet.")
final class FeaturesBuildCommand implements Callable<Integer> {
  @Mixin private HomeOptions home = new HomeOptions();

  @Option(
      names = "--as-of",
      required = true,
      paramLabel = "INSTANT",
      converter = InstantConverter.class,
      description =
          "What became known then or later has no influence: RFC 3339 or epoch milliseconds.")
  private Instant asOf = Instant.EPOCH;

  @Option(
      names = "--from",
      paramLabel = "INSTANT",
      converter = InstantConverter.class,
      description = "Only labels from then on; what was before is known all the same.")
  private @Nullable Instant from;

  @Option(
      names = "--task",
      paramLabel = "TASK",
      description = "The task of models.yaml whose labels are meant (default: ${DEFAULT-VALUE}).")
  private String task = ModelsSpec.RANKING;

  @Option(
      names = "--contract",
      paramLabel = "NAME",
      description = "Compute the features of this contract; the task's by default.")
  private String contract = "";

  @Option(
      names = "--known-at",
      paramLabel = "WHAT",
      description =
          "From when on an event is known: received, its arrival, or time, when it happened, for"
              + " history that was imported (default: received).")
  private String knownAt = "received";

  @Option(
      names = "--negatives",
      paramLabel = "N",
      description = "Items not chosen that are drawn for a choice; as models.yaml says by default.")
  private @Nullable Integer negatives;

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description = "duckdb, or spark where its module is built (default: ${DEFAULT-VALUE}).")
  private String engine = "duckdb";

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "Threads of duckdb, or stretches of labels of spark; one a core by default. Each holds a"
              + " state of its own.")
  private @Nullable Integer threads;

  @Option(
      names = "--master",
      paramLabel = "URL",
      description = "Spark's (default: ${DEFAULT-VALUE}).")
  private String master = "local[*]";

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "The set's directory; below HOME/training by default.")
  private @Nullable Path out;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the closing figures there.")
  private @Nullable Path json;

  @Override
  public Integer call() throws IOException {
    Settings settings = home.settings();
    ModelsSpec.Task meant = TrainCommand.tasks(settings, task).get(0);
    BuildSpec spec = BuildSpec.of(settings, meant, contract, asOf.toEpochMilli(), knownAt());
    if (from != null) {
      spec = spec.from(from.toEpochMilli());
    }
    if (negatives != null) {
      if (negatives < 0 || negatives > 1_000) {
        throw new Failed("--negatives " + negatives + " is out of range; expected 0 to 1000");
      }
      spec = spec.withNegatives(negatives);
    }
    int wide = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    if (wide < 1 || wide > 10_000) {
      throw new Failed("--threads " + wide + " is out of range; expected 1 to 10000");
    }
    BuildEngine with = engine();
    Path directory = home.home.resolve(Warehouse.DIRECTORY);
    if (!Files.isDirectory(directory)) {
      throw new Failed("there is no warehouse in " + directory + "; run proffer compact");
    }
    Path set = out == null ? byName(spec) : out;
    Console console = new Console();
    BuildReport report;
    try (Warehouse warehouse = Warehouse.open(home.home)) {
      console.begin("build " + spec.task() + " with " + with.name());
      report =
          with.build(
              spec,
              home.config,
              warehouse,
              set,
              new BuildEngine.Parallelism(wide, master),
              Time.system());
      console.end("into " + set);
    }
    row(console, "labels", report.labels());
    report.outcomes().forEach((what, count) -> row(console, "  " + what, count));
    row(console, "rows", report.rows());
    if (report.labels() > 0 && report.rows() == 0 && spec.knownAt() == KnownAt.RECEIVED) {
      console.say(
          "  no label had anything before it: history that was imported arrived after it happened;"
              + " try --known-at time");
    }
    if (json != null) {
      Map<String, Object> figures = new LinkedHashMap<>();
      figures.put("engine", report.engine());
      figures.put("contract_sha256", report.contractSha256());
      figures.put("labels", report.labels());
      figures.put("rows", report.rows());
      figures.put("outcomes", report.outcomes());
      figures.put("order_seconds", report.orderSeconds());
      figures.put("seconds", report.seconds());
      Files.writeString(
          json, new JsonMapper().writerWithDefaultPrettyPrinter().writeValueAsString(figures));
    }
    return 0;
  }

  private Path byName(BuildSpec spec) {
    String instant = asOf.toString().replace(":", "").replace("-", "");
    return home.home
        .resolve("training")
        .resolve(spec.task())
        .resolve(instant + "-" + spec.contract() + "-" + spec.contractSha256().substring(0, 8));
  }

  private KnownAt knownAt() {
    for (KnownAt one : KnownAt.values()) {
      if (one.name().toLowerCase(Locale.ROOT).equals(knownAt)) {
        return one;
      }
    }
    throw new Failed("--known-at \"" + knownAt + "\" is not one of received, time");
  }

  private BuildEngine engine() {
    BuildEngine own = new DuckDbEngine();
    if (engine.equals(own.name())) {
      return own;
    }
    for (BuildEngine one : ServiceLoader.load(BuildEngine.class)) {
      if (one.name().equals(engine)) {
        return one;
      }
    }
    throw new Failed(
        "--engine \""
            + engine
            + "\" is not here; expected duckdb, or spark after mvn -P spark -pl spark -am package"
            + " -DskipTests");
  }

  private static void row(Console console, String what, long count) {
    console.say(String.format(Locale.ROOT, "  %-36s %,14d", what, count));
  }
}
