package dev.proffer.offline.warehouse;

import dev.proffer.events.LogEntry;
import dev.proffer.events.log.EventLog;
import org.jspecify.annotations.Nullable;

/**
 * The log of a home directory. Its positions are the indexes of records, in hexadecimal: what
 * {@link dev.proffer.events.log.Positions} holds too.
 */
public final class SpoolSource implements LogSource {
  /** The name of this source. */
  public static final String NAME = "spool";

  private final EventLog.Tail tail;
  private final long end;
  private long before = -1;
  private boolean done;

  /**
   * A source over an open log, which it leaves open.
   *
   * @param untilEnd whether what is appended meanwhile is read too
   */
  public SpoolSource(EventLog log, boolean untilEnd) {
    this.tail = log.tail();
    this.end = untilEnd ? Long.MAX_VALUE : log.lastIndex();
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void open(@Nullable String position) {
    if (position == null) {
      return;
    }
    before = Long.parseUnsignedLong(position, 16);
    // A log that ends before its position is another log: it is read whole, and ids tell what is
    // new.
    if (end != Long.MAX_VALUE && before > end) {
      before = -1;
    } else {
      tail.seek(before);
    }
  }

  @Override
  public @Nullable LogEntry next() {
    if (done || Math.max(before, tail.index()) >= end) {
      return null;
    }
    LogEntry entry = tail.next();
    done = entry == null;
    return entry;
  }

  @Override
  public @Nullable String position() {
    long at = Math.max(before, tail.index());
    return at < 0 ? null : Long.toHexString(at);
  }

  @Override
  public boolean ordered() {
    return true;
  }

  @Override
  public long unreadable() {
    return tail.unreadable();
  }

  @Override
  public void close() {
    tail.close();
  }
}
