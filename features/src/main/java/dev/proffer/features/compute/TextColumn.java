package dev.proffer.features.compute;

import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.CatalogColumn;
import dev.proffer.features.text.TextField;
import org.jspecify.annotations.Nullable;

/**
 * A measure of a text of every item. A text that has not changed is not measured again, so that an
 * item that changes costs one text and not those of the whole catalog.
 */
record TextColumn(TextField field, TextMeasure measure)
    implements CatalogColumn<TextColumn.Values> {
  /** By item. */
  static final class Values {
    private final String[] texts;
    private final float[] values;

    private Values(String[] texts, float[] values) {
      this.texts = texts;
      this.values = values;
    }

    float of(int item) {
      return values[item];
    }
  }

  @Override
  public Values of(Catalog catalog, @Nullable Values before) {
    String[] texts = new String[catalog.size()];
    float[] values = new float[texts.length];
    for (int item = 0; item < texts.length; item++) {
      String text = field.of(catalog.item(item));
      texts[item] = text;
      if (before != null && item < before.texts.length && before.texts[item].equals(text)) {
        values[item] = before.values[item];
      } else {
        values[item] = measure.of(text);
      }
    }
    return new Values(texts, values);
  }
}
