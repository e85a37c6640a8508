package dev.proffer.pipeline.rules;

import dev.proffer.configs.ConfigFile;
import dev.proffer.configs.Problems;
import dev.proffer.events.Hash64;
import dev.proffer.events.Item;
import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.compute.RequestContext;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.spec.StatisticsSpec;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Retention;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.state.UserSequence;
import dev.proffer.features.tables.Attributes;
import dev.proffer.features.tables.Tables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Scored candidates of one person, made up from a seed. */
final class Shop {
  static final long NOW = 100_000_000_000L;
  static final long HOUR = 3_600_000;
  static final String USER = "ann";

  /** Sequences of views, at most 30; orders are kept beside them. */
  static final SequenceSpec SEQUENCES =
      new SequenceSpec(
          List.of("view"),
          30,
          1_800_000,
          "",
          0,
          List.of(),
          List.of(new SequenceSpec.Named("orders", List.of("order"), 20, 1_800_000, 0, "")),
          StatisticsSpec.NONE);

  record Happened(String type, String item, long time) {}

  final Catalog catalog;
  final Statistics statistics = new Statistics();
  final List<Happened> history = new ArrayList<>();
  UserSequence sequence = UserSequence.EMPTY;
  Tables tables = Tables.NONE;
  String device = "";
  int[] items;
  float[] scores;
  int[] ties;
  @Nullable List<String> ids;
  long seed;
  private final int[] best = new int[200];

  Shop(Random random) {
    this(random, 1 + random.nextInt(60));
  }

  Shop(Random random, int size) {
    Catalog.Builder builder = new Catalog.Builder();
    for (int item = 0; item < size; item++) {
      Map<String, Object> attributes = new HashMap<>();
      if (random.nextInt(3) != 0) {
        attributes.put("colour", "colour-" + random.nextInt(4));
      }
      if (random.nextInt(4) != 0) {
        attributes.put("price", random.nextBoolean() ? (Object) (long) item : item + 0.5);
      }
      if (random.nextInt(5) == 0) {
        attributes.put("available", random.nextBoolean() ? (Object) random.nextBoolean() : 0L);
      }
      if (random.nextInt(5) == 0) {
        attributes.put("stock", (long) random.nextInt(3) - 1);
      }
      if (random.nextInt(5) == 0) {
        attributes.put("valid_from", NOW - 2 + random.nextInt(5));
      }
      if (random.nextInt(5) == 0) {
        attributes.put(
            "valid_until", java.time.Instant.ofEpochMilli(NOW - 2 + random.nextInt(5)).toString());
      }
      if (random.nextInt(5) == 0) {
        attributes.put(
            "audience", List.of("phone", "phone, tv", "all", "tv").get(random.nextInt(4)));
      }
      String category = random.nextInt(5) == 0 ? null : "category-" + random.nextInt(4);
      builder.put(
          new Item(
              "item-" + item,
              "",
              category,
              0,
              attributes,
              random.nextInt(6) == 0 ? validity(random) : Item.Validity.ALWAYS,
              0,
              random.nextInt(20) == 0));
    }
    catalog = builder.build();
    items = new int[size];
    scores = new float[size];
    ties = new int[size];
    for (int row = 0; row < size; row++) {
      items[row] = row + 1;
      ties[row] = row;
      scores[row] = random.nextInt(4) - 2 + (random.nextBoolean() ? random.nextFloat() : 0);
    }
    seed = random.nextLong();
  }

  private static Item.Validity validity(Random random) {
    long from = NOW - 3 + random.nextInt(5);
    return new Item.Validity(
        random.nextInt(4) != 0,
        from,
        from + 1 + random.nextInt(4),
        random.nextBoolean() ? List.of() : List.of("phone"));
  }

  void happened(String type, String item, long time) {
    history.add(new Happened(type, item, time));
    sequence =
        sequence.with(
            time,
            Hash64.of(item),
            Hash64.of(type + item + time),
            UserSequence.typeCode(type),
            UserSequence.NO_NUMBERS,
            Retention.of(SEQUENCES));
  }

  Item item(int row) {
    return catalog.item(items[row]);
  }

  String id(int row) {
    return ids == null ? item(row).id() : ids.get(row);
  }

  /** The rows of a page. */
  List<Integer> select(Reranking reranking, int limit) {
    return select(reranking, limit, false, true, false);
  }

  List<Integer> select(
      Reranking reranking, int limit, boolean given, boolean scored, boolean explain) {
    FeatureInput in = new FeatureInput();
    in.set(
        catalog,
        statistics,
        sequence,
        SEQUENCES,
        Catalog.UNKNOWN,
        0,
        new RequestContext(device, "home", ""),
        Attributes.of(tables, USER),
        NOW);
    reranking.slate().begin(in, sequence, tables, Hash64.of(USER), seed);
    reranking.slate().named(ids);
    reranking.concerns(given, scored);
    int count = reranking.select(items, scores, ties, items.length, limit, explain, best);
    return Arrays.stream(best, 0, count).boxed().toList();
  }

  /** Rules from YAML, one a line. */
  static RulesSpec rules(String... rules) {
    Problems problems = new Problems();
    RulesSpec spec = read(problems, "rules:\n  - " + String.join("\n  - ", rules) + "\n");
    problems.throwIfAny();
    return spec;
  }

  static Reranking reranking(String... rules) {
    return new Reranking(rules(rules), Showings.NONE);
  }

  static RulesSpec read(Problems problems, String yaml) {
    try {
      Path file = Files.createTempFile("ranking", ".yaml");
      try {
        Files.writeString(file, yaml);
        var root = ConfigFile.read(file, problems);
        RulesSpec spec = RulesSpec.read(root);
        root.done();
        return spec;
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The rows by score, the best first, as a plain sort has them. */
  List<Integer> sorted() {
    List<Integer> rows = new ArrayList<>();
    for (int row = 0; row < items.length; row++) {
      rows.add(row);
    }
    rows.sort(
        (a, b) ->
            scores[a] != scores[b]
                ? Float.compare(scores[b], scores[a])
                : Integer.compare(ties[a], ties[b]));
    return rows;
  }
}
