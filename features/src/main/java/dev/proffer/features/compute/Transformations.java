package dev.proffer.features.compute;

import dev.proffer.configs.Section;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The transformations a feature may name, each with the reader of its parameters. To add one: a
 * class and a line here.
 */
final class Transformations {
  private static final Map<String, Function<Section, Supplier<Transformation>>> KNOWN =
      new LinkedHashMap<>();

  private Transformations() {}

  /**
   * The maker of a declared transformation. A mistake is noted in the sections' problems, and a
   * transformation that is always missing stands in.
   *
   * @param name as declared under the key {@code transformation} of {@code feature}
   */
  static Supplier<Transformation> read(String name, Section feature, Section parameters) {
    Function<Section, Supplier<Transformation>> reader = KNOWN.get(name);
    if (reader == null) {
      feature.refuse("transformation", "\"" + name + "\" is not one of " + KNOWN.keySet());
      return () -> (Transformation.OfRequest) in -> Float.NaN;
    }
    Supplier<Transformation> maker = reader.apply(parameters);
    parameters.done();
    return maker;
  }

  /** The names, in the order of documentation. */
  static List<String> names() {
    return List.copyOf(KNOWN.keySet());
  }
}
