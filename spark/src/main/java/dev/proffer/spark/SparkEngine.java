package dev.proffer.spark;

import dev.proffer.events.time.Time;
import dev.proffer.features.spec.FeatureContract;
import dev.proffer.offline.Settings;
import dev.proffer.offline.build.BuildEngine;
import dev.proffer.offline.build.BuildReport;
import dev.proffer.offline.build.BuildSpec;
import dev.proffer.offline.build.Stretch;
import dev.proffer.offline.build.TimelineQuery;
import dev.proffer.offline.build.TrainingSet;
import dev.proffer.offline.warehouse.Warehouse;
import dev.proffer.offline.warehouse.WarehouseFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.CollectionAccumulator;

/**
 * Builds on Spark. The warehouse is sorted once by all workers into files; each stretch of labels
 * is a task that reads those files from their beginning, folds, and computes its rows. Home and set
 * must lie where every worker sees them under the same path.
 */
public final class SparkEngine implements BuildEngine {
  @Override
  public String name() {
    return "spark";
  }

  @Override
  public BuildReport build(
      BuildSpec spec,
      Path config,
      Warehouse warehouse,
      Path out,
      Parallelism parallelism,
      Time time)
      throws IOException {
    long began = time.nanos();
    FeatureContract contract =
        Objects.requireNonNull(Settings.read(config).contracts().contract(spec.contract()));
    WarehouseFiles files = WarehouseFiles.of(warehouse);
    try (TrainingSet set = TrainingSet.begin(out);
        SparkSession spark = session(parallelism, set.scratch())) {
      views(spark, files);
      Path timeline = set.scratch().resolve("timeline");
      spark
          .sql(TimelineQuery.rows(spec) + " ORDER BY " + TimelineQuery.ORDER)
          .write()
          .parquet(timeline.toUri().toString());
      List<Path> ordered = TrainingSet.parquet(timeline);
      long labels =
          spark.read().parquet(timeline.toUri().toString()).where("kind = 0 AND slot <= 0").count();
      double orderSeconds = (time.nanos() - began) / 1e9;

      CollectionAccumulator<StretchRows.Outcome> outcomes =
          spark.sparkContext().collectionAccumulator("outcomes");
      List<Stretch> stretches = Stretch.of(labels, parallelism.stretches());
      Map<String, String> yaml = yaml(config);
      String home = warehouse.home().toAbsolutePath().toString();
      List<String> paths = ordered.stream().map(path -> path.toUri().toString()).toList();
      try (JavaSparkContext context = new JavaSparkContext(spark.sparkContext())) {
        JavaRDD<Row> rows =
            context
                .parallelize(stretches, stretches.size())
                .mapPartitions(
                    mine -> new StretchRows(spec, mine.next(), yaml, home, paths, outcomes));
        Dataset<Row> table = spark.createDataFrame(rows, schema(contract));
        Path made = set.scratch().resolve("set");
        table.write().option("compression", "zstd").parquet(made.toUri().toString());
        for (Path file : TrainingSet.parquet(made)) {
          Files.move(file, set.unfinished().resolve(String.valueOf(file.getFileName())));
        }
      }
      Map<Integer, StretchRows.Outcome> byStretch = new HashMap<>(); // a task may have run twice
      outcomes.value().forEach(one -> byStretch.put(one.stretch(), one));
      Map<String, Long> reasons = new TreeMap<>();
      long count = 0;
      for (StretchRows.Outcome one : byStretch.values()) {
        count += one.rows();
        one.outcomes().forEach((what, howMany) -> reasons.merge(what, howMany, Long::sum));
      }
      set.complete(spec, contract, files.number(), labels, count, reasons);
      return new BuildReport(
          out,
          name(),
          spec.contractSha256(),
          labels,
          count,
          reasons,
          orderSeconds,
          (time.nanos() - began) / 1e9);
    }
  }

  private static SparkSession session(Parallelism parallelism, Path scratch) {
    return SparkSession.builder()
        .appName("proffer features build")
        .master(parallelism.master())
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.warehouse.dir", scratch.resolve("none").toUri().toString())
        .config("spark.sql.shuffle.partitions", Math.max(8, 2 * parallelism.stretches()))
        .getOrCreate();
  }

  /** The tables of the warehouse; a column that a file lacks is null. */
  private static void views(SparkSession spark, WarehouseFiles files) {
    files
        .columns()
        .forEach(
            (table, columns) -> {
              StructType schema =
                  StructType.fromDDL(
                      columns.entrySet().stream()
                          .filter(column -> !column.getValue().endsWith("[]"))
                          .map(column -> column.getKey() + " " + sparkType(column.getValue()))
                          .collect(Collectors.joining(", ")));
              List<Path> parts = files.files().getOrDefault(table, List.of());
              Dataset<Row> rows =
                  parts.isEmpty()
                      ? spark.createDataFrame(List.<Row>of(), schema)
                      : spark
                          .read()
                          .schema(schema)
                          .option("recursiveFileLookup", "true")
                          .parquet(
                              parts.stream()
                                  .map(path -> path.toUri().toString())
                                  .toArray(String[]::new));
              rows.createOrReplaceTempView(table);
            });
  }

  private static StructType schema(FeatureContract contract) {
    StructType schema = new StructType();
    for (Map.Entry<String, String> column : TrainingSet.HEAD.entrySet()) {
      schema = schema.add(column.getKey(), sparkType(column.getValue()));
    }
    for (int at = 0; at < contract.width(); at++) {
      schema =
          schema.add(
              contract.feature(at).name(), sparkType(TrainingSet.columnType(contract.feature(at))));
    }
    return schema;
  }

  private static String sparkType(String duckDbType) {
    return duckDbType.equals("VARCHAR")
        ? "string"
        : duckDbType.equals("INTEGER") ? "int" : duckDbType.toLowerCase(java.util.Locale.ROOT);
  }

  /** The YAML files by name: workers need not see the directory. */
  private static Map<String, String> yaml(Path config) throws IOException {
    Map<String, String> texts = new HashMap<>();
    try (var files = Files.list(config)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".yaml")).toList()) {
        texts.put(String.valueOf(file.getFileName()), Files.readString(file));
      }
    }
    return texts;
  }
}
