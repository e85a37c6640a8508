package dev.proffer.offline.experiment;

import dev.proffer.offline.warehouse.WarehouseFiles;
import dev.proffer.pipeline.experiments.Experiment;
import dev.proffer.pipeline.experiments.SequentialTest;
import dev.proffer.pipeline.experiments.Variant;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an experiment came to. Immutable.
 *
 * @param from of the first answer that is looked at; null for the first of all
 * @param until up to when figures are of; earlier than asked for when a variant was stopped
 * @param stopped whether it was
 * @param crossed units that saw several variants, and are left out
 * @param alpha of every interval
 */
public record ExperimentReport(
    String experiment,
    String unit,
    @Nullable String from,
    String until,
    boolean stopped,
    long crossed,
    double alpha,
    SampleRatio sampleRatio,
    List<Arm> variants) {

  /**
   * One variant.
   *
   * @param assigned units, be they stopped or crossed
   * @param counts sums over its units
   * @param latency quantiles in milliseconds
   */
  public record Arm(
      String variant,
      boolean control,
      double share,
      long assigned,
      Map<String, Double> counts,
      Map<String, Double> latency,
      Map<String, Value> figures) {}

  /**
   * A figure of a variant.
   *
   * @param againstControl null of the control itself
   */
  public record Value(double value, double standardError, @Nullable Difference againstControl) {}

  /**
   * How it is looked at.
   *
   * @param alpha of every interval
   * @param sharpestAt after how many units an arm the always valid tests are sharpest
   * @param daysBefore how many days before a unit's first answer its covariates are of
   */
  public record Look(double alpha, int sharpestAt, int daysBefore) {
    SequentialTest test() {
      return SequentialTest.sharpestAt(alpha, sharpestAt / 2.0);
    }
  }

  /**
   * Reports an experiment.
   *
   * @param files of a warehouse that stays open meanwhile
   * @param from answers from here on
   * @param until answers and events before it
   */
  public static ExperimentReport of(
      WarehouseFiles files, Experiment experiment, @Nullable Instant from, Instant until, Look look)
      throws SQLException {
    try (UnitTable units =
        new UnitTable(
            files,
            experiment,
            from == null ? Long.MIN_VALUE / 4 : from.toEpochMilli(),
            until.toEpochMilli(),
            look.daysBefore())) {
      Map<String, Long> assigned = units.assigned();
      List<Long> counts = new ArrayList<>();
      List<Double> shares = new ArrayList<>();
      List<Arm> arms = new ArrayList<>();
      Map<Figure, Moments> control = new LinkedHashMap<>();
      for (Figure figure : Figure.values()) {
        control.put(figure, units.moments(figure, experiment.control()));
      }
      for (Variant variant : experiment.variants()) {
        boolean isControl = variant.name().equals(experiment.control());
        counts.add(assigned.getOrDefault(variant.name(), 0L));
        shares.add(experiment.shareOf(variant));
        Map<String, Value> figures = new LinkedHashMap<>();
        for (Map.Entry<Figure, Moments> of : control.entrySet()) {
          Moments own = units.moments(of.getKey(), variant.name());
          figures.put(
              of.getKey().word(),
              new Value(
                  own.value(),
                  Math.sqrt(own.squaredError()),
                  isControl || own.n() < 2 || of.getValue().n() < 2
                      ? null
                      : Difference.of(of.getValue(), own, look.test())));
        }
        arms.add(
            new Arm(
                variant.name(),
                isControl,
                experiment.shareOf(variant),
                assigned.getOrDefault(variant.name(), 0L),
                units.counts(variant.name()),
                units.latencies(variant.name()),
                figures));
      }
      return new ExperimentReport(
          experiment.name(),
          experiment.unit().name().toLowerCase(java.util.Locale.ROOT),
          from == null ? null : from.toString(),
          Instant.ofEpochMilli(units.until()).toString(),
          units.until() < until.toEpochMilli(),
          units.crossed(),
          look.alpha(),
          SampleRatio.of(counts, shares),
          arms);
    }
  }
}
