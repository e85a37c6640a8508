package dev.proffer.features.state;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Rows by number, which one thread changes and of which any thread reads snapshots: a {@link
 * #snapshot} shares the rows that have not changed since, and a row that a snapshot shares is
 * copied before it changes. Taking a snapshot costs a reference a row.
 */
final class SharedRows<R> {
  private final UnaryOperator<R> copier;
  private @Nullable Object[] rows;
  private boolean[] shared;

  /**
   * No rows.
   *
   * @param copier copies a row so that the copy can change
   */
  SharedRows(UnaryOperator<R> copier) {
    this(copier, new Object[16], new boolean[16]);
  }

  private SharedRows(UnaryOperator<R> copier, @Nullable Object[] rows, boolean[] shared) {
    this.copier = copier;
    this.rows = rows;
    this.shared = shared;
  }

  /** The row of a number; null when there is none. */
  @SuppressWarnings("unchecked") // nothing else is put
  @Nullable R get(int number) {
    return number < rows.length ? (R) rows[number] : null;
  }

  /** The row of a number, to be changed; null when there is none. */
  @Nullable R own(int number) {
    R row = get(number);
    if (row != null && shared[number]) {
      row = copier.apply(row);
      put(number, row);
    }
    return row;
  }

  /** Sets a row that no snapshot has, or none. */
  void put(int number, @Nullable R row) {
    if (number >= rows.length) {
      rows = Arrays.copyOf(rows, Math.max(number + 1, rows.length * 2));
      shared = Arrays.copyOf(shared, rows.length);
    }
    rows[number] = row;
    shared[number] = false;
  }

  /** Sets a row that a snapshot may have too. */
  void putShared(int number, R row) {
    put(number, row);
    shared[number] = true;
  }

  /** Behind the last number that may have a row. */
  int end() {
    return rows.length;
  }

  /** What there is now, for reading only. */
  SharedRows<R> snapshot() {
    Arrays.fill(shared, true);
    return new SharedRows<>(copier, rows.clone(), new boolean[0]);
  }
}
