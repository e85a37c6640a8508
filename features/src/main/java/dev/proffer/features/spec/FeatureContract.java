package dev.proffer.features.spec;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * The ordered features of one model: feature {@code i} of {@link #features} is column {@code i} of
 * every row. Known by the SHA-256 of everything that decides a value; a model is served only on
 * rows of the contract it was trained on.
 */
public final class FeatureContract {
  /** The parameter by which a feature names one of {@link SequenceSpec#named}. */
  public static final String SEQUENCE = "sequence";

  private final String name;
  private final List<FeatureSpec> features;
  private final List<String> reads;
  private final List<String> names;
  private final String sha256;

  /**
   * A contract.
   *
   * @param name what models call it
   * @param features in row order; names are unique
   */
  public FeatureContract(String name, List<FeatureSpec> features, SequenceSpec sequence) {
    this(name, features, sequence, List.of());
  }

  /** A contract with features of declared statistics. */
  public FeatureContract(
      String name,
      List<FeatureSpec> features,
      SequenceSpec sequence,
      List<StatisticSpec> statistics) {
    this(name, features, sequence, statistics, List.of());
  }

  /**
   * A contract with features of declared statistics and of tables.
   *
   * @param statistics those that the features name; how they count decides values too
   * @param columns those that the features read from tables, in words that decide values: another
   *     type is another value
   */
  public FeatureContract(
      String name,
      List<FeatureSpec> features,
      SequenceSpec sequence,
      List<StatisticSpec> statistics,
      List<String> columns) {
    this.name = name;
    this.features = List.copyOf(features);
    Set<String> different = new HashSet<>();
    StringBuilder canonical = new StringBuilder(sequence.canonical()).append('\n');
    for (FeatureSpec feature : features) {
      if (!different.add(feature.name())) {
        throw new IllegalArgumentException("two features are called " + feature.name());
      }
      canonical.append(feature.canonical()).append('\n');
    }
    List<String> others = new ArrayList<>();
    for (SequenceSpec.Named named : sequence.named()) {
      if (features.stream().anyMatch(one -> named.name().equals(one.parameters().get(SEQUENCE)))) {
        others.add("sequence " + named.canonical());
      }
    }
    statistics.forEach(statistic -> others.add("statistic " + statistic.canonical()));
    columns.forEach(column -> others.add("table " + column));
    others.forEach(line -> canonical.append(line).append('\n'));
    others.add(0, "events " + sequence.canonical());
    reads = List.copyOf(others);
    names = features.stream().map(FeatureSpec::name).toList();
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      sha256 =
          HexFormat.of()
              .formatHex(digest.digest(canonical.toString().getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has SHA-256
    }
  }

  public String name() {
    return name;
  }

  /** The features in row order. */
  public List<FeatureSpec> features() {
    return features;
  }

  /** Floats a row. */
  public int width() {
    return features.size();
  }

  /** The feature of a column. */
  public FeatureSpec feature(int column) {
    return features.get(column);
  }

  /** The names in row order. */
  public List<String> names() {
    return names;
  }

  /** What the features read, a line each: the events, named sequences, statistics and columns. */
  public List<String> reads() {
    return reads;
  }

  /** The contract's identity, 64 hex digits. */
  public String sha256() {
    return sha256;
  }
}
