package dev.proffer.candidates.lucene;

import dev.proffer.candidates.source.Vectors;
import dev.proffer.features.tables.AttributeTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.lucene912.Lucene912Codec;
import org.apache.lucene.codecs.lucene99.Lucene99HnswVectorsFormat;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LogDocMergePolicy;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.store.ByteBuffersDirectory;

/**
 * The vectors of one version of a table, to look for near ones in: a hierarchical navigable small
 * world graph by Lucene, in memory. Immutable; any thread may ask. A look-up takes no lock and
 * waits for nothing, but among 100,000 vectors it takes more than an event loop has.
 *
 * <p>Method: Malkov and Yashunin, "Efficient and Robust Approximate Nearest Neighbor Search Using
 * Hierarchical Navigable Small World Graphs", TPAMI 2020.
 */
public final class NearVectors implements Vectors {
  private static final String FIELD = "v";
  private static final int MAX_CONNECTIONS = 16;
  private static final int BEAM = 100;

  /** A wider search than is asked for finds more of the nearest. */
  private static final int WIDER = 2;

  private final AttributeTable table;
  private final int place;
  private final int[] rows; // by document
  private final LeafReader graph;

  private NearVectors(AttributeTable table, int place, int[] rows, LeafReader graph) {
    this.table = table;
    this.place = place;
    this.rows = rows;
    this.graph = graph;
  }

  /**
   * Indexes a version of a table. Takes long for a large one: never on an event loop.
   *
   * @throws IllegalArgumentException when it has no such column
   */
  public static NearVectors of(AttributeTable table, Vectors.Wanted wanted) {
    int place = table.place(wanted.of().column());
    if (place == AttributeTable.NO_COLUMN) {
      throw new IllegalArgumentException("no column " + wanted.of().column());
    }
    VectorSimilarityFunction near =
        wanted.cosine()
            ? VectorSimilarityFunction.COSINE
            : VectorSimilarityFunction.MAXIMUM_INNER_PRODUCT;
    int[] rows = new int[table.rows()];
    float[] vector = new float[wanted.of().dimensions()];
    int count = 0;
    IndexWriterConfig config =
        new IndexWriterConfig()
            .setCodec(new Hnsw())
            .setMergePolicy(new LogDocMergePolicy()) // keeps documents in the order they came
            .setRAMBufferSizeMB(512);
    try (IndexWriter writer = new IndexWriter(new ByteBuffersDirectory(), config)) {
      for (int row = 0; row < rows.length; row++) {
        if (table.vector(row, place, vector) && !isZero(vector)) {
          Document document = new Document();
          document.add(new KnnFloatVectorField(FIELD, vector.clone(), near));
          writer.addDocument(document);
          rows[count++] = row;
        }
      }
      if (count == 0) {
        writer.addDocument(new Document());
      }
      writer.forceMerge(1);
      LeafReader graph = DirectoryReader.open(writer).leaves().get(0).reader();
      return new NearVectors(table, place, Arrays.copyOf(rows, count), graph);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // it writes to memory
    }
  }

  /** A vector without a direction is near nothing. */
  private static boolean isZero(float[] vector) {
    for (float one : vector) {
      if (one != 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int nearest(float[] vector, int[] into) {
    if (rows.length == 0 || isZero(vector)) {
      return 0;
    }
    try {
      ScoreDoc[] near =
          graph.searchNearestVectors(
                  FIELD, vector, WIDER * into.length, graph.getLiveDocs(), Integer.MAX_VALUE)
              .scoreDocs;
      int count = Math.min(near.length, into.length);
      for (int at = 0; at < count; at++) {
        into[at] = rows[near[at].doc];
      }
      return count;
    } catch (IOException e) {
      throw new UncheckedIOException(e); // it reads from memory
    }
  }

  @Override
  public long idHash(int row) {
    return table.idHash(row);
  }

  @Override
  public boolean vector(long idHash, float[] into) {
    int row = table.row(idHash);
    return row != AttributeTable.NO_ROW && table.vector(row, place, into);
  }

  private static final class Hnsw extends Lucene912Codec {
    @Override
    public KnnVectorsFormat getKnnVectorsFormatForField(String field) {
      return new Lucene99HnswVectorsFormat(MAX_CONNECTIONS, BEAM);
    }
  }
}
