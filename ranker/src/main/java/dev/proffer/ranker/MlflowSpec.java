package dev.proffer.ranker;

import dev.proffer.configs.Section;
import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * An MLflow tracking server that also hears of trainings and of who serves; read from {@code
 * mlflow} of {@code models.yaml}. Holds no secret.
 *
 * @param uri the server's address; null for none
 * @param experiment the experiment whose runs trainings are
 * @param prefix what the name of a task's registered model begins with
 * @param timeoutSeconds how long one matter may take before it is given up
 */
public record MlflowSpec(@Nullable URI uri, String experiment, String prefix, int timeoutSeconds) {
  /** Reads the section; mistakes go to its problems. */
  static MlflowSpec read(Section section) {
    String text = section.text("tracking-uri", "");
    URI uri = null;
    if (!text.isEmpty()) {
      uri = address(text);
      if (uri == null) {
        section.refuse(
            "tracking-uri",
            "\"" + text + "\" is no address; expected such as https://mlflow.example.org, or \"\"");
      }
    }
    MlflowSpec spec =
        new MlflowSpec(
            uri,
            section.text("experiment", "proffer"),
            section.text("model-prefix", "proffer-"),
            section.integer("timeout-seconds", 20, 1, 600));
    if (spec.experiment().isBlank()) {
      section.refuse("experiment", "must not be blank");
    }
    if (spec.prefix().indexOf('/') >= 0 || spec.prefix().indexOf(':') >= 0) {
      section.refuse("model-prefix", "\"" + spec.prefix() + "\" holds a slash or a colon");
    }
    section.done();
    return spec;
  }

  private static @Nullable URI address(String text) {
    try {
      URI uri = new URI(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
      boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      return http
              && uri.getHost() != null
              && uri.getUserInfo() == null
              && uri.getQuery() == null
              && uri.getFragment() == null
          ? uri
          : null;
    } catch (URISyntaxException e) {
      return null;
    }
  }
}
