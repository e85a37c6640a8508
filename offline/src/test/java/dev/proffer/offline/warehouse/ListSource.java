package dev.proffer.offline.warehouse;

import dev.proffer.events.LogEntry;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Entries of a list; the position is how many were given. */
final class ListSource implements LogSource {
  private final String name;
  private final List<LogEntry> entries;
  private final boolean ordered;
  private int at;

  ListSource(String name, List<LogEntry> entries) {
    this(name, entries, true);
  }

  ListSource(String name, List<LogEntry> entries, boolean ordered) {
    this.ordered = ordered;
    this.name = name;
    this.entries = entries;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void open(@Nullable String position) {
    at = position == null ? 0 : Integer.parseInt(position);
  }

  @Override
  public @Nullable LogEntry next() {
    return at == entries.size() ? null : entries.get(at++);
  }

  @Override
  public String position() {
    return Integer.toString(at);
  }

  @Override
  public boolean ordered() {
    return ordered;
  }

  @Override
  public long unreadable() {
    return 0;
  }

  @Override
  public void close() {}
}
