package dev.proffer.perf;

/** The program: {@code proffer chaos}. Exit codes: 0 the ledger holds, 1 it does not, 2 usage. */
public final class Chaos {
  private Chaos() {}

  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  /** Runs a command line; returns the exit code. */
  static int run(String... arguments) {
    return Bench.run(new ChaosCommand(), arguments);
  }
}
