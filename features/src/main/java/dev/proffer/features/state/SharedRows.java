package dev.proffer.features.state;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Rows by number, which one thread changes and of which any thread reads snapshots: a {@link
 * #snapshot} shares what has not changed since, and a row that a snapshot shares is copied before
 * it changes. Rows stand on pages of {@value #PAGE}, which are shared and copied alike: so a
 * snapshot costs a reference a page, and as much again for each page that is written to while it is
 * kept, however many rows there are.
 */
final class SharedRows<R> {
  private static final int PAGE = 256;
  private static final int SHIFT = Integer.numberOfTrailingZeros(PAGE);

  /** Where nothing is; never written to. */
  private static final Object[] BLANK = new Object[PAGE];

  private static final boolean[] NONE_SHARED = {};

  private final UnaryOperator<R> copier;
  private @Nullable Object[][] pages;
  // By page: which of its rows a snapshot has too; none where that is all of them and the page.
  private boolean[][] shared;

  /**
   * No rows.
   *
   * @param copier copies a row so that the copy can change
   */
  SharedRows(UnaryOperator<R> copier) {
    this(copier, new Object[0][], new boolean[0][]);
  }

  private SharedRows(UnaryOperator<R> copier, @Nullable Object[][] pages, boolean[][] shared) {
    this.copier = copier;
    this.pages = pages;
    this.shared = shared;
  }

  /** The row of a number; null when there is none. */
  @SuppressWarnings("unchecked") // nothing else is put
  @Nullable R get(int number) {
    int page = number >>> SHIFT;
    return page < pages.length ? (R) pages[page][number & PAGE - 1] : null;
  }

  /** The row of a number, to be changed; null when there is none. */
  @Nullable R own(int number) {
    R row = get(number);
    if (row != null) {
      boolean[] of = shared[number >>> SHIFT];
      if (of.length == 0 || of[number & PAGE - 1]) {
        row = copier.apply(row);
        put(number, row);
      }
    }
    return row;
  }

  /** Sets a row that no snapshot has, or none. */
  void put(int number, @Nullable R row) {
    put(number, row, false);
  }

  /** Sets a row that a snapshot may have too. */
  void putShared(int number, R row) {
    put(number, row, true);
  }

  private void put(int number, @Nullable R row, boolean had) {
    int page = number >>> SHIFT;
    if (page >= pages.length) {
      int known = pages.length;
      pages = Arrays.copyOf(pages, Math.max(page + 1, known * 2));
      shared = Arrays.copyOf(shared, pages.length);
      Arrays.fill(pages, known, pages.length, BLANK);
      Arrays.fill(shared, known, pages.length, NONE_SHARED);
    }
    if (shared[page].length == 0) {
      pages[page] = pages[page].clone();
      shared[page] = new boolean[PAGE];
      Arrays.fill(shared[page], true);
    }
    pages[page][number & PAGE - 1] = row;
    shared[page][number & PAGE - 1] = had;
  }

  /** Behind the last number that may have a row. */
  int end() {
    return pages.length << SHIFT;
  }

  /** What there is now, for reading only. */
  SharedRows<R> snapshot() {
    Arrays.fill(shared, NONE_SHARED);
    return new SharedRows<>(copier, pages.clone(), new boolean[0][]);
  }
}
