package dev.proffer.candidates;

import dev.proffer.candidates.source.CandidateSource;
import dev.proffer.candidates.source.CatalogIndex;
import dev.proffer.candidates.source.CategorySource;
import dev.proffer.candidates.source.FollowsSource;
import dev.proffer.candidates.source.NewSource;
import dev.proffer.candidates.source.PopularSource;
import dev.proffer.candidates.source.RecentSource;
import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.state.Catalog;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Asks the sources in order and merges what they find: each item once, with every source that found
 * it, up to the bound. A source stops at its quota of wanted items, new or found before. Belongs to
 * one thread.
 */
public final class Candidates {
  private static final Map<String, Supplier<CandidateSource>> SOURCES = new LinkedHashMap<>();

  static {
    SOURCES.put("recent", RecentSource::new);
    SOURCES.put("follows", FollowsSource::new);
    SOURCES.put("category", CategorySource::new);
    SOURCES.put("popular", PopularSource::new);
    SOURCES.put("new", NewSource::new);
  }

  /**
   * How many items a source is looked through for before it is given up, so that a narrow filter
   * cannot take long.
   */
  private static final int MOST_LOOKED_AT = 5_000;

  private final CandidatesSpec spec;
  private final CandidateSource[] sources;
  private final int[] found;

  public Candidates(CandidatesSpec spec) {
    this.spec = spec;
    this.sources = new CandidateSource[spec.sources().size()];
    for (int at = 0; at < sources.length; at++) {
      Supplier<CandidateSource> maker = SOURCES.get(spec.sources().get(at).name());
      if (maker == null) {
        throw new IllegalArgumentException("no source is called " + spec.sources().get(at).name());
      }
      sources[at] = maker.get();
    }
    this.found = new int[sources.length];
  }

  static String[] known() {
    return SOURCES.keySet().toArray(new String[0]);
  }

  /**
   * Fills the set for one request.
   *
   * @param exclude ids that must not be proposed
   */
  public void find(
      FeatureInput in,
      CatalogIndex index,
      Set<String> exclude,
      ItemFilter filter,
      CandidateSet set) {
    Catalog catalog = in.catalog();
    set.clear(catalog.size());
    boolean all = exclude.isEmpty() && filter.conditions().isEmpty();
    Merger merger = new Merger(catalog, in.asOfMillis(), exclude, filter, all, set);
    for (int source = 0; source < sources.length; source++) {
      merger.begin(source, spec.sources().get(source).quota());
      sources[source].find(in, index, merger);
      found[source] = merger.added;
    }
  }

  /**
   * How many new candidates each source brought to the last request, in the order of {@link
   * #sourceNames}.
   */
  public int found(int source) {
    return found[source];
  }

  /** The sources' names, in the order of the bits of {@link CandidateSet#sources}. */
  public List<String> sourceNames() {
    return spec.sources().stream().map(CandidatesSpec.Source::name).toList();
  }

  private final class Merger implements CandidateSource.Offer {
    private final Catalog catalog;
    private final long asOfMillis;
    private final Set<String> exclude;
    private final ItemFilter filter;
    private final boolean all;
    private final CandidateSet set;
    private int source;
    private int quota;
    private int taken;
    private int added;
    private int looked;

    Merger(
        Catalog catalog,
        long asOfMillis,
        Set<String> exclude,
        ItemFilter filter,
        boolean all,
        CandidateSet set) {
      this.catalog = catalog;
      this.asOfMillis = asOfMillis;
      this.exclude = exclude;
      this.filter = filter;
      this.all = all;
      this.set = set;
    }

    void begin(int source, int quota) {
      this.source = source;
      this.quota = quota;
      taken = 0;
      added = 0;
      looked = 0;
    }

    @Override
    public boolean add(int item) {
      boolean wanted =
          catalog.proposable(item, asOfMillis)
              && (all
                  || (!exclude.contains(catalog.item(item).id())
                      && filter.passes(catalog.item(item))));
      if (wanted) {
        taken++;
        if ((set.count() < spec.maxCandidates() || set.contains(item)) && set.add(item, source)) {
          added++;
        }
      }
      return taken < quota && ++looked < MOST_LOOKED_AT;
    }
  }
}
