package dev.proffer.offline.mlflow;

import dev.proffer.ranker.artifact.ModelManifest;
import dev.proffer.ranker.store.Aliases;
import java.util.Map;

/**
 * Hears what becomes of models. Never throws, whatever happens to it: a training that cannot be
 * reported is a training all the same.
 */
public interface Tracking {
  /** Nobody hears. */
  Tracking NONE =
      new Tracking() {
        @Override
        public void trained(
            ModelManifest manifest, Map<String, String> parameters, String source) {}

        @Override
        public void evaluated(String task, String version, Map<String, Double> figures) {}

        @Override
        public void named(String task, Aliases aliases) {}
      };

  /**
   * A version was trained.
   *
   * @param parameters how, beside what the manifest says
   * @param source where its files are
   */
  void trained(ModelManifest manifest, Map<String, String> parameters, String source);

  /** A version was judged. */
  void evaluated(String task, String version, Map<String, Double> figures);

  /** Versions go by these names now. */
  void named(String task, Aliases aliases);
}
