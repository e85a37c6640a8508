package dev.proffer.perf;

import dev.proffer.candidates.ItemFilter;
import dev.proffer.configs.Problems;
import dev.proffer.events.Event;
import dev.proffer.events.Impression;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import dev.proffer.events.codec.LogCodec;
import dev.proffer.events.log.EventLog;
import dev.proffer.events.time.Time;
import dev.proffer.features.spec.FeatureContract;
import dev.proffer.features.store.ChronicleSequenceStore;
import dev.proffer.features.store.LiveState;
import dev.proffer.features.tables.AttributeTable;
import dev.proffer.gateway.live.LogFold;
import dev.proffer.gateway.live.Worlds;
import dev.proffer.offline.Settings;
import dev.proffer.offline.ingest.Dataset;
import dev.proffer.offline.ingest.DatasetSpec;
import dev.proffer.pipeline.ContextType;
import dev.proffer.pipeline.Page;
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
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Real events, lived through once more as a gateway would: its fold, its worlds, its pipeline, its
 * off-heap store. Before each of the last events its user is shown some items, the chosen one among
 * them; what was served is kept, and everything goes into a log. Tables turn to their next versions
 * in the middle of what is asked.
 */
final class ServedHistory {
  private static final int SHOWN = 20;
  private static final int APART_MILLIS = 5;

  private final Settings settings;
  private final FeatureContract contract;
  private final Map<String, float[]> served = new HashMap<>();
  private long endMillis;

  ServedHistory(Settings settings, String contract) {
    this.settings = settings;
    this.contract = Objects.requireNonNull(settings.contracts().contract(contract));
  }

  /** By request and item, the rows that were served. */
  Map<String, float[]> served() {
    return served;
  }

  /** The key of a row. */
  static String key(String requestId, String itemId) {
    return requestId + " " + itemId;
  }

  /** Right behind the last event. */
  long endMillis() {
    return endMillis;
  }

  FeatureContract contract() {
    return contract;
  }

  /**
   * Lives through a data set.
   *
   * @param rows stops asking when so many were served
   */
  void live(Path config, String dataset, Path file, Path home, int rows) throws IOException {
    List<Item> items = new ArrayList<>();
    List<Event> events = events(config, dataset, file, items);
    int asks = Math.min(events.size(), (rows + SHOWN - 1) / SHOWN);
    Random random = new Random(43);
    Clock clock = new Clock();
    Worlds worlds = new Worlds();
    int turn = Math.max(0, events.size() - asks / 2);
    long begun = events.get(0).timeMillis();
    MadeUpTables tables =
        new MadeUpTables(
            settings.contracts(),
            contract,
            home,
            items,
            begun,
            events.get(Math.min(turn, events.size() - 1)).timeMillis() - 1);
    serve(tables.first(), worlds);
    worlds.update(world -> world.with(SuggestPipeline.TASK, new World.Models(model(random), null)));
    SuggestPipeline pipeline =
        new SuggestPipeline(settings.contracts(), settings.candidates(), settings.ranking());
    try (ChronicleSequenceStore sequences = new ChronicleSequenceStore(20_000);
        EventLog log = EventLog.open(home.resolve("log"));
        EventLog.Appender appender = log.appender()) {
      LogFold fold =
          new LogFold(
              new LiveState(settings.contracts().sequence(), sequences),
              sequences::users,
              worlds,
              clock,
              1,
              1_000,
              LogFold.Listener.NOBODY);
      items.forEach(item -> take(item, fold, appender));
      for (int at = 0; at < events.size(); at++) {
        Event event = events.get(at);
        clock.now = event.timeMillis() - 1;
        if (at == turn) {
          serve(tables.second(), worlds);
        }
        String request = null;
        if (at >= events.size() - asks) {
          fold.caughtUp();
          SuggestQuery query = query(event, items, random);
          Page page = pipeline.suggest(query, sequences.read(event.userId()), worlds.now());
          request = "request-" + at;
          take(impression(request, query, page), fold, appender);
        }
        take(answering(event, request), fold, appender);
      }
      endMillis = events.get(events.size() - 1).timeMillis() + 1;
    }
  }

