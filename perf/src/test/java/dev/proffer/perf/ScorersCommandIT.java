package dev.proffer.perf;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The bench of the scorers: that all contenders agree and are measured, not how fast they are. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@Tag("slow")
final class ScorersCommandIT {
  @TempDir Path temporary;

  @Test
  void measuresEveryContender() throws IOException {
    Path json = temporary.resolve("figures.json");
    assertThat(Bench.run("scorers", "--quick", "--json", json.toString())).isZero();
    List<String> who = new ArrayList<>();
    for (JsonNode figure : new JsonMapper().readTree(json.toFile()).path("figures")) {
      assertThat(figure.path("micros").asDouble()).isPositive();
      who.add(figure.path("who").asText());
    }
    assertThat(who)
        .containsExactlyInAnyOrder("ours", "naive", "onnx", "xgboost", "tribuo", "contributions");
  }
}
