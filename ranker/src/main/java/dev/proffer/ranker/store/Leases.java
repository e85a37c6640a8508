package dev.proffer.ranker.store;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What a gateway says it serves, as it is written: the instant, then a version a line. */
public final class Leases {
  private Leases() {}

  /** The text of one gateway's word. */
  public static String text(Set<String> versions, long nowMillis) {
    return nowMillis + "\n" + String.join("\n", versions) + "\n";
  }

  /** The versions in such a text, none when it is of before an instant or says nothing. */
  public static Set<String> versions(List<String> lines, long sinceMillis) {
    if (lines.isEmpty() || Long.parseLong(lines.get(0).strip()) < sinceMillis) {
      return Set.of();
    }
    Set<String> versions = new TreeSet<>();
    lines.stream()
        .skip(1)
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .forEach(versions::add);
    return versions;
  }
}
