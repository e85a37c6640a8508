package dev.proffer.pipeline.rules;

import dev.proffer.configs.Section;
import dev.proffer.events.Item;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.CatalogColumn;
import dev.proffer.features.tables.AttributeTable;
import dev.proffer.features.tables.Tables;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Leaves out what cannot be had: not available, out of stock, outside the interval it is valid in,
 * or for another audience: by the item's own {@link Item.Validity}, and beside it by attributes; an
 * item that lacks one passes.
 *
 * @param terms the attributes
 * @param audienceTable the table of users that says a person's audience; empty for the request's
 *     device
 * @param audienceColumn its column
 */
record Eligibility(
    String name, boolean givenItems, Terms terms, String audienceTable, String audienceColumn)
    implements SlateRule {
  /** The audience that everybody is of. */
  private static final String ALL = "all";

  private static final String DEVICE = "device";
  private static final String[] EVERYONE = {};

  /**
   * Which attributes count; an empty name for none.
   *
   * @param available false, 0 or "false" when the item cannot be had
   * @param stock how many there are; none left at 0 and below
   * @param validFrom the first instant, epoch milliseconds or ISO 8601
   * @param validUntil the first instant it is no longer valid
   * @param audience a person's audience, several parted by commas, or "all"
   */
  record Terms(String available, String stock, String validFrom, String validUntil, String audience)
      implements CatalogColumn<Standing> {
    @Override
    public Standing of(Catalog catalog, @Nullable Standing before) {
      return new Standing(this, catalog);
    }
  }

  static Eligibility read(String name, Section section) {
    boolean given = section.flag("given-items", false);
    Terms terms =
        new Terms(
            section.text("available", "available"),
            section.text("stock", "stock"),
            section.text("valid-from", "valid_from"),
            section.text("valid-until", "valid_until"),
            section.text("audience", "audience"));
    String of = section.text("audience-of", DEVICE);
    int dot = of.indexOf('.');
    if (!of.equals(DEVICE) && dot < 1) {
      section.refuse(
          "audience-of",
          "\""
              + of
              + "\" is neither \"device\" nor a table of users and its column, as table.column");
    }
    return new Eligibility(
        name,
        given,
        terms,
        dot < 1 ? "" : of.substring(0, dot),
        dot < 1 ? "" : of.substring(dot + 1));
  }

  @Override
  public boolean withoutScores() {
    return true;
  }

  @Override
  public void apply(Slate slate) {
    Standing standing = slate.catalog().column(terms);
    long now = slate.in().asOfMillis();
    String audience = standing.hasAudiences ? audience(slate) : "";
    for (int row = 0; row < slate.count(); row++) {
      int item = slate.item(row);
      boolean eligible =
          now >= standing.from[item]
              && now < standing.until[item]
              && speaksTo(standing.audiences[item], audience);
      if (!eligible) {
        slate.remove(row);
      }
    }
  }

  private String audience(Slate slate) {
    if (audienceTable.isEmpty()) {
      return slate.in().context().device();
    }
    Tables tables = slate.tables();
    AttributeTable table = tables.at(audienceTable, slate.in().asOfMillis());
    int place = table == null ? AttributeTable.NO_COLUMN : table.place(audienceColumn);
    if (table == null || place == AttributeTable.NO_COLUMN) {
      return "";
    }
    int row = table.row(slate.userHash());
    int code = row == AttributeTable.NO_ROW ? 0 : table.code(row, place);
    return code == 0 ? "" : table.text(place, code);
  }

  private static boolean speaksTo(String[] audiences, String audience) {
    for (String one : audiences) {
      if (one.equals(audience) || one.equals(ALL)) {
        return true;
      }
    }
    return audiences.length == 0;
  }

  /** From when until when each item can be had, and by whom. Immutable. */
  static final class Standing {
    private final long[] from;
    private final long[] until;
    private final String[][] audiences;
    private final boolean hasAudiences;

    Standing(Terms terms, Catalog catalog) {
      int size = catalog.size();
      from = new long[size];
      until = new long[size];
      audiences = new String[size][];
      Arrays.fill(audiences, EVERYONE);
      boolean any = false;
      for (int item = 0; item < size; item++) {
        Item of = catalog.item(item);
        Item.Validity validity = of.validity();
        from[item] =
            Math.max(
                validity.fromMillis(),
                instant(of.attributes().get(terms.validFrom()), Long.MIN_VALUE));
        until[item] =
            Math.min(
                validity.untilMillis(),
                instant(of.attributes().get(terms.validUntil()), Long.MAX_VALUE));
        if (of.deleted()
            || !validity.available()
            || isNone(of.attributes().get(terms.available()))
            || (of.attributes().get(terms.stock()) instanceof Number stock
                && stock.doubleValue() <= 0)) {
          until[item] = Long.MIN_VALUE;
        }
        if (!validity.audience().isEmpty()) {
          audiences[item] = validity.audience().toArray(EVERYONE);
          any = true;
        } else if (of.attributes().get(terms.audience()) instanceof String audience
            && !audience.isBlank()) {
          audiences[item] = audience.strip().split("\\s*,\\s*");
          any = true;
        }
      }
      hasAudiences = any;
    }

    private static boolean isNone(@Nullable Object available) {
      return Boolean.FALSE.equals(available)
          || (available instanceof Number number && number.doubleValue() == 0)
          || (available instanceof String text && text.toLowerCase(Locale.ROOT).equals("false"));
    }

    /** What cannot be read bounds nothing: a typing error must not empty a shop. */
    private static long instant(@Nullable Object value, long otherwise) {
      if (value instanceof Number number) {
        return number.longValue();
      }
      if (value instanceof String text) {
        try {
          return Instant.parse(text).toEpochMilli();
        } catch (DateTimeParseException e) {
          return otherwise;
        }
      }
      return otherwise;
    }
  }
}
