package dev.proffer.configs;

/**
 * A configuration that cannot be started with; the message holds every mistake and is meant for a
 * person.
 */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ConfigException(String message) {
    super(message);
  }
}
