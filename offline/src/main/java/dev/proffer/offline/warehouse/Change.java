package dev.proffer.offline.warehouse;

import java.util.List;

/**
 * A step from one state of the warehouse to the next, as it is written down before it is taken: the
 * journal. Taking it twice is the same as taking it once.
 *
 * @param deletes paths below the warehouse; they go first, so that no reader finds a row twice
 * @param moves paths below the warehouse that come from the same path below the staging directory
 * @param after the manifest once all is done
 */
record Change(List<String> deletes, List<String> moves, Manifest after) {
  Change {
    deletes = List.copyOf(deletes);
    moves = List.copyOf(moves);
  }
}
