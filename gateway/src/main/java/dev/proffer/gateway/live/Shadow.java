package dev.proffer.gateway.live;

import dev.proffer.events.Hash64;
import dev.proffer.events.time.Time;
import dev.proffer.pipeline.SuggestPipeline;
import dev.proffer.pipeline.World;
import dev.proffer.pipeline.experiments.Agreement;
import dev.proffer.pipeline.experiments.ExperimentsSpec;
import dev.proffer.ranker.ServedModel;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scores what was served once more with a model that is being tried, on a thread of its own after
 * the answer is sent: nothing of it reaches an answer or the log. {@link #offer} never waits; what
 * finds no room is dropped and counted.
 */
public final class Shadow implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Shadow.class);

  /** A set of 200 rows takes 100 KB. */
  private static final int MOST_WAITING = 32;

  private static final int CLOSE_MILLIS = 5_000;

  private final ExperimentsSpec.Shadow spec;
  private final Time time;
  private final Listener listener;
  private final long below;
  private final BlockingQueue<Task> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
  private final AtomicLong dropped = new AtomicLong();
  private final Thread thread;
  private volatile boolean closing;

  private record Task(ServedModel shadow, SuggestPipeline.Judged judged, int limit) {}

  /** Hears how the two agreed. Called on the shadow's thread. */
  public interface Listener {
    /** An answer was scored by both. */
    void shadowed(String shadowVersion, Agreement agreement, long nanos);

    /** The shadow model threw. */
    void shadowFailed(String shadowVersion);
  }

  /** A shadow that is not at work yet. */
  public Shadow(ExperimentsSpec.Shadow spec, Time time, Listener listener) {
    this.spec = spec;
    this.time = time;
    this.listener = listener;
    this.below =
        spec.model().isEmpty()
            ? 0
            : spec.share() >= 1 ? Long.MAX_VALUE : (long) (spec.share() * Long.MAX_VALUE);
    this.thread = new Thread(this::run, "proffer-shadow");
    this.thread.setDaemon(true);
  }

  /** Starts the thread, if there is anything for it to do. */
  public void start() {
    if (below > 0) {
      thread.start();
    }
  }

  /**
   * Takes an answer that was sent, if it is one of the share; from any loop.
   *
   * @param pipeline whose latest page it is
   */
  public void offer(String requestId, World world, SuggestPipeline pipeline, int limit) {
    // Not the bits that the sampler decides by: what is sampled is as likely here as any other.
    if (below == 0 || Long.rotateLeft(Hash64.of(requestId), 32) >>> 1 > below || closing) {
      return;
    }
    ServedModel shadow = world.variantModel(spec.model());
    if (shadow == null) {
      return;
    }
    if (waiting.remainingCapacity() == 0) {
      dropped.incrementAndGet();
      return;
    }
    SuggestPipeline.Judged judged = pipeline.judged();
    if (judged != null
        && judged.model().contractSha().equals(shadow.contractSha())
        && judged.scores().length > 1
        && !waiting.offer(new Task(shadow, judged, limit))) {
      dropped.incrementAndGet();
    }
  }

  /** Answers of the share that found no room. */
  public long dropped() {
    return dropped.get();
  }

  private void run() {
    while (!closing) {
      @Nullable Task task = null;
      try {
        task = waiting.poll(100, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        return; // told to end
      }
      if (task != null) {
        score(task);
      }
    }
  }

  private void score(Task task) {
    SuggestPipeline.Judged judged = task.judged();
    try {
      float[] scores = new float[judged.scores().length];
      long began = time.nanos();
      task.shadow().scorer().score(judged.rows(), scores.length, scores);
      long took = time.nanos() - began;
      Agreement agreement =
          Agreement.of(
              judged.scores(),
              judged.model().calibration(),
              scores,
              task.shadow().calibration(),
              task.limit());
      listener.shadowed(task.shadow().version(), agreement, took);
    } catch (RuntimeException e) {
      LOG.warn("the shadow {} could not score", task.shadow().version(), e);
      listener.shadowFailed(task.shadow().version());
    }
  }

  @Override
  public void close() {
    closing = true;
    if (thread.isAlive()) {
      try {
        thread.join(CLOSE_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
