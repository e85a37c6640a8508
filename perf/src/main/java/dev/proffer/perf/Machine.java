package dev.proffer.perf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * What the figures were taken on, and how processes are tied to its cores: servers to core 0 unless
 * asked otherwise and the load to core 1, where {@code taskset} and two cores are to be had.
 *
 * @param pinned whether processes are tied to cores
 * @param serverCores of the servers, as {@code taskset} names them
 */
record Machine(
    String processor, int cores, String system, String jdk, boolean pinned, String serverCores) {
  /** The core of the servers unless they are to have more. */
  static final String SERVER_CORE = "0";

  private static final String LOAD_CORE = "1";

  static Machine look() {
    return look(SERVER_CORE);
  }

  /** The machine, with servers tied to these cores. */
  static Machine look(String serverCores) {
    return new Machine(
        processorName(),
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("os.name") + " " + System.getProperty("os.arch"),
        System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"),
        succeeds("taskset", "-c", serverCores, "true")
            && succeeds("taskset", "-c", LOAD_CORE, "true"),
        serverCores);
  }

  /** A server's command line tied to its cores, or as it is where that cannot be done. */
  List<String> server(List<String> command) {
    return tied(serverCores, command);
  }

  /** The load's command line tied to its core, or as it is where that cannot be done. */
  List<String> load(List<String> command) {
    return tied(LOAD_CORE, command);
  }

  private List<String> tied(String cores, List<String> command) {
    if (!pinned) {
      return command;
    }
    List<String> tied = new ArrayList<>(List.of("taskset", "-c", cores));
    tied.addAll(command);
    return tied;
  }

  /**
   * How many processes want a core now, by the system's one-minute average; negative if unknown.
   */
  static double load() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }

  String words() {
    return String.format(
        Locale.ROOT,
        "%s, %d cores, %s, %s; %s",
        processor,
        cores,
        system,
        jdk,
        pinned
            ? "server tied to core " + serverCores + ", load to core " + LOAD_CORE
            : "NOT tied to cores (no taskset, or one core): server and load share them");
  }

  void write(ObjectNode json) {
    json.put("processor", processor);
    json.put("cores", cores);
    json.put("system", system);
    json.put("jdk", jdk);
    json.put("pinned", pinned);
    json.put("server_cores", serverCores);
  }

  private static String processorName() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
        if (line.startsWith("model name")) {
          return line.substring(line.indexOf(':') + 1).strip();
        }
      }
    } catch (IOException e) {
      // not Linux: the architecture is said all the same
    }
    return "unknown processor";
  }

  private static boolean succeeds(String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
