package dev.proffer.features.compute;

/** Where the words of a text begin and end: runs of letters and digits. Allocates nothing. */
final class Words {
  private Words() {}

  /** Where the next word begins, from a place on; the text's length when there is none. */
  static int begin(String text, int from) {
    int at = from;
    while (at < text.length() && !Character.isLetterOrDigit(text.charAt(at))) {
      at++;
    }
    return at;
  }

  /** Behind the last character of the word that begins here. */
  static int end(String text, int begin) {
    int at = begin;
    while (at < text.length() && Character.isLetterOrDigit(text.charAt(at))) {
      at++;
    }
    return at;
  }

  /** How many there are. */
  static int count(String text) {
    int words = 0;
    for (int at = begin(text, 0); at < text.length(); at = begin(text, end(text, at))) {
      words++;
    }
    return words;
  }

  /** A 64-bit hash of a word that is the same in upper and lower case (FNV-1a). */
  static long hash(String text, int begin, int end) {
    long hash = 0xcbf29ce484222325L;
    for (int at = begin; at < end; at++) {
      hash = (hash ^ Character.toLowerCase(text.charAt(at))) * 0x100000001b3L;
    }
    return hash;
  }
}
