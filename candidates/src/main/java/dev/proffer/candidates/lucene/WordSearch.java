package dev.proffer.candidates.lucene;

import dev.proffer.candidates.source.Search;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.ReaderUtil;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.FuzzyQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.PrefixQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.jspecify.annotations.Nullable;

/**
 * Finds items by words, as they are typed: every word must match, as it is (BM25), with a letter or
 * two amiss (from four letters on one, from eight on two, none in the first letter), and the last
 * one also as a beginning. What matches as it is counts more than what is near. Any thread may ask;
 * allocates, and over many items takes milliseconds.
 */
final class WordSearch implements Search {
  private static final int MOST_WORDS = 8;
  private static final int MOST_NEAR_WORDS = 32;
  private static final int ONE_AMISS = 4;
  private static final int TWO_AMISS = 8;
  private static final float NEAR = 0.3f;
  private static final float BEGUN = 0.6f;

  private final DirectoryReader reader;
  private final IndexSearcher searcher;
  private final Analyzer analyzer;
  private volatile @Nullable WordSearch next;

  WordSearch(DirectoryReader reader, Analyzer analyzer) {
    this.reader = reader;
    this.analyzer = analyzer;
    this.searcher = new IndexSearcher(reader);
    searcher.setQueryCache(null); // it locks
  }

  DirectoryReader reader() {
    return reader;
  }

  /** Lets go of what is searched; whoever asks this one from now on asks a later one. */
  void followedBy(WordSearch later) {
    next = later;
    release();
  }

  @Override
  public int find(String text, int[] into) {
    WordSearch open = this;
    while (!open.reader.tryIncRef()) {
      WordSearch later = open.next;
      if (later == null) {
        return 0; // the gateway closes
      }
      open = later;
    }
    try {
      return open.search(text, into);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // it reads from memory
    } finally {
      open.release();
    }
  }

  private int search(String text, int[] into) throws IOException {
    List<String> words = words(text);
    if (words.isEmpty()) {
      return 0;
    }
    boolean begun = !Character.isWhitespace(text.charAt(text.length() - 1));
    ScoreDoc[] found = searcher.search(query(words, begun), into.length).scoreDocs;
    List<LeafReaderContext> leaves = reader.leaves();
    for (int at = 0; at < found.length; at++) {
      LeafReaderContext leaf = leaves.get(ReaderUtil.subIndex(found[at].doc, leaves));
      NumericDocValues indexes = leaf.reader().getNumericDocValues(ItemSearch.INDEX);
      if (indexes == null || !indexes.advanceExact(found[at].doc - leaf.docBase)) {
        throw new IllegalStateException("a document without an item");
      }
      into[at] = (int) indexes.longValue();
    }
    return found.length;
  }

  void release() {
    try {
      reader.decRef();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // it is in memory
    }
  }

  private List<String> words(String text) throws IOException {
    List<String> words = new ArrayList<>();
    try (TokenStream stream = analyzer.tokenStream(ItemSearch.WORDS, text)) {
      CharTermAttribute term = stream.addAttribute(CharTermAttribute.class);
      stream.reset();
      while (stream.incrementToken() && words.size() < MOST_WORDS) {
        words.add(term.toString());
      }
      stream.end();
    }
    return words;
  }

  private static Query query(List<String> words, boolean begun) {
    BooleanQuery.Builder all = new BooleanQuery.Builder();
    for (int at = 0; at < words.size(); at++) {
      all.add(word(words.get(at), begun && at == words.size() - 1), Occur.MUST);
    }
    return all.build();
  }

  private static Query word(String word, boolean begun) {
    Term term = new Term(ItemSearch.WORDS, word);
    BooleanQuery.Builder any = new BooleanQuery.Builder();
    any.add(new TermQuery(term), Occur.SHOULD);
    int amiss = amiss(word);
    if (amiss > 0) {
      Query near = new FuzzyQuery(term, amiss, 1, MOST_NEAR_WORDS, true);
      any.add(new BoostQuery(near, NEAR), Occur.SHOULD);
    }
    if (begun) {
      any.add(new BoostQuery(new PrefixQuery(term), BEGUN), Occur.SHOULD);
    }
    return any.build();
  }

  /** How many letters of a word may be amiss. */
  static int amiss(String word) {
    int length = word.codePointCount(0, word.length());
    return length >= TWO_AMISS ? 2 : length >= ONE_AMISS ? 1 : 0;
  }
}
