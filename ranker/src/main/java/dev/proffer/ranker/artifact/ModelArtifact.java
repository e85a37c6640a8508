package dev.proffer.ranker.artifact;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.proffer.features.spec.FeatureContract;
import dev.proffer.features.spec.FeatureSpec;
import dev.proffer.ranker.Calibration;
import dev.proffer.ranker.Scorer;
import dev.proffer.ranker.ServedModel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.tribuo.Model;

/**
 * A version's files: {@code manifest.json}, {@code model.tribuo} (Tribuo's protobuf, never Java
 * serialization), {@code golden.bin} (rows the compiled scorer must agree on with Tribuo), {@code
 * metrics.json}. Untrusted input: sizes are bounded, and what disagrees is refused.
 */
public final class ModelArtifact {
  /** Largest model file that is read, in bytes. */
  public static final long MAX_MODEL_BYTES = 512L << 20;

  /**
   * How far what is compiled may lie from Tribuo's prediction, or by which share of it if above 1.
   */
  public static final double TOLERANCE = 1e-5;

  private static final String MANIFEST = "manifest.json";
  private static final String MODEL = "model.tribuo";
  private static final String GOLDEN = "golden.bin";

  /** The figures of the last evaluation, which unlike the rest may be written anew. */
  static final String METRICS = "metrics.json";

  private static final long MAX_GOLDEN_BYTES = 16L << 20;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private ModelArtifact() {}

  /**
   * Writes manifest, model and golden rows into a directory that {@link ModelRegistry#begin} gave.
   */
  public static void write(
      Path directory, ModelManifest manifest, Model<?> model, float[] goldenRows)
      throws IOException {
    JSON.writeValue(directory.resolve(MANIFEST).toFile(), manifest);
    model.serializeToFile(directory.resolve(MODEL));
    ByteBuffer bytes = ByteBuffer.allocate(goldenRows.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(goldenRows);
    Files.write(directory.resolve(GOLDEN), bytes.array());
  }

  /** The figures of an evaluation as they are kept beside a model. */
  static byte[] figures(Map<String, Double> figures) {
    try {
      return JSON.writeValueAsBytes(new TreeMap<>(figures));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e); // names and numbers can be written
    }
  }

  /** The figures that were kept so. */
  static Map<String, Double> figures(byte[] kept) throws IOException {
    return JSON.readValue(kept, new TypeReference<TreeMap<String, Double>>() {});
  }

