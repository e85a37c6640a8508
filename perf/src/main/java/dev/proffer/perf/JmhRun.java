package dev.proffer.perf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** What the benches that run JMH have in common. */
final class JmhRun {
  private JmhRun() {}

  /**
   * One figure over its iterations.
   *
   * @param micros the median, in µs
   * @param least the least
   * @param greatest the greatest
   * @param bytes allocated; NaN where that is not known
   */
  record Figure(double micros, double least, double greatest, double bytes) {
    /** Of a run that measured allocation. */
    static Figure of(RunResult result) {
      Result<?> time = result.getPrimaryResult();
      Result<?> allocated = result.getSecondaryResults().get("gc.alloc.rate.norm");
      return new Figure(
          time.getStatistics().getPercentile(50),
          time.getStatistics().getMin(),
          time.getStatistics().getMax(),
          allocated == null ? Double.NaN : allocated.getScore());
    }

    Figure less(Figure part) {
      return new Figure(
          micros - part.micros, least - part.least, greatest - part.greatest, bytes - part.bytes);
    }

    void write(ObjectNode json) {
      json.put("micros", micros);
      json.put("micros_least", least);
      json.put("micros_greatest", greatest);
      json.put("bytes", bytes);
    }
  }

  /**
   * Options for a benchmark's whole class, with allocation.
   *
   * @param quick iterations too short for figures to keep
   */
  static OptionsBuilder options(Class<?> benchmark, boolean quick) {
    return options(benchmark, ".*", quick);
  }

  /** Options for some of a benchmark's methods, by a regular expression. */
  static OptionsBuilder options(Class<?> benchmark, String methods, boolean quick) {
    OptionsBuilder options = new OptionsBuilder();
    options
        .include(benchmark.getName() + "\\." + methods + "$")
        .addProfiler(GCProfiler.class)
        .shouldFailOnError(true)
        .verbosity(VerboseMode.SILENT);
    if (quick) {
      options.warmupTime(TimeValue.milliseconds(20)).measurementTime(TimeValue.milliseconds(20));
    }
    return options;
  }
}
