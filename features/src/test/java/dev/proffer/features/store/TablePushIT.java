package dev.proffer.features.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.proffer.events.Hash64;
import dev.proffer.events.time.Time;
import dev.proffer.features.tables.AttributeTable;
import dev.proffer.features.tables.TableRegistry;
import dev.proffer.features.tables.TableSpec;
import dev.proffer.features.tables.TableSpec.Column;
import dev.proffer.fixtures.RedisServer;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pushes into a real Redis. */
class TablePushIT {
  private static final int ROWS = 10_000;
  private static final TableSpec PROFILE =
      new TableSpec(
          "profile",
          TableSpec.USER,
          List.of(Column.of("age", TableSpec.Type.NUMBER), Column.vector("taste", 4)),
          "");

  @TempDir private static Path dir;
  private static RedisServer redis;
  private static Vertx vertx;

  @TempDir private Path home;
  private RedisSpec spec;
  private RedisLink link;

  @BeforeAll
  static void open() {
    redis = RedisServer.in(dir).start();
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void closeAll() throws Exception {
    vertx.close().await(20, TimeUnit.SECONDS);
    redis.close();
  }

  @BeforeEach
  void fresh() {
    spec = PartitionStateIT.spec("127.0.0.1:" + redis.port());
    link = new RedisLink(vertx, spec);
    link.send(Request.cmd(Command.FLUSHALL));
  }

  private AttributeTable version(String name, int rows, float plus) throws Exception {
    TableRegistry registry = new TableRegistry(home);
    registry.publish(
        PROFILE,
        name,
        1,
        out -> {
          for (int user = 0; user < rows; user++) {
            out.begin("u" + user);
            out.number(0, user + plus);
            out.vector(1, new float[] {user, 2, 3, plus});
          }
        });
    return registry.open(PROFILE, name);
  }

  private static float age(TablePush push, String user) {
    AttributeTable row = push.read("profile", Hash64.of(user));
    return row == null ? Float.NaN : row.number(row.row(Hash64.of(user)), 0);
  }

  private long keys(String pattern) {
    Response found = link.send(Request.cmd(Command.KEYS).arg(pattern));
    return Objects.requireNonNull(found).size();
  }

  @Test
  void showsAVersionOnlyWhenItIsWholeAndLetsTheOneBeforeExpire() throws Exception {
    try (TablePush push = new TablePush(spec, Time.system())) {
      assertThat(age(push, "u7")).isNaN();
      push.push(version("v1", ROWS, 0.5f), 0, rows -> {});
      for (int user = 0; user < ROWS; user += 97) {
        assertThat(age(push, "u" + user)).isEqualTo(user + 0.5f);
      }
      assertThat(age(push, "u" + ROWS)).isNaN();
      long buckets = keys("test:rows:*");
      assertThat(buckets).isBetween(ROWS / 128L, ROWS / 16L);

      List<Float> seen = new ArrayList<>();
      TablePush.Report report =
          push.push(
              version("v2", ROWS, 0.25f),
              0,
              rows -> {
                if (rows < ROWS) {
                  seen.add(age(push, "u7"));
                }
              });

      assertThat(seen).isNotEmpty().containsOnly(7.5f);
      assertThat(age(push, "u7")).isEqualTo(7.25f);
      assertThat(report.expired()).containsExactly("v1");
      Response first = link.send(Request.cmd(Command.KEYS).arg("test:rows:profile:v1:*"));
      for (Response key : Objects.requireNonNull(first)) {
        Response left = link.send(Request.cmd(Command.TTL).arg(key.toString()));
        assertThat(Objects.requireNonNull(left).toInteger()).isPositive();
      }
      Response fields = link.send(Request.cmd(Command.HKEYS).arg("test:table:profile"));
      assertThat(Objects.requireNonNull(fields).stream().map(Response::toString))
          .containsExactlyInAnyOrder("version", "bits", "header");
    }
  }

  /** Into the home of a gateway that has none of it, row by row the same. */
  @Test
  void isBroughtWholeIntoAnotherHome() throws Exception {
    TableSpec kinds =
        new TableSpec(
            "kinds",
            TableSpec.USER,
            List.of(Column.of("kind", TableSpec.Type.CATEGORY), Column.vector("taste", 2)),
            "");
    TableRegistry here = new TableRegistry(home.resolve("here"));
    TableRegistry there = new TableRegistry(home.resolve("there"));
    for (String name : List.of("v1", "v2")) {
      here.publish(
          kinds,
          name,
          5,
          out -> {
            for (int user = 0; user < 3_000; user++) {
              out.begin("u" + user);
              out.category(0, name + "-" + user % 7);
              out.vector(1, new float[] {user, -user});
            }
          });
    }
    try (TablePush push = new TablePush(spec, Time.system());
        TablePull pull = new TablePull(spec)) {
      assertThat(pull.pull(kinds, there)).as("nothing was pushed").isFalse();
      push.push(here.open(kinds, "v1"), 0, rows -> {});
      assertThat(pull.pull(kinds, there)).isTrue();
      assertThat(pull.pull(kinds, there)).as("nothing turned").isFalse();
      push.push(here.open(kinds, "v2"), 0, rows -> {});
      assertThat(pull.pull(kinds, there)).isTrue();
      assertThat(there.current("kinds")).isEqualTo("v2");
      for (String name : List.of("v1", "v2")) {
        AttributeTable pushed = here.open(kinds, name);
        AttributeTable pulled = there.open(kinds, name);
        assertThat(pulled.rows()).isEqualTo(3_000);
        assertThat(pulled.header()).isEqualTo(pushed.header());
        byte[] one = new byte[pushed.header().rowBytes()];
        byte[] other = new byte[one.length];
        for (int user = 0; user < 3_000; user++) {
          long hash = Hash64.of("u" + user);
          pushed.copyRow(pushed.row(hash), one);
          pulled.copyRow(pulled.row(hash), other);
          assertThat(other).isEqualTo(one);
        }
      }
      push.push(here.open(kinds, "v1"), 0, rows -> {});
      assertThat(pull.pull(kinds, there)).as("back to one that is here").isTrue();
      assertThat(there.current("kinds")).isEqualTo("v1");
    }
    // Another start: what Redis has is here, and somebody may have turned to a newer one by hand.
    there.makeCurrent("kinds", "v2");
    try (TablePull pull = new TablePull(spec)) {
      assertThat(pull.pull(kinds, there)).isFalse();
      assertThat(there.current("kinds")).isEqualTo("v2");
    }
  }

  @Test
  void bringsNothingWhenRowsAreMissing() throws Exception {
    AttributeTable one = version("v1", ROWS, 0);
    TableRegistry there = new TableRegistry(home.resolve("there"));
    try (TablePush push = new TablePush(spec, Time.system());
        TablePull pull = new TablePull(spec)) {
      push.push(one, 0, rows -> {});
      Response rows = link.send(Request.cmd(Command.KEYS).arg("test:rows:profile:v1:*"));
      String lost = Objects.requireNonNull(rows).get(0).toString();
      link.send(Request.cmd(Command.RENAME).arg(lost).arg("elsewhere"));
      assertThatThrownBy(() -> pull.pull(PROFILE, there))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("its header says " + ROWS);
      assertThat(there.current("profile")).isNull();
      assertThat(there.versions("profile")).isEmpty();

      link.send(Request.cmd(Command.RENAME).arg("elsewhere").arg(lost));
      assertThat(pull.pull(PROFILE, there)).isTrue();
    }
  }

  /** A push that dies after some rows, as by kill -9: nothing of it is cleaned up. */
  @Test
  void goesOnWhereAKilledPushWas() throws Exception {
    AttributeTable one = version("v1", ROWS, 0);
    AttributeTable two = version("v2", ROWS, 1);
    AttributeTable three = version("v3", 100, 2);
    try (TablePush push = new TablePush(spec, Time.system())) {
      push.push(one, 0, rows -> {});
      long[] reached = {0};
      assertThatThrownBy(
              () ->
                  push.push(
                      two,
                      0,
                      rows -> {
                        reached[0] = rows;
                        if (rows > ROWS / 2) {
                          throw new IllegalStateException("killed");
                        }
                      }))
          .hasMessage("killed");
      assertThat(age(push, "u7")).isEqualTo(7);
      List<Long> progress = new ArrayList<>();
      try (TablePush again = new TablePush(spec, Time.system())) {
        TablePush.Report report = again.push(two, 0, progress::add);
        assertThat(report.resumedAt()).isEqualTo(reached[0]).isGreaterThan(ROWS / 2);
        assertThat(progress).as("no row is written again").allMatch(rows -> rows > reached[0]);
      }
      for (int user = 0; user < ROWS; user += 97) {
        assertThat(age(push, "u" + user)).isEqualTo(user + 1);
      }

      TablePush.Report same = push.push(two, 0, rows -> {});
      assertThat(same.expired()).isEmpty();
      assertThatThrownBy(
              () ->
                  push.push(
                      version("v4", ROWS, 9),
                      0,
                      rows -> {
                        throw new IllegalStateException("killed");
                      }))
          .hasMessage("killed");
      assertThat(push.push(three, 0, rows -> {}).expired()).containsExactlyInAnyOrder("v2", "v4");
      assertThat(age(push, "u7")).isEqualTo(9);
    }
  }

  @Test
  void writesNoFasterThanItMay() throws Exception {
    AttributeTable table = version("v1", 5_000, 0);
    StepTime time = new StepTime();
    try (TablePush push = new TablePush(spec, time)) {
      push.push(table, 1_000, rows -> {});
    }
    assertThat(time.nanos() / 1e9).isBetween(5.0, 5.5);
  }

  /** A clock that goes on when it is asked. */
  private static final class StepTime implements Time {
    private long nanos;

    @Override
    public long millis() {
      return nanos / 1_000_000;
    }

    @Override
    public long nanos() {
      nanos += 100_000_000;
      return nanos;
    }
  }
}
