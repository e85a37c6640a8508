package dev.proffer.features.text;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The terms of what a person asks for, beside the {@link Terms} of a catalog: what was searched
 * for, or the text of an item. Reused from request to request by one thread.
 */
public final class AskedTerms implements Terms.Taker {
  private Terms terms = Terms.none();
  private String written = "";
  private @Nullable String[] words = new String[8]; // made when they are asked for
  private int[] begins = new int[8];
  private int[] ends = new int[8];
  private long[] hashes = new long[8];
  private int[] numbers = new int[8];
  private int[] counts = new int[8];
  private int size;
  private int length;
  private int last;
  private boolean open;

  /** Nothing is asked for. */
  public void none(Terms of) {
    terms = of;
    size = 0;
    length = 0;
    last = -1;
    open = false;
  }

  /** What is asked for is written out. */
  public void text(Terms of, String text) {
    none(of);
    written = text;
    length = Terms.each(of.kind(), text, this);
    open = length > 0 && Words.isWord(text.charAt(text.length() - 1));
  }

  @Override
  public void take(long hash, String text, int begin, int end) {
    for (int at = 0; at < size; at++) {
      if (hashes[at] == hash) {
        counts[at]++;
        last = at;
        return;
      }
    }
    room();
    hashes[size] = hash;
    words[size] = null;
    begins[size] = begin;
    ends[size] = end;
    numbers[size] = terms.term(hash);
    counts[size] = 1;
    last = size++;
  }

  /** What is asked for are the like of an item. */
  public void item(Terms of, int item) {
    none(of);
    for (int place = of.begin(item); place < of.end(item); place++) {
      room();
      numbers[size] = of.at(place);
      words[size] = of.text(of.at(place));
      counts[size++] = of.count(place);
    }
    length = of.length(item);
  }

  private void room() {
    if (size == words.length) {
      words = Arrays.copyOf(words, 2 * size);
      begins = Arrays.copyOf(begins, 2 * size);
      ends = Arrays.copyOf(ends, 2 * size);
      hashes = Arrays.copyOf(hashes, 2 * size);
      numbers = Arrays.copyOf(numbers, 2 * size);
      counts = Arrays.copyOf(counts, 2 * size);
    }
  }

  /** The terms they are numbered by. */
  public Terms terms() {
    return terms;
  }

  /** How many different terms there are. */
  public int size() {
    return size;
  }

  /** How many there are, repeated ones counted again; 0 when nothing is asked for. */
  public int length() {
    return length;
  }

  /** A term's number; -1 when no item has it. */
  public int term(int at) {
    return numbers[at];
  }

  /** A term's text, in lower case. */
  public String word(int at) {
    String word = words[at];
    if (word == null) {
      word = Terms.spelled(terms.kind(), written, begins[at], ends[at]);
      words[at] = word;
    }
    return word;
  }

  /** How often a term is asked for. */
  public int count(int at) {
    return counts[at];
  }

  /** Which stands last; -1 when it is not known. */
  public int last() {
    return last;
  }

  /** Whether the text ends within its last word, which may go on. */
  public boolean isOpen() {
    return open;
  }
}
