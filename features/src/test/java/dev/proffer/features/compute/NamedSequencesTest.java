package dev.proffer.features.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.proffer.configs.Problems;
import dev.proffer.events.Event;
import dev.proffer.events.Item;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.store.HeapSequenceStore;
import dev.proffer.features.store.LiveState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Features of named sequences, beside counts over the plain list of what happened. */
class NamedSequencesTest {
  private static final long HOUR = 3_600_000;
  private static final long DAY = 24 * HOUR;

  private static final String FEATURES =
      """
      contracts:
        all:
          features:
            - {name: orders, transformation: count, parameters: {sequence: orders}}
            - {name: spent, transformation: sum, parameters: {sequence: orders, number: value}}
            - {name: recency, transformation: recency, parameters: {sequence: orders}}
            - {name: calls, transformation: count, parameters: {sequence: mixed, events: call}}
            - {name: mixed_day, transformation: count, parameters: {sequence: mixed, hours: 24}}
            - {name: mixed_session, transformation: count, parameters: {sequence: mixed, session: true}}
            - {name: views, transformation: count, parameters: {events: view}}
      """;

  private record Happened(String id, String type, long time, double value) {}

  @TempDir Path home;

  @Test
  void areWhatThePlainListSays() throws IOException {
    for (long lookbackDays : new long[] {0, 2}) {
      Contracts contracts = read(lookbackDays, FEATURES, new Problems());
      FeatureProgram program = contracts.program("all");
      FeatureInput in = new FeatureInput();
      for (int seed = 0; seed < 200; seed++) {
        check(contracts.sequence(), program, in, new Random(seed), lookbackDays, seed);
      }
    }
  }

  private static void check(
      SequenceSpec spec,
      FeatureProgram program,
      FeatureInput in,
      Random random,
      long lookbackDays,
      int seed) {
    List<Happened> all = new ArrayList<>();
    long time = 100 * DAY;
    for (int event = 0; event < random.nextInt(40); event++) {
      time += random.nextInt(3) == 0 ? 1 + random.nextInt((int) DAY) : 1 + random.nextInt(9_000);
      String type = List.of("view", "view", "view", "order", "call").get(random.nextInt(5));
      all.add(new Happened("e" + event, type, time, random.nextInt(40) / 4.0));
    }
    LiveState state = new LiveState(spec, new HeapSequenceStore());
    state.apply(new Item("i", "i", null, 1, Map.of()));
    List<Happened> arriving = new ArrayList<>(all);
    Collections.shuffle(arriving, random);
    for (Happened one : arriving) {
      state.apply(
          new Event(
              one.id(),
              one.type(),
              "u",
              one.type().equals("call") ? null : "i",
              null,
              null,
              one.time(),
              one.time(),
              Map.of("value", one.value())));
    }
    long asOf = time + (random.nextInt(3) - 1L) * random.nextInt((int) DAY);
    in.set(
        state.catalog(),
        state.statistics(),
        state.sequences().read("u"),
        spec,
        Catalog.UNKNOWN,
        0,
        asOf);
    float[] row = new float[program.contract().width()];
    program.compute(in, new int[] {1}, 1, row);

    // What is kept is kept of all that arrived, and only then what is after the instant left out.
    Set<Happened> kept = new HashSet<>(latest(all, List.of("view", "order"), 5));
    kept.addAll(latest(all, List.of("order"), 4));
    kept.addAll(latest(all, List.of("order", "call"), 6));
    List<Happened> known = before(all.stream().filter(kept::contains).toList(), asOf, 0);
    List<Happened> orders = before(latest(known, List.of("order"), 4), asOf, 30 * DAY);
    List<Happened> mixed = latest(known, List.of("order", "call"), 6);
    List<Happened> views =
        before(latest(all, List.of("view", "order"), 5), asOf, lookbackDays * DAY);
    int session = mixed.isEmpty() ? 0 : 1;
    for (int at = mixed.size() - 1;
        at > 0 && mixed.get(at).time() - mixed.get(at - 1).time() <= HOUR;
        at--) {
      session++;
    }
    String as = "seed " + seed + ", lookback " + lookbackDays;
    assertThat(row[0]).as(as).isEqualTo(orders.size());
    assertThat(Float.isNaN(row[1]) ? 0 : row[1])
        .as(as)
        .isCloseTo((float) orders.stream().mapToDouble(Happened::value).sum(), within(1e-3f));
    if (orders.isEmpty()) {
      assertThat(row[2]).as(as).isNaN();
    } else {
      float hours = (asOf - orders.get(orders.size() - 1).time()) / (float) HOUR;
      assertThat(row[2]).as(as).isCloseTo(hours, within(1e-3f));
    }
    assertThat(row[3])
        .as(as)
        .isEqualTo((float) mixed.stream().filter(one -> one.type().equals("call")).count());
    assertThat(row[4]).as(as).isEqualTo(before(mixed, asOf, DAY).size());
    assertThat(row[5]).as(as).isEqualTo(session);
    assertThat(row[6])
        .as(as)
        .isEqualTo((float) views.stream().filter(one -> one.type().equals("view")).count());
  }

  private static List<Happened> latest(List<Happened> all, List<String> types, int most) {
    List<Happened> of = all.stream().filter(one -> types.contains(one.type())).toList();
    return of.subList(Math.max(0, of.size() - most), of.size());
  }

  private static List<Happened> before(List<Happened> all, long asOf, long window) {
    return all.stream()
        .filter(one -> one.time() < asOf && (window == 0 || one.time() >= asOf - window))
        .toList();
  }

  @Test
  void areNamedByTheirName() throws IOException {
    Problems problems = new Problems();
    read(
        0,
        """
        contracts:
          all:
            features:
              - {name: a, transformation: count, parameters: {sequence: rare}}
              - {name: b, transformation: count, parameters: {sequence: orders, events: view}}
        """,
        problems);
    assertThat(problems.toString())
        .contains("\"rare\" is not one of the named sequences [orders, mixed] of sequences.yaml")
        .contains("\"view\" is not one of [order] of sequences.yaml");
  }

  private Contracts read(long lookbackDays, String features, Problems problems) throws IOException {
    Files.writeString(
        home.resolve(SequenceSpec.FILE),
        """
        events: [view, order]
        max-length: 5
        numbers: [value]
        lookback-days: %d
        named:
          orders: {events: [order], max-length: 4, lookback-days: 30}
          mixed: {events: [order, call], max-length: 6, session-gap-minutes: 60}
        """
            .formatted(lookbackDays));
    Files.writeString(home.resolve(Contracts.FILE), features);
    return Contracts.read(home, problems);
  }
}
