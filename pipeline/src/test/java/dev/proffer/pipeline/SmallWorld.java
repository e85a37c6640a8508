package dev.proffer.pipeline;

import dev.proffer.candidates.CandidatesSpec;
import dev.proffer.configs.Problems;
import dev.proffer.events.Hash64;
import dev.proffer.events.Item;
import dev.proffer.features.compute.Contracts;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.Statistics;
import dev.proffer.features.state.UserSequence;
import dev.proffer.ranker.Calibration;
import dev.proffer.ranker.LinearScorer;
import dev.proffer.ranker.Scorer;
import dev.proffer.ranker.ServedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A shop of two contracts, items and customers made up from a seed. */
final class SmallWorld {
  static final CandidatesSpec CANDIDATES =
      new CandidatesSpec(
          30,
          List.of(
              new CandidatesSpec.Source("follows", 10, "Often chosen next after {last}"),
              new CandidatesSpec.Source("recent", 5, "You looked at this before"),
              new CandidatesSpec.Source("category", 10, "Popular in {category}"),
              new CandidatesSpec.Source("popular", 30, "Popular with everyone")));

  static final ReasonsSpec REASONS =
      new ReasonsSpec(
          true,
          List.of(
              new ReasonsSpec.Family("crowd", List.of("pop*"), "popular with everyone", Map.of()),
              new ReasonsSpec.Family(
                  "own",
                  List.of("times", "since"),
                  "",
                  Map.of("times", "chosen before, like {last}", "since", "seen a moment ago"))));

  final Catalog.Builder items = new Catalog.Builder();
  final Statistics statistics = new Statistics(1_800_000, "place");
  final Map<String, UserSequence> sequences = new HashMap<>();
  long clock = 1_000;

  private SmallWorld() {}

  static SmallWorld empty() {
    return new SmallWorld();
  }

  static SmallWorld random(Random random) {
    SmallWorld world = new SmallWorld();
    int count = 1 + random.nextInt(60);
    for (int item = 0; item < count; item++) {
      world.item(
          "item-" + item,
          random.nextInt(8) == 0 ? "" : "Title " + item,
          random.nextInt(5) == 0 ? null : "category-" + random.nextInt(3),
          random.nextInt(40));
    }
    for (int event = random.nextInt(120); event > 0; event--) {
      world.clock += random.nextInt(20) == 0 ? 3_600_000 : 1_000;
      world.choose(
          "user-" + random.nextInt(5),
          "item-" + random.nextInt(count + 3),
          random.nextInt(6) == 0 ? world.clock - random.nextInt(30_000) : world.clock);
    }
    return world;
  }

  void item(String id, String title, @Nullable String category, long place) {
    items.put(new Item(id, title, category, 0, Map.of("place", place)));
  }

  void choose(String user, String id, long time) {
    UserSequence before = sequence(user);
    long event = Hash64.of(user + time + id);
    statistics.observe(before, time, event, items.index(id), items, 1_000);
    sequences.put(user, before.with(time, Hash64.of(id), event, UserSequence.typeCode("view"), 50));
  }

  UserSequence sequence(String user) {
    return sequences.getOrDefault(user, UserSequence.EMPTY);
  }

  World with(@Nullable ServedModel champion, @Nullable ServedModel previous) {
    return World.of(
        items.build(),
        statistics.snapshot(),
        Map.of(SuggestPipeline.TASK, new World.Models(champion, previous)));
  }

  static Contracts contracts(Path home) throws IOException {
    Files.writeString(
        home.resolve("sequences.yaml"),
        "events: [view]\nmax-length: 50\nsession-gap-minutes: 30\norder-attribute: place\n");
    Files.writeString(
        home.resolve(Contracts.FILE),
        """
        contracts:
          small:
            features:
              - {name: popularity, transformation: popularity}
              - {name: times, transformation: times-chosen}
              - {name: length, transformation: session-length, description: "Events in this session"}
              - {name: since, transformation: events-since-chosen}
          tiny:
            features:
              - {name: length, transformation: session-length}
              - {name: repeats, transformation: repeat-share}
        """);
    Problems problems = new Problems();
    Contracts contracts = Contracts.read(home, problems);
    problems.throwIfAny();
    return contracts;
  }

  static ServedModel model(String version, String contract, Scorer scorer) {
    return new ServedModel(
        version, SuggestPipeline.TASK, contract, "sha", scorer, new Calibration(0.5, -1));
  }

  static ServedModel linear(String version, float... weights) {
    return model(version, weights.length == 4 ? "small" : "tiny", new LinearScorer(weights, 0.25f));
  }

  /** A model that throws in its scoring, or not before it is asked to explain itself. */
  record Failing(int width, boolean later) implements Scorer {
    @Override
    public void score(float[] rows, int count, float[] scores) {
      Arrays.fill(scores, 0, count, Float.MAX_VALUE);
      if (!later) {
        throw new IllegalStateException("cannot score");
      }
    }

    @Override
    public void contribute(float[] rows, int row, float[] contributions) {
      throw new IllegalStateException("cannot explain");
    }

    @Override
    public float baseline() {
      return 0;
    }
  }

  /** A model that is not compiled: it knows no reasons. */
  record Slow(Scorer same) implements Scorer {
    @Override
    public void score(float[] rows, int count, float[] scores) {
      same.score(rows, count, scores);
    }

    @Override
    public void contribute(float[] rows, int row, float[] contributions) {
      throw new UnsupportedOperationException("not known");
    }

    @Override
    public float baseline() {
      throw new UnsupportedOperationException("not known");
    }

    @Override
    public int width() {
      return same.width();
    }

    @Override
    public boolean isCompiled() {
      return false;
    }
  }

  /** Everything a page says, to compare two to the bit. */
  static List<Object> said(Page page) {
    List<Object> said = new ArrayList<>();
    said.add(page.servedBy());
    said.add(String.valueOf(page.modelVersion()));
    said.add(String.valueOf(page.contractSha()));
    said.add(page.featureNames());
    said.add(page.degraded());
    said.add(page.candidates());
    for (Page.Proposition each : page.propositions()) {
      said.add(
          List.of(
              each.id(),
              each.title(),
              String.valueOf(each.category()),
              Float.floatToRawIntBits(each.score()),
              Float.floatToRawIntBits(each.confidence()),
              each.reason(),
              each.sources(),
              each.propensity(),
              Arrays.toString(each.features()),
              each.explanation() == null
                  ? ""
                  : Arrays.toString(each.explanation().contributions())));
    }
    return said;
  }

  static List<String> ids(Page page) {
    return page.propositions().stream().map(Page.Proposition::id).toList();
  }
}
