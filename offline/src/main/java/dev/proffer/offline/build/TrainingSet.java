package dev.proffer.offline.build;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.proffer.features.spec.FeatureContract;
import dev.proffer.features.spec.FeatureSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The directory of a training set: Parquet files whose rows, in the order of the files' names, are
 * those of {@link RowBuilder}, and {@value #MANIFEST}, which says what they were made from. It is
 * made under another name and renamed when it is whole.
 */
public final class TrainingSet implements AutoCloseable {
  /** The manifest's name. */
  public static final String MANIFEST = "_manifest.json";

  /** The columns before the features, with their types in DuckDB's words. */
  public static final Map<String, String> HEAD = head();

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final Path out;
  private final Path unfinished;
  private boolean complete;

  private TrainingSet(Path out, Path unfinished) {
    this.out = out;
    this.unfinished = unfinished;
  }

  private static Map<String, String> head() {
    Map<String, String> columns = new LinkedHashMap<>();
    columns.put("as_of", "BIGINT");
    columns.put("label_id", "VARCHAR");
    columns.put("position", "INTEGER");
    columns.put("request_id", "VARCHAR");
    columns.put("user_id", "VARCHAR");
    columns.put("item_id", "VARCHAR");
    columns.put("origin", "VARCHAR");
    columns.put("label", "BOOLEAN");
    columns.put("weight", "FLOAT");
    return columns;
  }

  /** Begins a set; what an earlier attempt left is removed. */
  public static TrainingSet begin(Path out) throws IOException {
    if (Files.exists(out)) {
      throw new IllegalArgumentException(
          out + " is there already; remove it, or name another with --out");
    }
    Path absolute = out.toAbsolutePath();
    Path unfinished = absolute.resolveSibling(absolute.getFileName() + ".unfinished");
    remove(unfinished);
    Files.createDirectories(unfinished);
    return new TrainingSet(absolute, unfinished);
  }

  /** Where the files are made. */
  public Path unfinished() {
    return unfinished;
  }

  /** Where an engine may put what it needs meanwhile. */
  public Path scratch() throws IOException {
    return Files.createDirectories(unfinished.resolve("scratch"));
  }

  /** The type of a feature's column, in DuckDB's words. */
  public static String columnType(FeatureSpec feature) {
    return switch (feature.type()) {
      case NUMBER -> "FLOAT";
      case BOOLEAN -> "BOOLEAN";
      case CATEGORY -> "INTEGER";
    };
  }

  /**
   * A feature's value as its column has it: a {@link Float}, which may be NaN; a {@link Boolean} or
   * an {@link Integer}, null when it is missing. Nothing is lost.
   *
   * @throws IllegalStateException when the column's type cannot hold it
   */
  public static @Nullable Object column(FeatureSpec feature, float value) {
    if (feature.type() == FeatureSpec.Type.NUMBER) {
      return value;
    }
    if (Float.isNaN(value)) {
      return null;
    }
    if (feature.type() == FeatureSpec.Type.BOOLEAN && (value == 0 || value == 1)) {
      return value == 1;
    }
    if (feature.type() == FeatureSpec.Type.CATEGORY && value == (int) value) {
      return (int) value;
    }
    throw new IllegalStateException(
        feature.name() + " is declared " + feature.type() + " and is " + value);
  }

  /** Writes the manifest and gives the set its name. */
  public void complete(
      BuildSpec spec,
      FeatureContract contract,
      long warehouse,
      long labels,
      long rows,
      Map<String, Long> outcomes)
      throws IOException {
    remove(unfinished.resolve("scratch"));
    ObjectNode root = JSON.createObjectNode();
    root.put("format", 1);
    root.put("task", spec.task());
    root.put("contract", spec.contract());
    root.put("contract_sha256", spec.contractSha256());
    root.put("as_of", Instant.ofEpochMilli(spec.asOfMillis()).toString());
    if (spec.fromMillis() != Long.MIN_VALUE) {
      root.put("from", Instant.ofEpochMilli(spec.fromMillis()).toString());
    }
    root.put("known_at", spec.knownAt().name().toLowerCase(java.util.Locale.ROOT));
    root.put("negatives", spec.negatives());
    root.put("seed", spec.seed());
    root.put("attribution_minutes", spec.attributionMillis() / 60_000);
    root.put("warehouse", warehouse);
    root.put("labels", labels);
    root.put("rows", rows);
    ObjectNode reasons = root.putObject("outcomes");
    outcomes.forEach(reasons::put);
    ArrayNode columns = root.putArray("columns");
    HEAD.forEach((name, type) -> columns.addObject().put("name", name).put("type", type));
    for (int at = 0; at < contract.width(); at++) {
      FeatureSpec feature = contract.feature(at);
      columns
          .addObject()
          .put("name", feature.name())
          .put("type", columnType(feature))
          .put("feature", feature.type().name().toLowerCase(java.util.Locale.ROOT))
          .put("version", feature.version());
    }
    ArrayNode files = root.putArray("files");
    for (Path file : parquet(unfinished)) {
      files.add(String.valueOf(file.getFileName()));
    }
    Files.writeString(unfinished.resolve(MANIFEST), JSON.writeValueAsString(root) + "\n");
    Files.move(unfinished, out, StandardCopyOption.ATOMIC_MOVE);
    complete = true;
  }

  /** The Parquet files of a set, in the order of their rows. */
  public static List<Path> parquet(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return new ArrayList<>(
          files.filter(file -> file.toString().endsWith(".parquet")).sorted().toList());
    }
  }

  private static void remove(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** Removes what is not complete. */
  @Override
  public void close() throws IOException {
    if (!complete) {
      remove(unfinished);
    }
  }
}
