package dev.proffer.offline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.events.Event;
import dev.proffer.events.log.EventLog;
import dev.proffer.offline.Settings;
import dev.proffer.offline.Shop;
import dev.proffer.offline.mlflow.MlflowServer;
import dev.proffer.offline.replay.History;
import dev.proffer.ranker.artifact.ModelRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {
  private static final List<String> COMMANDS =
      List.of(
          "demo",
          "ingest",
          "train",
          "evaluate",
          "publish",
          "retrain",
          "compact",
          "replay",
          "export-user");

  private static final String SCHEMA =
      """
      name: walks
      columns:
        user: {required: true}
        item: {required: true}
        time: {required: true}
        number: {type: integer, from: item, pattern: "item-(\\\\d+)"}
      item:
        id: "{item}"
        title: "Item {number}"
        category: "all"
        attributes: {number: number}
      event:
        type: click
        id: "{user}-{time}"
        user-id: "{user}"
        time: {at: "{time}"}
      """;

  @TempDir Path directory;

  /** What a command line did. */
  private record Ran(int code, String out, String err) {
    Ran expect(int expected) {
      assertThat(code).as("%s%n%s", out, err).isEqualTo(expected);
      assertThat(err).doesNotContain("\tat ");
      return this;
    }
  }

  @Test
  void helpsWithEveryCommand() {
    assertThat(run("--help").expect(0).out()).contains(COMMANDS);
    for (String command : COMMANDS) {
      assertThat(run(command, "--help").expect(0).out())
          .contains("Usage: proffer " + command)
          .contains("--home");
    }
    assertThat(run("--version").expect(0).out()).contains("proffer ");
  }

  @Test
  void saysWithTwoThatItWasAskedWrongly() {
    assertThat(run().expect(2).err()).contains("Usage: proffer");
    assertThat(run("--no-such-option").expect(2).err()).contains("--no-such-option");
    assertThat(run("no-such-command").expect(2).err()).contains("no-such-command");
    for (String command : COMMANDS) {
      run(command, "--no-such-option").expect(2);
    }
    assertThat(run("ingest").expect(2).err()).contains("--dataset");
    assertThat(run("train", "--until", "yesterday").expect(2).err()).contains("yesterday");
    assertThat(run("evaluate", "--train", "a.csv").expect(2).err()).contains("need --dataset");
    assertThat(run("evaluate", "--dataset", "a.yaml").expect(2).err()).contains("--train");
  }

  @Test
  void saysAllMistakesOfTheConfigurationInOneMessage() throws IOException {
    Path config = Shop.quickConfig(directory.resolve("configs"));
    Shop.replace(config.resolve("models.yaml"), "holdout-share: 0.1", "holdout-share: 7");
    Shop.replace(
        config.resolve("features.yaml"), "transformation: popularity,", "transformation: x,");
    Shop.replace(config.resolve("sequences.yaml"), "max-length: 200", "max-size: 200");
    for (String command : List.of("train", "evaluate", "publish", "retrain")) {
      Ran ran = run(command, "--config", config.toString(), "--home", home());
      assertThat(ran.expect(1).err())
          .contains("models.yaml: 1 problem")
          .contains("holdout-share: 7 is out of range")
          .contains("features.yaml: 2 problems")
          .contains("\"x\" is not one of")
          .contains("sequences.yaml: 1 problem")
          .contains("max-size: unknown key");
    }
    assertThat(run("train", "--config", "nowhere", "--home", home()).expect(1).err())
        .contains("no such file");
  }

  @Test
  void saysWhatToDoWithAnEmptyHome() {
    String[] places = places(Shop.quickConfig(directory.resolve("configs")));
    for (String command : List.of("train", "evaluate", "retrain")) {
      assertThat(run(with(places, command)).expect(1).err())
          .contains("holds no events; run proffer ingest");
    }
    assertThat(run(with(places, "publish")).expect(1).err()).contains("run proffer train");
  }

  @Test
  void namesTheChangesOfEventTypesThatBreak() throws IOException {
    Path config = Files.createDirectories(directory.resolve("changed"));
    String shipped = Files.readString(Shop.SHIPPED.resolve("events.yaml"));
    Path earlier = directory.resolve("earlier.yaml");
    Files.writeString(earlier, shipped);
    Files.writeString(
        config.resolve("events.yaml"),
        shipped.replace("max: 86400", "max: 60").replace("max: 1000000000", "max: 2000000000"));
    String[] check = {"events", "check", "--config", config.toString(), "--home", home()};

    assertThat(run(check).expect(0).out()).contains("nothing to hold it against");
    Ran refused = run(and(check, "--against", earlier.toString())).expect(1);
    assertThat(refused.err())
        .contains("1 change breaks", "types.view.fields.seconds.max: 86400 became 60");
    assertThat(refused.out()).contains("fine    types.conversion.fields.value.max");
    assertThat(run(and(check, "--against", earlier.toString(), "--accept")).expect(0).out())
        .contains("breaks  types.view.fields.seconds.max", "accepted as the registry of");
    assertThat(run(check).expect(0).out()).contains("0 changes, none breaks");
    assertThat(run("events", "list", "--config", config.toString()).expect(0).out())
        .contains("click  version 1  entities [user, item]", "seconds", "0 to 60", "required");
    assertThat(run("events").expect(2).err()).contains("check", "list");
  }

  @Test
  void ingestsTwiceWhatIsThereOnce() throws IOException {
    String[] places = places(Shop.quickConfig(directory.resolve("configs")));
    Shop shop = Shop.simulate(3, 30);
    Path file = csv("walks.csv", shop.events);
    Files.writeString(file, Files.readString(file) + "someone,item-1,never\nsomeone,,2008-01-01\n");
    String[] command = with(places, "ingest", "--dataset", schema(), file.toString());
    String first = run(command).expect(0).out();
    assertThat(first)
        .contains("1  item is missing")
        .contains("1  the time cannot be read")
        .contains("2 refused")
        .contains("written to");
    assertThat(Files.readAllLines(Path.of(home(), "rejected", "walks.jsonl")))
        .hasSize(2)
        .allMatch(line -> line.contains(file.toString()) && line.contains("\"reason\""));
    assertThat(history().events()).hasSize(shop.events.size());
    int items = history().items().size();

    run(command).expect(0);
    assertThat(history().events()).hasSize(shop.events.size());
    assertThat(history().items()).hasSize(items);
    assertThat(history().entries()).isEqualTo(shop.events.size() + items);
  }

  @Test
  void saysWhatIsWrongWithFilesToIngest() throws IOException {
    String[] places = places(Shop.quickConfig(directory.resolve("configs")));
    assertThat(run(with(places, "ingest", "--dataset", schema(), "missing.csv")).expect(1).err())
        .contains("missing.csv: no such file");
    Path broken = directory.resolve("broken.yaml");
    Files.writeString(broken, SCHEMA.replace("title:", "titel:").replace("{item}", "{items}"));
    assertThat(run(with(places, "ingest", "--dataset", broken.toString(), "a.csv")).expect(1).err())
        .contains("item.title: is required")
        .contains("item.titel: unknown key")
        .contains("\"items\" is not one of");
    Path empty = directory.resolve("empty.csv");
    Files.writeString(empty, "");
    assertThat(run(with(places, "ingest", "--dataset", schema(), empty.toString())).expect(1).err())
        .contains("is empty, expected a header");
    for (String cut : List.of("cut.parquet", "cut.csv.gz")) {
      Path file = directory.resolve(cut);
      Files.writeString(file, "PAR1 and no more");
      assertThat(
              run(with(places, "ingest", "--dataset", schema(), file.toString())).expect(1).err())
          .contains(cut);
    }
  }

  @Test
  void replaysTheLogAndMakesTheCheckpointAnew() throws IOException {
    String[] places = places(Shop.quickConfig(directory.resolve("configs")));
    Shop shop = Shop.simulate(5, 20);
    Path home = Path.of(home());
    Shop.append(home, shop.items);
    Shop.append(home, shop.events);
    Path json = directory.resolve("replay.json");
    String[] replay = with(places, "replay");
    String whole = run(and(replay, "--json", json.toString())).expect(0).out();
    assertThat(whole).contains("sha256 ");
    assertThat(Files.readString(json)).contains("\"events\" : " + shop.events.size());
    Shop.append(home, shop.events); // all of it a second time
    assertThat(run(and(replay, "--write-checkpoint")).expect(0).out())
        .contains(sha256(whole), "rebuild the checkpoint");
    assertThat(home.resolve("checkpoint/state")).isNotEmptyFile();
    assertThat(run(and(replay, "--to", Long.toString(Shop.OPENED))).expect(0).out())
        .doesNotContain(sha256(whole));

    assertThat(run(and(replay, "--from", "yesterday")).expect(2).err())
        .contains("--from", "\"yesterday\" is not an instant; expected RFC 3339");
    assertThat(run(and(replay, "--from", "9", "--to", "1970-01-01T00:00:00Z")).expect(1).err())
        .contains("--from 1970-01-01T00:00:00.009Z is not before --to 1970-01-01T00:00:00Z");
    assertThat(run(and(replay, "--write-checkpoint", "--to", "5")).expect(1).err())
        .contains("neither --from nor --to");
  }

  private static String sha256(String out) {
    return out.lines().filter(line -> line.contains("sha256")).findFirst().orElseThrow().trim();
  }

  /** The steps one by one, each refused where it comes too early. */
  @Test
  void trainsEvaluatesAndPublishesOnlyInThatOrder() throws IOException {
    try (MlflowServer mlflow = new MlflowServer()) {
      trainsEvaluatesAndPublishesOnlyInThatOrder(mlflow);
    }
  }

  private void trainsEvaluatesAndPublishesOnlyInThatOrder(MlflowServer mlflow) throws IOException {
    Path config =
        Shop.quickConfig(
            directory.resolve("configs"),
            "max-loss: 0.005",
            "max-loss: 0.2",
            "at-most: 0.02",
            "at-most: 0.2",
            "tracking-uri: \"\"",
            "tracking-uri: " + mlflow.uri());
    String[] places = places(config);
    Shop shop = Shop.simulate(4, 250);
    Path file = csv("walks.csv", shop.events);
    run(with(places, "ingest", "--dataset", schema(), file.toString())).expect(0);
    Instant until = Instant.ofEpochMilli(shop.events.get(shop.events.size() * 3 / 4).timeMillis());
    String[] ranking = {"--task", "ranking"};

    for (String command : List.of("train", "evaluate", "publish", "retrain")) {
      assertThat(run(with(places, command, "--task", "rank")).expect(1).err())
          .contains("no task is called \"rank\"; expected one of [ranking, leave]");
    }
    assertThat(run(with(places, "evaluate", ranking)).expect(1).err())
        .contains("run proffer train");
    run(with(places, "train", "--task", "ranking", "--until", until.toString())).expect(0);
    assertThat(run(with(places, "publish", ranking)).expect(1).err())
        .contains("was not evaluated; run proffer evaluate first");
    assertThat(
            run(with(places, "evaluate", "--task", "ranking", "--from", "2008-01-01T00:00:00Z"))
                .expect(1)
                .err())
        .contains("has learned from events up to " + until)
        .contains("cannot be judged on events from 2008-01-01T00:00:00Z");
    assertThat(
            run(with(places, "evaluate", "--task", "ranking", "--from", "2020-01-01T00:00:00Z"))
                .expect(1)
                .err())
        .contains("there are no events after 2020-01-01");
    assertThat(
            run(with(places, "publish", "--task", "ranking", "--version-id", "none"))
                .expect(1)
                .err())
        .contains("the manifest cannot be read");

    Path json = directory.resolve("figures/out.json");
    String table =
        run(with(places, "evaluate", "--task", "ranking", "--json", json.toString()))
            .expect(0)
            .out();
    assertThat(table).contains("this model").contains("first-order Markov");
    assertThat(Files.readString(json)).contains("\"ranking\"").contains("\"hr@10\"");
    ModelRegistry registry = new ModelRegistry(Path.of(home(), "models"));
    assertThat(registry.alias("ranking", ModelRegistry.CHAMPION)).isNull();
    assertThat(run(with(places, "publish", ranking)).expect(0).out()).contains("is champion");
    String champion = registry.alias("ranking", ModelRegistry.CHAMPION);
    assertThat(registry.versions("ranking")).containsExactly(champion);
    assertThat(mlflow.refused).isEmpty();
    assertThat(mlflow.runs).hasSize(1);
    MlflowServer.Run run = Objects.requireNonNull(mlflow.runs.get("run1"));
    assertThat(run.status).isEqualTo("FINISHED");
    assertThat(run.tags)
        .containsEntry("proffer.version", champion)
        .containsEntry("proffer.task", "ranking")
        .containsKeys("proffer.contract_sha256", "proffer.log_sha256", "proffer.commit");
    assertThat(run.params)
        .containsEntry("trainer", "xgboost")
        .containsEntry("rounds", "12")
        .containsEntry("trained_through", until.toString());
    assertThat(run.metrics)
        .containsEntry(
            "hr_at_10", registry.figures("ranking", String.valueOf(champion)).get("hr@10"));
    MlflowServer.Model model = Objects.requireNonNull(mlflow.models.get("proffer-ranking"));
    assertThat(model.aliases).containsOnly(Map.entry("champion", "run1"));

    // Gates that nothing can pass leave the champion where it is.
    Shop.replace(config.resolve("models.yaml"), "max-loss: 0.2", "at-least: 1.5");
    assertThat(run(with(places, "publish", ranking)).expect(1).out())
        .contains("is refused")
        .contains("expected at least 1.5000: short by");
    assertThat(registry.alias("ranking", ModelRegistry.CHAMPION)).isEqualTo(champion);
    Shop.replace(config.resolve("models.yaml"), "at-least: 1.5", "max-loss: 0.2");

    // A feature more in features.yaml: the champion is of another contract, and its successor of
    // this one. With what came since the training there is enough to learn from, and then no more.
    Shop.replace(
        config.resolve("features.yaml"),
        "\n  leave:\n",
        "\n      - {name: kept, transformation: sequence-length}\n  leave:\n");
    assertThat(run(and(new String[] {"features", "live"}, places)).expect(1).out())
        .contains("ranking champion " + champion + ": is refused; new: [kept]");
    assertThat(run(with(places, "retrain", ranking)).expect(0).out())
        .contains("the champion cannot be judged", "new: [kept]", "only absolute gates apply");
    String retrained = registry.alias("ranking", ModelRegistry.CHAMPION);
    assertThat(run(and(new String[] {"features", "live"}, places)).expect(1).out())
        .contains("ranking champion " + retrained + ": is served")
        .contains("ranking previous " + champion + ": is refused; new: [kept]");
    assertThat(retrained).isNotEqualTo(champion);
    assertThat(registry.alias("ranking", ModelRegistry.PREVIOUS)).isEqualTo(champion);
    assertThat(run(with(places, "retrain", ranking)).expect(1).out())
        .contains("refused: 0 events since the champion was trained, expected at least 50");
    assertThat(registry.alias("ranking", ModelRegistry.CHAMPION)).isEqualTo(retrained);
    assertThat(run(with(places, "retrain", "--task", "ranking", "--force")).expect(1).err())
        .contains("there are no events after");

    assertThat(mlflow.refused).isEmpty();
    assertThat(model.runs)
        .as("the first, two of the retrain, and one that was forced on no events")
        .containsExactly("run1", "run2", "run3", "run4");
    assertThat(model.aliases)
        .containsOnly(Map.entry("champion", "run3"), Map.entry("previous", "run1"));
    assertThat(Objects.requireNonNull(mlflow.runs.get("run3")).tags)
        .containsEntry("proffer.version", retrained);
    assertThat(Objects.requireNonNull(mlflow.runs.get("run3")).metrics).containsKey("ndcg_at_10");
    mlflow.close();
    assertThat(
            run(and(new String[] {"models", "rollback", "--task", "ranking"}, places))
                .expect(0)
                .out())
        .contains("version " + champion + " is champion again")
        .contains("warning: MLflow at " + mlflow.uri() + " was not told who serves ranking, which")
        .contains("Connection refused");
    assertThat(registry.alias("ranking", ModelRegistry.CHAMPION)).isEqualTo(champion);
  }

  @Test
  void evaluatesFilesInAHomeThatIsThrownAway() throws IOException {
    String[] places = places(Shop.quickConfig(directory.resolve("configs")));
    Shop shop = Shop.simulate(6, 200);
    int middle = shop.events.size() * 3 / 4;
    Path learned = csv("learned.csv", shop.events.subList(0, middle));
    Path judged = csv("judged.csv", shop.events.subList(middle, shop.events.size()));
    Path json = directory.resolve("out.json");
    Ran ran =
        run(
            with(
                places,
                "evaluate",
                "--dataset",
                schema(),
                "--train",
                learned.toString(),
                "--test",
                judged.toString(),
                "--json",
                json.toString()));
    assertThat(ran.expect(0).out()).contains("next item, version").contains("leave, version");
    assertThat(Files.readString(json)).contains("\"ranking\"").contains("\"leave\"");
    assertThat(Path.of(home())).doesNotExist();
  }

  private String home() {
    return directory.resolve("home").toString();
  }

  private String[] places(Path config) {
    return new String[] {"--home", home(), "--config", config.toString()};
  }

  private static String[] and(String[] arguments, String... more) {
    List<String> all = new ArrayList<>(Arrays.asList(arguments));
    all.addAll(Arrays.asList(more));
    return all.toArray(new String[0]);
  }

  private static String[] with(String[] places, String command, String... more) {
    List<String> all = new ArrayList<>(List.of(command));
    all.addAll(Arrays.asList(places));
    all.addAll(Arrays.asList(more));
    return all.toArray(new String[0]);
  }

  private String schema() throws IOException {
    Path file = directory.resolve("walks.yaml");
    Files.writeString(file, SCHEMA);
    return file.toString();
  }

  private Path csv(String name, List<Event> events) throws IOException {
    StringBuilder rows = new StringBuilder("user,item,time\n");
    for (Event event : events) {
      rows.append(event.userId()).append(',').append(event.itemId()).append(',');
      rows.append(Instant.ofEpochMilli(event.timeMillis())).append('\n');
    }
    Path file = directory.resolve(name);
    Files.writeString(file, rows);
    return file;
  }

  private History history() {
    Settings settings = Settings.read(Shop.SHIPPED);
    try (EventLog log = EventLog.open(Path.of(home(), "log"))) {
      return History.read(log, settings.contracts().sequence());
    }
  }

  private static Ran run(String... args) {
    PrintStream out = Objects.requireNonNull(System.out);
    PrintStream err = Objects.requireNonNull(System.err);
    ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
    try {
      int code = Main.run(args);
      return new Ran(
          code,
          outBytes.toString(StandardCharsets.UTF_8),
          errBytes.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }
}
