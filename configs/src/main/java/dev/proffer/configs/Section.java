package dev.proffer.configs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * A mapping in a configuration file. Every read names the type, the default and the bounds; a
 * mistake is noted in {@link Problems} and reading goes on with a value in range. Call {@link
 * #done} last: keys nobody read are mistakes.
 *
 * <p>Not thread-safe. Keys use dashes and carry their unit ({@code budget-ms}).
 */
public final class Section {
  private final String file;
  private final int line;
  private final String path;
  private final Map<String, Node> values = new LinkedHashMap<>();
  private final Set<String> read = new LinkedHashSet<>();
  private final Problems problems;

  Section(String file, int line, String path, MappingNode node, Problems problems) {
    this.file = file;
    this.line = line;
    this.path = path;
    this.problems = problems;
    for (NodeTuple tuple : node.getValue()) {
      if (tuple.getKeyNode() instanceof ScalarNode key) {
        if (values.put(key.getValue(), tuple.getValueNode()) != null) {
          problems.add(file, lineOf(key), dotted(key.getValue()), "stands twice");
        }
      } else {
        problems.add(file, lineOf(tuple.getKeyNode()), path, "a key must be a plain text");
      }
    }
  }

  static Section of(String file, MappingNode node, Problems problems) {
    return new Section(file, 1, "", node, problems);
  }

  static Section empty(String file, Problems problems) {
    return ConfigFile.emptySection(file, 0, "", problems);
  }

  /** Whether the key is there at all. */
  public boolean has(String key) {
    return values.containsKey(key);
  }

  /** Whether the key holds a mapping. */
  public boolean isSection(String key) {
    return values.get(key) instanceof MappingNode;
  }

  /** Whether the key holds a list. */
  public boolean isList(String key) {
    return values.get(key) instanceof SequenceNode;
  }

  /** The keys as written, in file order. */
  public List<String> keys() {
    return List.copyOf(values.keySet());
  }

  /** The line this section starts on, 1-based. */
  public int line() {
    return line;
  }

  /** A required text that is not blank. */
  public String text(String key) {
    String value = scalar(key);
    if (value == null) {
      Node node = values.get(key);
      if (node == null || isNull(node)) {
        refuse(key, "is required");
      }
      return "";
    }
    if (value.isBlank()) {
      refuse(key, "must not be blank");
      return "";
    }
    return value;
  }

  /** A text, or {@code otherwise} when the key is not there. */
  public String text(String key, String otherwise) {
    String value = scalar(key);
    return value == null ? otherwise : value;
  }

  /** One of the given words; the first is the default. */
  public String word(String key, String... allowed) {
    String value = scalar(key);
    if (value == null) {
      return allowed[0];
    }
    for (String word : allowed) {
      if (word.equals(value)) {
        return word;
      }
    }
    refuse(key, "\"" + value + "\" is not one of " + List.of(allowed));
    return allowed[0];
  }

  /** A constant of an enum, written in lower case with dashes. */
  public <E extends Enum<E>> E oneOf(String key, Class<E> type, E otherwise) {
    String value = scalar(key);
    if (value == null) {
      return otherwise;
    }
    List<String> allowed = new ArrayList<>();
    for (E constant : type.getEnumConstants()) {
      String word = constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
      if (word.equals(value)) {
        return constant;
      }
      allowed.add(word);
    }
    refuse(key, "\"" + value + "\" is not one of " + allowed);
    return otherwise;
  }

  /**
   * A whole number from {@code min} to {@code max}, or {@code otherwise} when the key is not there.
   */
  public int integer(String key, int otherwise, int min, int max) {
    return Math.toIntExact(integer(key, (long) otherwise, min, max));
  }

  /**
   * A whole number from {@code min} to {@code max}, or {@code otherwise} when the key is not there.
   */
  public long integer(String key, long otherwise, long min, long max) {
    String value = scalar(key);
    if (value == null) {
      return otherwise;
    }
    String expected = "expected a whole number from " + min + " to " + max;
    try {
      long number = Long.parseLong(value.replace("_", ""));
      if (number >= min && number <= max) {
        return number;
      }
      refuse(key, value + " is out of range; " + expected);
    } catch (NumberFormatException e) {
      refuse(key, "\"" + value + "\" is not a whole number; " + expected);
    }
    return Math.max(min, Math.min(max, otherwise));
  }

  /**
   * A finite number from {@code min} to {@code max}, or {@code otherwise} when the key is not
   * there.
   */
  public double number(String key, double otherwise, double min, double max) {
    String value = scalar(key);
    if (value == null) {
      return otherwise;
    }
    String expected = "expected a number from " + min + " to " + max;
    try {
      double number = Double.parseDouble(value);
      if (number >= min && number <= max) {
        return number;
      }
      refuse(key, value + " is out of range; " + expected);
    } catch (NumberFormatException e) {
      refuse(key, "\"" + value + "\" is not a number; " + expected);
    }
    return Math.max(min, Math.min(max, otherwise));
  }

  /** {@code true} or {@code false}, or {@code otherwise} when the key is not there. */
  public boolean flag(String key, boolean otherwise) {
    String value = scalar(key);
    if (value == null) {
      return otherwise;
    }
    if (value.equals("true") || value.equals("false")) {
      return value.equals("true");
    }
    refuse(key, "\"" + value + "\" is not one of [true, false]");
    return otherwise;
  }

  /** A list of texts; empty when the key is not there. */
  public List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    for (Node item : list(key)) {
      if (item instanceof ScalarNode scalar && !isNull(item)) {
        texts.add(scalar.getValue());
      } else {
        problems.add(file, lineOf(item), dotted(key), "expected a list of plain values");
      }
    }
    return List.copyOf(texts);
  }

  /** The section under a key; an empty one when the key is not there. */
  public Section section(String key) {
    read.add(key);
    Node node = values.get(key);
    if (node instanceof MappingNode mapping) {
      return new Section(file, lineOf(mapping), dotted(key), mapping, problems);
    }
    if (node != null && !isNull(node)) {
      refuse(key, "expected a mapping of keys to values");
    }
    return ConfigFile.emptySection(file, node == null ? line : lineOf(node), dotted(key), problems);
  }

  /** The sections of a list under a key; empty when the key is not there. */
  public List<Section> sections(String key) {
    List<Section> sections = new ArrayList<>();
    int index = 0;
    for (Node item : list(key)) {
      String itemPath = dotted(key) + "[" + index++ + "]";
      if (item instanceof MappingNode mapping) {
        sections.add(new Section(file, lineOf(mapping), itemPath, mapping, problems));
      } else {
        problems.add(file, lineOf(item), itemPath, "expected a mapping of keys to values");
      }
    }
    return sections;
  }

  /**
   * Every key of this section that holds a section, in file order; for mappings whose keys are
   * names.
   */
  public Map<String, Section> named() {
    Map<String, Section> named = new LinkedHashMap<>();
    for (String key : values.keySet()) {
      named.put(key, section(key));
    }
    return named;
  }

  /**
   * Every key of this section with its plain text, in file order; for mappings whose keys are
   * names.
   */
  public Map<String, String> plain() {
    Map<String, String> plain = new LinkedHashMap<>();
    for (String key : values.keySet()) {
      String value = scalar(key);
      if (value != null) {
        plain.put(key, value);
      }
    }
    return plain;
  }

  /** Notes a mistake about a key: the value and what was allowed. */
  public void refuse(String key, String message) {
    Node node = values.get(key);
    problems.add(file, node == null ? line : lineOf(node), dotted(key), message);
  }

  /** Says that no other keys belong here: every key that was not read is a mistake. */
  public void done() {
    for (String key : values.keySet()) {
      if (!read.contains(key)) {
        refuse(key, "unknown key; known here: " + read);
      }
    }
  }

  private @Nullable String scalar(String key) {
    read.add(key);
    Node node = values.get(key);
    if (node == null || isNull(node)) {
      return null;
    }
    if (node instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    refuse(key, "expected one plain value");
    return null;
  }

  private List<Node> list(String key) {
    read.add(key);
    Node node = values.get(key);
    if (node instanceof SequenceNode sequence) {
      return sequence.getValue();
    }
    if (node != null && !isNull(node)) {
      refuse(key, "expected a list");
    }
    return List.of();
  }

  private String dotted(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private static boolean isNull(Node node) {
    return Tag.NULL.equals(node.getTag());
  }

  private static int lineOf(Node node) {
    return node.getStartMark() == null ? 0 : node.getStartMark().getLine() + 1;
  }
}
