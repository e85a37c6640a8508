package dev.proffer.gateway.ops;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HealthTest {
  @Test
  void warnsOfAStoreThatIsFourFifthsFull() {
    assertThat(Health.users(799, 0.799, 0))
        .isEqualTo(new Health.Part(true, "799 users with a sequence"));
    Health.Part warned = Health.users(900, 0.8, 0);
    assertThat(warned.ok()).isFalse();
    assertThat(warned.words())
        .startsWith("900 users with a sequence; the store is 80 % full, 0 of");
    assertThat(Health.users(1_000, 1.001, 7).words())
        .contains("100 % full, 7 of the least recently seen were let go", "users-mib");
  }
}
