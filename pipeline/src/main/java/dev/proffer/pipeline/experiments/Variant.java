package dev.proffer.pipeline.experiments;

/**
 * One arm of an experiment: what it does otherwise than the rest of the configuration says. Empty
 * texts leave things as they are. Immutable.
 *
 * @param weight its share of the experiment's units, relative to the others'
 * @param model an alias of the registry or a version of the ranking task
 * @param sources a set of {@code candidates.yaml}
 * @param rules a set of {@code ranking.yaml}, exploration among them
 */
public record Variant(String name, double weight, String model, String sources, String rules) {
  /** Whether it changes nothing. */
  public boolean changesNothing() {
    return model.isEmpty() && sources.isEmpty() && rules.isEmpty();
  }
}
