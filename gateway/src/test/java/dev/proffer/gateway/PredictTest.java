package dev.proffer.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoBlockedLoops.class)
final class PredictTest {
  @TempDir private Path dir;

  @Test
  void answersWithTheModelsProbabilityAndWhatSpokeForIt() {
    Configuration configuration = Configuration.shipped(dir);
    Shop.open(dir.resolve("var"));
    new Models(configuration.settings(), dir.resolve("var")).publish("leave", "l1");
    try (RunningGateway running = RunningGateway.on(dir, configuration)) {
      String ask =
          "{\"user_id\":\"p1\",\"task\":\"leave\",\"timestamp\":"
              + (Shop.OPENED + 3_800_000L)
              + "}";
      Answer answer = running.open().post("/predict", ask);

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.json().getString("user_id")).isEqualTo("p1");
      assertThat(answer.json().getDouble("leave_probability")).isBetween(0.0, 1.0);
      assertThat(answer.json().getString("served_by")).isEqualTo("ml_ranker");
      assertThat(answer.json().getString("model_version")).isEqualTo("l1");
      assertThat(answer.json().getJsonArray("reasons")).isNotEmpty();
      assertThat(
              running
                  .open()
                  .post("/predict", "{\"entity_id\":\"p1\",\"task\":\"leave\"}")
                  .json()
                  .getString("entity_id"))
          .isEqualTo("p1");
      assertThat(running.metric("proffer_predictions_total", "task=\"leave\"")).isEqualTo(2);
    }
  }

  @Test
  void answersWithThePriorWhenThereIsNoModel() {
    try (RunningGateway running = RunningGateway.on(dir, Configuration.shipped(dir))) {
      Answer answer = running.open().post("/predict", "{\"user_id\":\"u\",\"task\":\"leave\"}");

      assertThat(answer.json().getDouble("leave_probability")).isEqualTo(0.147);
      assertThat(answer.json().getString("served_by")).isEqualTo("static");
      assertThat(answer.degraded()).containsExactly("no_model");
    }
  }

  @Test
  void listsTheTasksThereAreWhenAskedForAnother() {
    try (RunningGateway running = RunningGateway.on(dir, Configuration.shipped(dir))) {
      for (String task : new String[] {"churn", "ranking"}) {
        Answer answer =
            running.open().post("/predict", "{\"user_id\":\"u\",\"task\":\"" + task + "\"}");

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.json().getString("type")).isEqualTo("urn:proffer:problem:unknown_task");
        assertThat(answer.json().getJsonArray("errors").getJsonObject(0).getString("allowed"))
            .isEqualTo("one of [leave]");
      }
    }
  }
}
