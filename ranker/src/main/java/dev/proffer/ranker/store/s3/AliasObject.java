package dev.proffer.ranker.store.s3;

import dev.proffer.ranker.store.Aliases;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The object that holds all a task's aliases, so that they change as one: a word and a value a
 * line.
 *
 * @param changes names of the latest changes, the last one first, by which a writer knows its own
 * @param removing versions that are being removed, which no alias may come to name
 */
record AliasObject(List<String> changes, Aliases aliases, Set<String> removing) {
  static final AliasObject NONE = new AliasObject(List.of(), Aliases.NONE, Set.of());

  private static final int CHANGES_KEPT = 8;

  AliasObject {
    changes = List.copyOf(changes);
    removing = Set.copyOf(removing);
  }

  static AliasObject parse(byte @Nullable [] bytes) {
    if (bytes == null) {
      return NONE;
    }
    List<String> changes = new ArrayList<>();
    String champion = null;
    String previous = null;
    String challenger = null;
    Set<String> removing = new TreeSet<>();
    List<String> lines = new String(bytes, StandardCharsets.UTF_8).lines().toList();
    for (String line : lines) {
      int space = line.indexOf(' ');
      String value = space < 0 ? "" : line.substring(space + 1).strip();
      switch (space < 0 ? line : line.substring(0, space)) {
        case "change" -> changes.add(value);
        case "champion" -> champion = value;
        case "previous" -> previous = value;
        case "challenger" -> challenger = value;
        case "removing" -> removing.add(value);
        default -> {
          // what a later Proffer wrote, or a person's remark
        }
      }
    }
    return new AliasObject(changes, new Aliases(champion, previous, challenger), removing);
  }

  /** The same with other aliases. */
  AliasObject with(Aliases others) {
    return new AliasObject(changes, others, removing);
  }

  /** The same with other marks. */
  AliasObject removing(Set<String> others) {
    return new AliasObject(changes, aliases, others);
  }

  /** The same as written by a change of that name. */
  AliasObject by(String change) {
    List<String> all = new ArrayList<>(changes);
    all.add(0, change);
    return new AliasObject(all.subList(0, Math.min(all.size(), CHANGES_KEPT)), aliases, removing);
  }

  byte[] bytes() {
    StringBuilder text = new StringBuilder();
    changes.forEach(change -> line(text, "change", change));
    line(text, "champion", aliases.champion());
    line(text, "previous", aliases.previous());
    line(text, "challenger", aliases.challenger());
    new TreeSet<>(removing).forEach(version -> line(text, "removing", version));
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void line(StringBuilder text, String word, @Nullable String value) {
    if (value != null) {
      text.append(word).append(' ').append(value).append('\n');
    }
  }
}
