package dev.proffer.gateway;

import dev.proffer.configs.ConfigException;
import dev.proffer.events.time.Time;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.BindException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program: {@code proffer serve}. Exit codes: 0 fine, 1 failed, 2 wrong usage. */
@Command(
    name = "proffer",
    description = "A ranking gateway.",
    mixinStandardHelpOptions = true,
    version = "proffer 0.1.0-SNAPSHOT",
    subcommands = Main.Serve.class)
public final class Main implements Runnable {
  private static final int FAILED = 1;

  @Spec private CommandSpec spec = CommandSpec.create();

  private Main() {}

  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main());
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say what to do: serve");
  }

  /** {@code proffer serve}. */
  @Command(
      name = "serve",
      description = "Answers /suggest, /log_event and /predict until it is told to stop.",
      mixinStandardHelpOptions = true,
      exitCodeListHeading = "%nExit codes:%n",
      exitCodeList = {"0:stopped as told", "1:could not start", "2:wrong usage"})
  static final class Serve implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
        names = "--home",
        paramLabel = "DIR",
        defaultValue = "var",
        description = "Holds all state: log/ and models/ (default: ${DEFAULT-VALUE}).")
    private Path home = Path.of("var");

    @Option(
        names = "--config",
        paramLabel = "DIR",
        defaultValue = "configs",
        description = "Holds the YAML files (default: ${DEFAULT-VALUE}).")
    private Path config = Path.of("configs");

    @Option(
        names = "--port",
        paramLabel = "PORT",
        description = "The public port, 0 for a free one (default: as gateway.yaml says).")
    private @Nullable Integer port;

    @Option(
        names = "--management-port",
        paramLabel = "PORT",
        description = "The management port, 0 for a free one (default: as gateway.yaml says).")
    private @Nullable Integer managementPort;

    @Option(
        names = "--ready-file",
        paramLabel = "FILE",
        description = "Written when ready: one line of JSON with port, management_port and pid.")
    private @Nullable Path readyFile;

    @Option(
        names = "--freeze-statistics",
        description = "Keep the statistics as they are at the start; for evaluations over HTTP.")
    private boolean freezeStatistics;

    @Option(
        names = "--models-in-home",
        description =
            "Take models from the home, wherever models.yaml says they are; for homes that are"
                + " thrown away.")
    private boolean modelsInHome;

    @Override
    public Integer call() throws InterruptedException {
      Settings settings;
      try {
        settings = settings();
      } catch (ConfigException e) {
        return failed(String.valueOf(e.getMessage()));
      }
      Gateway gateway;
      try {
        gateway = Gateway.start(settings, home, Time.system());
      } catch (ConfigException e) {
        return failed(String.valueOf(e.getMessage()));
      } catch (BindException e) {
        return failed("the port is taken: " + e.getMessage());
      } catch (Exception e) {
        LoggerFactory.getLogger(Main.class).error("the gateway could not be started", e);
        return failed("the gateway could not be started: " + e);
      }
      CountDownLatch stopped = new CountDownLatch(1);
      // The JVM halts when its hooks return, so this one waits. It then ends the process itself:
      // after an orderly stop the exit code is 0, not 128 and the signal's number.
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    gateway.close();
                    stopped.countDown();
                    Runtime.getRuntime().halt(0);
                  },
                  "proffer-stop"));
      try {
        ready(gateway);
      } catch (IOException e) {
        gateway.close();
        Runtime.getRuntime().halt(failed("the ready file cannot be written: " + e));
      }
      stopped.await();
      return 0;
    }

    private Settings settings() {
      Settings read = Settings.read(config);
      GatewaySpec gateway =
          read.gateway()
              .onPorts(
                  checked("--port", port, read.gateway().port()),
                  checked("--management-port", managementPort, read.gateway().managementPort()));
      if (modelsInHome) {
        read = read.withModelsInHome();
      }
      return read.with(freezeStatistics ? gateway.withFrozenStatistics() : gateway);
    }

    private int checked(String option, @Nullable Integer given, int otherwise) {
      if (given != null && (given < 0 || given > 65_535)) {
        throw new ParameterException(
            spec.commandLine(), option + " " + given + " is out of range; expected 0 to 65535");
      }
      return given == null ? otherwise : given;
    }

    private void ready(Gateway gateway) throws IOException {
      String line =
          "{\"port\":"
              + gateway.port()
              + ",\"management_port\":"
              + gateway.managementPort()
              + ",\"pid\":"
              + ProcessHandle.current().pid()
              + "}";
      Path file = readyFile;
      if (file != null) {
        Path absolute = file.toAbsolutePath();
        Path next = absolute.resolveSibling(absolute.getFileName() + ".next");
        Files.writeString(next, line + "\n", StandardCharsets.UTF_8);
        Files.move(
            next, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      }
      PrintWriter out = spec.commandLine().getOut();
      out.println("ready " + line);
      out.flush();
    }

    private int failed(String message) {
      PrintWriter err = spec.commandLine().getErr();
      err.println(message);
      err.flush();
      return FAILED;
    }
  }
}
