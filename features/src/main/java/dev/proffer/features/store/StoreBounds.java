package dev.proffer.features.store;

/**
 * How much the sequences off the heap may take. Beyond it the least recently seen users make room.
 *
 * @param users how many users there is room for
 * @param recordBytes how long a user's record is in the mean; what memory is laid out by
 * @param mostBytes how long all records may be together; 0 for no bound but the users
 */
public record StoreBounds(long users, int recordBytes, long mostBytes) {
  /** Sequences of some 28 events. */
  public static final int RECORD_BYTES = 8 + 28 * 20;

  public StoreBounds {
    if (users < 1 || recordBytes < 1 || mostBytes < 0) {
      throw new IllegalArgumentException(
          "users="
              + users
              + ", recordBytes="
              + recordBytes
              + ", mostBytes="
              + mostBytes
              + "; expected at least 1, 1 and 0");
    }
  }
}
