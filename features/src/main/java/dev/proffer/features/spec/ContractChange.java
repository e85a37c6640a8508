package dev.proffer.features.spec;

import java.util.ArrayList;
import java.util.List;

/**
 * A difference between two contracts of one name.
 *
 * @param feature which feature; empty when it is about the row as a whole
 * @param words what became of it
 * @param decides whether a value may differ, so that a model of the one is refused on the other
 */
public record ContractChange(String feature, String words, boolean decides) {

  /** All differences, in the order of the later contract, what is gone last. */
  public static List<ContractChange> between(FeatureContract before, FeatureContract after) {
    List<ContractChange> changes = new ArrayList<>();
    for (int column = 0; column < after.width(); column++) {
      FeatureSpec is = after.feature(column);
      int was = before.names().indexOf(is.name());
      if (was < 0) {
        changes.add(new ContractChange(is.name(), "is new: " + is.canonical(), true));
        continue;
      }
      of(before.feature(was), is, changes);
      if (was != column) {
        changes.add(new ContractChange(is.name(), "column " + was + " became " + column, true));
      }
    }
    for (FeatureSpec was : before.features()) {
      if (!after.names().contains(was.name())) {
        changes.add(new ContractChange(was.name(), "is gone", true));
      }
    }
    boolean said = changes.stream().anyMatch(ContractChange::decides);
    if (!said && !before.sha256().equals(after.sha256())) {
      changes.add(
          new ContractChange("", "what the features read changed: sequences or statistics", true));
    }
    return List.copyOf(changes);
  }

  private static void of(FeatureSpec was, FeatureSpec is, List<ContractChange> changes) {
    int before = changes.size();
    differ(is, "type", was.type(), is.type(), true, changes);
    differ(is, "version", was.version(), is.version(), true, changes);
    differ(is, "transformation", was.transformation(), is.transformation(), true, changes);
    differ(is, "parameters", was.parameters(), is.parameters(), true, changes);
    differ(is, "default", was.otherwise(), is.otherwise(), true, changes);
    differ(is, "life in ms", was.livesMillis(), is.livesMillis(), true, changes);
    if (changes.size() == before && !was.canonical().equals(is.canonical())) {
      changes.add(
          new ContractChange(is.name(), was.canonical() + " became " + is.canonical(), true));
    }
    differ(is, "unit", was.unit(), is.unit(), false, changes);
    differ(is, "owner", was.owner(), is.owner(), false, changes);
    differ(is, "description", was.description(), is.description(), false, changes);
  }

  private static void differ(
      FeatureSpec of,
      String what,
      Object was,
      Object is,
      boolean decides,
      List<ContractChange> changes) {
    if (!was.equals(is)) {
      changes.add(
          new ContractChange(of.name(), what + " \"" + was + "\" became \"" + is + "\"", decides));
    }
  }

  @Override
  public String toString() {
    return feature.isEmpty() ? words : feature + ": " + words;
  }
}
