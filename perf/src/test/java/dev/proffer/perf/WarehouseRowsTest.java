package dev.proffer.perf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.proffer.perf.ledger.Ledger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The audit on Parquet files, as they are and tampered with. */
final class WarehouseRowsTest {
  private static final int EVENTS = 500;

  @TempDir Path temporary;

  private final Ledger ledger = new Ledger(9, 1);

  @Test
  void seesEveryKindOfTampering() throws Exception {
    ledger.book(0).begin(EVENTS);
    for (int at = 0; at < EVENTS; at++) {
      ledger.book(0).acknowledge(new int[] {at});
    }
    WarehouseRows rows = new WarehouseRows(List.of(home("a", 0, 300), home("b", 300, EVENTS)));
    String victim = String.valueOf(ledger.acknowledgedExample());

    assertThat(rows.audit(ledger, WarehouseRows.Fault.NONE, victim).holds()).isTrue();
    assertThat(rows.audit(ledger, WarehouseRows.Fault.REMOVED, victim).missing()).isOne();
    assertThat(rows.audit(ledger, WarehouseRows.Fault.DOUBLED, victim).doubled()).isOne();
    assertThat(rows.audit(ledger, WarehouseRows.Fault.INVENTED, victim).invented()).isOne();
    assertThat(rows.sharedEventIds()).isZero();
  }

  @Test
  void saysWhereNothingWasCompacted() {
    WarehouseRows rows = new WarehouseRows(List.of(temporary));
    assertThatThrownBy(() -> rows.audit(ledger, WarehouseRows.Fault.NONE, ""))
        .isInstanceOf(Failed.class)
        .hasMessageContaining("nothing was compacted");
  }

  @Test
  void refusesWhatCannotBeRun() {
    assertThat(Chaos.run("--minutes", "0")).isEqualTo(2);
    assertThat(Chaos.run("--gateways", "9")).isEqualTo(2);
    assertThat(Chaos.run("--kill-seconds", "30,10")).isEqualTo(2);
    assertThat(Chaos.run("--help")).isZero();
  }

  private Path home(String name, int from, int to) throws Exception {
    Path day = temporary.resolve(name).resolve("warehouse/events/day=2026-01-01");
    Files.createDirectories(day);
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement()) {
      statement.execute(
          "COPY (SELECT 'e' || i AS event_id, 'chaos-9-0-' || i AS session_id FROM range("
              + from
              + ", "
              + to
              + ") t(i)) TO '"
              + day.resolve("a.parquet")
              + "' (FORMAT parquet)");
    }
    return temporary.resolve(name);
  }
}
