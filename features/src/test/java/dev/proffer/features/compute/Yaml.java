package dev.proffer.features.compute;

import dev.proffer.configs.Problems;
import dev.proffer.features.spec.SequenceSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Contracts read from files that a test writes. */
final class Yaml {
  private Yaml() {}

  /** Writes both files, reads them, and expects nothing to be wrong. */
  static Contracts read(Path home, String features, String orderAttribute) {
    Problems problems = new Problems();
    Contracts contracts = read(home, features, orderAttribute, problems);
    problems.throwIfAny();
    return contracts;
  }

  static Contracts read(Path home, String features, String orderAttribute, Problems problems) {
    try {
      Files.writeString(
          home.resolve(SequenceSpec.FILE),
          "events: [view, click]\nmax-length: 400\nsession-gap-minutes: 30\nnumbers: [value]\n"
              + (orderAttribute.isEmpty() ? "" : "order-attribute: " + orderAttribute + "\n"));
      Files.writeString(home.resolve(Contracts.FILE), features);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Contracts.read(home, problems);
  }

  /** A contract of every case, in their order, called "all". */
  static String everyCase() {
    StringBuilder yaml = new StringBuilder("contracts:\n  all:\n    features:\n");
    List<Definitions.Case> all = Definitions.cases();
    int events = all.size() - EventDefinitions.cases().size();
    for (int column = 0; column < all.size(); column++) {
      Definitions.Case one = all.get(column);
      yaml.append("      - {name: ");
      yaml.append(column < events ? "f" + column : EventDefinitions.FIRST + (column - events));
      yaml.append(", transformation: ").append(one.transformation());
      yaml.append(", parameters: {").append(one.parameters()).append("}}\n");
    }
    return yaml.toString();
  }
}
