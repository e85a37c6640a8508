package dev.proffer.offline.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.proffer.events.time.Time;
import dev.proffer.offline.Settings;
import dev.proffer.offline.evaluate.TaskEvaluation;
import dev.proffer.offline.replay.History;
import dev.proffer.ranker.ModelsSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code proffer demo}: the whole loop on real clicks, with nothing but a JDK. What was made before
 * is used again, unless the data, the configuration or the training code's contract has changed.
 */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Learns from three months of real e-shop clicks and serves what it learned.",
      "Trains on April and May 2008, judges on June, publishes, starts the gateway."
    })
final class DemoCommand implements Callable<Integer> {
  private static final Instant TRAIN_UNTIL = Instant.parse("2008-06-01T00:00:00Z");
  private static final String DONE = "demo.json";

  @Mixin private HomeOptions home = new HomeOptions();

  @Option(
      names = "--port",
      description = "Public port; 0 for a free one (default: ${DEFAULT-VALUE}).")
  private int port = 8080;

  @Option(
      names = "--management-port",
      description = "Management port; 0 for a free one (default: ${DEFAULT-VALUE}).")
  private int managementPort = 8081;

  @Option(
      names = "--ready-file",
      paramLabel = "FILE",
      description = "Write the ports as a line of JSON when ready.")
  private @Nullable Path readyFile;

  @Option(
      names = "--check",
      description = {
        "Do it all in a temporary home on free ports, send real requests,",
        "say what came back, and stop; exit code 0 only if everything held."
      })
  private boolean check;

  private final Console console = new Console();
  private final Time time = Time.system();

  @Override
  public Integer call() throws IOException {
    if (!check) {
      List<String> table = prepare(home);
      try (GatewayProcess gateway = start(port, managementPort)) {
        introduce(gateway, table);
        return gateway.await();
      }
    }
    home.home = Files.createTempDirectory("proffer-demo-");
    home.thrownAway = true;
    try {
      return check();
    } finally {
      EvaluateCommand.deleteAll(home.home);
    }
  }

  private GatewayProcess start(int publicPort, int management) throws IOException {
    GatewayProcess gateway = GatewayProcess.start(home, publicPort, management, List.of(), !check);
    if (readyFile != null) {
      Path next = readyFile.resolveSibling(readyFile.getFileName() + ".next");
      Files.writeString(next, gateway.readyLine() + "\n", StandardCharsets.UTF_8);
      Files.move(
          next, readyFile, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
    return gateway;
  }

  /** Makes or finds the trained home; returns the evaluation's table. */
  private List<String> prepare(HomeOptions of) throws IOException {
    Settings settings = of.settings();
    Path root = Path.of(System.getProperty("proffer.root", "."));
    Path schema = of.config.resolve("datasets/eshop.yaml");
    List<Path> files = new ArrayList<>();
    for (String month : new String[] {"2008-04", "2008-05", "2008-06"}) {
      files.add(root.resolve("data/eshop/" + month + ".csv.gz"));
    }
    String fingerprint = fingerprint(settings, schema, files);
    JsonMapper json = new JsonMapper();
    Path done = of.home.resolve(DONE);
    if (Files.isRegularFile(done)) {
      JsonNode made = json.readTree(Files.readString(done));
      if (made.path("fingerprint").asText().equals(fingerprint)) {
        List<String> table = new ArrayList<>();
        made.path("table").forEach(line -> table.add(line.asText()));
        return table;
      }
    }
    console.say(
        "Learning from real clicks (Łapczyński and Białowąs 2013, CC BY 4.0; data/eshop/README.md)");
    IngestCommand.ingest(of, schema, files, console);
    History history = of.history(settings);
    List<String> table = new ArrayList<>();
    for (ModelsSpec.Task task : settings.models().tasks().values()) {
      Map<String, String> versions =
          TrainCommand.train(
              of, settings, history, List.of(task), TRAIN_UNTIL.toEpochMilli(), console);
      String version = Objects.requireNonNull(versions.get(task.name()));
      TaskEvaluation evaluation =
          EvaluateCommand.evaluate(
              settings,
              history,
              of.registry(),
              of.tracking(console::say),
              task,
              version,
              null,
              Long.MAX_VALUE,
              false,
              console);
      table.addAll(evaluation.table());
      table.add("");
      if (!PublishCommand.publish(of, settings, task, version, false, console)) {
        throw new Failed("the gates refused the demo's own model");
      }
    }
    ObjectNode made = json.createObjectNode();
    made.put("fingerprint", fingerprint);
    table.forEach(made.putArray("table")::add);
    Path next = of.home.resolve(DONE + ".unfinished");
    Files.writeString(next, json.writeValueAsString(made), StandardCharsets.UTF_8);
    Files.move(next, done, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return table;
  }

  private static String fingerprint(Settings settings, Path schema, List<Path> files)
      throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String contract : settings.contracts().names()) {
        digest.update(
            Objects.requireNonNull(settings.contracts().contract(contract))
                .sha256()
                .getBytes(StandardCharsets.UTF_8));
      }
      digest.update(settings.models().toString().getBytes(StandardCharsets.UTF_8));
      digest.update(settings.candidates().toString().getBytes(StandardCharsets.UTF_8));
      digest.update(Files.readAllBytes(schema));
      for (Path file : files) {
        digest.update(Files.readAllBytes(file));
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has SHA-256
    }
  }

  private void introduce(GatewayProcess gateway, List<String> table) {
    String url = gateway.url();
    console.say("");
    console.say("June 2008, judged by a model that has seen April and May:");
    console.say("");
    table.forEach(console::say);
    console.say("Proffer answers at " + url);
    console.say("  docs     " + url + "/docs");
    console.say("  health   " + url + "/health");
    console.say("  metrics  " + gateway.managementUrl() + "/metrics");
    console.say("");
    console.say("Try it:");
    console.say("  curl -s " + url + "/suggest -H 'Content-Type: application/json' \\");
    console.say(
        "    -d '{\"user_id\": \"you\", \"context\": \"B4\", \"context_type\": \"item\", \"limit\": 5, \"reasons\": true}'");
    console.say("  curl -s " + url + "/log_event -H 'Content-Type: application/json' \\");
    console.say("    -d '{\"type\": \"click\", \"user_id\": \"you\", \"item_id\": \"B10\"}'");
    console.say(
        "  curl -s "
            + url
            + "/suggest -H 'Content-Type: application/json' -d '{\"user_id\": \"you\", \"limit\": 5}'");
    console.say(
        "  curl -s "
            + url
            + "/predict -H 'Content-Type: application/json' -d '{\"user_id\": \"you\", \"task\": \"leave\"}'");
    console.say("");
    console.say("Then ./proffer retrain learns from what was shown and clicked. Ctrl-C stops.");
  }

  private int check() throws IOException {
    long began = time.nanos();
    List<String> table = prepare(home);
    console.say(String.format(Locale.ROOT, "  prepared in %.1f s", (time.nanos() - began) / 1e9));
    long again = time.nanos();
    prepare(home);
    try (GatewayProcess gateway = start(0, 0)) {
      console.say(
          String.format(
              Locale.ROOT,
              "  second start: what is there was used, ready in %.1f s",
              (time.nanos() - again) / 1e9));
      introduce(gateway, table);
      console.say("");
      DemoCheck checks = new DemoCheck(gateway.url(), gateway.managementUrl(), console);
      return checks.run() ? 0 : 1;
    }
  }
}
