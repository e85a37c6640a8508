package dev.proffer.offline.cli;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.proffer.features.spec.FeatureContract;
import dev.proffer.offline.Settings;
import dev.proffer.offline.evaluate.HttpRankingEvaluation;
import dev.proffer.offline.evaluate.NextItemMetrics;
import dev.proffer.offline.evaluate.TaskEvaluation;
import dev.proffer.offline.ingest.Dataset;
import dev.proffer.offline.mlflow.Tracking;
import dev.proffer.offline.replay.History;
import dev.proffer.ranker.ModelsSpec;
import dev.proffer.ranker.ServedModel;
import dev.proffer.ranker.artifact.ModelArtifact;
import dev.proffer.ranker.artifact.ModelRefused;
import dev.proffer.ranker.artifact.ModelRegistry;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code proffer evaluate}: a version of the registry on events it has not seen; or, with files, a
 * model trained on some and judged on others in a home of its own that is thrown away.
 */
@Command(
    name = "evaluate",
    subcommands = EvaluateTextsCommand.class,
    mixinStandardHelpOptions = true,
    description = {
      "Judges models on events they have not seen, through the path the gateway serves.",
      "Without files: the newest versions of the registry on the log's later events.",
      "With --dataset, --train and --test: trains on the one and judges on the other in a",
      "temporary home, touching nothing that runs."
    })
final class EvaluateCommand implements Callable<Integer> {
  @Mixin private HomeOptions home = new HomeOptions();

  @Option(
      names = "--task",
      paramLabel = "TASK",
      description = "A task of models.yaml; all by default.")
  private @Nullable String task;

  @Option(
      names = "--version-id",
      paramLabel = "VERSION",
      description = "A version of the registry; the newest by default.")
  private @Nullable String version;

  @Option(
      names = "--from",
      paramLabel = "INSTANT",
      description = "Judge events from here on; where training ended by default.")
  private @Nullable Instant from;

  @Option(
      names = "--until",
      paramLabel = "INSTANT",
      description = "Judge events before it; all by default.")
  private @Nullable Instant until;

  @Option(names = "--dataset", paramLabel = "FILE", description = "The schema of the files.")
  private @Nullable Path schema;

  @Option(
      names = "--train",
      arity = "1..*",
      paramLabel = "FILE",
      description = "Files to learn from.")
  private List<Path> trainFiles = List.of();

  @Option(names = "--test", arity = "1..*", paramLabel = "FILE", description = "Files to judge on.")
  private List<Path> testFiles = List.of();

  @Option(names = "--live", description = "Judge ranking a second time with statistics that go on.")
  private boolean live;

  @Option(
      names = "--over-http",
      description = "With files: judge ranking a second time with every request over HTTP.")
  private boolean overHttp;

  @Option(names = "--json", paramLabel = "OUT", description = "Write the figures to a file.")
  private @Nullable Path json;

  @Override
  public Integer call() throws IOException {
    if (schema == null && (!trainFiles.isEmpty() || !testFiles.isEmpty() || overHttp)) {
      throw new picocli.CommandLine.ParameterException(
          new picocli.CommandLine(this), "--train, --test and --over-http need --dataset");
    }
    if (schema != null && (trainFiles.isEmpty() || testFiles.isEmpty())) {
      throw new picocli.CommandLine.ParameterException(
          new picocli.CommandLine(this), "--dataset needs --train and --test");
    }
    Console console = new Console();
    Map<String, Map<String, Double>> figures =
        schema == null ? ofRegistry(console) : ofFiles(Objects.requireNonNull(schema), console);
    if (json != null) {
      write(json, figures);
    }
    return 0;
  }

  private Map<String, Map<String, Double>> ofRegistry(Console console) throws IOException {
    Settings settings = home.settings();
    History history = home.history(settings);
    ModelRegistry registry = home.registry();
    Map<String, Map<String, Double>> figures = new LinkedHashMap<>();
    for (ModelsSpec.Task one : TrainCommand.tasks(settings, task)) {
      String chosen = version == null ? newest(registry, one.name()) : version;
      TaskEvaluation evaluation =
          evaluate(
              settings,
              history,
              registry,
              home.tracking(console::say),
              one,
              chosen,
              from == null ? null : from.toEpochMilli(),
              until == null ? Long.MAX_VALUE : until.toEpochMilli(),
              live,
              console);
      figures.put(one.name(), evaluation.figures());
    }
    return figures;
  }

  static String newest(ModelRegistry registry, String task) {
    List<String> versions = registry.versions(task);
    if (versions.isEmpty()) {
      throw new Failed("the task " + task + " has no version in the registry; run proffer train");
    }
    return versions.get(versions.size() - 1);
  }

