package dev.proffer.features.text;

/** Where the words of a text begin and end: runs of letters and digits. Allocates nothing. */
public final class Words {
  private Words() {}

  /** Whether a character is part of a word. */
  static boolean isWord(char letter) {
    return Character.isLetterOrDigit(letter);
  }

  /** Where the next word begins, from a place on; the text's length when there is none. */
  public static int begin(String text, int from) {
    int at = from;
    while (at < text.length() && !isWord(text.charAt(at))) {
      at++;
    }
    return at;
  }

  /** Behind the last character of the word that begins here. */
  public static int end(String text, int begin) {
    int at = begin;
    while (at < text.length() && isWord(text.charAt(at))) {
      at++;
    }
    return at;
  }

  /** How many there are. */
  public static int count(String text) {
    int words = 0;
    for (int at = begin(text, 0); at < text.length(); at = begin(text, end(text, at))) {
      words++;
    }
    return words;
  }

  /** The word in lower case. */
  static String lower(String text, int begin, int end) {
    char[] word = new char[end - begin];
    for (int at = begin; at < end; at++) {
      word[at - begin] = Character.toLowerCase(text.charAt(at));
    }
    return new String(word);
  }

  /** A 64-bit hash of a word that is the same in upper and lower case (FNV-1a). */
  public static long hash(String text, int begin, int end) {
    long hash = 0xcbf29ce484222325L;
    for (int at = begin; at < end; at++) {
      hash = (hash ^ Character.toLowerCase(text.charAt(at))) * 0x100000001b3L;
    }
    return hash;
  }
}
