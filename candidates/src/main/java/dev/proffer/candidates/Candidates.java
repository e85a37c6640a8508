package dev.proffer.candidates;

import dev.proffer.candidates.source.CandidateSource;
import dev.proffer.candidates.source.CatalogIndex;
import dev.proffer.features.compute.FeatureInput;
import dev.proffer.features.state.Catalog;
import java.util.List;
import java.util.Set;

/**
 * Asks the sources in order and merges what they find: each item once, with every source that found
 * it, up to the bound. A source stops at its quota of wanted items, new or found before. Used by
 * one thread at a time.
 */
public final class Candidates {
  private final CandidatesSpec spec;
  private final CandidateSource[] sources;
  private final int[] found;
  private final List<String> names;
  private int failed;
  private int leftOut;

  public Candidates(CandidatesSpec spec) {
    this.spec = spec;
    this.sources = new CandidateSource[spec.sources().size()];
    for (int at = 0; at < sources.length; at++) {
      sources[at] = spec.sources().get(at).maker().get();
    }
    this.found = new int[sources.length];
    this.names = spec.sources().stream().map(CandidatesSpec.Source::name).toList();
  }

  /** Whether a source would take longer for this request than an event loop may wait. */
  public boolean takesLong(FeatureInput in, CatalogIndex index) {
    for (CandidateSource source : sources) {
      if (source.takesLong(in, index)) {
        return true;
      }
    }
    return false;
  }

  /** Fills the set for one request, by every source. */
  public void find(
      FeatureInput in,
      CatalogIndex index,
      Set<String> exclude,
      ItemFilter filter,
      CandidateSet set) {
    find(in, index, exclude, filter, false, set);
  }

  /**
   * Fills the set for one request. A source that throws costs what it would have found, and is
   * {@link #failed}.
   *
   * @param exclude ids that must not be proposed
   * @param quickly without the sources that would take long, which are {@link #leftOut}
   */
  public void find(
      FeatureInput in,
      CatalogIndex index,
      Set<String> exclude,
      ItemFilter filter,
      boolean quickly,
      CandidateSet set) {
    Catalog catalog = in.catalog();
    set.clear(catalog.size());
    boolean all = exclude.isEmpty() && filter.conditions().isEmpty();
    Merger merger = new Merger(catalog, in.asOfMillis(), exclude, filter, all, set);
    failed = 0;
    leftOut = 0;
    for (int source = 0; source < sources.length; source++) {
      CandidatesSpec.Source declared = spec.sources().get(source);
      merger.begin(source, declared.quota(), declared.lookAt());
      try {
        if (quickly && sources[source].takesLong(in, index)) {
          leftOut |= 1 << source;
        } else {
          sources[source].find(in, index, merger);
        }
      } catch (RuntimeException e) {
        failed |= 1 << source;
      }
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

  /** Which sources threw for the last request: bit {@code i} for the i-th. */
  public int failed() {
    return failed;
  }

  /** Which sources would have taken too long for the last request: bit {@code i} for the i-th. */
  public int leftOut() {
    return leftOut;
  }

  /** The sources' names, in the order of the bits of {@link CandidateSet#sources}. */
  public List<String> sourceNames() {
    return names;
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
    private int lookAt;
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

    void begin(int source, int quota, int lookAt) {
      this.source = source;
      this.quota = quota;
      this.lookAt = lookAt;
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
        set.place(item, source, taken);
      }
      return taken < quota && ++looked < lookAt;
    }
  }
}
