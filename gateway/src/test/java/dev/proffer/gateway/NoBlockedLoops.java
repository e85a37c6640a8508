package dev.proffer.gateway;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/** Fails a test class during which Vert.x said that an event loop was blocked. */
public final class NoBlockedLoops implements BeforeAllCallback, AfterAllCallback {
  private final ListAppender<ILoggingEvent> seen = new ListAppender<>();

  @Override
  public void beforeAll(ExtensionContext context) {
    seen.start();
    root().addAppender(seen);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    root().detachAppender(seen);
    Assertions.assertThat(seen.list)
        .noneMatch(entry -> entry.getFormattedMessage().contains("has been blocked"));
  }

  private static Logger root() {
    return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  }
}
