package dev.proffer.perf;

import dev.proffer.events.LogEntry;
import dev.proffer.events.codec.LogCodec;
import dev.proffer.events.log.EventLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code proffer bench shop}: a home of a shop as large as one likes, to measure. */
@Command(
    name = "shop",
    description = {
      "Makes a home for the benches: a log of made-up people who click made-up items, and a model of",
      "boosted trees that was learned from its last part. Measure it with",
      "./proffer bench suggest --home DIR."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class ShopCommand implements Callable<Integer> {
  @Mixin private Report report = new Report();

  @Option(names = "--home", paramLabel = "DIR", required = true, description = "What is made.")
  private Path home = Path.of("shop");

  @Option(names = "--config", paramLabel = "DIR", description = "Holds the YAML files.")
  private Path config = Path.of("configs");

  @Option(names = "--items", paramLabel = "N", description = "Items, 100 to 10000000.")
  private int items = 100_000;

  @Option(names = "--people", paramLabel = "N", description = "People, 100 to 100000000.")
  private int people = 100_000;

  @Option(names = "--events", paramLabel = "N", description = "Events, 1000 to 1000000000.")
  private int events = 2_000_000;

  @Option(names = "--trees", paramLabel = "N", description = "Trees of the model, 1 to 5000.")
  private int trees = 100;

  @Option(
      names = "--learn-share",
      paramLabel = "SHARE",
      description =
          "The last share of the events, which the model is learned from; 0.01 to 1; a fifth of it calibrates it.")
  private double learned = 0.02;

  /** Of what is learned from, the share that calibrates: it is paid for by candidate. */
  private static final double CALIBRATED = 0.2;

  @Override
  public Integer call() throws IOException {
    report.bounded("--items", items, 100, 10_000_000);
    report.bounded("--people", people, 100, 100_000_000);
    report.bounded("--events", events, 1_000, 1_000_000_000);
    report.bounded("--trees", trees, 1, 5_000);
    report.bounded("--learn-share", learned, 0.01, 1);
    if (Files.exists(home)) {
      throw report.refused("--home " + home + " is there already; a new one is made");
    }
    report.begin(Machine.look());
    fill();
    try (Resources resources = new Resources()) {
      ConfigCopy copy = ConfigCopy.of(config, resources.directory().resolve("configs"));
      copy.edit(
          "models.yaml",
          text ->
              text.replaceFirst("rounds: \\d+", "rounds: " + trees)
                  .replaceFirst("burn-in-share: [0-9.]+", "burn-in-share: " + (1 - learned))
                  .replaceFirst(
                      "calibration-share: [0-9.]+", "calibration-share: " + learned * CALIBRATED));
      run(copy, "train", "--task", "ranking");
      run(copy, "publish", "--task", "ranking", "--force");
    }
    return 0;
  }

  private void fill() throws IOException {
    Files.createDirectories(home);
    try (SyntheticShop shop = new SyntheticShop(events, items, people);
        EventLog log = EventLog.open(home.resolve("log"));
        EventLog.Appender appender = log.appender()) {
      for (LogEntry entry = shop.next(); entry != null; entry = shop.next()) {
        appender.append(LogCodec.encode(List.of(entry), new int[1]));
      }
    }
    report.say("%,d items and %,d events of %,d people", items, events, people);
  }

  private void run(ConfigCopy copy, String... words) {
    RankCommand.learn(
        List.of("--home", home.toString(), "--config", copy.directory().toString()), words);
  }
}
