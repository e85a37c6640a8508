package dev.proffer.candidates.source;

import dev.proffer.configs.Section;
import dev.proffer.features.spec.StatisticSpec;
import dev.proffer.features.spec.StatisticSpec.By;
import dev.proffer.features.spec.StatisticsSpec;
import dev.proffer.features.tables.TableSpec;
import dev.proffer.features.tables.TablesSpec;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What sources may name: the declared statistics and tables. Refuses what is not there, and says
 * why.
 */
public record Declarations(StatisticsSpec statistics, TablesSpec tables) {
  /** Nothing is declared. */
  public static final Declarations NONE = new Declarations(StatisticsSpec.NONE, TablesSpec.NONE);

  /** The key that names a statistic. */
  static final String STATISTIC = "statistic";

  private static final long HOUR = 3_600_000;

  /** The number of the statistic by item that a section must name; -1 where it names none. */
  int byItem(Section section) {
    if (section.text(STATISTIC, "").isEmpty()) {
      section.refuse(
          STATISTIC, "is required; expected one by item, which are " + names(Set.of(By.ITEM)));
      return -1;
    }
    return number(section, Set.of(By.ITEM), "by item");
  }

  /**
   * The number of the statistic by item, or by item and device, that a section may name; -1 where
   * it names none.
   */
  int byItemAndPerhapsDevice(Section section) {
    return section.text(STATISTIC, "").isEmpty()
        ? -1
        : number(section, Set.of(By.ITEM, By.ITEM_DEVICE), "by item or item-device");
  }

  private int number(Section section, Set<By> kinds, String words) {
    String name = section.text(STATISTIC, "");
    int number = statistics.number(name);
    if (number < 0 || !kinds.contains(statistics.statistics().get(number).by())) {
      section.refuse(
          STATISTIC,
          "\""
              + name
              + "\" is no statistic "
              + words
              + " in "
              + StatisticsSpec.FILE
              + "; expected one of "
              + names(kinds));
      return -1;
    }
    return number;
  }

  private List<String> names(Set<By> kinds) {
    return statistics.statistics().stream()
        .filter(one -> kinds.contains(one.by()))
        .map(StatisticSpec::name)
        .toList();
  }

  /** Refuses a window that a statistic does not keep, or not in whole buckets. */
  void checkWindow(Section section, String key, int statistic, long hours) {
    if (statistic < 0) {
      return;
    }
    StatisticSpec spec = statistics.statistics().get(statistic);
    long most = spec.mostBuckets() * spec.bucketMillis() / HOUR;
    if (hours * HOUR % spec.bucketMillis() != 0 || hours > most) {
      section.refuse(
          key,
          hours
              + " is no whole number of \""
              + spec.name()
              + "\"'s buckets of "
              + spec.bucketMinutes()
              + " minutes, or more than it keeps; expected at most "
              + most);
    }
  }

  /** The vectors that a section names: a table of an entity and its column; null when refused. */
  Vectors.@Nullable Of vectors(Section section, String key, String column, String entity) {
    String name = section.text(key);
    TableSpec table = tables.table(name);
    if (table == null || !table.entity().equals(entity)) {
      if (!name.isEmpty()) {
        section.refuse(
            key,
            "\""
                + name
                + "\" is no table of "
                + entity
                + "s in "
                + TablesSpec.FILE
                + "; expected one of "
                + tables.tables().stream()
                    .filter(one -> one.entity().equals(entity))
                    .map(TableSpec::name)
                    .toList());
      }
      return null;
    }
    TableSpec.Column of = table.column(column);
    if (of == null || of.type() != TableSpec.Type.VECTOR) {
      section.refuse(key, "the table " + name + " has no column " + column + " of vectors");
      return null;
    }
    return new Vectors.Of(name, column, of.dimensions());
  }
}
