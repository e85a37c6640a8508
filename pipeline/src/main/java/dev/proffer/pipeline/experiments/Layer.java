package dev.proffer.pipeline.experiments;

import java.util.List;

/**
 * Experiments that exclude each other: each owns buckets of its own. Layers are independent of each
 * other through their salts (Tang, Agarwal, O'Brien and Meyer, "Overlapping Experiment
 * Infrastructure", KDD 2010). Immutable.
 */
public record Layer(String name, Bucketing.Salt salt, List<Experiment> experiments) {
  public Layer {
    experiments = List.copyOf(experiments);
  }
}
