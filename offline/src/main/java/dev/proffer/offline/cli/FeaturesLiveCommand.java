package dev.proffer.offline.cli;

import dev.proffer.features.spec.FeatureContract;
import dev.proffer.offline.Settings;
import dev.proffer.ranker.ModelsSpec;
import dev.proffer.ranker.artifact.ModelArtifact;
import dev.proffer.ranker.artifact.ModelManifest;
import dev.proffer.ranker.artifact.ModelRefused;
import dev.proffer.ranker.artifact.ModelRegistry;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code proffer features live}: whether the live models can be served on what is declared. */
@Command(
    name = "live",
    mixinStandardHelpOptions = true,
    description =
        "Says of each live model, champion or previous, whether it is served on the declared"
            + " features, and which of them it misses. For before a deployment.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:all are served", "1:some are refused, or a file is wrong", "2:wrong usage"})
final class FeaturesLiveCommand implements Callable<Integer> {
  @Mixin private HomeOptions home = new HomeOptions();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Settings settings = Settings.read(home.config);
    ModelRegistry registry = home.registry();
    int refused = 0;
    for (ModelsSpec.Task task : settings.models().tasks().values()) {
      for (String alias : List.of(ModelRegistry.CHAMPION, ModelRegistry.PREVIOUS)) {
        String version = registry.alias(task.name(), alias);
        FeatureContract contract = settings.contracts().contract(task.contract());
        if (version == null || contract == null) {
          continue;
        }
        String why;
        try {
          ModelManifest manifest = ModelArtifact.manifest(registry.directory(task.name(), version));
          why = ModelArtifact.difference(manifest, contract);
        } catch (ModelRefused e) {
          why = String.valueOf(e.getMessage());
        }
        out.println(
            task.name()
                + " "
                + alias
                + " "
                + version
                + (why.isEmpty() ? ": is served" : ": is refused; " + why));
        refused += why.isEmpty() ? 0 : 1;
      }
    }
    out.flush();
    return refused == 0 ? 0 : 1;
  }
}
