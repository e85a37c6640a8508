package dev.proffer.perf;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * What a bench says and writes: on what its figures were taken, its lines and, with {@code --json},
 * all figures in a file. Mixed into a command; belongs to one thread.
 */
final class Report {
  private static final double IDLE = 0.5;

  private static final JsonMapper MAPPER = new JsonMapper();

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Option(names = "--json", paramLabel = "FILE", description = "Writes all figures.")
  private @Nullable Path file;

  private final ObjectNode json = MAPPER.createObjectNode();

  /** Says what the figures are taken on and when; to be called before anything is measured. */
  void begin(Machine machine) {
    String began = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    String commit = System.getProperty("proffer.commit", "unknown");
    double load = Machine.load();
    json.put("measured_at", began);
    json.put("commit", commit);
    machine.write(json.putObject("machine"));
    json.put("load_average_before", load);
    say(machine.words());
    say("commit %s, %s; load average %.2f before the start", commit, began, load);
    if (load > IDLE) {
      say("the machine is not idle: these figures are preliminary");
    }
  }

  /** Says a line as it is. */
  void say(String line) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(line);
    out.flush();
  }

  /** Says a line of {@link String#format}. */
  void say(String format, Object... values) {
    say(String.format(Locale.ROOT, format, values));
  }

  /** The figures to be written; holds what they were taken on. */
  ObjectNode json() {
    return json;
  }

  /** Writes the figures if that was asked for. */
  void write() throws IOException {
    if (file != null) {
      MAPPER.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), json);
      say("written to " + file);
    }
  }

  /**
   * Holds an option to its range.
   *
   * @throws ParameterException when it is beyond
   */
  void bounded(String option, Number value, Number min, Number max) {
    if (!(value.doubleValue() >= min.doubleValue() && value.doubleValue() <= max.doubleValue())) {
      throw refused(option + " " + value + " is out of range; expected " + min + " to " + max);
    }
  }

  /** What to throw for an option that cannot be. */
  ParameterException refused(String why) {
    return new ParameterException(spec.commandLine(), why);
  }
}
