package dev.proffer.pipeline;

import dev.proffer.configs.ConfigFile;
import dev.proffer.configs.Problems;
import dev.proffer.configs.Section;
import dev.proffer.features.compute.Contracts;
import dev.proffer.features.spec.FeatureContract;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The families of features and what a person is told when one of them spoke most for a proposition;
 * read from {@code reasons.yaml}. Immutable.
 *
 * @param always whether every suggestion's reasons tell which family spoke most, or only those that
 *     are asked to
 * @param families in order: a feature is of the first whose patterns it matches
 */
public record ReasonsSpec(boolean always, List<Family> families) {
  /** The file's name below the configuration directory. */
  public static final String FILE = "reasons.yaml";

  /** No families: only the source tells why. */
  public static final ReasonsSpec NONE = new ReasonsSpec(false, List.of());

  /** The family of the features that are of no other. */
  public static final String OTHER = "other";

  private static final Set<String> PLACEHOLDERS = Set.of("{last}", "{category}");
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{[^}]*}?");

  public ReasonsSpec {
    families = List.copyOf(families);
  }

  private enum When {
    ASKED,
    ALWAYS
  }

  /**
   * Features that say the same in different ways.
   *
   * @param features names of features; * stands for anything
   * @param words what a person is told; empty for nothing
   * @param byFeature other words when one of its features spoke most
   */
  public record Family(
      String name, List<String> features, String words, Map<String, String> byFeature) {
    public Family {
      features = List.copyOf(features);
      byFeature = Map.copyOf(byFeature);
    }

    /** Whether a feature is of it, unless of an earlier one. */
    public boolean holds(String feature) {
      return features.stream().anyMatch(pattern -> matches(pattern, feature));
    }

    private static boolean matches(String pattern, String feature) {
      return feature.matches("\\Q" + pattern.replace("*", "\\E.*\\Q") + "\\E");
    }
  }

  /** Reads the file below {@code configDir}, if there is one; mistakes go to {@code problems}. */
  public static ReasonsSpec read(Path configDir, Problems problems) {
    Path file = configDir.resolve(FILE);
    if (!Files.exists(file)) {
      return NONE;
    }
    Section root = ConfigFile.read(file, problems);
    When when = root.oneOf("contributions", When.class, When.ASKED);
    List<Family> families = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Section section : root.sections("families")) {
      String name = section.text("name");
      if (!names.add(name) || name.equals(OTHER)) {
        section.refuse("name", "\"" + name + "\" is another family's");
      }
      List<String> features = section.texts("features");
      if (features.isEmpty()) {
        section.refuse("features", "at least one feature is required");
      }
      String words = section.text("words", "");
      check(section, "words", words);
      Section own = section.section("by-feature");
      Map<String, String> byFeature = own.plain();
      byFeature.forEach((feature, said) -> check(own, feature, said));
      own.done();
      section.done();
      Family family = new Family(name, features, words, byFeature);
      for (String feature : byFeature.keySet()) {
        if (!family.holds(feature)) {
          own.refuse(feature, "is none of the family's features " + features);
        }
      }
      families.add(family);
    }
    root.done();
    return new ReasonsSpec(when == When.ALWAYS, families);
  }

  private static void check(Section section, String key, String words) {
    for (Matcher found = PLACEHOLDER.matcher(words); found.find(); ) {
      if (!PLACEHOLDERS.contains(found.group())) {
        section.refuse(
            key, found.group() + " is none of " + PLACEHOLDERS.stream().sorted().toList());
      }
    }
  }

  /** Notes patterns that no declared feature matches. */
  void check(Contracts contracts, Path configDir, Problems problems) {
    Set<String> known = new TreeSet<>();
    for (String name : contracts.names()) {
      FeatureContract contract = contracts.contract(name);
      if (contract != null) {
        known.addAll(contract.names());
      }
    }
    for (int at = 0; at < families.size(); at++) {
      for (String pattern : families.get(at).features()) {
        if (known.stream().noneMatch(feature -> Family.matches(pattern, feature))) {
          problems.add(
              configDir.resolve(FILE).toString(),
              0,
              "families[" + at + "].features",
              "\"" + pattern + "\" matches no feature of " + Contracts.FILE);
        }
      }
    }
  }
}
