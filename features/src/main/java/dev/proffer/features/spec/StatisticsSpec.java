package dev.proffer.features.spec;

import dev.proffer.configs.ConfigFile;
import dev.proffer.configs.Problems;
import dev.proffer.configs.Section;
import dev.proffer.events.EventRegistry;
import dev.proffer.events.EventType;
import dev.proffer.features.spec.StatisticSpec.By;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The declared statistics, read from {@code statistics.yaml}; none where there is no such file.
 *
 * @param statistics in file order; a statistic's place in it is its number
 * @param mostPairs how many pairs each count of what comes with what keeps
 */
public record StatisticsSpec(List<StatisticSpec> statistics, int mostPairs) {
  /** The file's name below the configuration directory. */
  public static final String FILE = "statistics.yaml";

  /** Pairs that are kept where nothing is said. */
  public static final int PAIRS = 1_000_000;

  /** No declared statistics. */
  public static final StatisticsSpec NONE = new StatisticsSpec(List.of(), PAIRS);

  /** Most statistics that can be declared. */
  public static final int MOST = 200;

  private static final int MOST_DEVICES = 100;

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_-]{0,63}");

  public StatisticsSpec {
    statistics = List.copyOf(statistics);
  }

  /** The number of the statistic of that name; -1 when there is none. */
  public int number(String name) {
    for (int number = 0; number < statistics.size(); number++) {
      if (statistics.get(number).name().equals(name)) {
        return number;
      }
    }
    return -1;
  }

  /** Their names, in file order. */
  public List<String> names() {
    return statistics.stream().map(StatisticSpec::name).toList();
  }

  /** Everything that decides a value, a line a statistic. */
  public List<String> canonical() {
    return statistics.stream().map(StatisticSpec::canonical).toList();
  }

  /**
   * Reads the file below {@code configDir}, where there is one; mistakes go to {@code problems}.
   * Event types and fields are held against the {@code events.yaml} beside it.
   */
  public static StatisticsSpec read(Path configDir, Problems problems) {
    Path file = configDir.resolve(FILE);
    if (!Files.exists(file)) {
      return NONE;
    }
    // What is wrong with the registry itself is said where it is read to be used.
    EventRegistry registry = EventRegistry.read(configDir, new Problems());
    Section root = ConfigFile.read(file, problems);
    int pairs = root.integer("most-pairs", PAIRS, 1_000, 100_000_000);
    Section declared = root.section("statistics");
    List<StatisticSpec> statistics = new ArrayList<>();
    if (declared.keys().size() > MOST) {
      root.refuse("statistics", declared.keys().size() + " are declared, expected at most " + MOST);
    }
    declared
        .named()
        .forEach(
            (name, section) -> {
              if (!NAME.matcher(name).matches()) {
                declared.refuse(
                    name, "\"" + name + "\" is no name; expected to match " + NAME.pattern());
              }
              statistics.add(read(name, section, registry));
            });
    root.done();
    return new StatisticsSpec(statistics, pairs);
  }

  private static StatisticSpec read(String name, Section section, EventRegistry registry) {
    if (!section.has("by")) {
      section.refuse("by", "is required; one of " + words());
    }
    By by = section.oneOf("by", By.class, By.ALL);
    List<String> events = section.texts("events");
    boolean impressions = section.flag("impressions", false);
    boolean answering = section.flag("answering", false);
    String sum = section.text("sum", "");
    if (events.isEmpty() != impressions) {
      section.refuse(
          impressions ? "impressions" : "events",
          "expected either a list of events or impressions: true");
    }
    if (impressions && answering) {
      section.refuse("answering", "is of events; an impression answers nothing");
    }
    if (impressions && !sum.isEmpty()) {
      section.refuse("sum", "is of events; an impression has no such field");
    }
    for (String event : events) {
      check(section, event, sum, registry);
    }
    StatisticSpec spec =
        new StatisticSpec(
            name,
            by,
            impressions ? List.of() : events,
            answering,
            sum,
            section.integer("bucket-minutes", 1_440, 1, 10_080),
            section.integer("buckets", 31, 2, 400),
            section.integer("max-keys", 200_000, 1, 10_000_000),
            section.integer("max-position", 20, 1, 1_000),
            section.texts("devices"),
            section.text("unit", ""),
            section.text("description", ""));
    if (section.has("max-keys") && !by.isText()) {
      section.refuse("max-keys", "is of statistics by context or device; this one's keys end");
    }
    if (section.has("max-position") && !by.hasPosition()) {
      section.refuse("max-position", "is of statistics by position or item-position");
    }
    checkDevices(section, spec);
    section.done();
    return spec;
  }

  private static void checkDevices(Section section, StatisticSpec spec) {
    int count = spec.devices().size();
    if (section.has("devices") && spec.by() != By.ITEM_DEVICE) {
      section.refuse("devices", "is of statistics by item-device");
    } else if (spec.by() == By.ITEM_DEVICE && (count < 1 || count > MOST_DEVICES)) {
      section.refuse("devices", count + " are declared, expected 1 to " + MOST_DEVICES);
    } else if (spec.devices().stream().distinct().count() < count) {
      section.refuse("devices", spec.devices() + " names one twice");
    }
  }

  private static void check(Section section, String event, String sum, EventRegistry registry) {
    if (registry.types().isEmpty()) {
      return;
    }
    @Nullable EventType type = registry.type(event);
    if (type == null) {
      section.refuse(
          "events",
          "\""
              + event
              + "\" is not one of "
              + registry.types().stream().map(EventType::name).toList());
      return;
    }
    EventType.Field field = sum.isEmpty() ? null : type.fields().get(sum);
    if (!sum.isEmpty()
        && (field == null
            || (field.kind() != EventType.Kind.INTEGER && field.kind() != EventType.Kind.NUMBER))) {
      section.refuse("sum", "\"" + sum + "\" is not a numeric field of \"" + event + "\"");
    }
  }

  private static List<String> words() {
    return List.of(
        "item", "category", "context", "position", "device", "item-position", "item-device", "all");
  }
}