  private static void serve(List<AttributeTable> versions, Worlds worlds) {
    versions.forEach(one -> worlds.update(world -> world.with(world.tables().with(one))));
  }

  private static void take(LogEntry entry, LogFold fold, EventLog.Appender appender) {
    appender.append(LogCodec.encode(entry));
    fold.apply(entry);
  }

  /** By their time, each at an instant of its own: within a millisecond nothing is before. */
  private List<Event> events(Path config, String dataset, Path file, List<Item> items)
      throws IOException {
    Problems problems = new Problems();
    DatasetSpec spec = DatasetSpec.read(config.resolve("datasets/" + dataset + ".yaml"), problems);
    problems.throwIfAny();
    Dataset read = Dataset.read(spec, List.of(file), settings.events(), Long.MAX_VALUE);
    items.addAll(read.items());
    List<Event> sorted = new ArrayList<>(read.events());
    sorted.sort(Comparator.comparingLong(Event::timeMillis));
    List<Event> apart = new ArrayList<>();
    for (int at = 0; at < sorted.size(); at++) {
      Event event = sorted.get(at);
      long time = event.timeMillis() + (long) APART_MILLIS * at;
      apart.add(
          new Event(
              event.id(),
              event.type(),
              event.userId(),
              event.itemId(),
              null,
              event.sessionId(),
              time,
              time,
              event.fields()));
    }
    return apart;
  }

  private ServedModel model(Random random) {
    float[] weights = new float[contract.width()];
    for (int at = 0; at < weights.length; at++) {
      weights[at] = (float) random.nextGaussian();
    }
    return new ServedModel(
        "random",
        SuggestPipeline.TASK,
        contract.name(),
        contract.sha256(),
        new LinearScorer(weights, 0),
        Calibration.NONE);
  }

  private static SuggestQuery query(Event event, List<Item> items, Random random) {
    Set<String> asked = new HashSet<>();
    asked.add(String.valueOf(event.itemId()));
    while (asked.size() < Math.min(SHOWN, items.size())) {
      asked.add(items.get(random.nextInt(items.size())).id());
    }
    boolean looking = random.nextBoolean();
    return new SuggestQuery(
        event.userId(),
        null,
        random.nextBoolean() ? "mobile" : null,
        looking ? items.get(random.nextInt(items.size())).id() : null,
        looking ? ContextType.ITEM : ContextType.HOME,
        SHOWN,
        event.timeMillis() - 1,
        List.copyOf(asked),
        Set.of(),
        ItemFilter.NONE,
        null,
        false);
  }

  private Impression impression(String request, SuggestQuery query, Page page) {
    List<Impression.Shown> shown = new ArrayList<>();
    for (Page.Proposition one : page.propositions()) {
      served.put(key(request, one.id()), one.features());
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
        request,
        query.userId(),
        null,
        query.device(),
        query.context(),
        query.contextType().word(),
        query.timeMillis(),
        page.servedBy().word(),
        page.modelVersion(),
        "default",
        page.contractSha(),
        List.of(),
        page.candidates(),
        shown);
  }

  private static Event answering(Event event, @Nullable String request) {
    return new Event(
        event.id(),
        event.type(),
        event.userId(),
        event.itemId(),
        request,
        event.sessionId(),
        event.timeMillis(),
        event.receivedMillis(),
        event.fields());
  }

  /**
   * The history's own time; its nanoseconds run, so that every look at the world is a fresh one.
   */
  private static final class Clock implements Time {
    private long now;
    private long ticks;

    @Override
    public long millis() {
      return now;
    }

    @Override
    public long nanos() {
      ticks += 1_000_000_000L;
      return ticks;
    }
  }
}
