package dev.proffer.features.compute;

import dev.proffer.features.spec.FeatureContract;
import dev.proffer.features.state.Catalog;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * A contract ready to compute: one transformation a column. Belongs to one thread. Request-constant
 * columns are computed once a request; nothing is allocated per candidate.
 */
public final class FeatureProgram {
  private final FeatureContract contract;
  private final Transformation.OfRequest[] ofRequest;
  private final int[] requestColumns;
  private final Transformation.OfCandidate[] ofCandidate;
  private final CandidateLoops.Loop[] loops;
  private final int[] candidateColumns;
  private final Transformation.OfRow[] ofRow;
  private final int[] rowColumns;
  private final float[] defaults; // NaN: none
  private final long[] livesMillis; // 0: for ever
  private final float[] requestRow;

  FeatureProgram(FeatureContract contract, List<Supplier<Transformation>> transformations) {
    this.contract = contract;
    int width = contract.width();
    List<Transformation.OfRequest> requests = new ArrayList<>();
    List<Transformation.OfCandidate> candidates = new ArrayList<>();
    List<Transformation.OfRow> derived = new ArrayList<>();
    int[] columnsOfRequest = new int[width];
    int[] columnsOfCandidate = new int[width];
    int[] columnsOfRow = new int[width];
    defaults = new float[width];
    livesMillis = new long[width];
    for (int column = 0; column < width; column++) {
      defaults[column] = contract.feature(column).otherwise();
      livesMillis[column] = contract.feature(column).livesMillis();
      Transformation one = transformations.get(column).get();
      if (one instanceof Transformation.OfRequest ofAll) {
        columnsOfRequest[requests.size()] = column;
        requests.add(ofAll);
      } else if (one instanceof Transformation.OfCandidate ofOne) {
        columnsOfCandidate[candidates.size()] = column;
        candidates.add(ofOne);
      } else if (one instanceof Transformation.OfRow ofOthers) {
        columnsOfRow[derived.size()] = column;
        derived.add(ofOthers);
      }
    }
    ofRequest = requests.toArray(new Transformation.OfRequest[0]);
    ofCandidate = candidates.toArray(new Transformation.OfCandidate[0]);
    ofRow = derived.toArray(new Transformation.OfRow[0]);
    loops = new CandidateLoops.Loop[ofCandidate.length];
    Arrays.setAll(loops, at -> CandidateLoops.of(ofCandidate[at].getClass()));
    requestColumns = Arrays.copyOf(columnsOfRequest, ofRequest.length);
    candidateColumns = Arrays.copyOf(columnsOfCandidate, ofCandidate.length);
    rowColumns = Arrays.copyOf(columnsOfRow, ofRow.length);
    requestRow = new float[ofRequest.length];
  }

  public FeatureContract contract() {
    return contract;
  }

  /**
   * Computes the rows of some items.
   *
   * @param items indexes of the catalog; the first {@code count} are used
   * @param rows receives {@code count} rows of the contract's width, row-major
   */
  public void compute(FeatureInput in, int[] items, int count, float[] rows) {
    int width = contract.width();
    in.candidates(count);
    for (int feature = 0; feature < ofRequest.length; feature++) {
      int column = requestColumns[feature];
      float value = isStale(in, column) ? Float.NaN : ofRequest[feature].value(in);
      requestRow[feature] = Float.isNaN(value) ? defaults[column] : value;
    }
    for (int row = 0; row < count; row++) {
      for (int feature = 0; feature < requestRow.length; feature++) {
        rows[row * width + requestColumns[feature]] = requestRow[feature];
      }
    }
    for (int feature = 0; feature < ofCandidate.length; feature++) {
      Transformation.OfCandidate transformation = ofCandidate[feature];
      int column = candidateColumns[feature];
      if (isStale(in, column)) {
        for (int row = 0, at = column; row < count; row++, at += width) {
          rows[at] = defaults[column];
        }
      } else {
        transformation.prepare(in);
        loops[feature].compute(
            transformation, in, items, count, rows, column, width, defaults[column]);
      }
    }
    for (int feature = 0; feature < ofRow.length; feature++) {
      int column = rowColumns[feature];
      for (int row = 0, base = 0; row < count; row++, base += width) {
        float value = ofRow[feature].value(rows, base);
        rows[base + column] = Float.isNaN(value) ? defaults[column] : value;
      }
    }
  }

  /** Whether the user's latest event is older than the feature may live. */
  private boolean isStale(FeatureInput in, int column) {
    long lives = livesMillis[column];
    return lives > 0
        && (in.events() == 0 || in.asOfMillis() - in.timeMillis(in.events() - 1) > lives);
  }

  /**
   * Computes the one row of a task that is about the user alone; candidate features see the unknown
   * item.
   */
  public void compute(FeatureInput in, float[] row) {
    compute(in, NO_ITEM, 1, row);
  }

  private static final int[] NO_ITEM = {Catalog.UNKNOWN};
}
