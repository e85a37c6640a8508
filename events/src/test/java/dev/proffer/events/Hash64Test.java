package dev.proffer.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class Hash64Test {
  /** The values are those of a Python program written from the two papers' constants. */
  @Test
  void isTheSameInEveryProcessAndVersion() {
    assertThat(Hash64.of("")).isEqualTo(0xefd01f60ba992926L);
    assertThat(Hash64.of("a")).isEqualTo(0x82a2a958a9bece5bL);
    assertThat(Hash64.of("b")).isEqualTo(0x6e673288764ad2d0L);
    assertThat(Hash64.of("item-1")).isEqualTo(0xe3d58280f7f95788L);
    assertThat(Hash64.of("item-2")).isEqualTo(0xefa3a7b07be156efL);
    assertThat(Hash64.of("Größe")).isEqualTo(0x9f33bc56ec37e4b0L);
    assertThat(Hash64.of("日本語")).isEqualTo(0xc6b7e84ff45fa56bL);
    assertThat(Hash64.of("\uD83D\uDE00")).isEqualTo(0x5f6398e188038c1dL);
    assertThat(Hash64.of("a".repeat(1000))).isEqualTo(0x3279d955405125abL);
  }

  @Test
  void givesNumberedIdsDifferentHashes() {
    Set<Long> hashes = new HashSet<>();
    for (int number = 0; number < 1_000_000; number++) {
      hashes.add(Hash64.of("item-" + number));
    }
    assertThat(hashes).hasSize(1_000_000);
  }

  @Test
  void setsEveryBitInAboutHalfOfTheHashes() {
    int[] set = new int[64];
    int count = 100_000;
    for (int number = 0; number < count; number++) {
      long hash = Hash64.of(Integer.toString(number));
      for (int bit = 0; bit < 64; bit++) {
        set[bit] += (int) (hash >>> bit) & 1;
      }
    }
    for (int bit = 0; bit < 64; bit++) {
      assertThat(set[bit]).as("bit %d", bit).isBetween(count / 2 - 1_000, count / 2 + 1_000);
    }
  }

  @Test
  void fillsTheSlotsOfATableEvenly() {
    int[] slots = new int[1 << 10];
    for (int number = 0; number < slots.length * 100; number++) {
      slots[(int) Hash64.of("user-" + number) & slots.length - 1]++;
    }
    assertThat(Arrays.stream(slots).min().orElseThrow()).isGreaterThan(40);
    assertThat(Arrays.stream(slots).max().orElseThrow()).isLessThan(180);
  }
}
