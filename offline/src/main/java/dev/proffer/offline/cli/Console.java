package dev.proffer.offline.cli;

import dev.proffer.events.time.Time;
import dev.proffer.offline.train.ModelTraining;
import java.io.PrintStream;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * Progress for a person: a bar on a terminal (the script looks), a plain line a stage elsewhere.
 */
final class Console implements ModelTraining.Stages {
  private static final int STEPS = 1_000;

  private final Time time = Time.system();
  private final PrintStream out = System.out;
  private final boolean terminal = Boolean.getBoolean("proffer.terminal");
  private @Nullable ProgressBar bar;
  private String stage = "";
  private long began;

  @Override
  public void begin(String newStage) {
    stage = newStage;
    began = time.nanos();
    if (terminal) {
      bar =
          new ProgressBarBuilder()
              .setTaskName(newStage)
              .setInitialMax(STEPS)
              .setStyle(ProgressBarStyle.ASCII)
              .hideEta()
              .build();
    }
  }

  @Override
  public void progress(double share) {
    if (bar != null) {
      bar.stepTo(Math.round(share * STEPS));
    }
  }

  @Override
  public void end(String outcome) {
    if (bar != null) {
      bar.stepTo(STEPS);
      bar.close();
      bar = null;
    }
    double seconds = (time.nanos() - began) / 1e9;
    say(String.format(Locale.ROOT, "  %-58s %6.1f s  %s", stage, seconds, outcome));
  }

  void say(String line) {
    out.println(line);
    out.flush();
  }
}
