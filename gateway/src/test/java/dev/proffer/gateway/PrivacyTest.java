package dev.proffer.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoBlockedLoops.class)
@TestInstance(Lifecycle.PER_CLASS)
final class PrivacyTest {
  @TempDir private static Path dir;
  private static Configuration configuration;
  private static RunningGateway running;

  @BeforeAll
  static void start() {
    configuration = Configuration.shipped(dir);
    Shop.open(dir.resolve("var"));
    running = RunningGateway.on(dir, configuration);
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  @Test
  void showsWhatIsHeldAndForgetsItAlsoForTheNextStart() throws Exception {
    String who = "Zoë O'Neil/1+1 \"50%\"";
    click(who, "before");
    running.open().post("/suggest", new JsonObject().put("user_id", who).put("limit", 3).encode());
    click("somebody else", "another");

    JsonObject held = export(who);
    assertThat(held.getString("user_id")).isEqualTo(who);
    assertThat(held.getJsonArray("sequence")).hasSize(1);
    assertThat(held.getJsonArray("log").encode()).contains("\"before\"", "\"impression\"");
    assertThat(held.encode()).doesNotContain("another");

    HttpResponse<String> forgotten = send("DELETE", "/users/" + encoded(who));
    assertThat(forgotten.statusCode()).isEqualTo(202);
    assertThat(new JsonObject(forgotten.body()).getString("erasure_id")).isNotEmpty();
    nothingIsHeld(who);
    assertThat(export("somebody else").getJsonArray("log")).hasSize(1);

    running.close();
    running = RunningGateway.on(dir, configuration);
    nothingIsHeld(who);
    click(who, "after");
    assertThat(export(who).getJsonArray("sequence")).hasSize(1);
    assertThat(export(who).getJsonArray("log")).hasSize(1);
  }

  private static void nothingIsHeld(String who) throws Exception {
    assertThat(export(who).getJsonArray("sequence")).isEmpty();
    assertThat(export(who).getJsonArray("log")).isEmpty();
  }

  @Test
  void saysWhatIsWrongWithAnId() throws Exception {
    for (String id : new String[] {"", "%20", "%zz", "%", "%FF", "a/b", "x".repeat(257)}) {
      for (String[] call : new String[][] {{"DELETE", ""}, {"GET", "/export"}}) {
        assertThat(raw(call[0], "/users/" + id + call[1]))
            .as(id)
            .startsWith("HTTP/1.1 400 ")
            .contains("user_id", "1 to 256 characters, percent-encoded");
      }
    }
    assertThat(send("GET", "/users/a").statusCode()).isEqualTo(405);
    assertThat(send("DELETE", "/users/a/export").headers().firstValue("allow")).hasValue("GET");
    assertThat(raw("GET", "/nix%zz")).startsWith("HTTP/1.1 404 ");
  }

  private static void click(String user, String id) {
    JsonObject event =
        new JsonObject()
            .put("type", "click")
            .put("user_id", user)
            .put("item_id", "S1")
            .put("event_id", id);
    assertThat(running.open().post("/log_event", event.encode()).status()).isEqualTo(202);
  }

  private static JsonObject export(String who) throws Exception {
    HttpResponse<String> answer = send("GET", "/users/" + encoded(who) + "/export");
    assertThat(answer.statusCode()).isEqualTo(200);
    return new JsonObject(answer.body());
  }

  private static String encoded(String id) {
    return URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static HttpResponse<String> send(String method, String path) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            running.management().request(path).method(method, BodyPublishers.noBody()).build(),
            BodyHandlers.ofString());
  }

  /** Also paths that are no URI, which the JDK's client would not send. */
  private static String raw(String method, String path) throws IOException {
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), running.gateway().managementPort())) {
      socket.setSoTimeout(20_000);
      String request = method + " " + path + " HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
