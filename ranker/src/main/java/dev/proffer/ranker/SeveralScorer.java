package dev.proffer.ranker;

import java.util.List;

/** Several scores a row, each by a scorer of its own: a model of several labels. Immutable. */
public final class SeveralScorer implements Scorer {
  private static final ThreadLocal<float[]> SCRATCH = ThreadLocal.withInitial(() -> new float[0]);

  private final List<Scorer> outputs;

  /**
   * One score a row each.
   *
   * @throws IllegalArgumentException when there are none, or they differ in width
   */
  public SeveralScorer(List<Scorer> outputs) {
    this.outputs = List.copyOf(outputs);
    if (outputs.isEmpty() || outputs.stream().anyMatch(one -> one.width() != width())) {
      throw new IllegalArgumentException("expected scorers of one width, at least one");
    }
  }

  @Override
  public void score(float[] rows, int count, float[] scores) {
    float[] one = SCRATCH.get();
    if (one.length < count) {
      one = new float[count];
      SCRATCH.set(one);
    }
    for (int output = 0; output < outputs.size(); output++) {
      outputs.get(output).score(rows, count, one);
      for (int row = 0; row < count; row++) {
        scores[row * outputs.size() + output] = one[row];
      }
    }
  }

  @Override
  public void contribute(float[] rows, int row, float[] contributions) {
    outputs.get(0).contribute(rows, row, contributions);
  }

  @Override
  public float baseline() {
    return outputs.get(0).baseline();
  }

  @Override
  public int width() {
    return outputs.get(0).width();
  }

  @Override
  public int outputs() {
    return outputs.size();
  }

  @Override
  public Scorer output(int number) {
    return outputs.get(number);
  }
}
