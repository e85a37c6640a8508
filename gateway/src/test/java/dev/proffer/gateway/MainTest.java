package dev.proffer.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class MainTest {
  @TempDir private Path dir;

  private record Run(int code, String out, String err) {}

  private static Run run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int code = line.execute(arguments);
    return new Run(code, out.toString(), err.toString());
  }

  private Run serve(Configuration configuration, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "serve",
                "--home",
                dir.resolve("var").toString(),
                "--config",
                configuration.directory().toString()));
    arguments.addAll(List.of(more));
    return run(arguments.toArray(new String[0]));
  }

  @Test
  void namesTheMistakesOfAllFilesInOneMessage() {
    Configuration configuration = Configuration.shipped(dir);
    configuration.gateway("drain-seconds", -1);
    configuration.with("candidates.yaml", "sources:\n  - {name: stars, reason: why}\n");
    configuration.with(
        "models.yaml", configuration.text("models.yaml").replace("contract: leave", "contract: x"));
    configuration.with("sequences.yaml", "events: [view, purchase]\ncolour: red\n");
    configuration.with(
        "experiments.yaml",
        "layers: [{name: l, experiments: [{name: e, variants: [{name: a}, {name: b, rules: bold}]}]}]");

    Run run = serve(configuration);

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err())
        .contains("gateway.yaml: 1 problem, nothing was started")
        .contains("drain-seconds: -1 is out of range; expected a whole number from 0 to 600")
        .contains("candidates.yaml: 1 problem")
        .contains("\"stars\" is not one of [recent, follows, category, popular, new, ")
        .contains("tasks.leave.contract: \"x\" is not one of [ranking, leave, ")
        .contains("layers[0].experiments[0].variants[1].rules: \"bold\" is not one of the sets []")
        .contains("colour: unknown key")
        .contains("the type \"purchase\" is not declared in events.yaml")
        .doesNotContain("\tat ", "Exception");
    assertThat(dir.resolve("var")).doesNotExist();
  }

  @Test
  void saysWhatIsWrongWithItsUse() {
    assertThat(run().code()).isEqualTo(2);
    assertThat(run("serve", "--nix").code()).isEqualTo(2);
    assertThat(run("serve", "--port", "many").code()).isEqualTo(2);
    Run outOfRange = serve(Configuration.shipped(dir), "--port", "70000");
    assertThat(outOfRange.code()).isEqualTo(2);
    assertThat(outOfRange.err()).contains("--port 70000 is out of range; expected 0 to 65535");
    Run help = run("serve", "--help");
    assertThat(help.code()).isZero();
    assertThat(help.out()).contains("--home", "--ready-file", "--freeze-statistics");
  }

  @Test
  void doesNotStartWithEventTypesThatBreakThoseOfTheStartBefore() {
    Configuration configuration = Configuration.shipped(dir);
    RunningGateway.on(dir, configuration).close();
    configuration.with(
        "events.yaml", configuration.text("events.yaml").replace("max: 1000,", "max: 10,"));

    Run run = serve(configuration);

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err())
        .contains(
            "2 changes break",
            "types.impression.fields.position.max: 1000 became 10",
            "types.click.fields.position.max: 1000 became 10",
            "events check --accept")
        .doesNotContain("\tat ");
  }

  @Test
  void saysThatAPortIsTaken() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Run run = serve(Configuration.shipped(dir), "--port", Integer.toString(taken.getLocalPort()));

      assertThat(run.code()).isEqualTo(1);
      assertThat(run.err()).startsWith("the port is taken").doesNotContain("\tat ");
    }
  }

  @Test
  void saysWhenItIsReadyAndEndsWithZeroWhenItIsTold() throws Exception {
    Path ready = dir.resolve("ready.json");
    Path out = dir.resolve("out");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.removeIf(
        argument -> argument.startsWith("-agentlib") || argument.startsWith("-javaagent"));
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            "dev.proffer.gateway.Main",
            "serve",
            "--home",
            dir.resolve("var").toString(),
            "--config",
            Configuration.shipped(dir).gateway("checkpoint-seconds", 900).directory().toString(),
            "--port",
            "0",
            "--management-port",
            "0",
            "--ready-file",
            ready.toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(dir.resolve("err").toFile())
            .start();
    try {
      await().until(() -> Files.exists(ready) || !process.isAlive());
      assertThat(process.isAlive()).as(Files.readString(dir.resolve("err"))).isTrue();
      JsonObject said = new JsonObject(Files.readString(ready));
      assertThat(said.getLong("pid")).isEqualTo(process.pid());
      Client client = new Client(said.getInteger("port"));
      assertThat(client.post("/suggest", "{\"user_id\":\"u\"}").status()).isEqualTo(200);
      assertThat(new Client(said.getInteger("management_port")).get("/readyz").status())
          .isEqualTo(200);
      String events =
          IntStream.range(0, 500)
              .mapToObj(at -> "{\"type\":\"click\",\"user_id\":\"u" + at + "\",\"item_id\":\"S1\"}")
              .collect(Collectors.joining(",", "[", "]"));
      assertThat(client.post("/log_event", events).status()).isEqualTo(202);

      process.destroy(); // SIGTERM
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isZero();
      // Nothing the stop still needs may be closed by somebody else's shutdown hook.
      assertThat(Files.readString(dir.resolve("err")))
          .contains("checkpoint of ", "stopped")
          .doesNotContain("ERROR");
      assertThat(dir.resolve("var/checkpoint/state")).isNotEmptyFile();
      assertThat(Files.readString(out)).isEqualTo("ready " + said.encode() + "\n");
    } finally {
      process.destroyForcibly();
    }
  }
}
