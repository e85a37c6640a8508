package dev.proffer.perf.ledger;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What every client sent and what it was told of it. A {@link Book} belongs to its client's thread;
 * the sums may be read by any thread while clients write; an {@link #audit} begins when they have
 * ended.
 */
public final class Ledger {
  private final EventIds ids;
  private final List<Book> books = new ArrayList<>();
  private final LongAdder sent = new LongAdder();
  private final LongAdder deliveries = new LongAdder();
  private final LongAdder acknowledged = new LongAdder();
  private final LongAdder repeated = new LongAdder();
  private final LongAdder repeatedAcknowledged = new LongAdder();
  private final LongAdder full = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder unanswered = new LongAdder();

  /** An empty ledger. */
  public Ledger(long seed, int clients) {
    this.ids = new EventIds(seed);
    for (int client = 0; client < clients; client++) {
      books.add(new Book(client));
    }
  }

  /** One client's page. */
  public final class Book {
    private final int client;
    private final BitSet known = new BitSet();
    private int next;

    private Book(int client) {
      this.client = client;
    }

    /** Whose it is. */
    int client() {
      return client;
    }

    /** Numbers for events that were never sent, as many as are wanted; returns the first. */
    public int begin(int count) {
      int first = next;
      next += count;
      sent.add(count);
      return first;
    }

    /** How many numbers were given out. */
    int begun() {
      return next;
    }

    /** The id of an event. */
    String id(int number) {
      return ids.text(client, number);
    }

    /** Whether a 202 was seen for an event. */
    boolean isAcknowledged(int number) {
      return known.get(number);
    }

    /**
     * Notes that events go out.
     *
     * @param again whether they went out before
     */
    void goes(int count, boolean again) {
      deliveries.add(count);
      if (again) {
        repeated.add(count);
      }
    }

    /** Notes a 202. */
    public void acknowledge(int[] numbers) {
      for (int number : numbers) {
        if (known.get(number)) {
          repeatedAcknowledged.increment();
        } else {
          known.set(number);
          acknowledged.increment();
        }
      }
    }

    /** Notes a 503: try again later. */
    void full(int count) {
      full.add(count);
    }

    /** Notes any other answer: that it should not have been given is for the verdict. */
    void refused(int count) {
      refused.add(count);
    }

    /** Notes silence, a broken connection or none. */
    void unanswered(int count) {
      unanswered.add(count);
    }
  }

  /** A client's page. */
  public Book book(int client) {
    return books.get(client);
  }

  /** Different events that were sent. */
  public long sent() {
    return sent.sum();
  }

  /** Events that were sent, each time counted. */
  public long deliveries() {
    return deliveries.sum();
  }

  /** Different events that were acknowledged. */
  public long acknowledged() {
    return acknowledged.sum();
  }

  /** Events that were sent again, each time counted. */
  public long repeated() {
    return repeated.sum();
  }

  /** Times that an event was acknowledged again; each must have been dropped as a duplicate. */
  public long repeatedAcknowledged() {
    return repeatedAcknowledged.sum();
  }

  /** Events answered with 503, each time counted. */
  public long full() {
    return full.sum();
  }

  /** Events answered with anything but 202 and 503. */
  public long refused() {
    return refused.sum();
  }

  /** Events whose delivery had no answer, each time counted. */
  public long unanswered() {
    return unanswered.sum();
  }

  /** The id of some acknowledged event; null when there is none. */
  public @Nullable String acknowledgedExample() {
    for (Book book : books) {
      int number = book.known.nextSetBit(0);
      if (number >= 0) {
        return book.id(number);
      }
    }
    return null;
  }

  /** Begins to hold what was kept against the books. */
  public Audit audit() {
    return new Audit();
  }

  /** One reading of what was kept, row by row. Belongs to one thread. */
  public final class Audit {
    private static final int SHOWN = 5;

    private final List<BitSet> found = new ArrayList<>();
    private final List<String> examples = new ArrayList<>();
    private long rows;
    private long invented;
    private long doubled;

    private Audit() {
      books.forEach(book -> found.add(new BitSet(book.next)));
    }

    /** Takes the id of a row. */
    public void row(String id) {
      rows++;
      long place = ids.place(id);
      int client = (int) (place >>> 32);
      int number = (int) place;
      if (place == EventIds.FOREIGN || client >= books.size() || number >= books.get(client).next) {
        invented++;
        example("invented " + id);
      } else if (found.get(client).get(number)) {
        doubled++;
        example("double " + id);
      } else {
        found.get(client).set(number);
      }
    }

    /** What came of it. */
    public Verdict verdict() {
      long missing = 0;
      long unacknowledged = 0;
      for (Book book : books) {
        BitSet lost = (BitSet) book.known.clone();
        lost.andNot(found.get(book.client));
        missing += lost.cardinality();
        for (int at = lost.nextSetBit(0); at >= 0 && examples.size() < 3 * SHOWN; ) {
          example("missing " + book.id(at));
          at = lost.nextSetBit(at + 1);
        }
        BitSet more = (BitSet) found.get(book.client).clone();
        more.andNot(book.known);
        unacknowledged += more.cardinality();
      }
      return new Verdict(rows, missing, invented, doubled, unacknowledged, List.copyOf(examples));
    }

    private void example(String words) {
      if (examples.size() < 3 * SHOWN) {
        examples.add(words);
      }
    }
  }

  /**
   * What the books and the rows say of each other.
   *
   * @param rows rows that were read
   * @param missing acknowledged, and not there
   * @param invented there, and never sent
   * @param doubled rows of an id beyond its first
   * @param unacknowledged there once, sent, and never acknowledged: which is allowed
   * @param examples some of what is wrong
   */
  public record Verdict(
      long rows,
      long missing,
      long invented,
      long doubled,
      long unacknowledged,
      List<String> examples) {

    /** Whether every acknowledged event is there exactly once and nothing is invented. */
    public boolean holds() {
      return missing == 0 && invented == 0 && doubled == 0;
    }
  }
}
