package dev.proffer.offline.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.proffer.configs.Problems;
import dev.proffer.events.log.EventLog;
import dev.proffer.events.log.LogSpec;
import dev.proffer.offline.Settings;
import dev.proffer.offline.audit.FeatureAudit;
import dev.proffer.pipeline.sample.SampleFile;
import dev.proffer.pipeline.sample.ServedSample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code proffer features audit}: what was served, computed again. */
@Command(
    name = "audit",
    mixinStandardHelpOptions = true,
    description =
        "Computes the sampled answers of a gateway again from its log, and says how many rows and"
            + " values are equal to the bit.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:no more rows were unequal than are tolerated",
      "1:more were, or there is nothing to compute again",
      "2:wrong usage"
    })
final class FeaturesAuditCommand implements Callable<Integer> {
  @Mixin private HomeOptions home = new HomeOptions();

  @Option(
      names = "--tolerate",
      paramLabel = "SHARE",
      description = "Share of rows that may be unequal (default: ${DEFAULT-VALUE}).")
  private double tolerate;

  @Option(
      names = "--worst",
      paramLabel = "N",
      description = "So many of the features with unequal values (default: ${DEFAULT-VALUE}).")
  private int worst = 10;

  @Option(names = "--json", paramLabel = "FILE", description = "Write all figures there.")
  private @Nullable Path json;

  @Override
  public Integer call() throws IOException {
    if (!(tolerate >= 0 && tolerate <= 1)) {
      throw new Failed("--tolerate " + tolerate + " is out of range; expected 0 to 1");
    }
    Settings settings = home.settings().withTablesOf(home.home);
    Problems problems = new Problems();
    int remembered = LogSpec.read(home.config, problems).rememberedIds();
    problems.throwIfAny();
    Path directory = home.home.resolve(SampleFile.DIRECTORY);
    List<ServedSample> samples = new ArrayList<>();
    for (Path file : SampleFile.list(directory)) {
      samples.addAll(SampleFile.read(file));
    }
    if (samples.isEmpty()) {
      throw new Failed(
          "there are no samples in " + directory + "; set sample-share of gateway.yaml above 0");
    }
    Console console = new Console();
    FeatureAudit.Report report;
    try (EventLog log = home.log()) {
      console.begin("audit");
      report = FeatureAudit.run(settings, log, samples, remembered);
      console.end("");
    }
    row(console, "samples", report.samples());
    row(console, "  computed again", report.recomputed());
    report.skipped().forEach((why, count) -> row(console, "  left out: " + why, count));
    row(console, "rows", report.rows());
    row(console, "  equal to the bit", report.rowsEqual());
    row(console, "values", report.values());
    row(console, "  equal to the bit", report.valuesEqual());
    for (FeatureAudit.Offender one : report.worst().stream().limit(worst).toList()) {
      console.say(
          String.format(
              Locale.ROOT,
              "  %-30s %,10d unequal, by up to %s; %s",
              one.feature(),
              one.unequal(),
              one.largest(),
              one.example()));
    }
    if (json != null) {
      Files.writeString(
          json, new JsonMapper().writerWithDefaultPrettyPrinter().writeValueAsString(report));
    }
    return report.recomputed() > 0 && report.unequalShare() <= tolerate ? 0 : 1;
  }

  private static void row(Console console, String what, long count) {
    console.say(String.format(Locale.ROOT, "  %-56s %,14d", what, count));
  }
}
