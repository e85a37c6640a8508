package dev.proffer.offline.train;

import java.util.Arrays;

/** Labelled, weighted feature rows in one flat array. Not thread-safe. */
public final class Rows {
  private final int width;
  private float[] values = new float[1 << 16];
  private float[] labels = new float[1 << 10];
  private float[] weights = new float[1 << 10];
  private int count;
  private int[] groups = new int[1 << 8];
  private float[] groupWeights = new float[1 << 8];
  private boolean groupsWeigh;
  private int groupCount;
  private int grouped;

  /** None yet, of so many features. */
  public Rows(int width) {
    this.width = width;
  }

  /** Adds the row that begins at {@code offset}. */
  void add(float[] from, int offset, boolean label, float weight) {
    add(from, offset, label ? 1f : 0f, weight);
  }

  /** The same with a grade, from 0 for of no use, or with a number to be told. */
  public void add(float[] from, int offset, float grade, float weight) {
    if ((count + 1) * width > values.length) {
      values = Arrays.copyOf(values, Math.max(values.length * 2, (count + 1) * width));
    }
    if (count == labels.length) {
      labels = Arrays.copyOf(labels, count * 2);
      weights = Arrays.copyOf(weights, count * 2);
    }
    System.arraycopy(from, offset, values, count * width, width);
    labels[count] = grade;
    weights[count++] = weight;
  }

  /** The rows since the group before are the candidates of one choice. */
  public void endGroup() {
    endGroup(1);
  }

  /** The same of a choice that weighs more than another, or less. */
  void endGroup(float weight) {
    if (count == grouped) {
      return;
    }
    if (groupCount == groups.length) {
      groups = Arrays.copyOf(groups, groupCount * 2);
      groupWeights = Arrays.copyOf(groupWeights, groupCount * 2);
    }
    groupWeights[groupCount] = weight;
    groupsWeigh |= weight != 1;
    groups[groupCount++] = count - grouped;
    grouped = count;
  }

  /** How many rows each group has, in their order. */
  int[] groups() {
    return Arrays.copyOf(groups, groupCount);
  }

  /** What each group weighs. */
  float[] groupWeights() {
    return Arrays.copyOf(groupWeights, groupCount);
  }

  /** Whether some group weighs other than 1. */
  boolean groupsWeigh() {
    return groupsWeigh;
  }

  int count() {
    return count;
  }

  int width() {
    return width;
  }

  float[] values() {
    return Arrays.copyOf(values, count * width);
  }

  float[] labels() {
    return Arrays.copyOf(labels, count);
  }

  float[] weights() {
    return Arrays.copyOf(weights, count);
  }

  boolean label(int row) {
    return labels[row] > 0;
  }

  float weight(int row) {
    return weights[row];
  }

  /** A feature's value. */
  float value(int row, int column) {
    return values[row * width + column];
  }
}