  /** Judges a version, keeps its figures beside it and prints the table. */
  static TaskEvaluation evaluate(
      Settings settings,
      History history,
      ModelRegistry registry,
      Tracking tracking,
      ModelsSpec.Task task,
      String version,
      @Nullable Long from,
      long until,
      boolean live,
      Console console)
      throws IOException {
    Path directory = registry.directory(task.name(), version);
    ServedModel model = load(settings, task, directory);
    long trainedThrough = trainedThrough(directory);
    long begin = from == null ? trainedThrough : from;
    if (begin < trainedThrough) {
      throw new Failed(
          "version "
              + version
              + " of "
              + task.name()
              + " has learned from events up to "
              + Instant.ofEpochMilli(trainedThrough)
              + "; it cannot be judged on events from "
              + Instant.ofEpochMilli(begin));
    }
    TaskEvaluation.Split split = TaskEvaluation.Split.at(history, begin, until);
    if (split.judged().isEmpty()) {
      throw new Failed(
          "there are no events after "
              + Instant.ofEpochMilli(begin)
              + " to judge version "
              + version
              + " on");
    }
    TaskEvaluation evaluation = TaskEvaluation.of(settings, task, model, split, live, console);
    Map<String, Double> kept = new LinkedHashMap<>(evaluation.figures());
    kept.put("judged from", (double) begin);
    kept.put(
        "judged until", (double) split.judged().get(split.judged().size() - 1).timeMillis() + 1);
    registry.keepFigures(task.name(), version, kept);
    tracking.evaluated(task.name(), version, kept);
    evaluation.table().forEach(console::say);
    return evaluation;
  }

  static ServedModel load(Settings settings, ModelsSpec.Task task, Path directory) {
    FeatureContract contract = settings.contracts().contract(task.contract());
    try {
      return contract == null
          ? ModelArtifact.read(directory, "")
          : ModelArtifact.read(directory, contract);
    } catch (ModelRefused e) {
      throw new Failed(String.valueOf(e.getMessage()));
    }
  }

  static long trainedThrough(Path directory) {
    try {
      return ModelArtifact.manifest(directory).trainedThrough().toEpochMilli();
    } catch (ModelRefused e) {
      throw new Failed(String.valueOf(e.getMessage()));
    }
  }

  private Map<String, Map<String, Double>> ofFiles(Path dataset, Console console)
      throws IOException {
    HomeOptions temporary = new HomeOptions();
    temporary.config = home.config;
    temporary.home = Files.createTempDirectory("proffer-evaluate-");
    temporary.thrownAway = true;
    try {
      Settings settings = temporary.settings();
      IngestCommand.ingest(temporary, dataset, trainFiles, console);
      Dataset judged = IngestCommand.read(temporary, dataset, testFiles, console);
      History history = temporary.history(settings);
      History test = History.of(judged.events(), settings.contracts().sequence());
      if (test.events().isEmpty()) {
        throw new Failed("the files to judge on hold no events");
      }
      TaskEvaluation.Split split =
          new TaskEvaluation.Split(judged.items(), history.events(), test.events(), history);
      Map<String, Map<String, Double>> figures = new LinkedHashMap<>();
      for (ModelsSpec.Task one : TrainCommand.tasks(settings, task)) {
        Map<String, String> versions =
            TrainCommand.train(temporary, settings, history, List.of(one), history.end(), console);
        String trained = Objects.requireNonNull(versions.get(one.name()));
        ServedModel model =
            load(settings, one, temporary.registry().directory(one.name(), trained));
        TaskEvaluation evaluation = TaskEvaluation.of(settings, one, model, split, live, console);
        evaluation.table().forEach(console::say);
        Map<String, Double> all = new LinkedHashMap<>(evaluation.figures());
        temporary.registry().promote(one.name(), trained);
        if (overHttp && one.label() == ModelsSpec.Label.NEXT_ITEM) {
          all.putAll(overHttp(temporary, settings, judged, test, console));
        }
        figures.put(one.name(), all);
      }
      return figures;
    } finally {
      deleteAll(temporary.home);
    }
  }

  /**
   * The same events, each answered by a gateway process that holds the statistics as they were
   * before them.
   */
  private Map<String, Double> overHttp(
      HomeOptions temporary, Settings settings, Dataset judged, History test, Console console)
      throws IOException {
    try (var log = temporary.log();
        var appender = log.appender()) {
      judged
          .items()
          .forEach(item -> appender.append(dev.proffer.events.codec.LogCodec.encode(item)));
    }
    try (GatewayProcess gateway =
        GatewayProcess.start(temporary, 0, 0, List.of("--freeze-statistics"), false)) {
      console.begin("ranking: evaluate over HTTP");
      NextItemMetrics metrics =
          HttpRankingEvaluation.run(
              gateway.url(),
              test.events(),
              settings.contracts().sequence().sessionGapMillis(),
              console::progress);
      console.end(String.format(Locale.ROOT, "%,d targets", metrics.count()));
      console.say(
          String.format(
              Locale.ROOT,
              "  %-50s %8.4f %8.4f %8.4f",
              "this model, over HTTP",
              metrics.hitRate(),
              metrics.ndcg(),
              metrics.mrr()));
      Map<String, Double> figures = new LinkedHashMap<>();
      figures.put("targets: over HTTP", (double) metrics.count());
      figures.put("hr@10: over HTTP", metrics.hitRate());
      figures.put("ndcg@10: over HTTP", metrics.ndcg());
      figures.put("mrr@10: over HTTP", metrics.mrr());
      return figures;
    }
  }

  static void write(Path file, Map<String, Map<String, Double>> figures) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    JsonMapper.builder()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .build()
        .writeValue(file.toFile(), figures);
  }

  static void deleteAll(Path directory) throws IOException {
    List<Path> paths = new ArrayList<>();
    try (Stream<Path> walk = Files.walk(directory)) {
      walk.sorted(Comparator.reverseOrder()).forEach(paths::add);
    }
    for (Path path : paths) {
      if (Files.isDirectory(path)) {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(path)) {
          if (left.iterator().hasNext()) {
            continue;
          }
        }
      }
      Files.deleteIfExists(path);
    }
  }
}
