package dev.proffer.configs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Everything found wrong while reading configuration, in the order it was found. Not thread-safe;
 * one start owns one.
 *
 * <p>Reading goes on after a mistake, with a value that is in range, so that one start shows all
 * mistakes.
 */
public final class Problems {
  private final List<Problem> found = new ArrayList<>();

  /**
   * One mistake.
   *
   * @param file the file as the user named it
   * @param line 1-based, 0 when the mistake has no line (a missing file)
   * @param key dotted path of the key
   * @param message the value, and what was allowed
   */
  public record Problem(String file, int line, String key, String message) {}

  /** Notes a mistake. */
  public void add(String file, int line, String key, String message) {
    found.add(new Problem(file, line, key, message));
  }

  /** The mistakes so far; unmodifiable. */
  public List<Problem> found() {
    return List.copyOf(found);
  }

  /** Whether nothing was wrong. */
  public boolean none() {
    return found.isEmpty();
  }

  /** Stops the start if anything was wrong. */
  public void throwIfAny() {
    if (!found.isEmpty()) {
      throw new ConfigException(toString());
    }
  }

  /** File by file: a head line with the count, then a line a mistake. */
  @Override
  public String toString() {
    Map<String, List<Problem>> byFile = new LinkedHashMap<>();
    for (Problem problem : found) {
      byFile.computeIfAbsent(problem.file(), file -> new ArrayList<>()).add(problem);
    }
    StringBuilder text = new StringBuilder();
    byFile.forEach(
        (file, problems) -> {
          if (!text.isEmpty()) {
            text.append('\n');
          }
          text.append(file)
              .append(": ")
              .append(problems.size())
              .append(problems.size() == 1 ? " problem" : " problems")
              .append(", nothing was started");
          for (Problem problem : problems) {
            text.append("\n  ");
            if (problem.line() > 0) {
              text.append("line ").append(problem.line()).append(", ");
            }
            if (!problem.key().isEmpty()) {
              text.append(problem.key()).append(": ");
            }
            text.append(problem.message());
          }
        });
    return text.toString();
  }
}
