package dev.proffer.pipeline.rules;

import dev.proffer.configs.Section;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.tables.TableSpec;
import dev.proffer.features.tables.TablesSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The steps after scoring, in order; read from {@code rules} of {@code ranking.yaml}. Immutable.
 *
 * @param rules what leaves out or changes scores works in this order; what chooses for slots works
 *     after all of them
 * @param rememberedUsers of how many users showings are remembered, for frequency caps
 * @param rememberedShowings how many showings of each
 */
public record RulesSpec(List<Rule> rules, int rememberedUsers, int rememberedShowings) {
  /** No steps: the best by score. */
  public static final RulesSpec NONE = new RulesSpec(List.of(), 0, 0);

  private static final int MOST_RULES = 64;
  private static final int MOST_USERS = 10_000_000;
  private static final int MOST_SHOWINGS = 10_000;

  public RulesSpec {
    rules = List.copyOf(rules);
  }

  /** Reads {@code rules} and {@code showings} of a section. */
  public static RulesSpec read(Section root) {
    Section showings = root.section("showings");
    int users = showings.integer("users", 50_000, 1, MOST_USERS);
    int perUser = showings.integer("per-user", 100, 1, MOST_SHOWINGS);
    showings.done();
    return new RulesSpec(rules(root, perUser), users, perUser);
  }

  /**
   * Reads {@code rules} of a section, to be taken in place of these; showings are remembered alike.
   */
  public RulesSpec readSet(Section section) {
    return new RulesSpec(rules(section, rememberedShowings), rememberedUsers, rememberedShowings);
  }

  private static List<Rule> rules(Section root, int perUser) {
    List<Rule> rules = new ArrayList<>();
    Set<String> names = new HashSet<>();
    Set<Integer> slots = new HashSet<>();
    Set<Class<?>> once = new HashSet<>();
    List<Section> sections = root.sections("rules");
    if (sections.size() > MOST_RULES) {
      root.refuse("rules", sections.size() + " rules, expected at most " + MOST_RULES);
    }
    for (Section section : sections) {
      if (!section.has("rule")) {
        section.refuse("rule", "is required");
      }
      Rule rule = read(section, perUser);
      section.done();
      if (!names.add(rule.name())) {
        section.refuse(
            section.has("name") ? "name" : "rule",
            "\"" + rule.name() + "\" stands twice; expected a name of its own");
      }
      if (rule instanceof Pin pin && !slots.add(pin.slot())) {
        section.refuse("slot", "slot " + pin.slot() + " is another pin's");
      }
      if ((rule instanceof Diversity || rule instanceof Exploration)
          && !once.add(rule.getClass())) {
        section.refuse("rule", "only one of this kind can choose for a slot");
      }
      rules.add(rule);
    }
    return rules;
  }

  private static Rule read(Section section, int perUser) {
    String kind =
        section.word(
            "rule",
            "eligibility",
            "already",
            "frequency-cap",
            "boost",
            "bury",
            "pin",
            "category-cap",
            "diversity",
            "exploration");
    String name = section.text("name", kind);
    return switch (kind) {
      case "already" -> Already.read(name, section);
      case "frequency-cap" -> FrequencyCap.read(name, section, perUser);
      case "boost" -> Boost.read(name, section);
      case "bury" -> Bury.read(name, section);
      case "pin" -> Pin.read(name, section);
      case "category-cap" -> CategoryCap.read(name, section);
      case "diversity" -> Diversity.read(name, section);
      case "exploration" -> Exploration.read(name, section);
      default -> Eligibility.read(name, section);
    };
  }

  /** Takes mistakes against what other files declare: the rule's key and what is wrong with it. */
  @FunctionalInterface
  public interface Mistakes {
    void add(String key, String message);
  }

  /** Holds the rules against the sequences and tables they read. */
  public void check(SequenceSpec sequences, TablesSpec tables, Mistakes mistakes) {
    Set<String> kept = new HashSet<>(sequences.events());
    sequences.named().forEach(named -> kept.addAll(named.events()));
    for (int at = 0; at < rules.size(); at++) {
      String key = "rules[" + at + "]";
      Rule rule = rules.get(at);
      if (rule instanceof Already already) {
        for (String type : already.events()) {
          if (!kept.contains(type)) {
            mistakes.add(
                key + ".events",
                "\""
                    + type
                    + "\" is in no sequence of "
                    + SequenceSpec.FILE
                    + ", which keep "
                    + kept.stream().sorted().toList());
          }
        }
      } else if (rule instanceof Eligibility by && !by.audienceTable().isEmpty()) {
        column(
            tables,
            by.audienceTable(),
            by.audienceColumn(),
            TableSpec.USER,
            TableSpec.Type.CATEGORY,
            key + ".audience-of",
            mistakes);
      } else if (rule instanceof Diversity by && by.attribute().isEmpty()) {
        column(
            tables,
            by.table(),
            by.column(),
            TableSpec.ITEM,
            TableSpec.Type.VECTOR,
            key + ".embedding",
            mistakes);
      }
    }
  }

  private static void column(
      TablesSpec tables,
      String name,
      String column,
      String entity,
      TableSpec.Type type,
      String key,
      Mistakes mistakes) {
    @Nullable TableSpec table = tables.table(name);
    boolean fits =
        table != null
            && table.entity().equals(entity)
            && table.columns().stream()
                .anyMatch(one -> one.name().equals(column) && one.type() == type);
    if (!fits) {
      mistakes.add(
          key,
          "\""
              + name
              + "."
              + column
              + "\" is no column of type "
              + type.name().toLowerCase(Locale.ROOT)
              + " in a table of "
              + entity
              + "; declared tables: "
              + tables.names());
    }
  }

  /** Whether some rule asks what users were shown. */
  public boolean remembersShowings() {
    return rules.stream().anyMatch(rule -> rule instanceof FrequencyCap);
  }

  /** Whether some rule leaves anything to chance. */
  public boolean explores() {
    return rules.stream().anyMatch(rule -> rule instanceof Exploration);
  }

  /**
   * Whether the same question asked once more may be answered otherwise though nothing else has
   * changed: by chance, or because the first answer was shown.
   */
  public boolean differsNextTime() {
    return explores() || rules.stream().anyMatch(rule -> rule instanceof FrequencyCap);
  }

  /** The rules' names, in order. */
  public List<String> names() {
    return rules.stream().map(Rule::name).toList();
  }
}
