package dev.proffer.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoBlockedLoops.class)
@TestInstance(Lifecycle.PER_CLASS)
final class BadInputTest {
  private static final String TEXT = "a text of 1 to 256 characters";

  @TempDir private static Path dir;
  private static RunningGateway running;

  @BeforeAll
  static void start() {
    Shop.open(dir.resolve("var"));
    running = RunningGateway.on(dir, Configuration.shipped(dir));
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  /** What each refusal must name: the field, the value, what was allowed. */
  static Stream<Arguments> wrongSuggestions() {
    return Stream.of(
        wrong("", "body", "nothing", "an object"),
        wrong("nonsense", "body", "not JSON at line 1", "JSON in UTF-8"),
        wrong("{\"user_id\":\"u\"", "body", "not JSON", "JSON in UTF-8"),
        wrong("{\"user_id\":\"u\"} {}", "body", "an object", "nothing after"),
        wrong("[]", "body", "an array", "an object"),
        wrong("null", "body", "null", "an object"),
        wrong("{}", "user_id", "missing", TEXT),
        wrong("{\"user_id\":null}", "user_id", "missing", TEXT),
        wrong("{\"user_id\":\"\"}", "user_id", "an empty text", TEXT),
        wrong("{\"user_id\":\"  \"}", "user_id", "  ", TEXT),
        wrong("{\"user_id\":7}", "user_id", "7", TEXT),
        wrong("{\"user_id\":[\"u\"]}", "user_id", "an array", TEXT),
        wrong("{\"user_id\":\"" + "x".repeat(257) + "\"}", "user_id", "xxx", TEXT),
        wrong("{\"user_id\":\"\\ud800\"}", "user_id", "\\ud800", "unpaired surrogates"),
        wrong("{\"user_id\":\"\\udc00x\"}", "user_id", "\\udc00", "unpaired surrogates"),
        wrong(
            "{\"user_id\":\"u\",\"user_id\":\"v\"}", "user_id", "stands twice", "each field once"),
        suggestion("\"limit\":0", "limit", "0", "from 1 to 100"),
        suggestion("\"limit\":101", "limit", "101", "from 1 to 100"),
        suggestion("\"limit\":\"5\"", "limit", "\"5\"", "from 1 to 100"),
        suggestion("\"limit\":5.5", "limit", "5.5", "a whole number"),
        suggestion("\"limit\":1e400", "limit", "1e400", "a whole number"),
        suggestion("\"limit\":99999999999999999999", "limit", "9999", "a whole number"),
        suggestion("\"limit\":NaN", "body", "not JSON", "JSON in UTF-8"),
        suggestion("\"limit\":-Infinity", "body", "not JSON", "JSON in UTF-8"),
        suggestion("\"limit\":true", "limit", "true", "a whole number"),
        suggestion("\"colour\":\"red\"", "colour", "red", "only the fields [user_id, context,"),
        suggestion("\"deep\":" + "[".repeat(5_000), "deep", "an array", "only the fields"),
        suggestion("\"filter\":" + "{\"a\":".repeat(5_000), "filter.a.a", "an object", "equals"),
        suggestion(
            "\"filter\":{\"a\":{\"equals\":" + "[".repeat(5_000),
            "body",
            "nested too deep",
            "at most 16 levels"),
        suggestion("\"context\":\"S1\"", "context_type", "missing", "one of [home, category"),
        suggestion("\"context_type\":\"item\"", "context", "missing", "context_type item"),
        suggestion("\"context_type\":\"aisle\"", "context_type", "aisle", "one of [home, category"),
        suggestion("\"context_type\":3", "context_type", "3", "one of [home, category"),
        suggestion("\"timestamp\":\"yesterday\"", "timestamp", "yesterday", "RFC 3339"),
        suggestion("\"timestamp\":-1", "timestamp", "-1", "from 0 to"),
        suggestion("\"timestamp\":1.5", "timestamp", "1.5", "RFC 3339"),
        suggestion("\"explain\":\"yes\"", "explain", "yes", "true or false"),
        suggestion("\"device\":\"\"", "device", "an empty text", TEXT),
        suggestion("\"items\":[]", "items", "an empty array", "1 to 1000 ids"),
        suggestion("\"items\":\"S1\"", "items", "S1", "an array of 1 to 1000 ids"),
        suggestion("\"items\":[\"S1\",\"S1\"]", "items[1]", "S1", "each id once"),
        suggestion("\"items\":[\"S1\",2]", "items[1]", "2", TEXT),
        suggestion("\"items\":[null]", "items[0]", "null", TEXT),
        suggestion("\"items\":[[\"S1\"]]", "items[0]", "an array", TEXT),
        suggestion("\"items\":" + ids(5_000), "items", "more than 1000 ids", "1 to 1000 ids"),
        suggestion("\"exclude\":" + ids(1_001), "exclude", "more than 1000", "0 to 1000 ids"),
        suggestion("\"items\":[\"a\"],\"exclude\":[\"b\"]", "exclude", "given", "either items"),
        suggestion(
            "\"items\":[\"a\"],\"filter\":{\"a\":{\"equals\":1}}", "filter", "given", "either"),
        suggestion("\"filter\":7", "filter", "7", "an object"),
        suggestion("\"filter\":{\"a\":1}", "filter.a", "1", "{\"equals\": value}"),
        suggestion("\"filter\":{\"a\":{}}", "filter.a", "an empty object", "{\"equals\": value}"),
        suggestion("\"filter\":{\"a\":{\"is\":1}}", "filter.a.is", "1", "{\"equals\": value}"),
        suggestion(
            "\"filter\":{\"a\":{\"equals\":1,\"min\":1}}", "filter.a", "equals", "{\"equals\""),
        suggestion("\"filter\":{\"a\":{\"in\":[]}}", "filter.a.in", "an empty array", "1 to 100"),
        suggestion("\"filter\":{\"a\":{\"in\":[{}]}}", "filter.a.in[0]", "an object", "plain"),
        suggestion(
            "\"filter\":{\"a\":{\"min\":\"1\"}}", "filter.a.min", "\"1\"", "a finite number"),
        suggestion(
            "\"filter\":{\"a\":{\"min\":2,\"max\":1}}", "filter.a.min", "2.0", "at most the max"),
        suggestion(
            "\"filter\":{\"a\":{\"min\":1},\"a\":{\"min\":1}}",
            "filter.a",
            "stands twice",
            "each attribute once"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrongSuggestions")
  void refusesAWrongSuggestionNamingFieldValueAndWhatIsAllowed(
      String body, String field, String value, String allowed) {
    assertRefused(running.open().postWrong("/suggest", body), 400, field, value, allowed);
  }

  static Stream<Arguments> wrongEvents() {
    return Stream.of(
        wrong("", "body", "nothing", "an event or an array of events"),
        wrong("[]", "body", "an empty array", "1 to 1000 events"),
        wrong("\"click\"", "body", "click", "an event or an array of events"),
        wrong("{", "body", "not JSON", "JSON in UTF-8"),
        wrong("[{\"type\":\"click\"", "body", "not JSON", "JSON in UTF-8"),
        wrong("{\"type\":\"click\"}", "user_id", "missing", TEXT),
        wrong("{\"user_id\":\"u\"}", "type", "missing", "one of [impression, view, click"),
        event("\"item_id\":7", "item_id", "7", TEXT),
        event("\"item_id\":\"S1\",\"position\":0", "position", "0", "from 1 to 1000"),
        event("\"item_id\":\"S1\",\"position\":\"1\"", "position", "1", "a whole number"),
        event("\"item_id\":\"S1\",\"colour\":\"red\"", "colour", "red", "only the envelope"),
        event("\"item_id\":\"\\ud800\"", "item_id", "\\ud800", "unpaired surrogates"),
        event(
            "\"item_id\":\"S1\",\"timestamp\":\"2999-01-01T00:00:00Z\"",
            "timestamp",
            "2999",
            "300 s after"),
        event("\"item_id\":{\"a\":1}", "item_id", "an object", TEXT),
        event("\"item_id\":\"S1\",\"item_id\":\"S2\"", "item_id", "stands twice", "once"),
        event("\"item_id\":" + "[".repeat(5_000), "body", "nested too deep", "16 levels"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrongEvents")
  void refusesAWrongEventNamingFieldValueAndWhatIsAllowed(
      String body, String field, String value, String allowed) {
    assertRefused(running.open().postWrong("/log_event", body), 400, field, value, allowed);
  }

  static Stream<Arguments> wrongPredictions() {
    return Stream.of(
        wrong("{\"task\":\"leave\"}", "user_id", "missing", TEXT),
        wrong("{\"user_id\":\"u\"}", "task", "missing", TEXT),
        wrong(
            "{\"user_id\":\"u\",\"entity_id\":\"u\",\"task\":\"leave\"}",
            "entity_id",
            "u",
            "either user_id or entity_id"),
        wrong("{\"user_id\":\"u\",\"task\":\"leave\",\"x\":1}", "x", "1", "only the fields"),
        wrong("{\"user_id\":\"u\",\"task\":\"leave\",\"task\":\"a\"}", "task", "twice", "once"),
        wrong(
            "{\"user_id\":\"u\",\"task\":\"leave\",\"timestamp\":\"now\"}",
            "timestamp",
            "now",
            "RFC 3339"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrongPredictions")
  void refusesAWrongPredictionNamingFieldValueAndWhatIsAllowed(
      String body, String field, String value, String allowed) {
    assertRefused(running.open().postWrong("/predict", body), 400, field, value, allowed);
  }

  @Test
  void refusesTextThatIsNotUtf8() {
    byte[] body = "{\"user_id\":\"?\"}".getBytes(StandardCharsets.UTF_8);
    body[12] = (byte) 0xff;
    assertRefused(
        running.open().postWrong("/suggest", body), 400, "body", "not JSON", "JSON in UTF-8");
    byte[] surrogate = "{\"user_id\":\"???\"}".getBytes(StandardCharsets.UTF_8);
    surrogate[12] = (byte) 0xed;
    surrogate[13] = (byte) 0xa0;
    surrogate[14] = (byte) 0x80;
    Answer answer = running.open().postWrong("/suggest", surrogate);
    assertThat(answer.status()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/suggest", "/log_event", "/predict"})
  void refusesABodyOverTheLimit(String path) {
    String body = "{\"user_id\":\"u\",\"x\":\"" + "y".repeat(65 * 1024) + "\"}";
    assertRefused(
        running.open().postWrong(path, body), 413, "body", "bytes", "at most 65536 bytes");
    String huge = "{\"user_id\":\"" + "y".repeat(3 << 20) + "\"}";
    assertThat(running.open().postWrong(path, huge).status()).isEqualTo(413);
  }

  @Test
  void refusesABodyOverTheLimitThatComesInPieces() {
    var request =
        running
            .open()
            .request("/suggest")
            .header("content-type", "application/json")
            .POST(
                BodyPublishers.ofInputStream(
                    () -> new java.io.ByteArrayInputStream(new byte[200_000])));
    assertRefused(
        running.open().send("POST", "/suggest", request), 413, "body", "more than", "65536");
  }

  @Test
  void refusesTenThousandItems() {
    Answer answer =
        running.open().postWrong("/suggest", "{\"user_id\":\"u\",\"items\":" + ids(10_000) + "}");
    assertThat(answer.status()).isIn(400, 413);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin1"
      })
  void refusesAnotherContentType(String type) {
    var request =
        running
            .open()
            .request("/suggest")
            .header("content-type", type)
            .POST(BodyPublishers.ofString("{\"user_id\":\"u\"}"));
    assertRefused(
        running.open().send("POST", "/suggest", request),
        415,
        "content-type",
        type,
        "application/json");
  }

  @Test
  void refusesAMissingContentTypeAndAnEncodedBody() {
    var bare = running.open().request("/suggest").POST(BodyPublishers.ofString("{}"));
    assertRefused(
        running.open().send("POST", "/suggest", bare), 415, "content-type", "missing", "json");
    var encoded =
        running
            .open()
            .request("/suggest")
            .header("content-type", "application/json")
            .header("content-encoding", "gzip")
            .POST(BodyPublishers.ofString("{}"));
    assertRefused(
        running.open().send("POST", "/suggest", encoded), 415, "content-encoding", "gzip", "no");
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/json;charset=UTF-8", "Application/JSON; charset=\"utf-8\""})
  void takesTheRightContentTypeHoweverItIsWritten(String type) {
    var request =
        running
            .open()
            .request("/suggest")
            .header("content-type", type)
            .POST(BodyPublishers.ofString("{\"user_id\":\"u\"}"));
    assertThat(running.open().send("POST", "/suggest", request).status()).isEqualTo(200);
  }

  @Test
  void refusesAnotherMethodAndSaysWhichItTakes() {
    for (String path : new String[] {"/suggest", "/log_event", "/predict"}) {
      for (String method : new String[] {"GET", "DELETE", "OPTIONS", "PATCH"}) {
        Answer answer =
            running
                .open()
                .send(
                    method,
                    path,
                    running.open().request(path).method(method, BodyPublishers.noBody()));
        assertRefused(answer, 405, "method", method, "one of [POST]");
        assertThat(answer.headers().firstValue("allow")).hasValue("POST");
      }
    }
    Answer health =
        running
            .open()
            .send(
                "POST", "/health", running.open().request("/health").POST(BodyPublishers.noBody()));
    assertRefused(health, 405, "method", "POST", "GET");
    assertThat(health.headers().firstValue("allow")).hasValue("GET, HEAD");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/", "/nix", "/suggest/more", "/docs/../suggest2", "/%7a", "/docs/nix.js"})
  void saysThatAPathIsNotThere(String path) {
    Answer answer = running.open().get(path);
    assertRefused(answer, 404, "path", path.substring(0, 1), "/suggest, /log_event, /predict");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /%zz HTTP/1.1\r\nhost: x\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n",
        "nonsense\r\n\r\n",
        "GET /health HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n",
        "POST /suggest HTTP/1.1\r\nhost: x\r\ncontent-length: nix\r\n\r\n"
      })
  void answersWhatIsHardlyHttpWithAProblem(String request) throws IOException {
    String answer = raw(request);
    assertThat(answer).matches("(?s)HTTP/1.[01] 4\\d\\d .*application/problem\\+json.*errors.*");
  }

  @Test
  void answersAnAddressAndHeadersThatAreTooLongWithAProblem() throws IOException {
    assertThat(raw("GET /" + "x".repeat(8_000) + " HTTP/1.1\r\nhost: x\r\n\r\n"))
        .contains(" 414 ", "uri_too_long");
    assertThat(raw("GET /health HTTP/1.1\r\nhost: x\r\na: " + "x".repeat(20_000) + "\r\n\r\n"))
        .contains(" 431 ", "headers_too_large");
  }

  private static String raw(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), running.gateway().port())) {
      socket.setSoTimeout(10_000);
      OutputStream out = socket.getOutputStream();
      out.write(request.getBytes(StandardCharsets.US_ASCII));
      out.flush();
      byte[] answer = new byte[4_096];
      int length = 0;
      while (length < answer.length && !closed(answer, length)) {
        int read = socket.getInputStream().read(answer, length, answer.length - length);
        if (read < 0) {
          break;
        }
        length += read;
      }
      return new String(answer, 0, length, StandardCharsets.UTF_8);
    }
  }

  /** Whether the problem's closing braces have come in. */
  private static boolean closed(byte[] answer, int length) {
    return new String(answer, 0, length, StandardCharsets.UTF_8).endsWith("]}");
  }

  private static void assertRefused(
      Answer answer, int status, String field, String value, String allowed) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/problem+json");
    JsonObject problem = answer.json();
    assertThat(problem.getInteger("status")).isEqualTo(status);
    assertThat(answer.body()).doesNotContain("Exception", "\tat ");
    JsonObject error = problem.getJsonArray("errors").getJsonObject(0);
    assertThat(error.getString("field")).isEqualTo(field);
    assertThat(error.getString("value")).contains(value);
    assertThat(error.getString("allowed")).contains(allowed);
  }

  private static Arguments wrong(String body, String field, String value, String allowed) {
    return Arguments.of(body, field, value, allowed);
  }

  private static Arguments suggestion(String more, String field, String value, String allowed) {
    return wrong("{\"user_id\":\"u\"," + more + "}", field, value, allowed);
  }

  private static Arguments event(String more, String field, String value, String allowed) {
    return wrong("{\"type\":\"click\",\"user_id\":\"u\"," + more + "}", field, value, allowed);
  }

  private static String ids(int count) {
    return IntStream.range(0, count)
        .mapToObj(at -> "\"i" + at + "\"")
        .collect(Collectors.joining(",", "[", "]"));
  }
}
