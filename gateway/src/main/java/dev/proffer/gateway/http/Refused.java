package dev.proffer.gateway.http;

import dev.proffer.events.codec.InvalidInput;
import java.util.List;

/**
 * A request that is answered with a {@link Problem}, and what is wrong in it. Carries no stack
 * trace; it is an answer, not a bug.
 */
final class Refused extends Exception {
  private static final long serialVersionUID = 1L;

  private final Problem problem;
  private final transient List<Violation> violations;

  /**
   * What is wrong in one place.
   *
   * @param index of the array's element, -1 when there is no array
   */
  record Violation(int index, String field, String value, String allowed) {
    static Violation of(InvalidInput input) {
      return new Violation(-1, input.field(), input.value(), input.allowed());
    }

    static Violation of(int index, InvalidInput input) {
      return new Violation(index, input.field(), input.value(), input.allowed());
    }

    String words() {
      return (index < 0 ? "" : "element " + index + ", ")
          + field
          + ": "
          + value
          + " is not allowed; expected "
          + allowed;
    }
  }

  Refused(Problem problem, List<Violation> violations) {
    super(violations.isEmpty() ? problem.title() : violations.get(0).words(), null, false, false);
    this.problem = problem;
    this.violations = List.copyOf(violations);
  }

  /** A refusal for one reason, its value made printable. */
  static Refused of(Problem problem, String field, String value, String allowed) {
    return new Refused(problem, List.of(Violation.of(new InvalidInput(field, value, allowed))));
  }

  Problem problem() {
    return problem;
  }

  List<Violation> violations() {
    return violations;
  }
}
