package dev.proffer.perf;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.proffer.configs.Problems;
import dev.proffer.features.compute.Contracts;
import dev.proffer.features.spec.FeatureContract;
import dev.proffer.features.spec.FeatureSpec;
import dev.proffer.perf.JmhRun.Figure;
import dev.proffer.perf.jmh.FeaturesBenchmark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code proffer bench features}: what features of the shipped contracts cost. */
@Command(
    name = "features",
    description = {
      "Measures what features cost, beside their aims.",
      "On a made-up shop: time and allocation of a user's features, of a matrix, of whole contracts,",
      "and with --each of every transformation (JMH, a fork each, with -prof gc). Takes about a",
      "minute, with --each six."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class FeaturesCommand implements Callable<Integer> {
  /** The contract that serves. */
  static final String RANKING = "ranking";

  private static final String SHOP = "shop";
  private static final String USER = "user";
  private static final String MATRIX = "matrix";
  private static final String EACH = "each-";
  private static final int USER_FEATURES = 30;
  private static final int MATRIX_FEATURES = 40;

  /** Beside those of the contract that serves, up to {@link #MATRIX_FEATURES}. */
  private static final List<String> MORE =
      List.of("price", "ctr_week", "category_affinity", "price_ratio", "title_match");

  private static final Map<String, Double> AIMS = Map.of(USER, 10.0, MATRIX, 20.0);

  @Mixin private Report report = new Report();

  @Option(names = "--config", paramLabel = "DIR", description = "Holds the YAML files.")
  private Path config = Path.of("configs");

  @Option(names = "--each", description = "Every transformation alone, too.")
  private boolean each;

  @Option(
      names = "--quick",
      hidden = true,
      description = "Short iterations, to see that it works; no figures to keep.")
  private boolean quick;

  @Override
  public Integer call() throws IOException, RunnerException {
    report.begin(Machine.look());
    Map<String, Figure> figures = new LinkedHashMap<>();
    Map<String, List<String>> measured;
    try (Resources resources = new Resources()) {
      Path copy = resources.directory().resolve("configs");
      Home.copyAll(config, copy);
      measured = write(copy);
      run(copy, "input", List.of(MATRIX), FeaturesBenchmark.CANDIDATES, figures);
      run(copy, "rows", List.of(USER), 0, figures);
      run(copy, "rows", List.of(MATRIX, RANKING, SHOP), FeaturesBenchmark.CANDIDATES, figures);
      List<String> alone = measured.keySet().stream().filter(n -> n.startsWith(EACH)).toList();
      if (each) {
        run(copy, "rows", alone, FeaturesBenchmark.CANDIDATES, figures);
      }
    }
    table(figures, measured);
    write(figures, measured);
    return 0;
  }

  /** Writes the contracts to measure; says what each holds. */
  private Map<String, List<String>> write(Path copy) throws IOException {
    Problems problems = new Problems();
    Contracts contracts = Contracts.read(config, problems);
    problems.throwIfAny();
    FeatureContract ranking = contract(contracts, RANKING);
    FeatureContract shop = contract(contracts, SHOP);
    Map<String, List<FeatureSpec>> wanted = new LinkedHashMap<>();
    wanted.put(
        USER,
        shop.features().stream()
            .filter(feature -> feature.entity().equals("user"))
            .limit(USER_FEATURES)
            .toList());
    List<FeatureSpec> matrix = new ArrayList<>(ranking.features());
    MORE.forEach(name -> matrix.add(named(shop, name)));
    wanted.put(MATRIX, matrix.stream().limit(MATRIX_FEATURES).toList());
    wanted.put(RANKING, ranking.features());
    wanted.put(SHOP, shop.features());
    for (String name : contracts.names()) {
      FeatureContract contract = contract(contracts, name);
      for (FeatureSpec feature : contract.features()) {
        wanted.putIfAbsent(
            EACH + feature.transformation(), List.copyOf(withWhatItNeeds(contract, feature)));
      }
    }
    StringBuilder yaml = new StringBuilder("contracts:\n");
    wanted.forEach(
        (name, features) -> {
          yaml.append("  ").append(name).append(":\n    features:\n");
          features.forEach(feature -> yaml.append("      - ").append(line(feature)).append('\n'));
        });
    Files.writeString(copy.resolve(Contracts.FILE), yaml.toString());
    Map<String, List<String>> names = new LinkedHashMap<>();
    wanted.forEach(
        (name, features) -> names.put(name, features.stream().map(FeatureSpec::name).toList()));
    return names;
  }

  static FeatureContract contract(Contracts contracts, String name) {
    FeatureContract contract = contracts.contract(name);
    if (contract == null) {
      throw new Failed("no contract is called " + name + "; there are " + contracts.names());
    }
    return contract;
  }

  private static FeatureSpec named(FeatureContract contract, String name) {
    return contract.features().stream()
        .filter(feature -> feature.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new Failed(contract.name() + " has no feature " + name));
  }

  /** A feature behind those of its contract that its parameters name. */
  private static Set<FeatureSpec> withWhatItNeeds(FeatureContract contract, FeatureSpec feature) {
    Set<FeatureSpec> all = new LinkedHashSet<>();
    if (feature.entity().equals("features")) {
      contract.features().stream()
          .filter(other -> feature.parameters().containsValue(other.name()))
          .forEach(other -> all.addAll(withWhatItNeeds(contract, other)));
    }
    all.add(feature);
    return all;
  }

  /** A feature as the contracts' file has it. */
  static String line(FeatureSpec feature) {
    StringBuilder line = new StringBuilder("{name: ").append(feature.name());
    line.append(", transformation: ").append(feature.transformation()).append(", parameters: {");
    String separator = "";
    for (Map.Entry<String, String> parameter : feature.parameters().entrySet()) {
      line.append(separator).append(parameter.getKey()).append(": ").append(parameter.getValue());
      separator = ", ";
    }
    return line.append("}}").toString();
  }

  private void run(
      Path copy, String method, List<String> contracts, int candidates, Map<String, Figure> figures)
      throws RunnerException {
    OptionsBuilder options = JmhRun.options(FeaturesBenchmark.class, method, quick);
    options
        .param("contract", contracts.toArray(new String[0]))
        .param("candidates", String.valueOf(candidates))
        .jvmArgsAppend("-D" + FeaturesBenchmark.CONFIG + "=" + copy);
    if (!quick && contracts.get(0).startsWith(EACH)) {
      options.warmupTime(TimeValue.milliseconds(200)).measurementTime(TimeValue.milliseconds(200));
    }
    Collection<RunResult> results = new Runner(options.build()).run();
    for (RunResult result : results) {
      figures.put(
          method.equals("input") ? method : result.getParams().getParam("contract"),
          Figure.of(result));
    }
  }

  private void table(Map<String, Figure> figures, Map<String, List<String>> measured) {
    report.say("");
    report.say(
        "One user of 200 events, " + FeaturesBenchmark.CANDIDATES + " candidates of 10,000 items.");
    report.say("user: " + measured.get(USER));
    report.say("matrix: " + measured.get(MATRIX));
    report.say("");
    report.say("%-28s %8s %10s %10s %6s %8s", "what", "features", "µs", "best µs", "aim", "B/op");
    Figure input = Objects.requireNonNull(figures.get("input"));
    report.say(row("input: the user's record", "", input, null));
    figures.forEach(
        (name, figure) -> {
          String many = String.valueOf(measured.getOrDefault(name, List.of()).size());
          if (!name.equals("input") && !name.startsWith(EACH)) {
            report.say(row(name + ", with input", many, figure, AIMS.get(name)));
          }
        });
    List<String> alone =
        figures.keySet().stream()
            .filter(name -> name.startsWith(EACH))
            .sorted((a, b) -> Double.compare(best(figures, b), best(figures, a)))
            .toList();
    if (!alone.isEmpty()) {
      report.say("");
      report.say("Each transformation alone, less the input:");
    }
    for (String name : alone) {
      Figure figure = Objects.requireNonNull(figures.get(name));
      report.say(
          row(
              name.substring(EACH.length()),
              String.valueOf(measured.getOrDefault(name, List.of()).size()),
              figure.less(input),
              null));
    }
  }

  private static double best(Map<String, Figure> figures, String name) {
    return Objects.requireNonNull(figures.get(name)).least();
  }

  private static String row(String what, String features, Figure figure, @Nullable Double aim) {
    return String.format(
        Locale.ROOT,
        "%-28s %8s %10.2f %10.2f %6s %8.0f",
        what,
        features,
        figure.micros(),
        figure.least(),
        aim == null ? "" : String.valueOf(aim.intValue()),
        figure.bytes());
  }

  private void write(Map<String, Figure> figures, Map<String, List<String>> measured)
      throws IOException {
    ObjectNode json = report.json();
    json.put("candidates", FeaturesBenchmark.CANDIDATES);
    json.put("events", FeaturesBenchmark.EVENTS);
    ArrayNode all = json.putArray("figures");
    figures.forEach(
        (name, figure) -> {
          ObjectNode one = all.addObject();
          one.put("what", name);
          figure.write(one);
          ArrayNode features = one.putArray("features");
          Stream.ofNullable(measured.get(name)).flatMap(List::stream).forEach(features::add);
        });
    report.write();
  }
}
