package dev.proffer.features.compute;

import dev.proffer.configs.Section;
import dev.proffer.features.spec.FeatureContract;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.state.UserSequence;
import java.util.ArrayList;
import java.util.List;

/**
 * Which of a user's events a feature is about. The instant of the request bounds them all: what
 * happened at or after it is none of them.
 *
 * @param sequence the number of the {@link SequenceSpec#named} sequence they are of; {@link #MAIN}
 *     for the sequence itself
 * @param types codes of the event types, ascending; empty for all of the sequence
 * @param windowMillis nothing that is older than this; 0 for all that is kept
 * @param sessionOnly only those of the latest session
 */
record EventSelection(int sequence, List<Integer> types, long windowMillis, boolean sessionOnly) {
  /** The sequence itself. */
  static final int MAIN = -1;

  /** All events of the sequence. */
  static final EventSelection ALL = new EventSelection(MAIN, List.of(), 0, false);

  EventSelection {
    types = List.copyOf(types);
  }

  /**
   * Reads {@code sequence}, {@code events} (types parted by spaces), {@code hours} and {@code
   * session}.
   *
   * @param hoursKey what the window is called
   */
  static EventSelection read(Section parameters, SequenceSpec sequence, String hoursKey) {
    return new EventSelection(
        number(parameters, sequence),
        types(parameters, "events", sequence),
        Math.round(parameters.number(hoursKey, 0, 0, 1e6) * 3_600_000),
        parameters.flag("session", false));
  }

  static EventSelection read(Section parameters, SequenceSpec sequence) {
    return read(parameters, sequence, "hours");
  }

  /** The number of the named sequence that the parameters name. */
  static int number(Section parameters, SequenceSpec sequence) {
    String name = parameters.text(FeatureContract.SEQUENCE, "");
    int number = sequence.number(name);
    if (number < 0 && !name.isEmpty()) {
      parameters.refuse(
          FeatureContract.SEQUENCE,
          "\""
              + name
              + "\" is not one of the named sequences "
              + sequence.named().stream().map(SequenceSpec.Named::name).toList()
              + " of "
              + SequenceSpec.FILE);
    }
    return number < 0 ? MAIN : number;
  }

  /** The codes of the types that a parameter names. */
  static List<Integer> types(Section parameters, String key, SequenceSpec sequence) {
    int number = sequence.number(parameters.text(FeatureContract.SEQUENCE, ""));
    List<String> known = number < 0 ? sequence.events() : sequence.named().get(number).events();
    List<Integer> types = new ArrayList<>();
    for (String type : parameters.text(key, "").split(" +", -1)) {
      if (type.isEmpty()) {
        continue;
      }
      if (known.contains(type)) {
        types.add(UserSequence.typeCode(type));
      } else {
        parameters.refuse(
            key, "\"" + type + "\" is not one of " + known + " of " + SequenceSpec.FILE);
      }
    }
    types.sort(null);
    return types;
  }

  EventSelection within(long millis) {
    return new EventSelection(sequence, types, millis, sessionOnly);
  }
}
