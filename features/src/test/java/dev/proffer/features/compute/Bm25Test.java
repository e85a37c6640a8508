package dev.proffer.features.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.state.UserSequence;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** BM25 beside Apache Lucene's. */
class Bm25Test {
  private static final List<String> WORDS =
      List.of("red", "blue", "shirt", "skirt", "summer", "of", "the", "size", "42", "cotton");

  @TempDir Path home;

  @Test
  void isWhatLuceneSays() throws IOException {
    Random random = new Random(7);
    for (int round = 0; round < 20; round++) {
      float k1 = 0.5f + random.nextFloat() * 2;
      float b = random.nextFloat();
      List<String> titles = new ArrayList<>();
      for (int title = 0; title < 60; title++) {
        titles.add(words(random, 1 + random.nextInt(12)));
      }
      String search = words(random, 1 + random.nextInt(5)) + " velvet";
      double[] expected = lucene(titles, search, k1, b);
      float[] actual = ours(titles, search, k1, b);
      for (int title = 0; title < titles.size(); title++) {
        assertThat((double) actual[title])
            .as("\"%s\" for \"%s\"", titles.get(title), search)
            .isCloseTo(expected[title], within(1e-5));
      }
    }
  }

  private static String words(Random random, int count) {
    List<String> words = new ArrayList<>();
    for (int word = 0; word < count; word++) {
      double share = random.nextDouble();
      words.add(WORDS.get((int) (WORDS.size() * share * share)));
    }
    return String.join(" ", words);
  }

  private float[] ours(List<String> titles, String search, float k1, float b) {
    FeatureProgram program =
        Yaml.read(
                home,
                "contracts: {all: {features: [{name: a, transformation: text-bm25, parameters: {k1: "
                    + k1
                    + ", b: "
                    + b
                    + "}}]}}\n",
                "")
            .program("all");
    RawWorld world = RawWorld.random(new Random(0), new SequenceSpec(List.of("view"), 2, 1, ""));
    assertThat(world.items).hasSizeLessThan(titles.size());
    int[] items = new int[titles.size()];
    for (int title = 0; title < items.length; title++) {
      world.add("i" + title, titles.get(title), null, Map.of());
      items[title] = world.state.catalog().index("i" + title);
    }
    FeatureInput in = new FeatureInput();
    in.set(
        world.state.catalog(),
        world.state.statistics(),
        UserSequence.EMPTY,
        world.state.spec(),
        0,
        0,
        new RequestContext("", "search", search),
        1);
    float[] scores = new float[items.length];
    program.compute(in, items, items.length, scores);
    return scores;
  }

  private static double[] lucene(List<String> titles, String search, float k1, float b)
      throws IOException {
    try (ByteBuffersDirectory directory = new ByteBuffersDirectory()) {
      try (IndexWriter writer =
          new IndexWriter(directory, new IndexWriterConfig(new StandardAnalyzer()))) {
        for (String title : titles) {
          Document document = new Document();
          document.add(new TextField("title", title, Field.Store.NO));
          writer.addDocument(document);
        }
        writer.forceMerge(1);
      }
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        IndexSearcher searcher = new IndexSearcher(reader);
        searcher.setSimilarity(new BM25Similarity(k1, b));
        BooleanQuery.Builder query = new BooleanQuery.Builder();
        for (String word : search.split(" ", -1)) {
          query.add(new TermQuery(new Term("title", word)), BooleanClause.Occur.SHOULD);
        }
        double[] scores = new double[titles.size()];
        for (ScoreDoc found : searcher.search(query.build(), titles.size()).scoreDocs) {
          scores[found.doc] = found.score;
        }
        return scores;
      }
    }
  }
}
