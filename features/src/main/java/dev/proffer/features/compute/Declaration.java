package dev.proffer.features.compute;

import dev.proffer.configs.Section;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.tables.TablesSpec;
import java.util.List;

/**
 * What a transformation's maker is read from.
 *
 * @param parameters the feature's parameters
 * @param sequence what a user's events are
 * @param tables what is declared in {@code tables.yaml}
 * @param before the features declared before it in the contract, by column
 */
record Declaration(
    Section parameters, SequenceSpec sequence, TablesSpec tables, List<String> before) {

  EventSelection selection() {
    return EventSelection.read(parameters, sequence);
  }

  /**
   * The column of a feature declared before, that a parameter names; refused when there is none.
   */
  int column(String key) {
    String name = parameters.text(key);
    int column = before.indexOf(name);
    if (column < 0 && !name.isEmpty()) {
      parameters.refuse(
          key, "\"" + name + "\" is not one of the features declared before it: " + before);
    }
    return Math.max(0, column);
  }
}
