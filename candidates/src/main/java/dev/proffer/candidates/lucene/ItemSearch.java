package dev.proffer.candidates.lucene;

import dev.proffer.candidates.source.Search;
import dev.proffer.events.Item;
import dev.proffer.features.state.Catalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.jspecify.annotations.Nullable;

/**
 * The items' words, in memory: title, category and attributes that are text, as Lucene's standard
 * analyzer takes them apart; a title's words count twice. One thread brings it up to date; the
 * {@link Search} that {@link #update} gives is a snapshot, for any thread.
 *
 * <p>An update costs the items that changed, and Lucene's opening of a new reader; the first one
 * costs them all.
 */
public final class ItemSearch implements AutoCloseable {
  static final String INDEX = "index";
  static final String WORDS = "words";

  /** Words and how often, not where: nothing asks for words that stand together. */
  private static final FieldType COUNTED = new FieldType(TextField.TYPE_NOT_STORED);

  static {
    COUNTED.setIndexOptions(IndexOptions.DOCS_AND_FREQS);
    COUNTED.freeze();
  }

  private final Analyzer analyzer = new StandardAnalyzer();
  private final IndexWriter writer;
  private Catalog known = Catalog.EMPTY;
  private @Nullable WordSearch latest;

  public ItemSearch() {
    try {
      writer = new IndexWriter(new ByteBuffersDirectory(), new IndexWriterConfig(analyzer));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // it writes to memory
    }
  }

  /** A search over a later catalog by the same builder. */
  public Search update(Catalog catalog) {
    try {
      for (int item = 1; item < catalog.size(); item++) {
        Item now = catalog.item(item);
        Item before = item < known.size() ? known.item(item) : null;
        if (!Objects.equals(now, before)) {
          write(item, now, before != null);
        }
      }
      known = catalog;
      WordSearch last = latest;
      DirectoryReader next =
          last == null
              ? DirectoryReader.open(writer)
              : DirectoryReader.openIfChanged(last.reader(), writer);
      if (last != null && next == null) {
        return last;
      }
      WordSearch later = new WordSearch(Objects.requireNonNull(next), analyzer);
      if (last != null) {
        last.followedBy(later);
      }
      latest = later;
      return later;
    } catch (IOException e) {
      throw new UncheckedIOException(e); // it writes to memory
    }
  }

  private void write(int index, Item item, boolean there) throws IOException {
    Term own = new Term(INDEX, Integer.toString(index));
    if (item.deleted()) {
      if (there) {
        writer.deleteDocuments(own);
      }
      return;
    }
    Document document = new Document();
    document.add(new StringField(INDEX, own.text(), Field.Store.NO));
    document.add(new NumericDocValuesField(INDEX, index));
    words(document, item.title());
    words(document, item.title());
    if (item.category() != null) {
      words(document, item.category());
    }
    for (Map.Entry<String, Object> one : new TreeMap<>(item.attributes()).entrySet()) {
      if (one.getValue() instanceof String text) {
        words(document, text);
      }
    }
    if (there) {
      writer.updateDocument(own, document);
    } else {
      writer.addDocument(document);
    }
  }

  private static void words(Document document, String text) {
    document.add(new Field(WORDS, text, COUNTED));
  }

  @Override
  public void close() {
    try {
      WordSearch last = latest;
      latest = null;
      if (last != null) {
        last.release();
      }
      writer.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // it writes to memory
    }
  }
}
