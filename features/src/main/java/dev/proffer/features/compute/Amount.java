package dev.proffer.features.compute;

import dev.proffer.configs.Section;
import dev.proffer.features.spec.SequenceSpec;
import java.util.function.Supplier;

/**
 * A number of an event: one of its own, or an attribute of its item. Belongs to one thread; {@link
 * #prepare} before use in a request.
 */
final class Amount {
  private final int column;
  private final String attribute;
  private float[] byItem = new float[1];

  private Amount(int column, String attribute) {
    this.column = column;
    this.attribute = attribute;
  }

  /** Reads {@code number} or {@code attribute}, of which there must be one. */
  static Supplier<Amount> read(Section parameters, SequenceSpec sequence) {
    String number = parameters.text("number", "");
    String attribute = parameters.text("attribute", "");
    if (number.isEmpty() == attribute.isEmpty()) {
      parameters.refuse(
          number.isEmpty() ? "number" : "attribute",
          "give one of number (of the event) and attribute (of its item)");
    }
    int column = sequence.numbers().indexOf(number);
    if (!number.isEmpty() && column < 0) {
      parameters.refuse(
          "number",
          "\"" + number + "\" is not one of " + sequence.numbers() + " of " + SequenceSpec.FILE);
    }
    return () -> new Amount(column, attribute);
  }

  void prepare(FeatureInput in) {
    if (!attribute.isEmpty()) {
      byItem = in.catalog().numbers(attribute);
    }
  }

  /**
   * The number of the event at a place of the input; NaN when it has none.
   *
   * @param place as {@link SelectedEvents#place} gives it
   */
  float of(FeatureInput in, int place) {
    if (!attribute.isEmpty()) {
      return byItem[in.item(place)];
    }
    return column < 0 ? Float.NaN : in.number(place, column);
  }
}
