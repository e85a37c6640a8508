package dev.proffer.ranker.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelRegistryTest {
  private static final String TASK = "ranking";

  @TempDir Path home;

  @Test
  void knowsNothingInAnEmptyDirectory() {
    ModelRegistry registry = new ModelRegistry(home.resolve("not-there"));
    assertThat(registry.alias(TASK, ModelRegistry.CHAMPION)).isNull();
    assertThat(registry.versions(TASK)).isEmpty();
    assertThatThrownBy(() -> registry.promote(TASK, "v1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no version v1 of ranking");
  }

  @Test
  void showsAVersionOnlyOnceItIsComplete() throws IOException {
    ModelRegistry registry = new ModelRegistry(home);
    Path directory = registry.begin(TASK, "v1");
    Files.writeString(directory.resolve("half"), "written");
    assertThat(registry.versions(TASK)).isEmpty();
    assertThatThrownBy(() -> registry.promote(TASK, "v1"))
        .isInstanceOf(IllegalArgumentException.class);

    registry.complete(TASK, "v1");
    assertThat(registry.versions(TASK)).containsExactly("v1");
    assertThat(registry.directory(TASK, "v1").resolve("half")).hasContent("written");
    assertThat(registry.versions("other")).isEmpty();
  }

  @Test
  void beginsAgainFromNothingAfterATryThatDidNotEnd() throws IOException {
    ModelRegistry registry = new ModelRegistry(home);
    Files.writeString(registry.begin(TASK, "v1").resolve("left"), "over");
    Path again = registry.begin(TASK, "v1");
    assertThat(again).isEmptyDirectory();
    registry.complete(TASK, "v1");
    assertThat(registry.directory(TASK, "v1")).isEmptyDirectory();
  }

  @Test
  void neverWritesOverACompleteVersion() throws IOException {
    ModelRegistry registry = new ModelRegistry(home);
    version(registry, "v1");
    Files.writeString(registry.begin(TASK, "v1").resolve("model"), "another");
    assertThatThrownBy(() -> registry.complete(TASK, "v1"))
        .isInstanceOf(UncheckedIOException.class);
    assertThat(registry.directory(TASK, "v1").resolve("model")).hasContent("v1");
  }

  @Test
  void listsVersionsByName() throws IOException {
    ModelRegistry registry = new ModelRegistry(home);
    for (String version : new String[] {"20260102T000000", "20260101T000000", "20260103T000000"}) {
      version(registry, version);
    }
    registry.begin(TASK, "20260104T000000");
    assertThat(registry.versions(TASK))
        .containsExactly("20260101T000000", "20260102T000000", "20260103T000000");
  }

  @Test
  void makesTheChampionThePreviousOneWhenAnotherIsPromoted() throws IOException {
    ModelRegistry registry = new ModelRegistry(home);
    version(registry, "v1");
    version(registry, "v2");
    registry.promote(TASK, "v1");
    assertThat(registry.alias(TASK, ModelRegistry.CHAMPION)).isEqualTo("v1");
    assertThat(registry.alias(TASK, ModelRegistry.PREVIOUS)).isNull();
    registry.promote(TASK, "v2");
    assertThat(registry.alias(TASK, ModelRegistry.CHAMPION)).isEqualTo("v2");
    assertThat(registry.alias(TASK, ModelRegistry.PREVIOUS)).isEqualTo("v1");
    registry.promote(TASK, "v2");
    assertThat(registry.alias(TASK, ModelRegistry.PREVIOUS))
        .as("promoted again, it is not its own predecessor")
        .isEqualTo("v1");
    registry.promote(TASK, "v1");
    assertThat(registry.alias(TASK, ModelRegistry.CHAMPION)).isEqualTo("v1");
    assertThat(registry.alias(TASK, ModelRegistry.PREVIOUS)).isEqualTo("v2");
    assertThat(registry.alias("other", ModelRegistry.CHAMPION)).isNull();
  }

  @Test
  void readsAnAliasThatAPersonWrote() throws IOException {
    ModelRegistry registry = new ModelRegistry(home);
    Files.createDirectories(home.resolve(TASK));
    Files.writeString(home.resolve(TASK).resolve(ModelRegistry.CHAMPION), "  v7 \r\n");
    assertThat(registry.alias(TASK, ModelRegistry.CHAMPION)).isEqualTo("v7");
    Files.writeString(home.resolve(TASK).resolve(ModelRegistry.CHAMPION), "\n");
    assertThat(registry.alias(TASK, ModelRegistry.CHAMPION)).isNull();
  }

  @Test
  void neverShowsAReaderHalfAnAlias() throws Exception {
    ModelRegistry registry = new ModelRegistry(home);
    String first = "a".repeat(200);
    String second = "b";
    version(registry, first);
    version(registry, second);
    registry.promote(TASK, first);
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger reads = new AtomicInteger();
    AtomicReference<Object> wrong = new AtomicReference<>();
    Thread reader =
        new Thread(
            () -> {
              while (!over.get()) {
                try {
                  String seen = registry.alias(TASK, ModelRegistry.CHAMPION);
                  if (!first.equals(seen) && !second.equals(seen)) {
                    wrong.set(String.valueOf(seen));
                  }
                } catch (RuntimeException e) {
                  wrong.set(e);
                }
                reads.incrementAndGet();
              }
            });
    reader.start();
    for (int round = 0; round < 500 || reads.get() < 100; round++) {
      registry.promote(TASK, round % 2 == 0 ? second : first);
    }
    over.set(true);
    reader.join();
    assertThat(wrong.get()).isNull();
  }

  private static void version(ModelRegistry registry, String version) throws IOException {
    Files.writeString(registry.begin(TASK, version).resolve("model"), version);
    registry.complete(TASK, version);
  }

  @Test
  void rollsBackAndForthBetweenTwoChampions() throws IOException {
    ModelRegistry registry = new ModelRegistry(home);
    version(registry, "v1");
    version(registry, "v2");
    registry.promote(TASK, "v1");
    assertThatThrownBy(() -> registry.rollback(TASK))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no version of ranking was champion before v1");
    registry.promote(TASK, "v2");

    assertThat(registry.rollback(TASK)).isEqualTo("v1");
    assertThat(registry.alias(TASK, ModelRegistry.CHAMPION)).isEqualTo("v1");
    assertThat(registry.alias(TASK, ModelRegistry.PREVIOUS)).isEqualTo("v2");
    assertThat(registry.rollback(TASK)).isEqualTo("v2");
  }

  @Test
  void collectsOnlyWhatNobodyNamesServesOrMayWant() throws IOException {
    ModelRegistry registry = new ModelRegistry(home);
    for (int version = 1; version <= 9; version++) {
      version(registry, "v" + version);
    }
    registry.promote(TASK, "v1");
    registry.promote(TASK, "v3");
    registry.challenge(TASK, "v5");
    assertThat(registry.alias(TASK, ModelRegistry.CHALLENGER)).isEqualTo("v5");
    assertThatThrownBy(() -> registry.challenge(TASK, "v99"))
        .hasMessageContaining("no version v99");
    long now = 1_000_000_000;
    registry.serving(TASK, "there", Set.of("v2", "v3"), now - ModelRegistry.SERVING_MILLIS);
    registry.serving(TASK, "gone", Set.of("v4"), now - ModelRegistry.SERVING_MILLIS - 1);

    assertThat(registry.served(TASK, now)).containsExactly("v2", "v3");
    assertThat(registry.collect(TASK, 2, now)).containsExactly("v4", "v6", "v7");
    assertThat(registry.versions(TASK)).containsExactly("v1", "v2", "v3", "v5", "v8", "v9");
    assertThat(registry.collect(TASK, 2, now)).isEmpty();
    assertThat(registry.collect(TASK, 100, now)).isEmpty();
    assertThat(registry.collect("other", 0, now)).isEmpty();
  }

  @Test
  void keepsTheFiguresOfTheLastEvaluationBesideAVersion() throws IOException {
    ModelRegistry registry = new ModelRegistry(home);
    version(registry, "v1");
    assertThat(registry.figures(TASK, "v1")).isEmpty();
    registry.keepFigures(TASK, "v1", Map.of("ndcg@10", 0.5, "ece", 0.01));
    registry.keepFigures(TASK, "v1", Map.of("ndcg@10", 0.25));
    assertThat(registry.figures(TASK, "v1")).isEqualTo(Map.of("ndcg@10", 0.25));
    assertThat(registry.directory(TASK, "v1").resolve("metrics.json")).content().contains("0.25");
  }

  @Test
  void losesNoChangeWhenManyChangeAtOnce() throws Exception {
    ModelRegistry registry = new ModelRegistry(home);
    version(registry, "v1");
    version(registry, "v2");
    registry.promote(TASK, "v1");
    registry.promote(TASK, "v2");
    List<Thread> threads = new ArrayList<>();
    for (int thread = 0; thread < 4; thread++) {
      threads.add(
          new Thread(
              () -> {
                for (int time = 0; time < 25; time++) {
                  new ModelRegistry(home).rollback(TASK);
                }
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    // An even number of exchanges; a lost one would leave one version in both places.
    assertThat(registry.alias(TASK, ModelRegistry.CHAMPION)).isEqualTo("v2");
    assertThat(registry.alias(TASK, ModelRegistry.PREVIOUS)).isEqualTo("v1");
  }
}
