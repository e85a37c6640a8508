package dev.proffer.events;

/**
 * A 64-bit hash of a text that is the same in every process and version: the stable name of an item
 * or event in compact records. FNV-1a over UTF-16 units, finished with the mixer of MurmurHash3
 * (Appleby), since FNV's high bits are weak for short texts. Allocates nothing.
 */
public final class Hash64 {
  private Hash64() {}

  /** The hash. */
  public static long of(String text) {
    long hash = 0xcbf29ce484222325L;
    for (int at = 0; at < text.length(); at++) {
      hash = (hash ^ text.charAt(at)) * 0x100000001b3L;
    }
    hash = (hash ^ hash >>> 33) * 0xff51afd7ed558ccdL;
    hash = (hash ^ hash >>> 33) * 0xc4ceb9fe1a85ec53L;
    return hash ^ hash >>> 33;
  }
}
