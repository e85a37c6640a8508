package dev.proffer.gateway;

import dev.proffer.features.spec.FeatureContract;
import dev.proffer.ranker.ModelsSpec;
import dev.proffer.ranker.artifact.ModelArtifact;
import dev.proffer.ranker.artifact.ModelManifest;
import dev.proffer.ranker.artifact.ModelRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.tribuo.Example;
import org.tribuo.Feature;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Trainer;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.sgd.linear.LogisticRegressionTrainer;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.SimpleDataSourceProvenance;

/** Real models in a home's registry: logistic regressions that were taught one feature's sign. */
public final class Models {
  private final Settings settings;
  private final ModelRegistry registry;

  public Models(Settings settings, Path home) {
    this.settings = settings;
    this.registry = new ModelRegistry(home.resolve(Gateway.MODELS_DIRECTORY));
  }

  /** In another registry. */
  public Models(Settings settings, ModelRegistry registry) {
    this.settings = settings;
    this.registry = registry;
  }

  public ModelRegistry registry() {
    return registry;
  }

  /** Publishes a version that likes the contract's first feature, and makes it champion. */
  public Models publish(String task, String version) {
    return publish(task, version, contract(task).sha256());
  }

  /** Publishes a version that says it was trained on the contract of that hash. */
  public Models publish(String task, String version, String contractSha) {
    return publish(task, version, contractSha, new LogisticRegressionTrainer());
  }

  /** Publishes what some trainer learns. */
  public Models publish(String task, String version, String contractSha, Trainer<Label> trainer) {
    FeatureContract contract = contract(task);
    Path directory = registry.begin(task, version);
    float[] golden = new float[4 * contract.width()];
    for (int at = 0; at < golden.length; at++) {
      golden[at] = at % 7 / 7f;
    }
    try {
      ModelArtifact.write(
          directory,
          new ModelManifest(
              version,
              task,
              "logistic regression of a test",
              contract.name(),
              contractSha,
              contract.names(),
              ModelManifest.declarationsOf(contract),
              Instant.ofEpochMilli(Shop.OPENED),
              Instant.ofEpochMilli(Shop.OPENED),
              200,
              0,
              "",
              "unknown",
              7,
              1,
              0,
              "",
              Map.of()),
          train(contract.names(), trainer),
          golden);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    registry.complete(task, version);
    registry.promote(task, version);
    return this;
  }

  /** Where a version's model file is, for a test to break. */
  public Path file(String task, String version) {
    return registry.directory(task, version).resolve("model.tribuo");
  }

  private FeatureContract contract(String task) {
    ModelsSpec.Task declared = Objects.requireNonNull(settings.models().tasks().get(task));
    return Objects.requireNonNull(settings.contracts().contract(declared.contract()));
  }

  private static Model<Label> train(List<String> names, Trainer<Label> trainer) {
    LabelFactory labels = new LabelFactory();
    MutableDataset<Label> rows =
        new MutableDataset<>(new SimpleDataSourceProvenance("test", labels), labels);
    SplittableRandom random = new SplittableRandom(7);
    for (int row = 0; row < 200; row++) {
      List<Feature> values = new ArrayList<>();
      for (String name : names) {
        values.add(new Feature(name, random.nextDouble()));
      }
      String label = values.get(0).getValue() > 0.5 ? "yes" : "no";
      Example<Label> example = new ArrayExample<>(new Label(label), values);
      rows.add(example);
    }
    return trainer.train(rows);
  }
}
