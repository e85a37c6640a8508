package dev.proffer.candidates.source;

import dev.proffer.configs.Section;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The kinds of sources by name, and how each reads its parameters. */
public final class SourceKind {
  private static final Map<String, Reader> KINDS = new LinkedHashMap<>();

  static {
    KINDS.put("recent", (section, declared) -> RecentSource::new);
    KINDS.put("follows", (section, declared) -> FollowsSource::new);
    KINDS.put("category", CategorySource::read);
    KINDS.put("popular", PopularSource::read);
    KINDS.put("new", NewSource::read);
    KINDS.put("popular-context", (section, declared) -> ContextSource::new);
    KINDS.put("trending", TrendingSource::read);
    KINDS.put("pins", PinsSource::read);
    KINDS.put("search", (section, declared) -> SearchSource::new);
    KINDS.put("similar-items", SimilarItemsSource::read);
    KINDS.put("similar-users", SimilarUsersSource::read);
  }

  private static final Map<String, Supplier<? extends CandidateSource>> PLAIN =
      Map.of(
          "recent", RecentSource::new,
          "follows", FollowsSource::new,
          "category", CategorySource::new,
          "popular", PopularSource::new,
          "new", NewSource::new,
          "popular-context", ContextSource::new,
          "search", SearchSource::new);

  private interface Reader {
    Supplier<? extends CandidateSource> read(Section section, Declarations declared);
  }

  private SourceKind() {}

  /** The kind that a section names, which is its name unless it says another. */
  public static String of(Section section, String name) {
    String key = section.has("kind") ? "kind" : "name";
    String kind = section.text("kind", name);
    if (!kind.isEmpty() && !KINDS.containsKey(kind)) {
      section.refuse(key, "\"" + kind + "\" is not one of " + List.copyOf(KINDS.keySet()));
    }
    return kind;
  }

  /** Reads the parameters of a kind; of one that is none, nothing. */
  public static Supplier<? extends CandidateSource> read(
      String kind, Section section, Declarations declared) {
    Reader reader = KINDS.get(kind);
    return reader == null ? RecentSource::new : reader.read(section, declared);
  }

  /**
   * A kind without parameters.
   *
   * @throws IllegalArgumentException when there is no such kind, or it wants parameters
   */
  public static Supplier<? extends CandidateSource> plain(String kind) {
    @Nullable Supplier<? extends CandidateSource> maker = PLAIN.get(kind);
    if (maker == null) {
      throw new IllegalArgumentException("no source without parameters is called " + kind);
    }
    return maker;
  }
}
