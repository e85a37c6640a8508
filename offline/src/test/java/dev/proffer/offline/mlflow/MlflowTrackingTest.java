package dev.proffer.offline.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.events.time.Time;
import dev.proffer.ranker.MlflowSpec;
import dev.proffer.ranker.store.Aliases;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What goes wrong; that it goes well is seen in MainTest, with real trainings. */
class MlflowTrackingTest {
  private final List<String> said = new ArrayList<>();

  @Test
  void isNobodyUnlessAServerIsNamed() {
    assertThat(tracking(null)).isSameAs(Tracking.NONE);
    Tracking.NONE.evaluated("ranking", "v1", Map.of());
    Tracking.NONE.named("ranking", Aliases.NONE);
  }

  @Test
  void saysThatAServerDidNotAnswerAndGoesOn() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
      String uri = "http://127.0.0.1:" + silent.getLocalPort();
      tracking(uri, 1).named("ranking", new Aliases("v1", null, null));
      assertThat(said)
          .containsExactly(
              "  warning: MLflow at "
                  + uri
                  + " was not told who serves ranking, which stands: it did not answer within 1 s");
    }
  }

  @Test
  void saysWhatTheServerDoesNotKnow() throws IOException {
    try (MlflowServer server = new MlflowServer()) {
      Tracking tracking = tracking(server.uri());
      tracking.evaluated("ranking", "v1", Map.of("auc", 0.5));
      tracking.named("ranking", new Aliases("v2", "v1", null));
      tracking(server.uri() + "/elsewhere").evaluated("ranking", "v1", Map.of());
      assertThat(said).hasSize(3);
      assertThat(said.get(0))
          .endsWith("the evaluation of version v1 of ranking, which stands: it knows no run of it");
      assertThat(said.get(1)).endsWith("which stands: it knows no model version of [v2, v1]");
      assertThat(said.get(2)).contains("/elsewhere was not told the evaluation of version v1");
    }
  }

  @Test
  void namesFiguresInTheLettersThatMlflowTakes() {
    assertThat(MlflowTracking.key("ndcg@10")).isEqualTo("ndcg_at_10");
    assertThat(MlflowTracking.key("hr@10: over HTTP")).isEqualTo("hr_at_10_ over HTTP");
    assertThat(MlflowTracking.key("judged from")).isEqualTo("judged from");
  }

  private Tracking tracking(@Nullable String uri) {
    return tracking(uri, 30);
  }

  private Tracking tracking(@Nullable String uri, int seconds) {
    return MlflowTracking.of(
        new MlflowSpec(uri == null ? null : URI.create(uri), "proffer", "proffer-", seconds),
        Map.of(),
        Time.system(),
        said::add);
  }
}
