package dev.proffer.pipeline.rules;

import dev.proffer.configs.Section;

/**
 * Maximal marginal relevance: each slot goes to the item of the largest {@code lambda * relevance -
 * (1 - lambda) * likeness to the item chosen above that is most like it}. Relevance is the score,
 * from 0 for the last of the best {@code depth} to 1 for the best; likeness is 1 for an equal
 * attribute, or the cosine of two embeddings. Source: Carbonell and Goldstein, "The Use of MMR",
 * SIGIR 1998.
 *
 * @param lambda 1 for relevance alone
 * @param depth how many of the best that are left compete for a slot
 * @param attribute {@code category} or an attribute of items; empty for embeddings
 * @param table the table of items that holds embeddings
 * @param column its column, of vectors
 */
record Diversity(
    String name,
    boolean givenItems,
    double lambda,
    int depth,
    String attribute,
    String table,
    String column)
    implements Rule {
  private static final int MOST = 1_000;

  static Diversity read(String name, Section section) {
    boolean given = section.flag("given-items", true);
    double lambda = section.number("lambda", 0.7, 0, 1);
    int depth = section.integer("depth", 50, 2, MOST);
    String embedding = section.text("embedding", "");
    int dot = embedding.indexOf('.');
    if (!embedding.isEmpty() && section.has("attribute")) {
      section.refuse("attribute", "either attribute or embedding");
    }
    if (!embedding.isEmpty() && dot < 1) {
      section.refuse(
          "embedding",
          "\"" + embedding + "\" is no table of items and its column, as table.column");
    }
    return new Diversity(
        name,
        given,
        lambda,
        depth,
        embedding.isEmpty() ? section.text("attribute", CategoryCap.CATEGORY) : "",
        dot < 1 ? "" : embedding.substring(0, dot),
        dot < 1 ? "" : embedding.substring(dot + 1));
  }

  @Override
  public boolean withoutScores() {
    return false;
  }
}
