package dev.proffer.perf;

import dev.proffer.events.Item;
import dev.proffer.features.compute.Contracts;
import dev.proffer.features.spec.FeatureContract;
import dev.proffer.features.tables.AttributeTable;
import dev.proffer.features.tables.TableRefused;
import dev.proffer.features.tables.TableRegistry;
import dev.proffer.features.tables.TableSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** Two versions of every item table that a contract reads, of random values, in a home. */
final class MadeUpTables {
  private final List<AttributeTable> first = new ArrayList<>();
  private final List<AttributeTable> second = new ArrayList<>();

  /**
   * Publishes them.
   *
   * @param firstMillis the instant of the first version, such as the beginning of all
   * @param secondMillis that of the second
   */
  MadeUpTables(
      Contracts contracts,
      FeatureContract contract,
      Path home,
      List<Item> items,
      long firstMillis,
      long secondMillis)
      throws IOException {
    Set<String> read = new TreeSet<>();
    contract
        .features()
        .forEach(feature -> read.add(feature.parameters().getOrDefault(Contracts.TABLE, "")));
    TableRegistry registry = new TableRegistry(home.resolve(TableRegistry.DIRECTORY));
    Random random = new Random(17);
    for (TableSpec table : contracts.tables().tables()) {
      if (read.contains(table.name())) {
        first.add(publish(registry, table, "first", firstMillis, items, random));
        second.add(publish(registry, table, "second", secondMillis, items, random));
      }
    }
  }

  /** The versions that a gateway serves from the beginning. */
  List<AttributeTable> first() {
    return first;
  }

  /** The versions that take their place. */
  List<AttributeTable> second() {
    return second;
  }

  private static AttributeTable publish(
      TableRegistry registry,
      TableSpec table,
      String version,
      long asOfMillis,
      List<Item> items,
      Random random)
      throws IOException {
    registry.publish(
        table,
        version,
        asOfMillis,
        out -> {
          for (Item item : items) {
            if (random.nextInt(10) == 0) {
              continue; // an item without a row
            }
            out.begin(item.id());
            for (int column = 0; column < table.columns().size(); column++) {
              TableSpec.Column of = table.columns().get(column);
              switch (of.type()) {
                case NUMBER -> out.number(column, random.nextFloat() * 100);
                case BOOLEAN -> out.flag(column, random.nextBoolean());
                case CATEGORY -> out.category(column, random.nextBoolean() ? "profile" : "en face");
                case VECTOR -> {
                  float[] vector = new float[of.dimensions()];
                  for (int at = 0; at < vector.length; at++) {
                    vector[at] = (float) random.nextGaussian();
                  }
                  out.vector(column, vector);
                }
              }
            }
          }
        });
    try {
      return registry.open(table, version);
    } catch (TableRefused e) {
      throw new IOException(e.getMessage(), e);
    }
  }
}
