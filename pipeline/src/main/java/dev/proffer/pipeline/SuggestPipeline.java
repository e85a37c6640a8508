package dev.proffer.pipeline;

import dev.proffer.candidates.CandidateSet;
import dev.proffer.candidates.CandidatesSpec;
import dev.proffer.events.Item;
import dev.proffer.features.compute.Contracts;
import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.compute.FeatureProgram;
import dev.proffer.features.spec.FeatureContract;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.UserSequence;
import dev.proffer.features.tables.Attributes;
import dev.proffer.pipeline.experiments.Arm;
import dev.proffer.pipeline.rules.Reranking;
import dev.proffer.pipeline.rules.Showings;
import dev.proffer.ranker.Cascade;
import dev.proffer.ranker.RuleScorer;
import dev.proffer.ranker.ServedModel;
import dev.proffer.ranker.TopK;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A query in, a page out: candidates, feature matrix, score, rules, reasons. Used by one thread at
 * a time, whose scratch memory it holds; allocates for the propositions of the page and nothing per
 * candidate. Where no rule is declared the best by score make the page.
 *
 * <p>A model that throws costs its rung, not the answer: champion, previous model, rules, static
 * list.
 */
public final class SuggestPipeline {
  /** The task of the models that rank. */
  public static final String TASK = "ranking";

  private final Contracts contracts;
  private final RankingSpec ranking;
  private final Ways ways;
  private final Map<String, FeatureProgram> programs = new HashMap<>();
  private final FeatureInput in = new FeatureInput();
  private @Nullable SuggestInput inputIsOf;
  private final CandidateSet set = new CandidateSet();
  private final TopK topK = new TopK();
  private final Reasons reasons;
  private final Cascade cascade;
  private boolean ruled;
  private float[] rows = new float[0];
  private float[] scores = new float[256];
  private int[] ties = new int[256];
  private final int[] best = new int[SuggestQuery.MAX_LIMIT];
  private float[] contributions = new float[0];
  private @Nullable FeatureContract scoredBy;
  private @Nullable ServedModel scoredWith;
  private @Nullable List<String> given;

  /**
   * What a page was scored on.
   *
   * @param contract of the rows
   * @param items the candidates' ids
   * @param rows the contract's width of values an item
   */
  public record Scored(FeatureContract contract, List<String> items, float[] rows) {}

  /**
   * What a model made of the rows of a page, before any rule.
   *
   * @param width values a row
   * @param rows row after row
   * @param scores a row each
   */
  public record Judged(ServedModel model, int width, float[] rows, float[] scores) {}

  /** A pipeline that knows of nobody what they were shown. */
  public SuggestPipeline(Contracts contracts, CandidatesSpec candidatesSpec, RankingSpec ranking) {
    this(contracts, candidatesSpec, ranking, Showings.NONE);
  }

  /**
   * A pipeline.
   *
   * @param showings what users were shown, for frequency caps
   */
  public SuggestPipeline(
      Contracts contracts, CandidatesSpec candidatesSpec, RankingSpec ranking, Showings showings) {
    this.contracts = contracts;
    this.ways = new Ways(candidatesSpec, ranking, showings);
    this.reasons = new Reasons(ranking.reasons());
    this.ranking = ranking;
    this.cascade = new Cascade(ranking.cascade());
  }

  /**
   * Whether a whole answer would take longer than an event loop may wait: a source asks an index,
   * or a model that would rank is not compiled.
   */
  public boolean takesLong(SuggestInput input) {
    ways.take(input.arm(), input.world(), EnumSet.noneOf(Degradation.class));
    World.Models models = input.world().models(TASK);
    ServedModel ofArm = ways.model();
    ServedModel champion = models.champion();
    if ((ofArm != null && ofArm.takesLong()) || (champion != null && champion.takesLong())) {
      return true;
    }
    if (input.query().items() != null) {
      return false;
    }
    setInput(input);
    return ways.candidates().takesLong(in, input.world().index());
  }

