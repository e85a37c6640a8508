package dev.proffer.features.compute;

import dev.proffer.features.spec.FeatureContract;
import dev.proffer.features.state.Catalog;
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
  private final int[] candidateColumns;
  private final float[] requestRow;

  FeatureProgram(FeatureContract contract, List<Supplier<Transformation>> transformations) {
    this.contract = contract;
    int width = contract.width();
    Transformation[] all = new Transformation[width];
    int requests = 0;
    for (int column = 0; column < width; column++) {
      all[column] = transformations.get(column).get();
      if (all[column] instanceof Transformation.OfRequest) {
        requests++;
      }
    }
    ofRequest = new Transformation.OfRequest[requests];
    requestColumns = new int[requests];
    ofCandidate = new Transformation.OfCandidate[width - requests];
    candidateColumns = new int[width - requests];
    requestRow = new float[requests];
    int request = 0;
    int candidate = 0;
    for (int column = 0; column < width; column++) {
      if (all[column] instanceof Transformation.OfRequest one) {
        requestColumns[request] = column;
        ofRequest[request++] = one;
      } else if (all[column] instanceof Transformation.OfCandidate one) {
        candidateColumns[candidate] = column;
        ofCandidate[candidate++] = one;
      }
    }
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
    for (int feature = 0; feature < ofRequest.length; feature++) {
      requestRow[feature] = ofRequest[feature].value(in);
    }
    for (int row = 0; row < count; row++) {
      for (int feature = 0; feature < requestRow.length; feature++) {
        rows[row * width + requestColumns[feature]] = requestRow[feature];
      }
    }
    for (int feature = 0; feature < ofCandidate.length; feature++) {
      Transformation.OfCandidate transformation = ofCandidate[feature];
      transformation.prepare(in);
      int at = candidateColumns[feature];
      for (int row = 0; row < count; row++, at += width) {
        rows[at] = transformation.value(in, items[row]);
      }
    }
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
