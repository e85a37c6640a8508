package dev.proffer.offline.cli;

import dev.proffer.events.time.Time;
import dev.proffer.features.tables.TableSpec;
import dev.proffer.offline.Settings;
import dev.proffer.offline.embed.ImplicitAls;
import dev.proffer.offline.embed.Interactions;
import dev.proffer.offline.replay.History;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code proffer embed}: vectors of items, learned from the log, as a version of a table. */
@Command(
    name = "embed",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description = {
      "Learns a vector for each item from who chose what (ALS on implicit feedback), and makes them",
      "a version of a table of items, the current one. A running gateway takes it by itself."
    })
final class EmbedCommand implements Callable<Integer> {
  private static final DateTimeFormatter VERSION =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

  @Mixin private HomeOptions home = new HomeOptions();

  @Parameters(
      paramLabel = "TABLE",
      description = "A table of tables.yaml, of items, with one column of type vector.")
  private String name = "";

  @Option(
      names = "--as-of",
      paramLabel = "INSTANT",
      converter = InstantConverter.class,
      description =
          "Events before it are learned from, and features of earlier instants never see the"
              + " vectors; by default right behind the last event.")
  private @Nullable Instant asOf;

  @Option(
      names = "--version-id",
      paramLabel = "VERSION",
      description = "What it is called (default: the time, as in 20261121T104403).")
  private @Nullable String version;

  @Option(names = "--rounds", paramLabel = "N", description = "Rounds of both half steps.")
  private int rounds = 15;

  @Option(names = "--alpha", paramLabel = "X", description = "How much more a choice weighs.")
  private double alpha = 10;

  @Option(names = "--lambda", paramLabel = "X", description = "How small vectors are kept.")
  private double lambda = 1;

  @Option(names = "--seed", paramLabel = "N", description = "Of the vectors to begin with.")
  private long seed = 1;

  @Override
  public Integer call() throws IOException {
    TableSpec table = TablesCommand.table(home, name);
    int column = column(table);
    if (rounds < 1 || !(alpha > 0) || !(lambda > 0)) {
      throw new Failed("expected --rounds of at least 1, --alpha and --lambda above 0");
    }
    Settings settings = home.settings();
    History history = home.history(settings);
    long until = asOf == null ? history.end() : asOf.toEpochMilli();
    Interactions interactions = Interactions.of(history, until);
    if (interactions.users() == 0) {
      throw new Failed("no event is before " + Instant.ofEpochMilli(until));
    }
    Console console = new Console();
    console.begin("embed " + name);
    int dimensions = table.columns().get(column).dimensions();
    double[] last = new double[1];
    double[][] vectors =
        new ImplicitAls(dimensions, rounds, alpha, lambda, seed)
            .items(interactions, loss -> last[0] = loss);
    String called =
        version == null ? VERSION.format(Instant.ofEpochMilli(Time.system().millis())) : version;
    int rows =
        home.tables()
            .publish(
                table,
                called,
                until,
                out -> {
                  float[] row = new float[dimensions];
                  for (int item = 0; item < vectors.length; item++) {
                    for (int at = 0; at < dimensions; at++) {
                      row[at] = (float) vectors[item][at];
                    }
                    out.begin(interactions.items().get(item));
                    out.vector(column, row);
                  }
                });
    console.end(
        String.format(
            Locale.ROOT,
            "%d items of %d users, loss %.1f, version %s as of %s",
            rows,
            interactions.users(),
            last[0],
            called,
            Instant.ofEpochMilli(until)));
    return 0;
  }

  private static int column(TableSpec table) {
    boolean one =
        table.columns().size() == 1
            && table.columns().get(0).type() == TableSpec.Type.VECTOR
            && table.entity().equals(TableSpec.ITEM);
    if (!one) {
      throw new Failed(
          "the table "
              + table.name()
              + " is of "
              + table.entity()
              + " with "
              + table.columns().size()
              + " column(s); expected a table of item with one column of type vector");
    }
    return 0;
  }
}
