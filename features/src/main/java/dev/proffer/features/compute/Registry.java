package dev.proffer.features.compute;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/** The transformations there are, each with what it says and the reader of its parameters. */
final class Registry {
  /** Whom or what a transformation's value belongs to. */
  static final String USER = "user";

  static final String ITEM = "item";
  static final String USER_AND_ITEM = "user, item";
  static final String REQUEST = "request";
  static final String OTHERS = "features";

  private final Map<String, Kind> kinds = new LinkedHashMap<>();

  /**
   * A transformation a feature may name.
   *
   * @param entity whom or what its value belongs to
   * @param definition what it is, with its edge cases
   * @param reader reads its parameters, once, when a contract is read
   */
  record Kind(
      String entity, String definition, Function<Declaration, Supplier<Transformation>> reader) {}

  /** A value of the user alone: computed once a request. */
  void ofUser(
      String name, String definition, Function<Declaration, Supplier<Transformation>> reader) {
    add(USER, name, definition, reader);
  }

  /** A value of the moment alone: computed once a request. */
  void ofRequest(
      String name, String definition, Function<Declaration, Supplier<Transformation>> reader) {
    add(REQUEST, name, definition, reader);
  }

  /** A value of the item alone. */
  void ofItem(
      String name, String definition, Function<Declaration, Supplier<Transformation>> reader) {
    add(ITEM, name, definition, reader);
  }

  /** A value of the user and the item. */
  void ofPair(
      String name, String definition, Function<Declaration, Supplier<Transformation>> reader) {
    add(USER_AND_ITEM, name, definition, reader);
  }

  /** A value made of other features of the row. */
  void ofOthers(
      String name, String definition, Function<Declaration, Supplier<Transformation>> reader) {
    add(OTHERS, name, definition, reader);
  }

  void add(
      String entity,
      String name,
      String definition,
      Function<Declaration, Supplier<Transformation>> reader) {
    if (kinds.put(name, new Kind(entity, definition, reader)) != null) {
      throw new IllegalStateException("two transformations are called " + name);
    }
  }

  /** By name, in the order of documentation. */
  Map<String, Kind> kinds() {
    return kinds;
  }
}
