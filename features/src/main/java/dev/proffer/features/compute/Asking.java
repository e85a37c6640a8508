package dev.proffer.features.compute;

import dev.proffer.configs.Section;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.text.AskedTerms;
import dev.proffer.features.text.Terms;
import dev.proffer.features.text.TextField;

/**
 * What a text is matched with, and which text.
 *
 * @param terms the items' text and its terms
 * @param searchOnly what was searched for, and nothing else
 */
record Asking(Terms.Column terms, boolean searchOnly) {
  /** Reads {@code text} and {@code with}. */
  static Asking read(Section parameters, Terms.Kind kind) {
    return new Asking(
        new Terms.Column(field(parameters), kind),
        parameters.word("with", "context", "search").equals("search"));
  }

  static TextField field(Section parameters) {
    return new TextField(parameters.text("text", TextField.TITLE));
  }

  /** Looks up what a request asks for. */
  void look(FeatureInput in, AskedTerms into) {
    Terms of = in.catalog().column(terms);
    boolean searching = in.context().contextType().equals("search");
    if (searching) {
      into.text(of, in.context().context());
    } else if (searchOnly || in.contextItem() == Catalog.UNKNOWN) {
      into.none(of);
    } else {
      into.item(of, in.contextItem());
    }
  }
}
