package dev.proffer.perf.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class ResponseParserTest {
  private static final String ANSWER =
      "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nContent-Length: 11\r\n\r\n{\"a\":\"\r\n\"}\n";

  private final ResponseParser parser = new ResponseParser();

  @Test
  void findsTheEndOfAnAnswerThatComesAtOnce() {
    assertThat(parser.feed(bytes(ANSWER))).isTrue();
    assertThat(parser.status()).isEqualTo(200);
    assertThat(parser.bodyLength()).isEqualTo(11);
    assertThat(parser.said()).isEmpty();
  }

  @Test
  void findsTheEndWhereverTheAnswerIsCut() {
    for (int cut = 1; cut < ANSWER.length(); cut++) {
      assertThat(parser.feed(bytes(ANSWER.substring(0, cut)))).as("cut at %s", cut).isFalse();
      assertThat(parser.feed(bytes(ANSWER.substring(cut)))).as("cut at %s", cut).isTrue();
    }
  }

  @Test
  void findsTheEndByteByByte() {
    for (int at = 0; at < ANSWER.length(); at++) {
      boolean last = at == ANSWER.length() - 1;
      assertThat(parser.feed(bytes(ANSWER.substring(at, at + 1)))).isEqualTo(last);
    }
  }

  @Test
  void takesOneAnswerAfterAnother() {
    for (int answer = 0; answer < 3; answer++) {
      assertThat(parser.feed(bytes(ANSWER))).isTrue();
    }
  }

  @Test
  void takesAnAnswerWithoutABody() {
    assertThat(parser.feed(bytes("HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n"))).isTrue();
    assertThat(parser.status()).isEqualTo(204);
  }

  @Test
  void keepsWhatAProblemSays() {
    assertThat(
            parser.feed(
                bytes("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 8\r\n\r\nshedding")))
        .isTrue();
    assertThat(parser.status()).isEqualTo(503);
    assertThat(parser.said()).isEqualTo("shedding");

    assertThat(parser.feed(bytes(ANSWER))).isTrue();
    assertThat(parser.status()).isEqualTo(200);
    assertThat(parser.said()).isEmpty();
  }

  @Test
  void refusesMoreThanTheAnswerThatIsWaitedFor() {
    refuses(ANSWER + "H", "1 bytes more");
  }

  @Test
  void refusesWhatHasNoLength() {
    refuses("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "without Content-Length");
  }

  @Test
  void refusesALengthThatIsNoNumber() {
    refuses("HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n", "not a number: ");
    refuses("HTTP/1.1 200 OK\r\ncontent-length: \r\n\r\n", "not a number");
    refuses("HTTP/1.1 200 OK\r\ncontent-length: 1234567890123456\r\n\r\n", "not a number");
  }

  @Test
  void refusesWhatIsNotHttp() {
    refuses("SSH-2.0-OpenSSH\r\n", "not HTTP/1.1: SSH-2.0-OpenSSH");
    refuses("HTTP/1.1 100 Continue\r\n", "not a final status");
    refuses("\r\n", "not HTTP/1.1");
  }

  @Test
  void refusesAHeadWithoutAnEnd() {
    refuses("HTTP/1.1 200 OK\r\nx: " + "y".repeat(20_000), "a head of more than 16384 bytes");
  }

  private static void refuses(String answer, String why) {
    ResponseParser fresh = new ResponseParser();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> fresh.feed(bytes(answer)))
        .withMessageContaining(why);
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }
}
