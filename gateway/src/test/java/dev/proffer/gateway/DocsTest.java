package dev.proffer.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoBlockedLoops.class)
@TestInstance(Lifecycle.PER_CLASS)
final class DocsTest {
  private static final Pattern LINK = Pattern.compile("(?:src|href)=\"([^\"]+)\"");

  @TempDir private static Path dir;
  private static RunningGateway running;

  @BeforeAll
  static void start() {
    running = RunningGateway.on(dir, Configuration.shipped(dir));
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  @Test
  void servesSwaggerUiWithEverythingItIsMadeOfFromItsOwnPort() {
    Answer page = running.open().get("/docs");

    assertThat(page.status()).isEqualTo(200);
    assertThat(page.headers().firstValue("content-security-policy").orElse(""))
        .startsWith("default-src 'self'");
    assertThat(page.body()).doesNotContain("://");
    List<String> links = new ArrayList<>();
    for (Matcher link = LINK.matcher(page.body()); link.find(); ) {
      links.add(link.group(1));
    }
    assertThat(links).contains("docs/swagger-ui-bundle.js", "docs/swagger-ui.css");
    for (String link : links) {
      Answer part = fetch("/" + link);
      assertThat(part.status()).as(link).isEqualTo(200);
      assertThat(part.body()).as(link).isNotEmpty();
    }
    assertThat(fetch("/docs/init.js").body())
        .contains("openapi.yaml", "validatorUrl: null")
        .doesNotContain("://");
  }

  /** A part of the page, which the contract does not speak of. */
  private static Answer fetch(String path) {
    try {
      var response =
          java.net.http.HttpClient.newHttpClient()
              .send(
                  running.open().request(path).GET().build(),
                  java.net.http.HttpResponse.BodyHandlers.ofString());
      return new Answer(response.statusCode(), response.headers(), response.body());
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void servesTheContractItIsHeldAgainst() {
    Answer contract = running.open().get("/openapi.yaml");

    assertThat(contract.headers().firstValue("content-type")).hasValue("application/yaml");
    assertThat(contract.body()).startsWith("openapi: 3.1.0").contains("/suggest:", "/predict:");
  }

  /** The JDK's client asks for HTTP/2 with every first request of a connection. */
  @Test
  void answersAClientThatWouldRatherSpeakHttp2() {
    for (int connection = 0; connection < 20; connection++) {
      assertThat(fetch("/docs/swagger-ui-bundle.js").body()).hasSizeGreaterThan(1_000_000);
    }
  }

  @Test
  void answersHeadLikeGetWithoutABody() {
    var request = running.open().request("/docs").method("HEAD", BodyPublishers.noBody());
    Answer head = running.open().send("HEAD", "/docs", request);

    assertThat(head.status()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(head.headers().firstValue("content-length"))
        .hasValue(Integer.toString(running.open().get("/docs").body().length()));
  }
}