  /** Answers a query as nobody in particular asks it: see {@link SuggestInput#of}. */
  public Page suggest(SuggestQuery query, @Nullable UserSequence sequence, World world) {
    return suggest(SuggestInput.of(query, sequence, world));
  }

  /** Answers a query. */
  public Page suggest(SuggestInput input) {
    SuggestQuery query = input.query();
    World world = input.world();
    Effort effort = input.effort();
    boolean cheaply = effort == Effort.CHEAP;
    Set<Degradation> degraded = EnumSet.noneOf(Degradation.class);
    ways.take(input.arm(), world, degraded);
    degraded.addAll(input.missing());
    if (input.sequence() == null) {
      degraded.add(Degradation.FEATURES_FAILED);
    }
    Catalog catalog = world.catalog();
    setInput(input);
    reranking()
        .slate()
        .begin(in, sequence(input), world.tables(), in.attributes().userHash(), input.seed());
    List<String> named = query.items();
    given = named;
    scoredBy = null;
    set.keepPlaces(query.explain() ? sourceNames().size() : 0);
    if (named == null) {
      ways.candidates()
          .find(in, world.index(), query.exclude(), query.filter(), effort != Effort.WHOLE, set);
      reranking().bring(catalog, query.timeMillis(), query.exclude(), query.filter(), set);
      if (ways.candidates().failed() != 0) {
        degraded.add(Degradation.SOURCE_FAILED);
      }
      if (ways.candidates().leftOut() != 0) {
        degraded.add(Degradation.SOURCE_LATE);
      }
    } else {
      set.clear(catalog.size());
      for (String id : named) {
        int item = catalog.index(id);
        if (item == Catalog.UNKNOWN) {
          degraded.add(Degradation.UNKNOWN_ITEMS);
        }
        set.append(item, 0);
      }
    }
    int count = set.count();
    grow(count);
    for (int row = 0; row < count; row++) {
      ties[row] = named == null ? set.items()[row] : row;
    }

    World.Models models = cheaply ? World.Models.NONE : world.models(TASK);
    ServedModel champion = models.champion();
    ServedModel previous = models.previous();
    ServedModel ofArm = cheaply ? null : ways.model();
    Page page = ask(query, ofArm, Rung.ML_RANKER, effort, Degradation.VARIANT_FAILED, degraded);
    if (page == null && champion == null && previous == null) {
      degraded.add(cheaply ? Degradation.OVERLOADED : Degradation.NO_MODEL);
    }
    if (page == null) {
      page = ask(query, champion, Rung.ML_RANKER, effort, Degradation.CHAMPION_FAILED, degraded);
    }
    if (page == null) {
      page =
          ask(query, previous, Rung.PREVIOUS_MODEL, effort, Degradation.PREVIOUS_FAILED, degraded);
    }
    if (page != null) {
      return page;
    }
    scoredBy = null;
    if (RuleScorer.canRank(in)) {
      RuleScorer.score(in, set.items(), count, scores);
      return page(query, null, null, Rung.RULE_BASED, degraded);
    }
    degraded.add(Degradation.NO_STATISTICS);
    return staticPage(query, degraded);
  }

  /** A copy of what the latest page was scored on; null when no model scored. */
  public @Nullable Scored scored() {
    FeatureContract contract = scoredBy;
    if (contract == null) {
      return null;
    }
    List<String> named = given;
    List<String> items = new ArrayList<>(set.count());
    for (int row = 0; row < set.count(); row++) {
      items.add(named == null ? in.catalog().item(set.items()[row]).id() : named.get(row));
    }
    return new Scored(contract, items, Arrays.copyOf(rows, set.count() * contract.width()));
  }

  /** A copy of what the latest page's model made of its rows; null when no model scored. */
  public @Nullable Judged judged() {
    FeatureContract contract = scoredBy;
    ServedModel model = scoredWith;
    if (contract == null || model == null) {
      return null;
    }
    int count = set.count();
    return new Judged(
        model,
        contract.width(),
        Arrays.copyOf(rows, count * contract.width()),
        Arrays.copyOf(scores, count));
  }

