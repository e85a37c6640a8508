package dev.proffer.events.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PositionsTest {
  @TempDir Path home;

  @Test
  void remembersHowFarEachReaderHasCome() {
    Positions positions = new Positions(home);
    assertThat(positions.read(Positions.RELAY)).isEmpty();
    assertThat(positions.all()).isEmpty();

    positions.write(Positions.RELAY, 0x4f2100000007L);
    positions.write(Positions.WAREHOUSE, 1);
    positions.write(Positions.RELAY, 0x4f2100000008L);

    Positions again = new Positions(home);
    assertThat(again.read(Positions.RELAY)).hasValue(0x4f2100000008L);
    assertThat(again.all())
        .isEqualTo(Map.of(Positions.RELAY, 0x4f2100000008L, Positions.WAREHOUSE, 1L));
  }

  @Test
  void refusesAFileThatHoldsSomethingElse() throws Exception {
    Files.createDirectories(home.resolve("positions"));
    Files.writeString(home.resolve("positions/relay"), "here");
    assertThatThrownBy(() -> new Positions(home).read(Positions.RELAY))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("relay holds no position");
  }
}
