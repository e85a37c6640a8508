package dev.proffer.offline.evaluate;

/**
 * Hit rate, NDCG and MRR at 10 of a ranking with one right answer, over many. Adds ranks; not
 * thread-safe. With one relevant item the ideal gain is 1, so NDCG@10 is {@code 1 / log2(rank + 1)}
 * up to rank 10 (Järvelin and Kekäläinen 2002).
 */
public final class NextItemMetrics {
  /** How deep a hit counts. */
  public static final int DEPTH = 10;

  private long count;
  private double hits;
  private double gain;
  private double reciprocal;

  /** Adds a target's rank, 1 for the top; beyond {@link #DEPTH}, or 0, for not found. */
  public void add(int rank) {
    count++;
    if (rank >= 1 && rank <= DEPTH) {
      hits++;
      gain += Math.log(2) / Math.log(rank + 1.0);
      reciprocal += 1.0 / rank;
    }
  }

  public long count() {
    return count;
  }

  public double hitRate() {
    return count == 0 ? 0 : hits / count;
  }

  public double ndcg() {
    return count == 0 ? 0 : gain / count;
  }

  public double mrr() {
    return count == 0 ? 0 : reciprocal / count;
  }

  /**
   * Half the width of the hit rate's 95 % interval, by the normal approximation of the binomial.
   */
  public double hitRateMargin() {
    double p = hitRate();
    return count == 0 ? 0 : 1.96 * Math.sqrt(p * (1 - p) / count);
  }
}
