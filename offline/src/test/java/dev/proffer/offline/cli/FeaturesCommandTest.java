package dev.proffer.offline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.proffer.features.spec.FeatureContract;
import dev.proffer.offline.Settings;
import dev.proffer.ranker.artifact.ModelManifest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class FeaturesCommandTest {
  private static final Path SHIPPED = Path.of("../configs");

  @TempDir Path temporary;
  private Path changed = Path.of("");
  private String out = "";

  @BeforeEach
  void copies() throws IOException {
    changed = Files.createDirectories(temporary.resolve("configs"));
    for (String file :
        new String[] {"features.yaml", "sequences.yaml", "statistics.yaml", "tables.yaml"}) {
      Files.copy(SHIPPED.resolve(file), changed.resolve(file));
    }
  }

  @Test
  void thePageAboutTheShippedFeaturesIsTheOneInTheDocuments() throws IOException {
    Path page = temporary.resolve("features.md");
    assertThat(run("docs", "--config", SHIPPED.toString(), "--out", page.toString())).isZero();
    assertThat(Files.readString(page))
        .as("./proffer features docs --out docs/features.md writes it")
        .isEqualTo(Files.readString(Path.of("../docs/features.md")));
  }

  @Test
  void wordsChangeNothingAndAnythingElseRefusesTheModels() throws IOException {
    assertThat(run("diff", SHIPPED.toString(), changed.toString())).isZero();
    assertThat(out).contains("ranking: 0 changes; its models are served");

    edit("features.yaml", "Events of the last day", "Events of today");
    assertThat(run("diff", SHIPPED.toString(), changed.toString())).isZero();
    assertThat(out)
        .contains("shop: 1 changes; its models are served")
        .contains(
            "  words  events_day: description \"Events of the last day\" became \"Events of"
                + " today\"");

    edit("features.yaml", "{hours: 24}", "{hours: 12}");
    edit("features.yaml", "name: streak", "name: days_in_a_row");
    assertThat(run("diff", SHIPPED.toString(), changed.toString())).isOne();
    assertThat(out)
        .contains("shop: 4 changes; its models are refused")
        .contains("  value  events_day: parameters \"{hours=24}\" became \"{hours=12}\"")
        .contains("  value  days_in_a_row: is new: days_in_a_row@1=streak zone=Europe/Warsaw")
        .contains("  value  streak: is gone")
        .contains("ranking: 0 changes; its models are served");
  }

  @Test
  void saysWhenWhatTheFeaturesReadHasChanged() throws IOException {
    edit("sequences.yaml", "max-length: 200", "max-length: 100");
    assertThat(run("diff", SHIPPED.toString(), changed.toString())).isOne();
    assertThat(out)
        .contains("leave: 1 changes; its models are refused")
        .contains("  value  what the features read changed: sequences or statistics");

    edit("sequences.yaml", "max-length: 100", "max-length: 200");
    edit(
        "statistics.yaml",
        "{by: item, events: [view], bucket-minutes: 1440",
        "{by: item, events: [view, click], bucket-minutes: 1440");
    assertThat(run("diff", SHIPPED.toString(), changed.toString())).isOne();
    assertThat(out)
        .contains("ranking: 0 changes; its models are served")
        .contains("shop: 1 changes; its models are refused");
  }

  private void edit(String file, String from, String to) throws IOException {
    Path path = changed.resolve(file);
    String text = Files.readString(path);
    assertThat(text).contains(from);
    Files.writeString(
        path,
        text.replaceFirst(
            java.util.regex.Pattern.quote(from), java.util.regex.Matcher.quoteReplacement(to)));
  }

  private int run(String... arguments) {
    StringWriter written = new StringWriter();
    CommandLine command = new CommandLine(new FeaturesCommand());
    command.setOut(new PrintWriter(written));
    int code = command.execute(arguments);
    out = written.toString();
    return code;
  }

  @Test
  void saysWhichLiveModelsMissWhichFeatures() throws IOException {
    for (String file :
        new String[] {
          "events.yaml", "candidates.yaml", "ranking.yaml", "experiments.yaml", "models.yaml"
        }) {
      Files.copy(SHIPPED.resolve(file), changed.resolve(file));
    }
    Path versions = temporary.resolve("models/ranking/versions");
    for (String version : new String[] {"v1", "v2"}) {
      Files.writeString(
          Files.createDirectories(versions.resolve(version)).resolve("manifest.json"),
          "{\"version\":\""
              + version
              + "\",\"task\":\"ranking\",\"contract\":\"ranking\",\"contractSha256\":\"00\","
              + "\"features\":[\"popularity\",\"was-once-"
              + version
              + "\"],\"notes\":{}}");
    }
    Files.writeString(temporary.resolve("models/ranking/champion"), "v2");
    Files.writeString(temporary.resolve("models/ranking/previous"), "v1");

    assertThat(run("live", "--home", temporary.toString(), "--config", changed.toString())).isOne();

    assertThat(out)
        .contains("ranking champion v2: is refused; gone: [was-once-v2], new: [next_by_walk, ")
        .contains("ranking previous v1: is refused; gone: [was-once-v1], new: ");
  }

  @Test
  void namesEveryFeatureOfALiveModelThatIsDeclaredOtherwiseAndHow() throws IOException {
    for (String file :
        new String[] {
          "events.yaml", "candidates.yaml", "ranking.yaml", "experiments.yaml", "models.yaml"
        }) {
      Files.copy(SHIPPED.resolve(file), changed.resolve(file));
    }
    FeatureContract shipped =
        Objects.requireNonNull(Settings.read(SHIPPED).contracts().contract("ranking"));
    ObjectNode manifest = new JsonMapper().createObjectNode();
    manifest.put("version", "v1").put("task", "ranking").put("contract", "ranking");
    manifest.put("contractSha256", shipped.sha256());
    shipped.names().forEach(manifest.putArray("features")::add);
    ModelManifest.declarationsOf(shipped).forEach(manifest.putArray("declarations")::add);
    manifest.putObject("notes");
    Path version = temporary.resolve("models/ranking/versions/v1");
    Files.writeString(
        Files.createDirectories(version).resolve("manifest.json"), manifest.toString());
    Files.writeString(temporary.resolve("models/ranking/champion"), "v1");
    String[] live = {"live", "--home", temporary.toString(), "--config", changed.toString()};
    assertThat(run(live)).isZero();

    edit("features.yaml", "{lag: 2, weight: 20}", "{lag: 2, weight: 21}");
    edit("features.yaml", "name: popularity,", "name: popularity, type: category,");
    edit("sequences.yaml", "max-length: 200", "max-length: 100");
    assertThat(run(live)).isOne();
    assertThat(out)
        .contains(
            "changed: \"second_after@1=lag-probability lag=2 weight=20\" became"
                + " \"second_after@1=lag-probability lag=2 weight=21\"")
        .contains(
            "changed: \"popularity@1=popularity\" became"
                + " \"popularity@1=popularity type=CATEGORY\"")
        .contains("no longer read: \"events ", "read now: \"events ")
        .doesNotContain("third_after");
  }
}
