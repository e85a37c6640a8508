package dev.proffer.events.log.kafka;

import java.util.Locale;

/** How a relay is doing. Published figures: nothing here waits, and any thread may ask. */
public interface RelayFigures {
  /** What went wrong; the words are tags of a metric and are never renamed. */
  enum Failure {
    /** No broker answered in time, or the connection broke. Sent again. */
    UNREACHABLE,
    /** The topic is not there. Sent again. */
    TOPIC_MISSING,
    /** The broker knows who we are and refuses. Sent again. */
    UNAUTHORIZED,
    /** The broker does not accept who we say we are. Sent again over a new connection. */
    UNAUTHENTICATED,
    /** The producer cannot go on and is made anew. Sent again. */
    PRODUCER_BROKEN,
    /** The record is larger than is allowed. A dead letter. */
    TOO_LARGE,
    /** The broker refuses this one record, or JSON cannot hold it. A dead letter. */
    REFUSED,
    /** A record of the log holds nothing that is known. A dead letter. */
    UNREADABLE,
    /** The disk did not take the position or a dead letter. Tried again. */
    DISK;

    /** As a metric's tag. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Entries that the broker acknowledged, dead letters included. */
  long relayed();

  /** Entries of the log that are not acknowledged yet; looked at every second. */
  long behind();

  /** How long ago the oldest entry arrived that is not acknowledged; 0 when there is none. */
  double behindSeconds();

  /** Entries that were sent and are not acknowledged. */
  long underWay();

  /** Entries that were sent again. */
  long retries();

  /** How often something went wrong since the start. */
  long failures(Failure failure);

  /** Entries that became dead letters. */
  long deadLetters();

  /** Whether the broker acknowledged something, and nothing waits in vain since. */
  boolean connected();

  /** One sentence for people. */
  String words();
}
