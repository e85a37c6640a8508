package dev.proffer.features.spec;

import java.util.List;

/**
 * One declared statistic: what is counted (or summed), by what, in which buckets of event time.
 *
 * @param name unique in its file
 * @param by what a count is kept for
 * @param events the event types that are counted; empty when impressions are
 * @param answering only events that answer a suggestion, which is those with a request id
 * @param sum the numeric field of the event to add up; empty to count events
 * @param bucketMinutes the width of a bucket; buckets are aligned to the epoch
 * @param buckets how many buckets a key keeps, the newest counted
 * @param maxKeys how many keys are kept where they are open-ended texts
 * @param maxPosition the last slot that is kept, where positions are keys
 * @param devices the devices that are told apart, where a count is kept for item and device
 * @param unit what the number counts; empty when it counts nothing
 * @param description one sentence for people
 */
public record StatisticSpec(
    String name,
    By by,
    List<String> events,
    boolean answering,
    String sum,
    int bucketMinutes,
    int buckets,
    int maxKeys,
    int maxPosition,
    List<String> devices,
    String unit,
    String description) {

  /** How many of a sum's units are 1: sums are whole numbers of ten-thousandths. */
  public static final long UNITS = 10_000;

  public StatisticSpec {
    events = List.copyOf(events);
    devices = List.copyOf(devices);
  }

  /** What a count is kept for. */
  public enum By {
    /** The item, where the catalog has it. */
    ITEM,
    /** The category that the item has when it is counted. */
    CATEGORY,
    /** The text that a person was looking at: the impression's, or the event's field context. */
    CONTEXT,
    /** The slot from 1: the impression's, or the event's field position. */
    POSITION,
    /** The device: the impression's, or the event's field device. */
    DEVICE,
    /** The item and the slot. */
    ITEM_POSITION,
    /** The item and one of the declared devices. */
    ITEM_DEVICE,
    /** One count of everything. */
    ALL;

    /** Whether the keys are texts without an end. */
    public boolean isText() {
      return this == CONTEXT || this == DEVICE;
    }

    /** Whether the slot is the key or a part of it. */
    public boolean hasPosition() {
      return this == POSITION || this == ITEM_POSITION;
    }

    /** Whether the key is an item and one of a few numbers from 1: a slot, a device's place. */
    public boolean isItemAndOther() {
      return this == ITEM_POSITION || this == ITEM_DEVICE;
    }
  }

  /** How many numbers there are beside the item, or as the key: slots, or declared devices. */
  public int others() {
    return by == By.ITEM_DEVICE ? devices.size() : maxPosition;
  }

  /** The place of a device among those that are told apart, from 1; 0 for any other. */
  public int place(String device) {
    return devices.indexOf(device) + 1;
  }

  /** Whether slots shown are counted, and not events. */
  public boolean impressions() {
    return events.isEmpty();
  }

  /** The width of a bucket in milliseconds. */
  public long bucketMillis() {
    return bucketMinutes * 60_000L;
  }

  /** What one unit of the state is worth: 1 of a count, a ten-thousandth of a sum. */
  public double scale() {
    return sum.isEmpty() ? 1 : 1.0 / UNITS;
  }

  /**
   * The longest window that can be read, in buckets. One less than are kept: a client's clock that
   * runs ahead may have opened the bucket after the present one.
   */
  public int mostBuckets() {
    return buckets - 1;
  }

  /** Everything that decides a value, in one line. */
  public String canonical() {
    StringBuilder line = new StringBuilder(name).append(" by=").append(by);
    line.append(impressions() ? " impressions" : " events=" + events);
    line.append(answering ? " answering" : "");
    line.append(sum.isEmpty() ? "" : " sum=" + sum);
    line.append(" bucket-minutes=").append(bucketMinutes).append(" buckets=").append(buckets);
    line.append(by.isText() ? " max-keys=" + maxKeys : "");
    line.append(by.hasPosition() ? " max-position=" + maxPosition : "");
    line.append(by == By.ITEM_DEVICE ? " devices=" + devices : "");
    return line.toString();
  }
}