  /**
   * How many new candidates each source brought to the last query that named no items; by {@link
   * #sourceNames}.
   */
  public int found(int source) {
    return ways.candidates().found(source);
  }

  /** The latest page's rules, whose names stand in the order of their figures for it. */
  public Reranking reranking() {
    return ways.reranking();
  }

  /**
   * Whether the same question of the same arm may be answered otherwise though nothing else has
   * changed: by chance, or because the first answer was shown.
   */
  public boolean differsNextTime(Arm arm) {
    return ways.differsNextTime(arm);
  }

  /** Which sources threw for the last query that named no items: bit {@code i} for the i-th. */
  public int failedSources() {
    return ways.candidates().failed();
  }

  /** The names of the latest page's sources, in the order they were asked. */
  public List<String> sourceNames() {
    return ways.candidates().sourceNames();
  }

  private static UserSequence sequence(SuggestInput input) {
    UserSequence sequence = input.sequence();
    return sequence == null ? UserSequence.EMPTY : sequence;
  }

  @SuppressWarnings("ReferenceEquality") // the very object; to compare worlds would take long
  private void setInput(SuggestInput input) {
    if (inputIsOf == input) {
      return; // it was asked whether it takes long
    }
    inputIsOf = input;
    SuggestQuery query = input.query();
    QueryInput.set(
        in,
        input.world().catalog(),
        input.world().statistics(),
        sequence(input),
        contracts.sequence(),
        query.device(),
        query.context(),
        query.contextType(),
        Attributes.of(input.world().tables(), query.userId()),
        query.timeMillis());
  }

  private void grow(int count) {
    if (scores.length < count) {
      scores = new float[count * 2];
      ties = new int[count * 2];
    }
  }

  private FeatureProgram program(String contract) {
    return programs.computeIfAbsent(contract, contracts::program);
  }

  private @Nullable Page ask(
      SuggestQuery query,
      @Nullable ServedModel model,
      Rung rung,
      Effort effort,
      Degradation failure,
      Set<Degradation> degraded) {
    return Ladder.ask(
        model, effort, failure, degraded, asked -> page(query, asked, rung, degraded));
  }

  private Page page(SuggestQuery query, ServedModel model, Rung rung, Set<Degradation> degraded) {
    FeatureProgram program = program(model.contract());
    int width = program.contract().width();
    if (rows.length < set.count() * width) {
      rows = new float[set.count() * width * 2];
    }
    program.compute(in, set.items(), set.count(), rows);
    scoredBy = program.contract();
    scoredWith = model;
    cascade.score(model.scorer(), rows, ties, set.count(), scores);
    return page(query, model, program.contract(), rung, degraded);
  }

  private Page page(
      SuggestQuery query,
      @Nullable ServedModel model,
      @Nullable FeatureContract contract,
      Rung rung,
      Set<Degradation> degraded) {
    int count = select(query, rung);
    List<Page.Proposition> propositions = new ArrayList<>(count);
    for (int slot = 0; slot < count; slot++) {
      propositions.add(proposition(query, model, contract, slot));
    }
    return new Page(
        rung,
        model == null ? null : model.version(),
        contract == null ? null : contract.sha256(),
        contract == null ? List.of() : contract.names(),
        degraded,
        set.count(),
        propositions,
        query.explain() ? reranking().removed() : Map.of());
  }

  /** Chooses the page's rows into {@link #best}; how many. */
  private int select(SuggestQuery query, Rung rung) {
    int limit = Math.min(query.limit(), set.count());
    Reranking reranking = reranking();
    ruled = reranking.concerns(query.items() != null, rung != Rung.STATIC);
    if (!ruled) {
      return topK.select(scores, ties, set.count(), limit, best);
    }
    reranking.slate().named(given);
    return reranking.select(set.items(), scores, ties, set.count(), limit, query.explain(), best);
  }

