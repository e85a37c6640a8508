package dev.proffer.gateway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Asks a gateway, and holds every request and response against the contract; a request that is
 * wrong on purpose only has its response held against it. Every request ends within 20 s.
 */
public final class Client {
  private static final Contract CONTRACT = Contract.read();

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String base;

  public Client(int port) {
    this.base = "http://127.0.0.1:" + port;
  }

  /** Posts a body that keeps the contract. */
  public Answer post(String path, String json) {
    CONTRACT.checkRequest("POST", path, json);
    return postWrong(path, json);
  }

  /** Posts JSON that may be anything. */
  public Answer postWrong(String path, String body) {
    return postWrong(path, body.getBytes(StandardCharsets.UTF_8));
  }

  /** Posts bytes that may be anything, as JSON. */
  public Answer postWrong(String path, byte[] body) {
    return send(
        "POST",
        path,
        request(path)
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofByteArray(body)));
  }

  /** Posts events of a media type that keep the contract, with further headers. */
  public Answer postEvents(String mediaType, String json, String... headers) {
    CONTRACT.checkBody(mediaType, "/log_event", json);
    return postEventsWrong(mediaType, json.getBytes(StandardCharsets.UTF_8), headers);
  }

  /** Posts what may be anything as events of a media type, with further headers. */
  public Answer postEventsWrong(String mediaType, byte[] body, String... headers) {
    HttpRequest.Builder request =
        request("/log_event")
            .header("content-type", mediaType)
            .POST(BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send("POST", "/log_event", request);
  }

  /** Gets. */
  public Answer get(String path) {
    return send("GET", path, request(path).GET());
  }

  /** A request to make wrong. */
  public HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(20));
  }

  /** Sends a request as it is. */
  public Answer send(String method, String path, HttpRequest.Builder request) {
    try {
      HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
      String type = response.headers().firstValue("content-type").orElse("");
      if (!method.equals("HEAD")) {
        CONTRACT.checkResponse(method, path, response.statusCode(), type, response.body());
      }
      return new Answer(response.statusCode(), response.headers(), response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
