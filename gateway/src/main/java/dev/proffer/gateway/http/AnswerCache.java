package dev.proffer.gateway.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.proffer.events.time.Time;
import dev.proffer.features.state.UserSequence;
import dev.proffer.pipeline.Page;
import dev.proffer.pipeline.SuggestQuery;
import dev.proffer.pipeline.World;
import dev.proffer.pipeline.sample.ServedSample;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Pages that were answered a moment ago, for the same question of the same person: while their
 * sequence is the same, so that an event of theirs is never overlooked, and the models, tables and
 * catalog are. Statistics may be as old as the page.
 *
 * <p>Keeps whole pages only: nothing degraded, explained, or of an instant that the caller named.
 * Is not to be used where the rules may answer otherwise the next time. Belongs to a loop.
 */
final class AnswerCache {
  private final Cache<Question, Kept> pages;

  /** What is asked, and of which arm of the experiments. */
  private record Question(SuggestQuery query, String arm) {}

  /** What a page was made of beside the question. */
  private record Kept(Page page, long sequence, World world) {
    boolean holds(long sequence, World world) {
      return this.sequence == sequence
          && this.world.models().equals(world.models())
          && this.world.tables() == world.tables()
          && this.world.catalog() == world.catalog();
    }
  }

  /** An empty cache. */
  AnswerCache(Limits limits, Time time) {
    this.pages =
        Caffeine.newBuilder()
            .expireAfterWrite(limits.answerCacheMillis(), TimeUnit.MILLISECONDS)
            .maximumSize(limits.answerCacheEntries())
            .ticker(time::nanos)
            .executor(Runnable::run) // a loop owns it
            .build();
  }

  /** The page to answer with once more; null when there is none. */
  @Nullable Page page(
      SuggestQuery query, String arm, @Nullable UserSequence sequence, World world) {
    Kept kept = pages.getIfPresent(new Question(query.at(0), arm));
    return kept != null && kept.holds(hash(sequence), world) ? kept.page() : null;
  }

  private static long hash(@Nullable UserSequence sequence) {
    return ServedSample.hash(sequence == null ? UserSequence.EMPTY : sequence);
  }

  /** Keeps a page, if it may be answered with once more. */
  void keep(
      SuggestQuery query, String arm, @Nullable UserSequence sequence, World world, Page page) {
    if (page.degraded().isEmpty() && page.modelVersion() != null) {
      pages.put(new Question(query.at(0), arm), new Kept(page.again(), hash(sequence), world));
    }
  }
}
