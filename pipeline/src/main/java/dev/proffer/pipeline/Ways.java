package dev.proffer.pipeline;

import dev.proffer.candidates.Candidates;
import dev.proffer.candidates.CandidatesSpec;
import dev.proffer.pipeline.experiments.Arm;
import dev.proffer.pipeline.experiments.Variant;
import dev.proffer.pipeline.rules.Reranking;
import dev.proffer.pipeline.rules.RulesSpec;
import dev.proffer.pipeline.rules.Showings;
import dev.proffer.ranker.ServedModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The sources and the rules of every set, made once, and which of them the request at hand goes by.
 * Belongs to one thread: that of the pipeline.
 */
final class Ways {
  /** What goes by no set. */
  private static final String DEFAULT = "";

  private final Map<String, Sources> sources = new HashMap<>();
  private final Map<String, Rules> rules = new HashMap<>();
  private Sources nowSources;
  private Rules nowRules;
  private @Nullable ServedModel model;

  /** A set of sources, with the words for those that found an item. */
  private static final class Sources {
    private final CandidatesSpec spec;
    private final Candidates candidates;
    private final Map<Integer, List<String>> byMask = new HashMap<>(); // as they are met

    Sources(CandidatesSpec spec) {
      this.spec = spec;
      this.candidates = new Candidates(spec);
    }

    private List<String> names(int mask) {
      List<String> all = candidates.sourceNames();
      List<String> found = new ArrayList<>();
      for (int source = 0; source < all.size(); source++) {
        if ((mask & 1 << source) != 0) {
          found.add(all.get(source));
        }
      }
      return List.copyOf(found);
    }
  }

  private record Rules(Reranking reranking, boolean differsNextTime) {
    static Rules of(RulesSpec spec, Showings showings) {
      return new Rules(new Reranking(spec, showings), spec.differsNextTime());
    }
  }

  Ways(CandidatesSpec candidates, RankingSpec ranking, Showings showings) {
    candidates.sets().forEach((name, set) -> sources.put(name, new Sources(set)));
    ranking.sets().forEach((name, set) -> rules.put(name, Rules.of(set, showings)));
    nowSources = new Sources(candidates);
    nowRules = Rules.of(ranking.rules(), showings);
    sources.put(DEFAULT, nowSources);
    rules.put(DEFAULT, nowRules);
  }

  /**
   * Goes the way of an arm. A variant whose model cannot be had changes nothing at all: half of it
   * would be no variant anybody declared.
   */
  void take(Arm arm, World world, Set<Degradation> degraded) {
    nowSources = sourcesOf(DEFAULT);
    nowRules = rulesOf(DEFAULT);
    model = null;
    for (int at = 0; at < arm.parts().size(); at++) {
      Arm.Part part = arm.parts().get(at);
      if (!part.served()) {
        continue;
      }
      Variant variant = part.variant();
      if (!variant.model().isEmpty()) {
        ServedModel wanted = world.variantModel(variant.model());
        if (wanted == null) {
          degraded.add(Degradation.VARIANT_FAILED);
          continue;
        }
        model = wanted;
      }
      if (!variant.sources().isEmpty()) {
        nowSources = sourcesOf(variant.sources());
      }
      if (!variant.rules().isEmpty()) {
        nowRules = rulesOf(variant.rules());
      }
    }
  }

  private Sources sourcesOf(String set) {
    return Objects.requireNonNull(sources.get(set), set);
  }

  private Rules rulesOf(String set) {
    return Objects.requireNonNull(rules.get(set), set);
  }

  /** The model that the arm chooses; null when it chooses none. */
  @Nullable ServedModel model() {
    return model;
  }

  Candidates candidates() {
    return nowSources.candidates;
  }

  CandidatesSpec candidatesSpec() {
    return nowSources.spec;
  }

  /** The names of the sources whose bits are set. */
  List<String> namesOf(int mask) {
    return nowSources.byMask.computeIfAbsent(mask, nowSources::names);
  }

  Reranking reranking() {
    return nowRules.reranking();
  }

  /** Whether the rules of an arm may answer otherwise the next time. */
  boolean differsNextTime(Arm arm) {
    boolean differs = rulesOf(DEFAULT).differsNextTime();
    for (int at = 0; at < arm.parts().size(); at++) {
      Arm.Part part = arm.parts().get(at);
      if (part.served() && !part.variant().rules().isEmpty()) {
        // With the default's, which is taken when the variant's model is gone.
        differs |= rulesOf(part.variant().rules()).differsNextTime();
      }
    }
    return differs;
  }
}
