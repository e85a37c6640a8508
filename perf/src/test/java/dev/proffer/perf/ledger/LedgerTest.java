package dev.proffer.perf.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class LedgerTest {
  private final Ledger ledger = new Ledger(42, 2);
  private final List<String> kept = new ArrayList<>();

  private void send(int client, int count, int acknowledged) {
    Ledger.Book book = ledger.book(client);
    int first = book.begin(count);
    for (int at = first; at < first + count; at++) {
      kept.add(book.id(at));
      if (at < first + acknowledged) {
        book.acknowledge(new int[] {at});
      }
    }
  }

  private Ledger.Verdict verdict() {
    Ledger.Audit audit = ledger.audit();
    kept.forEach(audit::row);
    return audit.verdict();
  }

  @Test
  void holdsWhenEverythingAcknowledgedIsThereOnce() {
    send(0, 100, 100);
    send(1, 50, 20);

    Ledger.Verdict verdict = verdict();
    assertThat(verdict.holds()).isTrue();
    assertThat(verdict.rows()).isEqualTo(150);
    assertThat(verdict.unacknowledged()).isEqualTo(30);
    assertThat(verdict.examples()).isEmpty();
  }

  @Test
  void holdsWhenWhatWasNotAcknowledgedIsNotThere() {
    send(0, 10, 9);
    kept.remove(9);
    assertThat(verdict().holds()).isTrue();
  }

  @Test
  void complainsOfAnAcknowledgedRowThatIsMissing() {
    send(0, 100, 100);
    String lost = kept.remove(63);

    Ledger.Verdict verdict = verdict();
    assertThat(verdict.holds()).isFalse();
    assertThat(verdict.missing()).isOne();
    assertThat(verdict.examples()).containsExactly("missing " + lost);
  }

  @Test
  void complainsOfARowThatStandsTwiceAlsoWhenItWasNotAcknowledged() {
    send(0, 100, 50);
    kept.add(kept.get(10));
    kept.add(kept.get(90));

    Ledger.Verdict verdict = verdict();
    assertThat(verdict.holds()).isFalse();
    assertThat(verdict.doubled()).isEqualTo(2);
    assertThat(verdict.missing()).isZero();
  }

  @Test
  void complainsOfWhatWasNeverSent() {
    send(0, 3, 3);
    String ours = kept.get(0);
    List<String> inventions =
        List.of(
            new EventIds(42).text(0, 3),
            new EventIds(42).text(2, 0),
            new EventIds(43).text(0, 0),
            ours + "0",
            ours.replace("-0-", "-00-"),
            ours.replace("-0-", "--1-"),
            "",
            "chaos-2a-",
            "chaos-2a-0-",
            "somebody's");
    for (String invention : inventions) {
      kept.add(invention);
      assertThat(verdict().invented()).as(invention).isOne();
      assertThat(verdict().holds()).isFalse();
      kept.remove(kept.size() - 1);
    }
  }

  @Test
  void readsEveryIdItWrites() {
    Random random = new Random(5);
    EventIds ids = new EventIds(-7);
    for (int at = 0; at < 10_000; at++) {
      int client = random.nextInt(200);
      int number = random.nextInt(Integer.MAX_VALUE);
      assertThat(ids.place(ids.text(client, number))).isEqualTo(EventIds.place(client, number));
    }
  }

  @Test
  void countsWhatIsAcknowledgedAgain() {
    Ledger.Book book = ledger.book(0);
    book.begin(2);
    book.goes(2, false);
    book.acknowledge(new int[] {0, 1});
    book.goes(1, true);
    book.acknowledge(new int[] {1});

    assertThat(ledger.sent()).isEqualTo(2);
    assertThat(ledger.acknowledged()).isEqualTo(2);
    assertThat(ledger.deliveries()).isEqualTo(3);
    assertThat(ledger.repeated()).isOne();
    assertThat(ledger.repeatedAcknowledged()).isOne();
    assertThat(ledger.acknowledgedExample()).isEqualTo(book.id(0));
  }

  @Test
  void recoversWithTheFirstAnswerToWhatWasSentAfterTheEnd() {
    Recoveries recoveries = new Recoveries(2);
    recoveries.killed(1, 100, 150);
    recoveries.acknowledged(0, 200, 210);
    recoveries.acknowledged(1, 140, 160);
    assertThat(recoveries.pending()).isTrue();

    recoveries.killed(1, 300, 350);
    recoveries.acknowledged(1, 360, 400);
    recoveries.acknowledged(1, 500, 900);
    assertThat(recoveries.pending()).isFalse();
    assertThat(recoveries.count()).isOne();
    assertThat(recoveries.longestNanos()).isEqualTo(100);
  }
}
