package dev.proffer.offline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.configs.Problems;
import dev.proffer.events.Event;
import dev.proffer.events.Impression;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import dev.proffer.events.log.EventLog;
import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.compute.FeatureProgram;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.store.ChronicleSequenceStore;
import dev.proffer.features.store.LiveState;
import dev.proffer.offline.ingest.Dataset;
import dev.proffer.offline.ingest.DatasetSpec;
import dev.proffer.offline.replay.History;
import dev.proffer.offline.replay.Replay;
import dev.proffer.pipeline.Page;
import dev.proffer.pipeline.Rung;
import dev.proffer.pipeline.SuggestPipeline;
import dev.proffer.pipeline.SuggestQuery;
import dev.proffer.pipeline.World;
import dev.proffer.ranker.Calibration;
import dev.proffer.ranker.LinearScorer;
import dev.proffer.ranker.ServedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is served online is what offline computes for the same instant, to the bit. */
class PointInTimeTest {
  private static final int EVENTS = 4_000;
  private static final int ASK_FROM = 2_500;
  private static final int LIMIT = 12;

  @TempDir Path home;

  @Test
  void featuresServedOnlineAreThoseComputedOfflineToTheBit() throws IOException {
    Settings settings = Settings.read(Shop.SHIPPED);
    List<Item> items = new ArrayList<>();
    List<Event> events = clicks(settings, items);
    List<Impression> asked = new ArrayList<>();
    List<LogEntry> log = serve(settings, items, events, asked);
    Shop.append(home, log);

    History history;
    try (EventLog written = EventLog.open(home.resolve("log"))) {
      history = History.read(written, settings.contracts().sequence());
    }
    assertThat(history.events()).hasSize(EVENTS);
    assertThat(history.impressions()).hasSize(asked.size());
    long compared = compare(settings, history);
    System.out.printf(
        "point in time: %,d rows of %d floats compared to the bit%n",
        compared, settings.contracts().program("ranking").contract().width());
    assertThat(compared).isGreaterThanOrEqualTo(20_000);
  }

  /** Real clicks, each at an instant of its own. */
  private static List<Event> clicks(Settings settings, List<Item> items) throws IOException {
    Problems problems = new Problems();
    DatasetSpec spec = DatasetSpec.read(Shop.SHIPPED.resolve("datasets/eshop.yaml"), problems);
    problems.throwIfAny();
    Dataset april =
        Dataset.read(
            spec, List.of(Shop.DATA.resolve("2008-04.csv.gz")), settings.events(), Long.MAX_VALUE);
    items.addAll(april.items());
    List<Event> sorted = new ArrayList<>(april.events());
    sorted.sort(Comparator.comparingLong(Event::timeMillis));
    List<Event> apart = new ArrayList<>();
    Random random = new Random(17);
    for (Event event : sorted.subList(0, EVENTS)) {
      String request =
          apart.size() > ASK_FROM && random.nextInt(3) == 0 ? "request-" + apart.size() : null;
      apart.add(
          Shop.event(
              event.id(),
              event.userId(),
              Objects.requireNonNull(event.itemId()),
              request,
              event.timeMillis() + 5L * apart.size()));
    }
    return apart;
  }

  /** The online path: every request sees what was folded before it; two requests a click. */
  private static List<LogEntry> serve(
      Settings settings, List<Item> items, List<Event> events, List<Impression> asked) {
    List<LogEntry> log = new ArrayList<>(items);
    ServedModel model = model(settings);
    SuggestPipeline pipeline =
        new SuggestPipeline(settings.contracts(), settings.candidates(), settings.ranking());
    try (ChronicleSequenceStore sequences = new ChronicleSequenceStore(5_000)) {
      LiveState state = new LiveState(settings.contracts().sequence(), sequences);
      items.forEach(state::apply);
      for (int at = 0; at < events.size(); at++) {
        Event event = events.get(at);
        for (int before = 2; before >= 1 && at >= ASK_FROM; before--) {
          long instant = event.timeMillis() - before;
          World world =
              World.of(
                  state.catalog(),
                  state.statistics().snapshot(),
                  Map.of(SuggestPipeline.TASK, new World.Models(model, null)));
          Page page =
              pipeline.suggest(
                  SuggestQuery.forUser(event.userId(), LIMIT, instant),
                  sequences.read(event.userId()),
                  world);
          assertThat(page.servedBy()).isEqualTo(Rung.ML_RANKER);
          String id = before == 1 ? event.requestId() : null;
          Impression shown = impression(page, event.userId(), id, at + "-" + before, instant);
          asked.add(shown);
          state.apply(shown);
          log.add(shown);
        }
        state.apply(event);
        log.add(event);
      }
    }
    return log;
  }

  private static ServedModel model(Settings settings) {
    var contract = Objects.requireNonNull(settings.contracts().contract("ranking"));
    Random random = new Random(23);
    float[] weights = new float[contract.width()];
    for (int at = 0; at < weights.length; at++) {
      weights[at] = (float) random.nextGaussian();
    }
    return new ServedModel(
        "v",
        SuggestPipeline.TASK,
        contract.name(),
        contract.sha256(),
        new LinearScorer(weights, 0),
        Calibration.NONE);
  }

  private static Impression impression(
      Page page, String user, @Nullable String request, String otherwise, long instant) {
    List<Impression.Shown> shown = new ArrayList<>();
    for (Page.Proposition one : page.propositions()) {
      shown.add(
          new Impression.Shown(
              one.id(),
              one.sources(),
              one.score(),
              one.confidence(),
              one.propensity(),
              one.features()));
    }
    return new Impression(
        request == null ? otherwise : request,
        user,
        null,
        null,
        null,
        "home",
        instant,
        "ml_ranker",
        page.modelVersion(),
        "",
        page.contractSha(),
        List.of(),
        page.candidates(),
        shown);
  }

  /** Every served row beside the one offline computes as of its instant. */
  private static long compare(Settings settings, History history) {
    FeatureProgram program = settings.contracts().program("ranking");
    int width = program.contract().width();
    Replay replay = new Replay(history, settings.contracts().sequence());
    FeatureInput in = new FeatureInput();
    float[] rows = new float[LIMIT * width];
    long compared = 0;
    for (Impression served : history.impressions()) {
      replay.runTo(served.timeMillis());
      Catalog catalog = replay.state().catalog();
      in.set(
          catalog,
          replay.state().statistics(),
          replay.state().sequences().read(served.userId()),
          settings.contracts().sequence(),
          Catalog.UNKNOWN,
          0,
          served.timeMillis());
      int count = served.shown().size();
      int[] items = served.shown().stream().mapToInt(one -> catalog.index(one.itemId())).toArray();
      program.compute(in, items, count, rows);
      for (int row = 0; row < count; row++) {
        float[] online = served.shown().get(row).features();
        assertThat(online).hasSize(width);
        for (int column = 0; column < width; column++) {
          if (Float.floatToRawIntBits(online[column])
              != Float.floatToRawIntBits(rows[row * width + column])) {
            throw new AssertionError(
                program.contract().names().get(column)
                    + " of "
                    + served.shown().get(row).itemId()
                    + " for "
                    + served.userId()
                    + " at "
                    + served.timeMillis()
                    + ": online "
                    + online[column]
                    + ", offline "
                    + rows[row * width + column]);
          }
        }
        compared++;
      }
    }
    return compared;
  }
}
