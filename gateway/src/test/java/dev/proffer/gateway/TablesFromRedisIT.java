package dev.proffer.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.proffer.events.time.Time;
import dev.proffer.features.store.TablePush;
import dev.proffer.features.tables.TableRegistry;
import dev.proffer.features.tables.TableSpec;
import dev.proffer.fixtures.RedisServer;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Tables that were pushed into Redis elsewhere, in the answers of a gateway. */
@ExtendWith(NoBlockedLoops.class)
final class TablesFromRedisIT {
  @TempDir private Path dir;

  @Test
  void areServedAndStayServedWhenRedisIsGone() throws Exception {
    try (RedisServer redis = RedisServer.in(dir.resolve("redis")).start()) {
      Configuration configuration =
          TablesTest.configuration(dir)
              .gateway("model-poll-ms", 50)
              .with("redis.yaml", "endpoints: [\"127.0.0.1:" + redis.port() + "\"]\n");
      Settings settings = configuration.settings();
      Path home = dir.resolve("var");
      Shop.open(home);
      new Models(settings, home).publish("ranking", "v1");
      long now = Shop.OPENED + 1_000;
      try (RunningGateway running = RunningGateway.on(dir, configuration);
          TablePush push = new TablePush(settings.redis(), Time.system())) {
        assertThat(TablesTest.feature(running, "age", "u", now)).isEqualTo(-1);
        push(push, settings, "one", now, 42);
        await().until(() -> TablesTest.feature(running, "age", "u", now) == 42);
        push(push, settings, "two", now, 43);
        await().until(() -> TablesTest.feature(running, "age", "u", now) == 43);

        redis.kill();
        assertThat(TablesTest.feature(running, "age", "u", now)).isEqualTo(43);
      }
    }
  }

  private void push(TablePush push, Settings settings, String version, long asOf, float age)
      throws Exception {
    TableSpec spec = Objects.requireNonNull(settings.contracts().tables().table("customer"));
    TableRegistry elsewhere = new TableRegistry(dir.resolve("elsewhere"));
    elsewhere.publish(
        spec,
        version,
        asOf,
        out -> {
          out.begin("u");
          out.number(0, age);
        });
    push.push(elsewhere.open(spec, version), 0, rows -> {});
  }
}
