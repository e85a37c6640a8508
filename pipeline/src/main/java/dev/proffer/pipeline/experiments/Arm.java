package dev.proffer.pipeline.experiments;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a request is part of: a variant of each experiment it is in. Immutable.
 *
 * <p>Its word, in answers and impressions, is {@code default} when it is in none, {@code holdout}
 * when it is held out of all, and otherwise {@code experiment:variant}, several with commas in the
 * order of the layers. A variant that was forced by an allow-list has a {@code *} behind it, one
 * that was stopped, so that the default was served in its place, a {@code !}.
 *
 * @param word as above
 * @param parts by layer
 */
public record Arm(String word, List<Part> parts) {
  /** In no experiment. */
  public static final Arm DEFAULT = new Arm("default", List.of());

  /** Held out of all experiments. */
  public static final Arm HOLDOUT = new Arm("holdout", List.of());

  /**
   * A variant of one experiment.
   *
   * @param forced by an allow-list
   * @param stopped so that the default is served in its place
   */
  public record Part(Experiment experiment, Variant variant, boolean forced, boolean stopped) {
    String word() {
      return experiment.name() + ":" + variant.name() + (forced ? "*" : "") + (stopped ? "!" : "");
    }

    /** Whether the variant is what is served. */
    public boolean served() {
      return !stopped && !variant.changesNothing();
    }
  }

  public Arm {
    parts = List.copyOf(parts);
  }

  static Arm of(List<Part> parts) {
    return parts.isEmpty()
        ? DEFAULT
        : new Arm(String.join(",", parts.stream().map(Part::word).toList()), parts);
  }

  /**
   * A part of a word as it was logged.
   *
   * @param forced by an allow-list
   * @param stopped so that the default was served
   */
  public record Logged(String experiment, String variant, boolean forced, boolean stopped) {}

  /** Reads words, each once: there are few. Belongs to one thread. */
  public static final class Words implements Function<String, List<Logged>> {
    private final Map<String, List<Logged>> known = new HashMap<>();

    @Override
    public List<Logged> apply(String word) {
      List<Logged> parts = known.get(word);
      if (parts == null) {
        parts = read(word);
        if (known.size() < 10_000) {
          known.put(word, parts);
        }
      }
      return parts;
    }
  }

  /** The parts of a word; none of what is no experiment's. */
  public static List<Logged> read(String word) {
    List<Logged> parts = new ArrayList<>();
    for (String part : word.split(",", -1)) {
      Logged logged = part(part);
      if (logged != null) {
        parts.add(logged);
      }
    }
    return List.copyOf(parts);
  }

  private static @Nullable Logged part(String part) {
    int colon = part.indexOf(':');
    if (colon < 1) {
      return null;
    }
    int end = part.length();
    boolean stopped = part.endsWith("!");
    end -= stopped ? 1 : 0;
    boolean forced = end > 0 && part.charAt(end - 1) == '*';
    end -= forced ? 1 : 0;
    return colon + 1 >= end
        ? null
        : new Logged(part.substring(0, colon), part.substring(colon + 1, end), forced, stopped);
  }
}