  /** Reads the manifest. */
  public static ModelManifest manifest(Path directory) throws ModelRefused {
    try {
      ModelManifest manifest =
          JSON.readValue(directory.resolve(MANIFEST).toFile(), ModelManifest.class);
      if (manifest == null) {
        throw new ModelRefused("the manifest cannot be read: it is null");
      }
      return manifest;
    } catch (IOException | IllegalArgumentException e) {
      throw new ModelRefused("the manifest cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * What a contract lacks, or has beyond, what a model was trained on; empty when it is the very
   * contract.
   */
  public static String difference(ModelManifest manifest, FeatureContract contract) {
    if (manifest.contractSha256().equals(contract.sha256())) {
      return "";
    }
    List<String> words = new ArrayList<>();
    List<String> gone = new ArrayList<>(manifest.features());
    gone.removeAll(contract.names());
    List<String> added = new ArrayList<>(contract.names());
    added.removeAll(manifest.features());
    if (!gone.isEmpty()) {
      words.add("gone: " + gone);
    }
    if (!added.isEmpty()) {
      words.add("new: " + added);
    }
    changed(manifest, contract, words);
    if (words.isEmpty()) {
      words.add(
          manifest.features().equals(contract.names())
              ? "the same features, of which some are declared otherwise"
              : "the same features in another order");
    }
    return String.join(", ", words);
  }

  /** Names every feature that was declared otherwise, and what they read that is otherwise. */
  private static void changed(
      ModelManifest manifest, FeatureContract contract, List<String> words) {
    List<String> before = manifest.declarations();
    if (before.isEmpty()) {
      return; // a manifest of before declarations were kept
    }
    for (FeatureSpec is : contract.features()) {
      int was = manifest.features().indexOf(is.name());
      if (was >= 0 && !before.get(was).equals(is.canonical())) {
        words.add("changed: \"" + before.get(was) + "\" became \"" + is.canonical() + "\"");
      }
    }
    List<String> read = before.subList(manifest.features().size(), before.size());
    for (String line : read) {
      if (!contract.reads().contains(line)) {
        words.add("no longer read: \"" + line + "\"");
      }
    }
    for (String line : contract.reads()) {
      if (!read.contains(line)) {
        words.add("read now: \"" + line + "\"");
      }
    }
  }

  /**
   * Reads a version, compiles its scorer and holds it against Tribuo's own {@code predict} on the
   * golden rows. Takes some hundred milliseconds; never on an event loop.
   *
   * @param contract the running one
   * @throws ModelRefused when anything is missing, broken, of another contract, or in disagreement
   */
  public static ServedModel read(Path directory, FeatureContract contract) throws ModelRefused {
    String difference = difference(manifest(directory), contract);
    try {
      return read(directory, contract.sha256());
    } catch (ModelRefused e) {
      throw difference.isEmpty()
          ? e
          : new ModelRefused(e.getMessage() + " (" + difference + ")", e);
    }
  }

  /** The same, for a contract known by its hash alone. */
  public static ServedModel read(Path directory, String contractSha256) throws ModelRefused {
    ModelManifest manifest = manifest(directory);
    if (!manifest.contractSha256().equals(contractSha256)) {
      throw new ModelRefused(
          "version "
              + manifest.version()
              + " was trained on contract "
              + manifest.contract()
              + " with hash "
              + shortened(manifest.contractSha256())
              + "; the running one has "
              + shortened(contractSha256));
    }
    Model<?> model;
    float[] golden;
    try {
      if (Files.size(directory.resolve(MODEL)) > MAX_MODEL_BYTES
          || Files.size(directory.resolve(GOLDEN)) > MAX_GOLDEN_BYTES) {
        throw new ModelRefused("version " + manifest.version() + " is larger than allowed");
      }
      model = ModelFile.read(directory.resolve(MODEL));
      ByteBuffer bytes =
          ByteBuffer.wrap(Files.readAllBytes(directory.resolve(GOLDEN)))
              .order(ByteOrder.LITTLE_ENDIAN);
      golden = new float[bytes.remaining() / 4];
      bytes.asFloatBuffer().get(golden);
    } catch (IOException | RuntimeException e) {
      throw new ModelRefused(
          "version " + manifest.version() + " cannot be read: " + e.getMessage(), e);
    }
    Compiled compiled = TribuoCompiler.compile(model, manifest.features());
    Scorer scorer = compiled.scorer();
    if (scorer.outputs() != 1) {
      throw new ModelRefused(
          "version "
              + manifest.version()
              + " gives "
              + scorer.outputs()
              + " scores a row; expected 1, so a regression or two labels of which one is "
              + TribuoCompiler.YES);
    }
    try {
      check(manifest, model, compiled, golden);
      return new ServedModel(
          manifest.version(),
          manifest.task(),
          manifest.contract(),
          manifest.contractSha256(),
          scorer,
          new Calibration(manifest.slope(), manifest.intercept()));
    } catch (RuntimeException e) {
      // Such as Tribuo's refusal of a row without values, or a slope that is no slope.
      throw new ModelRefused(
          "version " + manifest.version() + " cannot be checked: " + e.getMessage(), e);
    }
  }

  private static void check(
      ModelManifest manifest, Model<?> model, Compiled compiled, float[] golden)
      throws ModelRefused {
    int width = manifest.features().size();
    int count = golden.length / width;
    if (count == 0) {
      throw new ModelRefused("version " + manifest.version() + " has no golden rows");
    }
    float[] scores = new float[count];
    compiled.scorer().score(golden, count, scores);
    double[] expected =
        new PredictingScorer<>(model, manifest.features())
            .predict(golden, count, compiled.link() == Link.DIFFERENCE);
    for (int row = 0; row < count; row++) {
      double ours = compiled.link().apply(scores, row, 1, 0);
      if (!(Math.abs(ours - expected[row]) <= TOLERANCE * Math.max(1, Math.abs(expected[row])))) {
        throw new ModelRefused(
            "the compiled scorer says "
                + ours
                + " on golden row "
                + row
                + " of version "
                + manifest.version()
                + ", Tribuo says "
                + expected[row]);
      }
    }
  }

  /**
   * The scorer of a model that was just trained; {@link Scorer#isCompiled} says whether it is fit
   * for an event loop.
   *
   * @throws IllegalArgumentException when it is broken, or has a feature that is not there
   */
  public static Scorer compile(Model<?> model, List<String> features) {
    try {
      return TribuoCompiler.compile(model, features).scorer();
    } catch (ModelRefused e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** Twelve digits of a hash: enough to tell two apart when reading. */
  private static String shortened(String sha) {
    return sha.substring(0, Math.min(12, sha.length()));
  }
}
