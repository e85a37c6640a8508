package dev.proffer.features.compute;

import dev.proffer.configs.Section;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.state.UserSequence;
import java.util.ArrayList;
import java.util.List;

/**
 * Which of a user's events a feature is about. The instant of the request bounds them all: what
 * happened at or after it is none of them.
 *
 * @param types codes of the event types, ascending; empty for all of the sequence
 * @param windowMillis nothing that is older than this; 0 for all that is kept
 * @param sessionOnly only those of the latest session
 */
record EventSelection(List<Integer> types, long windowMillis, boolean sessionOnly) {
  /** All events of the sequence. */
  static final EventSelection ALL = new EventSelection(List.of(), 0, false);

  EventSelection {
    types = List.copyOf(types);
  }

  /**
   * Reads {@code events} (types parted by spaces), {@code hours} and {@code session}.
   *
   * @param hoursKey what the window is called
   */
  static EventSelection read(Section parameters, SequenceSpec sequence, String hoursKey) {
    return new EventSelection(
        types(parameters, "events", sequence),
        Math.round(parameters.number(hoursKey, 0, 0, 1e6) * 3_600_000),
        parameters.flag("session", false));
  }

  static EventSelection read(Section parameters, SequenceSpec sequence) {
    return read(parameters, sequence, "hours");
  }

  /** The codes of the types that a parameter names. */
  static List<Integer> types(Section parameters, String key, SequenceSpec sequence) {
    List<Integer> types = new ArrayList<>();
    for (String type : parameters.text(key, "").split(" +", -1)) {
      if (type.isEmpty()) {
        continue;
      }
      if (sequence.events().contains(type)) {
        types.add(UserSequence.typeCode(type));
      } else {
        parameters.refuse(
            key,
            "\"" + type + "\" is not one of " + sequence.events() + " of " + SequenceSpec.FILE);
      }
    }
    types.sort(null);
    return types;
  }

  EventSelection within(long millis) {
    return new EventSelection(types, millis, sessionOnly);
  }
}
