package dev.proffer.features.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.proffer.events.Hash64;
import dev.proffer.features.tables.TableSpec.Column;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TableRegistryTest {
  private static final TableSpec PROFILE =
      new TableSpec(
          "profile",
          TableSpec.USER,
          List.of(
              Column.of("age", TableSpec.Type.NUMBER),
              Column.of("member", TableSpec.Type.BOOLEAN),
              Column.of("tier", TableSpec.Type.CATEGORY),
              Column.vector("taste", 3)),
          "");
  private static final int AGE = 0;
  private static final int MEMBER = 1;
  private static final int TIER = 2;
  private static final int TASTE = 3;

  @TempDir private Path home;
  private TableRegistry registry;

  @BeforeEach
  void open() {
    registry = new TableRegistry(home);
  }

  /** A user as the test knows them; null is missing. */
  private record User(
      @Nullable Float age,
      @Nullable Boolean member,
      @Nullable String tier,
      float @Nullable [] taste) {
    static User random(Random random) {
      return new User(
          random.nextInt(4) == 0 ? null : random.nextFloat() * 90,
          random.nextInt(4) == 0 ? null : random.nextBoolean(),
          random.nextInt(4) == 0 ? null : "tier-" + random.nextInt(5),
          random.nextInt(4) == 0
              ? null
              : new float[] {random.nextFloat(), -random.nextFloat(), random.nextFloat()});
    }

    void writeTo(TableWriter out) {
      if (age != null) {
        out.number(AGE, age);
      }
      if (member != null) {
        out.flag(MEMBER, member);
      }
      if (tier != null) {
        out.category(TIER, tier);
      }
      if (taste != null) {
        out.vector(TASTE, taste);
      }
    }
  }

  @Test
  void givesBackWhatWasWrittenAndNothingElse() throws Exception {
    for (int count : new int[] {0, 1, 2, 7, 1_000, 20_011}) {
      Random random = new Random(count);
      Map<String, User> users = new HashMap<>();
      for (int at = 0; at < count; at++) {
        users.put("user-" + at, User.random(random));
      }
      List<String> order = new ArrayList<>(users.keySet());
      Collections.shuffle(order, random);
      String version = "v" + count;
      int written =
          registry.publish(
              PROFILE,
              version,
              5,
              out -> {
                for (String id : order) {
                  out.begin(id);
                  Objects.requireNonNull(users.get(id)).writeTo(out);
                }
              });
      assertThat(written).isEqualTo(count);

      AttributeTable table = registry.open(PROFILE, version);

      assertThat(table.rows()).isEqualTo(count);
      users.forEach(
          (id, user) -> {
            int row = table.row(Hash64.of(id));
            assertThat(row).isNotEqualTo(AttributeTable.NO_ROW);
            assertSame(table, row, user);
            byte[] copy = new byte[table.header().rowBytes()];
            table.copyRow(row, copy);
            TableHeader header = TableHeader.decode(table.header().encode());
            AttributeTable apart = AttributeTable.ofRow(header, Hash64.of(id), copy);
            assertSame(apart, apart.row(Hash64.of(id)), user);
            assertThat(apart.row(Hash64.of(id) + 1)).isEqualTo(AttributeTable.NO_ROW);
          });
      for (int at = count; at < count + 1_000; at++) {
        assertThat(table.row(Hash64.of("user-" + at))).isEqualTo(AttributeTable.NO_ROW);
      }
      assertThat(table.row(0)).isEqualTo(AttributeTable.NO_ROW);
      assertThat(table.row(-1)).isEqualTo(AttributeTable.NO_ROW);
    }
  }

  private static void assertSame(AttributeTable table, int row, User user) {
    assertThat(table.number(row, AGE)).isEqualTo(user.age == null ? (Float) Float.NaN : user.age);
    assertThat(table.number(row, MEMBER))
        .isEqualTo((Float) (user.member == null ? Float.NaN : user.member ? 1f : 0f));
    int code = table.code(row, TIER);
    assertThat(code == 0 ? null : table.text(TIER, code)).isEqualTo(user.tier);
    assertThat(code).isEqualTo(user.tier == null ? 0 : table.codeOf(TIER, user.tier));
    float[] taste = new float[3];
    assertThat(table.vector(row, TASTE, taste)).isEqualTo(user.taste != null);
    if (user.taste != null) {
      assertThat(taste).isEqualTo(user.taste);
      assertThat(table.element(row, TASTE, 2)).isEqualTo(user.taste[2]);
    } else {
      assertThat(table.element(row, TASTE, 2)).isNaN();
    }
  }

  @Test
  void theSameRowsInAnyOrderAreTheSameBytesWithoutCategories() throws Exception {
    TableSpec items =
        new TableSpec("embedding", TableSpec.ITEM, List.of(Column.vector("v", 2)), "");
    for (String version : new String[] {"a", "b"}) {
      registry.publish(
          items,
          "x",
          1,
          out -> {
            for (int at = 0; at < 500; at++) {
              int item = version.equals("a") ? at : 499 - at;
              out.begin("item-" + item);
              out.vector(0, new float[] {item, -item});
            }
          });
      Path from = home.resolve("embedding/versions/x");
      Files.move(from, home.resolve(version));
    }
    assertThat(home.resolve("a/table")).hasSameBinaryContentAs(home.resolve("b/table"));
  }

  @Test
  void aVersionCountsFromItsInstantUntilTheNext() throws Exception {
    publish("second", 2_000, 2);
    publish("first", 1_000, 1);
    publish("third", 3_000, 3);
    Tables tables = registry.history(new TablesSpec(List.of(PROFILE)));

    assertThat(ageAt(tables, 999)).isNaN();
    assertThat(ageAt(tables, 1_000)).isEqualTo(1);
    assertThat(ageAt(tables, 1_999)).isEqualTo(1);
    assertThat(ageAt(tables, 2_000)).isEqualTo(2);
    assertThat(ageAt(tables, Long.MAX_VALUE)).isEqualTo(3);
    assertThat(tables.at("other", 5_000)).isNull();
    assertThat(registry.current("profile")).isEqualTo("third");
  }

  private void publish(String version, long asOfMillis, float age) throws IOException {
    registry.publish(
        PROFILE,
        version,
        asOfMillis,
        out -> {
          out.begin("u");
          out.number(AGE, age);
        });
  }

  private static float ageAt(Tables tables, long millis) {
    AttributeTable table = tables.at("profile", millis);
    return table == null ? Float.NaN : table.number(table.row(Hash64.of("u")), AGE);
  }

  @Test
  void aFailedVersionLeavesWhatWasThere() throws Exception {
    publish("v1", 1, 1);

    assertThatThrownBy(
            () ->
                registry.publish(
                    PROFILE,
                    "v2",
                    2,
                    out -> {
                      out.begin("u");
                      out.begin("w");
                      out.begin("u");
                    }))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("row 3 of the table profile has the id of row 1");
    assertThatThrownBy(
            () ->
                registry.publish(
                    PROFILE,
                    "v2",
                    2,
                    out -> {
                      out.begin("u");
                      out.number(TIER, 1);
                    }))
        .hasMessageContaining("tier is no NUMBER");
    assertThatThrownBy(() -> publish("v1", 1, 5)).hasMessageContaining("never changes");
    assertThatThrownBy(() -> publish("../v1", 1, 5)).hasMessageContaining("version \"../v1\"");

    assertThat(registry.current("profile")).isEqualTo("v1");
    assertThat(registry.versions("profile")).containsExactly("v1");
    publish("v2", 2, 2);
    assertThat(registry.current("profile")).isEqualTo("v2");
    assertThat(home.resolve("profile/versions/v2"))
        .isDirectoryNotContaining("glob:**unsorted")
        .isDirectoryContaining("glob:**sha256");
  }

  @Test
  void refusesWhatIsDamagedOrNotAsDeclared() throws Exception {
    publish("v1", 1, 1);
    Path file = home.resolve("profile/versions/v1/table");
    byte[] whole = Files.readAllBytes(file);
    Random random = new Random(7);
    for (int round = 0; round < 50; round++) {
      byte[] damaged = whole.clone();
      damaged[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
      Files.write(file, damaged);
      assertThatThrownBy(() -> registry.open(PROFILE, "v1"))
          .isInstanceOf(TableRefused.class)
          .hasMessageContaining("damaged");
    }
    Files.write(file, whole);
    TableSpec wider =
        new TableSpec(
            "profile",
            TableSpec.USER,
            List.of(Column.of("age", TableSpec.Type.CATEGORY), Column.vector("taste", 3)),
            "");
    assertThatThrownBy(() -> registry.open(wider, "v1"))
        .isInstanceOf(TableRefused.class)
        .hasMessageContaining("its column is age:NUMBER, declared is age:CATEGORY");
    assertThatThrownBy(() -> registry.open(PROFILE, "v9")).isInstanceOf(TableRefused.class);
  }

  /** Whatever the digest says, bytes that are no table are refused and take no memory. */
  @Test
  void refusesRubbishThatCarriesItsRightDigest() throws Exception {
    publish("v1", 1, 1);
    Path directory = home.resolve("profile/versions/v1");
    Path file = directory.resolve("table");
    byte[] whole = Files.readAllBytes(file);
    Random random = new Random(8);
    for (int round = 0; round < 200; round++) {
      byte[] damaged =
          random.nextBoolean()
              ? java.util.Arrays.copyOf(whole, random.nextInt(whole.length))
              : whole.clone();
      int from = Math.min(damaged.length, 12 + random.nextInt(100));
      for (int at = from; at < Math.min(damaged.length, from + 4); at++) {
        damaged[at] = (byte) random.nextInt();
      }
      Files.write(file, damaged);
      String digest =
          java.util.HexFormat.of()
              .formatHex(java.security.MessageDigest.getInstance("SHA-256").digest(damaged));
      Files.writeString(directory.resolve("sha256"), digest + "  table\n");
      try {
        AttributeTable table = AttributeTable.open(directory);
        assertThat(table.rows()).isBetween(0, 1);
      } catch (TableRefused e) {
        assertThat(e.getMessage()).contains("table");
      }
    }
  }
}