  private Page.Proposition proposition(
      SuggestQuery query,
      @Nullable ServedModel model,
      @Nullable FeatureContract contract,
      int slot) {
    int row = best[slot];
    int index = set.items()[row];
    Item item = in.catalog().item(index);
    List<String> named = given;
    String id = named == null ? item.id() : named.get(row);
    float[] features = {};
    String featureReason = "";
    float confidence;
    if (model != null && contract != null) {
      int width = contract.width();
      features = Arrays.copyOfRange(rows, row * width, (row + 1) * width);
      if (explains(query) && !model.takesLong()) {
        contributions = contributions.length == width ? contributions : new float[width];
        Arrays.fill(contributions, 0);
        model.scorer().contribute(rows, row, contributions);
        featureReason = reasons.strongest(contract, contributions);
      }
      confidence = model.calibration().probability(scores[row]);
    } else {
      confidence = RuleScorer.confidence(in, index);
    }
    return new Page.Proposition(
        id,
        item.title().isEmpty() ? id : item.title(),
        item.category(),
        ruled ? reranking().score(row) : scores[row],
        confidence,
        reason(set.sources(row), featureReason, query),
        ways.namesOf(set.sources(row)),
        ruled ? reranking().propensity(slot) : 1f,
        features,
        query.explain()
            ? explanation(model == null || model.takesLong() ? null : contract, row)
            : null);
  }

  private boolean explains(SuggestQuery query) {
    Boolean asked = query.reasons();
    return query.explain() || (asked == null ? ranking.reasons().always() : asked);
  }

  private Page.Explanation explanation(@Nullable FeatureContract contract, int row) {
    List<Page.Found> found = new ArrayList<>();
    List<String> names = sourceNames();
    for (int source = 0; source < names.size(); source++) {
      if ((set.sources(row) & 1 << source) != 0) {
        found.add(new Page.Found(names.get(source), set.place(row, source)));
      }
    }
    return new Page.Explanation(
        scores[row],
        contract == null ? new float[0] : contributions.clone(),
        contract == null ? Map.of() : reasons.byFamily(contract, contributions),
        found,
        ruled ? reranking().touches(row) : List.of());
  }

  private String reason(int sources, String featureReason, SuggestQuery query) {
    String found =
        sources == 0
            ? (query.items() == null ? "Proposed to everyone" : "Asked for")
            : ways.candidatesSpec().sources().get(Integer.numberOfTrailingZeros(sources)).reason();
    String words = featureReason.isEmpty() ? found : found + "; " + featureReason;
    if (words.indexOf('{') < 0) {
      return words;
    }
    int last = in.contextItem();
    String lastTitle =
        last == Catalog.UNKNOWN ? "your last choice" : title(in.catalog().item(last));
    String category =
        in.contextCategory() == 0 ? "this shop" : in.catalog().categoryName(in.contextCategory());
    return words.replace("{last}", lastTitle).replace("{category}", category);
  }

  private static String title(Item item) {
    return item.title().isEmpty() ? item.id() : item.title();
  }

  private Page staticPage(SuggestQuery query, Set<Degradation> degraded) {
    Catalog catalog = in.catalog();
    List<String> ids = new ArrayList<>();
    if (query.items() != null) {
      ids.addAll(query.items());
    } else {
      ids.addAll(ranking.staticItems());
      for (int index = 1; index < catalog.size() && ids.size() < SuggestQuery.MAX_ITEMS; index++) {
        if (catalog.proposable(index, query.timeMillis())) {
          ids.add(catalog.item(index).id());
        }
      }
    }
    Set<String> taken = new HashSet<>(query.exclude());
    ids.removeIf(
        id -> {
          int index = catalog.index(id);
          boolean proposable =
              query.items() != null
                  || index == Catalog.UNKNOWN
                  || catalog.proposable(index, query.timeMillis());
          return !proposable || !query.filter().passes(catalog.item(index)) || !taken.add(id);
        });
    given = ids;
    set.clear(catalog.size());
    grow(ids.size());
    for (int row = 0; row < ids.size(); row++) {
      set.append(catalog.index(ids.get(row)), 0);
      scores[row] = 0;
      ties[row] = row;
    }
    return page(query, null, null, Rung.STATIC, degraded);
  }
}
