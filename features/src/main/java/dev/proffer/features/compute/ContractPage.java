package dev.proffer.features.compute;

import dev.proffer.features.spec.FeatureContract;
import dev.proffer.features.spec.FeatureSpec;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** The declared features and the transformations there are, as a page of Markdown. Stateless. */
public final class ContractPage {
  private ContractPage() {}

  /** The page; the same contracts give the same text. */
  public static String of(Contracts contracts) {
    StringBuilder page = new StringBuilder();
    page.append("# The features\n\nWritten by `./proffer features docs`; not by hand.\n");
    for (String name : contracts.names()) {
      contract(Objects.requireNonNull(contracts.contract(name)), page);
    }
    page.append("\n## Transformations\n\n");
    page.append("What a feature may name, whom its value belongs to, and how often a contract");
    page.append(" above uses it. \"Missing\" is a NaN, unless the feature has a default.");
    page.append(" [The test of each](transformations.md).\n\n");
    page.append("| transformation | of | used | definition |\n|---|---|---:|---|\n");
    for (String name : Transformations.names()) {
      page.append("| `").append(name).append("` | ");
      page.append(Transformations.entity(name)).append(" | ");
      page.append(uses(contracts, name)).append(" | ");
      page.append(cell(Transformations.definition(name))).append(" |\n");
    }
    return page.toString();
  }

  private static void contract(FeatureContract contract, StringBuilder page) {
    page.append("\n## Contract `").append(contract.name()).append("`\n\n");
    page.append(contract.width()).append(" features, SHA-256 `");
    page.append(contract.sha256()).append("`.\n\n");
    page.append("| column | feature | of | what | unit | default | description |\n");
    page.append("|---:|---|---|---|---|---|---|\n");
    for (int column = 0; column < contract.width(); column++) {
      FeatureSpec feature = contract.feature(column);
      page.append("| ").append(column);
      page.append(" | `").append(feature.name()).append('`');
      if (feature.version() > 1) {
        page.append(" v").append(feature.version());
      }
      page.append(" | ").append(feature.entity());
      page.append(" | ").append(cell(what(feature)));
      page.append(" | ").append(cell(feature.unit()));
      page.append(" | ").append(otherwise(feature));
      page.append(" | ").append(cell(feature.description())).append(" |\n");
    }
  }

  private static String what(FeatureSpec feature) {
    StringBuilder what = new StringBuilder("`").append(feature.transformation()).append('`');
    String separator = " ";
    for (Map.Entry<String, String> parameter : feature.parameters().entrySet()) {
      what.append(separator).append(parameter.getKey()).append(' ').append(parameter.getValue());
      separator = ", ";
    }
    if (feature.type() != FeatureSpec.Type.NUMBER) {
      what.append(" (").append(feature.type().name().toLowerCase(Locale.ROOT)).append(')');
    }
    return what.toString();
  }

  private static String otherwise(FeatureSpec feature) {
    String value = Float.isNaN(feature.otherwise()) ? "missing" : feature.otherwise() + "";
    return feature.livesMillis() == 0
        ? value
        : value + " after " + feature.livesMillis() / 3_600_000.0 + " h";
  }

  private static long uses(Contracts contracts, String transformation) {
    return contracts.names().stream()
        .map(contracts::contract)
        .filter(Objects::nonNull)
        .flatMap(contract -> contract.features().stream())
        .filter(feature -> feature.transformation().equals(transformation))
        .count();
  }

  private static String cell(String text) {
    return text.replace("|", "\\|");
  }
}
