package dev.proffer.features.state;

/** Which numbers items and categories have in a process: a catalog, built or being built. */
public interface Numbering {
  /** The index of an id known by its hash; {@link Catalog#UNKNOWN} when there is none. */
  int index(long idHash);

  /** The number of a category's name; 0 when there is none. */
  int categoryCode(String name);
}
