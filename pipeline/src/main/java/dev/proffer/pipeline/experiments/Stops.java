package dev.proffer.pipeline.experiments;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which variants are stopped, and why. Immutable.
 *
 * @param byVariant by {@code experiment:variant}
 */
public record Stops(Map<String, Stop> byVariant) {
  /** None. */
  public static final Stops NONE = new Stops(Map.of());

  /**
   * Why a variant is stopped.
   *
   * @param atMillis since when, epoch milliseconds
   * @param reason in words
   */
  public record Stop(long atMillis, String reason) {}

  public Stops {
    byVariant = java.util.Collections.unmodifiableMap(new TreeMap<>(byVariant));
  }

  /** The stop of a variant; null when it runs. */
  public @Nullable Stop of(String experiment, String variant) {
    return byVariant.isEmpty() ? null : byVariant.get(experiment + ":" + variant);
  }
}
