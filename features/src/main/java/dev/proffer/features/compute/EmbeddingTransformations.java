package dev.proffer.features.compute;

import dev.proffer.features.tables.TableSpec;
import java.util.EnumSet;

/** What vectors of items say of a user and an item. */
final class EmbeddingTransformations {
  private EmbeddingTransformations() {}

  static void register(Registry registry) {
    registry.ofPair(
        "embedding-similarity",
        "Cosine, or product (as: dot), of the item's vector in a table (table, column) with that of"
            + " the item looked at (to: context), of the latest event's item (to: last), or with the"
            + " mean of those of the latest events' items, at most steps of them, one worth decay"
            + " times the one after (to: recent). Missing where either has no vector, and before the"
            + " first version's instant.",
        d -> {
          TableSpec table = TableTransformations.table(d, TableSpec.ITEM);
          TableSpec.Column column =
              TableTransformations.column(d, table, EnumSet.of(TableSpec.Type.VECTOR));
          String to = d.parameters().word("to", "context", "last", "recent");
          boolean cosine = d.parameters().word("as", "cosine", "dot").equals("cosine");
          int steps = d.parameters().integer("steps", 10, 1, 1_000);
          double decay = d.parameters().number("decay", 0.8, 0.01, 1);
          if (table == null || column == null) {
            return () -> (Transformation.OfRequest) in -> Float.NaN;
          }
          return () ->
              new EmbeddingSimilarity(
                  new TableColumn(table, column.name()),
                  column.dimensions(),
                  EmbeddingSimilarity.To.of(to),
                  cosine,
                  steps,
                  decay);
        });
  }
}
