package dev.proffer.spark;

import dev.proffer.features.spec.FeatureContract;
import dev.proffer.offline.Settings;
import dev.proffer.offline.build.BuildSpec;
import dev.proffer.offline.build.RowBuilder;
import dev.proffer.offline.build.RowSink;
import dev.proffer.offline.build.Stretch;
import dev.proffer.offline.build.TimelineRow;
import dev.proffer.offline.build.TrainingSet;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Queue;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.CollectionAccumulator;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a stretch of labels, computed as they are asked for; on a worker, by one thread. Says
 * what became of the labels when it is at its end.
 */
final class StretchRows implements Iterator<Row> {
  private final Stretch stretch;
  private final CollectionAccumulator<Outcome> outcomes;
  private final Iterator<String> files;
  private final RowBuilder builder;
  private final FeatureContract contract;
  private final Queue<Row> ready = new ArrayDeque<>();
  private @Nullable ParquetReader<Group> reader;
  private boolean done;

  /** What became of a stretch's labels. */
  record Outcome(int stretch, long rows, HashMap<String, Long> outcomes) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  StretchRows(
      BuildSpec spec,
      Stretch stretch,
      Map<String, String> yaml,
      String home,
      List<String> files,
      CollectionAccumulator<Outcome> outcomes)
      throws IOException {
    this.stretch = stretch;
    this.outcomes = outcomes;
    this.files = files.iterator();
    Settings settings = settings(yaml).withTablesOf(Path.of(home));
    contract = Objects.requireNonNull(settings.contracts().contract(spec.contract()));
    builder = new RowBuilder(settings, spec, stretch.first(), stretch.end(), this::add);
  }

  private static Settings settings(Map<String, String> yaml) throws IOException {
    Path directory = Files.createTempDirectory("proffer-configs");
    try {
      for (Map.Entry<String, String> file : yaml.entrySet()) {
        Files.writeString(directory.resolve(file.getKey()), file.getValue());
      }
      return Settings.read(directory);
    } finally {
      for (String file : yaml.keySet()) {
        Files.deleteIfExists(directory.resolve(file));
      }
      Files.deleteIfExists(directory);
    }
  }

  @SuppressWarnings("NullAway") // a row's cells may be null
  private void add(
      RowSink.Label label,
      int position,
      @Nullable String itemId,
      boolean wanted,
      float weight,
      float[] values,
      int offset) {
    int head = TrainingSet.HEAD.size();
    Object[] cells = new Object[head + contract.width()];
    cells[0] = label.asOfMillis();
    cells[1] = label.labelId();
    cells[2] = position;
    cells[3] = label.requestId();
    cells[4] = label.userId();
    cells[5] = itemId;
    cells[6] = label.origin();
    cells[7] = wanted;
    cells[8] = weight;
    for (int at = 0; at < contract.width(); at++) {
      cells[head + at] = TrainingSet.column(contract.feature(at), values[offset + at]);
    }
    ready.add(RowFactory.create(cells));
  }

  @Override
  public boolean hasNext() {
    try {
      while (ready.isEmpty() && !done) {
        Group row = read();
        if (row == null) {
          builder.finish();
          end();
        } else if (!builder.take(TimelineRow.of(new GroupColumns(row)))) {
          end();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return !ready.isEmpty();
  }

  private @Nullable Group read() throws IOException {
    while (true) {
      if (reader != null) {
        Group row = reader.read();
        if (row != null) {
          return row;
        }
        reader.close();
        reader = null;
      }
      if (!files.hasNext()) {
        return null;
      }
      reader =
          ParquetReader.builder(new GroupReadSupport(), new org.apache.hadoop.fs.Path(files.next()))
              .withConf(new Configuration())
              .build();
    }
  }

  private void end() throws IOException {
    done = true;
    if (reader != null) {
      reader.close();
    }
    outcomes.add(new Outcome(stretch.number(), builder.rows(), new HashMap<>(builder.outcomes())));
  }

  @Override
  public Row next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return ready.remove();
  }

  /** A row as Parquet has it: a column that is null has no value. */
  private record GroupColumns(Group row) implements TimelineRow.Columns {
    @Override
    public long number(int column) {
      return row.getType().getType(column).asPrimitiveType().getPrimitiveTypeName()
              == org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT32
          ? row.getInteger(column, 0)
          : row.getLong(column, 0);
    }

    @Override
    public @Nullable String text(int column) {
      return row.getFieldRepetitionCount(column) == 0 ? null : row.getString(column, 0);
    }
  }
}
