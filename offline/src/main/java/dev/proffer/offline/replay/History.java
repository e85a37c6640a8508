package dev.proffer.offline.replay;

import dev.proffer.events.Erasure;
import dev.proffer.events.Event;
import dev.proffer.events.Impression;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import dev.proffer.events.log.EventLog;
import dev.proffer.features.spec.SequenceSpec;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A log in memory: items as they stand at its end, sequence events by their own time (equals in log
 * order), impressions by theirs. An event id counts once. What stands before the tombstone of its
 * user was never there. Immutable.
 */
public final class History {
  private final List<Item> items;
  private final List<Event> events;
  private final List<Impression> impressions;
  private final long entries;

  private History(
      List<Item> items, List<Event> events, List<Impression> impressions, long entries) {
    this.items = List.copyOf(items);
    this.events = List.copyOf(events);
    this.impressions = List.copyOf(impressions);
    this.entries = entries;
  }

  /** Reads a whole log. */
  public static History read(EventLog log, SequenceSpec spec) {
    List<LogEntry> entries = new ArrayList<>();
    try (EventLog.Tail tail = log.tail()) {
      for (LogEntry entry = tail.next(); entry != null; entry = tail.next()) {
        entries.add(entry);
      }
    }
    return of(entries, spec);
  }

  /** A history of given entries, in log order; they are gone through twice. */
  public static History of(Iterable<? extends LogEntry> entries, SequenceSpec spec) {
    Map<String, Item> items = new LinkedHashMap<>();
    List<Event> events = new ArrayList<>();
    List<Impression> impressions = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    Set<String> sequenced = Set.copyOf(spec.events());
    Map<String, Long> forgotten = new HashMap<>();
    long count = 0;
    for (LogEntry entry : entries) {
      if (entry instanceof Erasure erasure) {
        forgotten.put(erasure.userId(), count);
      }
      count++;
    }
    count = 0;
    for (LogEntry entry : entries) {
      long at = count++;
      if (entry instanceof Item item) {
        items.put(item.id(), item);
      } else if (entry instanceof Impression impression) {
        if (at > forgotten.getOrDefault(impression.userId(), -1L)) {
          impressions.add(impression);
        }
      } else if (entry instanceof Event event
          && at > forgotten.getOrDefault(event.userId(), -1L)
          && event.itemId() != null
          && sequenced.contains(event.type())
          && ids.add(event.id())) {
        events.add(event);
      }
    }
    events.sort(Comparator.comparingLong(Event::timeMillis));
    impressions.sort(Comparator.comparingLong(Impression::timeMillis));
    return new History(new ArrayList<>(items.values()), events, impressions, count);
  }

  /** The items, in order of first appearance. */
  public List<Item> items() {
    return items;
  }

  /** The events that make sequences, by time. */
  public List<Event> events() {
    return events;
  }

  /** What the gateway showed, by time. */
  public List<Impression> impressions() {
    return impressions;
  }

  /** How many log entries were read. */
  public long entries() {
    return entries;
  }

  /**
   * The instant right behind the last event, epoch milliseconds; 0 for a history without events.
   */
  public long end() {
    return events.isEmpty() ? 0 : events.get(events.size() - 1).timeMillis() + 1;
  }

  /** The instant that leaves the given share of the events behind it. */
  public long instantBeforeLast(double share) {
    if (events.isEmpty()) {
      return 0;
    }
    int at =
        (int) Math.max(0, Math.min(events.size() - 1L, Math.round(events.size() * (1 - share))));
    return events.get(at).timeMillis();
  }

  /**
   * Per event (by identity of its position) the time of the user's next event, {@link
   * Long#MAX_VALUE} when there is none.
   */
  public long[] nextTimes() {
    long[] next = new long[events.size()];
    Map<String, Long> last = new HashMap<>();
    for (int at = events.size() - 1; at >= 0; at--) {
      Event event = events.get(at);
      next[at] = last.getOrDefault(event.userId(), Long.MAX_VALUE);
      last.put(event.userId(), event.timeMillis());
    }
    return next;
  }

  /**
   * The impression each event answers, by position; null for none. By {@code request_id} first;
   * else the latest impression of the same user that showed the item, at most {@code windowMillis}
   * before.
   */
  public @Nullable Impression[] answered(long windowMillis) {
    Map<String, Impression> byRequest = new HashMap<>();
    Map<String, List<Impression>> byUser = new HashMap<>();
    for (Impression impression : impressions) {
      byRequest.put(impression.requestId(), impression);
      byUser.computeIfAbsent(impression.userId(), user -> new ArrayList<>()).add(impression);
    }
    @Nullable Impression[] answered = new Impression[events.size()];
    for (int at = 0; at < answered.length; at++) {
      Event event = events.get(at);
      Impression named = event.requestId() == null ? null : byRequest.get(event.requestId());
      if (named != null && shows(named, event)) {
        answered[at] = named;
        continue;
      }
      List<Impression> shown = byUser.getOrDefault(event.userId(), List.of());
      for (int i = shown.size() - 1; i >= 0 && answered[at] == null; i--) {
        long age = event.timeMillis() - shown.get(i).timeMillis();
        if (age >= 0 && age <= windowMillis && shows(shown.get(i), event)) {
          answered[at] = shown.get(i);
        }
      }
    }
    return answered;
  }

  private static boolean shows(Impression impression, Event event) {
    return impression.shown().stream().anyMatch(slot -> slot.itemId().equals(event.itemId()));
  }

  /** A digest of the events before an instant and of all items: what a model learned from. */
  public String sha256(long untilMillis) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Item item : items) {
        digest.update((item.id() + "\n").getBytes(StandardCharsets.UTF_8));
      }
      for (Event event : events) {
        if (event.timeMillis() < untilMillis) {
          digest.update(
              (event.id() + "@" + event.timeMillis() + "\n").getBytes(StandardCharsets.UTF_8));
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has SHA-256
    }
  }
}
