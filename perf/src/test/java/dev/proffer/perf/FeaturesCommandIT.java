package dev.proffer.perf;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The bench of the features: that it measures what it says, not how fast. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
@Tag("slow")
final class FeaturesCommandIT {
  @TempDir Path temporary;

  @Test
  void measuresTheUserTheMatrixAndTheContracts() throws IOException {
    Path json = temporary.resolve("figures.json");
    int code =
        Bench.run("features", "--quick", "--config", "../configs", "--json", json.toString());
    assertThat(code).isZero();
    Map<String, Integer> features = new HashMap<>();
    for (JsonNode figure : new JsonMapper().readTree(json.toFile()).path("figures")) {
      assertThat(figure.path("micros").asDouble()).isPositive();
      features.put(figure.path("what").asText(), figure.path("features").size());
    }
    assertThat(features).containsKeys("input", "ranking", "shop");
    assertThat(features).containsEntry("user", 30).containsEntry("matrix", 40);
  }
}
