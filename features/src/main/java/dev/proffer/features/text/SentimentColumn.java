package dev.proffer.features.text;

import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.CatalogColumn;
import org.jspecify.annotations.Nullable;

/**
 * The {@link Sentiment} of a text of every item; NaN for an item without it. A text that has not
 * changed is not read again.
 *
 * @param field which text
 */
public record SentimentColumn(TextField field) implements CatalogColumn<SentimentColumn.Scores> {
  /** By item. */
  public static final class Scores {
    private final String[] texts;
    private final float[] scores;

    private Scores(String[] texts, float[] scores) {
      this.texts = texts;
      this.scores = scores;
    }

    /** The score of an item's text; NaN when it has none. */
    public float of(int item) {
      return scores[item];
    }
  }

  @Override
  public Scores of(Catalog catalog, @Nullable Scores before) {
    String[] texts = new String[catalog.size()];
    float[] scores = new float[texts.length];
    for (int item = 0; item < texts.length; item++) {
      String text = field.of(catalog.item(item));
      texts[item] = text;
      if (before != null && item < before.texts.length && before.texts[item].equals(text)) {
        scores[item] = before.scores[item];
      } else {
        scores[item] = text.isBlank() ? Float.NaN : (float) Sentiment.of(text);
      }
    }
    return new Scores(texts, scores);
  }
}
