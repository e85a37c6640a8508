package dev.proffer.gateway.live;

import dev.proffer.events.Erasure;
import dev.proffer.events.Hash64;
import dev.proffer.events.LogEntry;
import dev.proffer.events.log.EventLog;
import dev.proffer.events.time.Time;
import dev.proffer.pipeline.sample.SampleFile;
import dev.proffer.pipeline.sample.ServedSample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes samples of what was served into files of an hour each, on a thread of its own. {@link
 * #offer} never waits: what finds no room is dropped and counted. A forgotten user's samples are
 * taken out of the files; also at a start, for tombstones that were folded and not carried out
 * here.
 */
public final class Sampler implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Sampler.class);
  private static final int MOST_WAITING = 256;
  private static final long FILE_MILLIS = TimeUnit.HOURS.toMillis(1);
  private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Path directory;
  private final EventLog log;
  private final Time time;
  private final long below;
  private final long keepMillis;
  private final Queue<ServedSample> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger depth = new AtomicInteger();
  private final Queue<Long> forgotten = new ConcurrentLinkedQueue<>();
  private final AtomicLong written = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();
  private final Thread thread;
  private volatile boolean closing;
  private @Nullable SampleFile file; // of the thread
  private long began;

  /**
   * A sampler that is not running yet.
   *
   * @param share of the answers that are sampled, 0 to 1
   * @param keepHours how long a file is kept
   */
  public Sampler(Path home, EventLog log, double share, int keepHours, Time time) {
    this.directory = home.resolve(SampleFile.DIRECTORY);
    this.log = log;
    this.time = time;
    this.below = share >= 1 ? Long.MAX_VALUE : (long) (share * Long.MAX_VALUE);
    this.keepMillis = TimeUnit.HOURS.toMillis(keepHours);
    this.thread = new Thread(this::run, "proffer-sampler");
    this.thread.setDaemon(true);
  }

  /** Starts the thread. */
  public void start() {
    thread.start();
  }

  /** Whether an answer is one of the sampled share: the request's id decides. */
  public boolean wants(String requestId) {
    return below > 0 && Hash64.of(requestId) >>> 1 <= below;
  }

  /** Takes a sample, or drops it; from any thread. */
  public void offer(ServedSample sample) {
    if (depth.incrementAndGet() > MOST_WAITING || closing) {
      depth.decrementAndGet();
      dropped.incrementAndGet();
      return;
    }
    waiting.add(sample);
  }

  /** Takes a user's samples out of the files, soon; from any thread. */
  public void forget(String userId) {
    forgotten.add(Hash64.of(userId));
  }

  /** Samples written since the start. */
  public long written() {
    return written.get();
  }

  /** Samples that were not written: no room, or the disk refused. */
  public long dropped() {
    return dropped.get();
  }

  private void run() {
    attempt("forgotten users could not be taken out of old samples", this::catchUp);
    while (true) {
      boolean last = closing;
      attempt("a sample could not be written", this::writeWaiting);
      attempt("a forgotten user could not be taken out of the samples", this::carryOutForgotten);
      attempt("old samples could not be deleted", this::rollAndDelete);
      if (last) {
        attempt("the samples could not be closed", this::closeFile);
        return;
      }
      if (waiting.isEmpty()) {
        LockSupport.parkNanos(IDLE_NANOS);
      }
    }
  }

  private interface Step {
    void take() throws IOException;
  }

  private static void attempt(String otherwise, Step step) {
    try {
      step.take();
    } catch (IOException | RuntimeException e) {
      LOG.warn("{}", otherwise, e);
    }
  }

  private void writeWaiting() throws IOException {
    boolean any = false;
    for (ServedSample next = waiting.poll(); next != null; next = waiting.poll()) {
      depth.decrementAndGet();
      any = true;
      try {
        SampleFile into = file;
        if (into == null) {
          began = time.millis();
          into = SampleFile.begin(directory, began);
          file = into;
        }
        into.write(next);
        written.incrementAndGet();
      } catch (IOException e) {
        dropped.incrementAndGet();
        file = null;
        throw e;
      }
    }
    if (any && file != null) {
      file.flush();
    }
  }

  private void carryOutForgotten() throws IOException {
    if (forgotten.isEmpty()) {
      return;
    }
    Set<Long> users = new HashSet<>();
    for (Long user = forgotten.poll(); user != null; user = forgotten.poll()) {
      users.add(user);
    }
    closeFile();
    for (Path one : SampleFile.list(directory)) {
      SampleFile.keep(one, sample -> !users.contains(sample.userHash()));
    }
  }

  /** A tombstone reaches the samples of its user that were served over a state before it. */
  private void catchUp() throws IOException {
    long oldest = Long.MAX_VALUE;
    for (Path one : SampleFile.list(directory)) {
      for (ServedSample sample : SampleFile.read(one)) {
        oldest = Math.min(oldest, sample.logIndex());
      }
    }
    if (oldest == Long.MAX_VALUE) {
      return;
    }
    Map<Long, Long> tombstones = new HashMap<>();
    try (EventLog.Tail tail = log.tail()) {
      tail.seek(oldest);
      for (LogEntry entry = tail.next(); entry != null && !closing; entry = tail.next()) {
        if (entry instanceof Erasure erasure) {
          tombstones.put(Hash64.of(erasure.userId()), tail.index());
        }
      }
    }
    for (Path one : SampleFile.list(directory)) {
      SampleFile.keep(
          one, sample -> sample.logIndex() >= tombstones.getOrDefault(sample.userHash(), -1L));
    }
  }

  private void rollAndDelete() throws IOException {
    long now = time.millis();
    if (file != null && now - began >= FILE_MILLIS) {
      closeFile();
    }
    if (file == null) {
      for (Path one : SampleFile.list(directory)) {
        if (now - SampleFile.beganMillis(one) > keepMillis + FILE_MILLIS) {
          Files.deleteIfExists(one);
        }
      }
    }
  }

  private void closeFile() throws IOException {
    SampleFile open = file;
    file = null;
    if (open != null) {
      open.close();
    }
  }

  /** Writes what waits and ends the thread. */
  @Override
  public void close() {
    closing = true;
    LockSupport.unpark(thread);
    try {
      thread.join(TimeUnit.SECONDS.toMillis(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
