package dev.proffer.gateway;

import dev.proffer.events.time.Time;
import java.nio.file.Path;

/** A real gateway in this process, with a client for either port. */
public final class RunningGateway implements AutoCloseable {
  private final Gateway gateway;
  private final Client open;
  private final Client management;

  private RunningGateway(Gateway gateway) {
    this.gateway = gateway;
    this.open = new Client(gateway.port());
    this.management = new Client(gateway.managementPort());
  }

  /** Starts one. */
  public static RunningGateway on(Path home, Configuration configuration) {
    return on(home, configuration, Time.system());
  }

  /** Starts one that lives by another clock. */
  public static RunningGateway on(Path home, Configuration configuration, Time time) {
    try {
      return new RunningGateway(Gateway.start(configuration.settings(), home.resolve("var"), time));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Asks the public port. */
  public Client open() {
    return open;
  }

  /** Asks the management port. */
  public Client management() {
    return management;
  }

  public Gateway gateway() {
    return gateway;
  }

  /** One metric's value, summed over the lines that hold all the given tags; 0 when none does. */
  public double metric(String name, String... tags) {
    double sum = 0;
    for (String line : management.get("/metrics").body().split("\n", -1)) {
      boolean wanted = line.startsWith(name + "{") || line.startsWith(name + " ");
      for (String tag : tags) {
        wanted &= line.contains(tag);
      }
      if (wanted) {
        sum += Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
      }
    }
    return sum;
  }

  @Override
  public void close() {
    gateway.close();
  }
}
