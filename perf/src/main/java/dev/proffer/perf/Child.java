package dev.proffer.perf;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A Java program in a process of its own, spoken to by lines. What it says on standard error goes
 * to a file and is shown when it fails. Ended by its handle.
 */
final class Child implements AutoCloseable {
  private static final long STOP_SECONDS = 20;
  private static final int SHOWN_OF_LOG = 4_000;

  private final String name;
  private final Process process;
  private final Path log;
  private final BlockingQueue<String> said = new LinkedBlockingQueue<>();
  private final Writer in;

  private Child(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
    this.in = process.outputWriter(StandardCharsets.UTF_8);
    Thread reader = new Thread(this::listen, "bench-" + name);
    reader.setDaemon(true);
    reader.start();
  }

  /** Starts a command line. */
  static Child start(String name, List<String> command, Path directory) throws IOException {
    Path log = directory.resolve(name + ".log");
    return new Child(name, new ProcessBuilder(command).redirectError(log.toFile()).start(), log);
  }

  /** A Java command line with the JVM options that the launcher gives every program. */
  static List<String> java(Path jvmArguments, List<String> more, String classPath, String main) {
    return java(Path.of(System.getProperty("java.home")), jvmArguments, more, classPath, main);
  }

  /** The same of another JDK. */
  static List<String> java(
      Path javaHome, Path jvmArguments, List<String> more, String classPath, String main) {
    List<String> command = new ArrayList<>();
    command.add(javaHome.resolve("bin/java").toString());
    command.add("@" + jvmArguments);
    String options = System.getenv("PROFFER_JAVA_OPTS");
    if (options != null && !options.isBlank()) {
      command.addAll(List.of(options.strip().split("\\s+")));
    }
    command.addAll(more);
    // As ./proffer serve, which says why.
    if (command.stream().noneMatch(option -> option.matches("-Xm[sx].*"))) {
      command.addAll(List.of("-Xms1g", "-Xmx1g", "-XX:+AlwaysPreTouch"));
    }
    if (command.stream().noneMatch(option -> option.matches("-XX:\\+Use\\w+GC"))) {
      command.addAll(List.of("-XX:+UseG1GC", "-XX:MaxGCPauseMillis=5"));
    }
    command.addAll(List.of("-cp", classPath, main));
    return command;
  }

  private void listen() {
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        said.add(line);
      }
    } catch (IOException e) {
      said.add("failed " + e);
    }
  }

  /** The next line that begins with a word; fails when the process ends or is silent instead. */
  String await(String word, Duration within) {
    long millis = within.toMillis();
    try {
      for (; millis > 0; millis -= 100) {
        String line = said.poll(100, TimeUnit.MILLISECONDS);
        if (line != null && line.startsWith(word)) {
          return line;
        } else if (line != null && line.startsWith("failed ")) {
          throw new Failed(name + ": " + line.substring("failed ".length()));
        } else if (line == null && !process.isAlive() && said.isEmpty()) {
          throw new Failed("the " + name + " ended" + log());
        }
      }
      throw new Failed("the " + name + " said nothing for " + within.toSeconds() + " s" + log());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failed("interrupted", e);
    }
  }

  /** Says a line to it. */
  void say(String line) {
    try {
      in.write(line + "\n");
      in.flush();
    } catch (IOException e) {
      throw new Failed("the " + name + " does not listen: " + e + log(), e);
    }
  }

  /** Processor time it has used, in nanoseconds; null where the system does not say. */
  @Nullable Long cpuNanos() {
    return process.info().totalCpuDuration().map(Duration::toNanos).orElse(null);
  }

  /** Ends it with SIGKILL and waits for its end. */
  void kill() {
    try {
      process.destroyForcibly().waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Its exit code, once it has ended by itself; null when it has not within the time. */
  @Nullable Integer exitCode(Duration within) {
    try {
      return process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS) ? process.exitValue() : null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  long pid() {
    return process.pid();
  }

  /** The end of what it said on standard error, behind a colon. */
  String log() {
    try {
      String text = Files.readString(log);
      return text.isBlank()
          ? ""
          : ":\n" + text.substring(Math.max(0, text.length() - SHOWN_OF_LOG)).strip();
    } catch (IOException e) {
      return "";
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
