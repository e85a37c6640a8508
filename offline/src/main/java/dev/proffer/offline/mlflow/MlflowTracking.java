package dev.proffer.offline.mlflow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.proffer.events.time.Time;
import dev.proffer.ranker.MlflowSpec;
import dev.proffer.ranker.artifact.ModelManifest;
import dev.proffer.ranker.store.Aliases;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mlflow.api.proto.ModelRegistry.ModelVersion;
import org.mlflow.api.proto.Service.CreateRun;
import org.mlflow.api.proto.Service.Metric;
import org.mlflow.api.proto.Service.Param;
import org.mlflow.api.proto.Service.Run;
import org.mlflow.api.proto.Service.RunInfo;
import org.mlflow.api.proto.Service.RunTag;
import org.mlflow.api.proto.Service.ViewType;
import org.mlflow.tracking.MlflowClient;
import org.mlflow.tracking.creds.BasicMlflowHostCreds;

/**
 * Tells an MLflow tracking server: a run for each training, with parameters, tags and the figures
 * of evaluations; a registered model for each task, with a version for each of ours; and who
 * serves, as MLflow's aliases of the same names.
 *
 * <p>What fails, or takes longer than configured, is said once a matter and left. Not thread-safe.
 */
public final class MlflowTracking implements Tracking {
  /** The tag, of a run and of a model version, that holds our version's name. */
  static final String VERSION = "proffer.version";

  static final String TASK = "proffer.task";

  /** The variables of the environment that say who asks. */
  private static final String USER = "MLFLOW_TRACKING_USERNAME";

  private static final String PASSWORD = "MLFLOW_TRACKING_PASSWORD";
  private static final String TOKEN = "MLFLOW_TRACKING_TOKEN";

  private static final int LONGEST_PARAMETER = 500;
  private static final int MOST_PARAMETERS = 100;
  private static final int MOST_METRICS = 1_000;
  private static final List<String> ALIASES = List.of("champion", "previous", "challenger");
  private static final JsonMapper JSON = new JsonMapper();

  private final MlflowSpec spec;
  private final Time time;
  private final Consumer<String> say;
  private final BasicMlflowHostCreds who;

  private MlflowTracking(
      MlflowSpec spec, Map<String, String> environment, Time time, Consumer<String> say) {
    this.spec = spec;
    this.time = time;
    this.say = say;
    this.who =
        new BasicMlflowHostCreds(
            String.valueOf(spec.uri()),
            environment.get(USER),
            environment.get(PASSWORD),
            environment.get(TOKEN),
            false);
  }

  /**
   * The tracking that is configured.
   *
   * @param say hears what failed
   */
  public static Tracking of(
      MlflowSpec spec, Map<String, String> environment, Time time, Consumer<String> say) {
    return spec.uri() == null ? NONE : new MlflowTracking(spec, environment, time, say);
  }

  /** Something to tell the server. */
  private interface Matter {
    void tell(MlflowClient client) throws JsonProcessingException;
  }

  @Override
  public void trained(ModelManifest manifest, Map<String, String> parameters, String source) {
    tell(
        "the training of version " + manifest.version() + " of " + manifest.task(),
        client -> {
          RunInfo run =
              client.createRun(
                  CreateRun.newBuilder()
                      .setExperimentId(experiment(client))
                      .setRunName(manifest.task() + " " + manifest.version())
                      .setStartTime(manifest.createdAt().toEpochMilli())
                      .addAllTags(tags(manifest))
                      .build());
          List<Param> params = new ArrayList<>();
          parameters.forEach((key, value) -> params.add(parameter(key, value)));
          client.logBatch(
              run.getRunId(),
              List.of(),
              params.subList(0, Math.min(params.size(), MOST_PARAMETERS)),
              List.of());
          client.setTerminated(run.getRunId());
          register(client, manifest, run.getRunId(), source);
        });
  }

  private static List<RunTag> tags(ModelManifest manifest) {
    Map<String, String> tags = new LinkedHashMap<>();
    tags.put(VERSION, manifest.version());
    tags.put(TASK, manifest.task());
    tags.put("proffer.contract", manifest.contract());
    tags.put("proffer.contract_sha256", manifest.contractSha256());
    tags.put("proffer.log_sha256", manifest.logSha256());
    tags.put("proffer.commit", manifest.commit());
    List<RunTag> list = new ArrayList<>();
    tags.forEach((key, value) -> list.add(RunTag.newBuilder().setKey(key).setValue(value).build()));
    return list;
  }

  private static Param parameter(String key, String value) {
    String cut = value.length() > LONGEST_PARAMETER ? value.substring(0, LONGEST_PARAMETER) : value;
    return Param.newBuilder().setKey(key).setValue(cut).build();
  }

  private void register(MlflowClient client, ModelManifest manifest, String run, String source)
      throws JsonProcessingException {
    String name = model(manifest.task());
    try {
      client.sendPost("registered-models/create", json("name", name));
    } catch (RuntimeException e) {
      if (!String.valueOf(e.getMessage()).contains("RESOURCE_ALREADY_EXISTS")) {
        throw e;
      }
    }
    Map<String, Object> version = new LinkedHashMap<>();
    version.put("name", name);
    version.put("source", source);
    version.put("run_id", run);
    version.put("tags", List.of(Map.of("key", VERSION, "value", manifest.version())));
    client.sendPost("model-versions/create", JSON.writeValueAsString(version));
  }

  @Override
  public void evaluated(String task, String version, Map<String, Double> figures) {
    tell(
        "the evaluation of version " + version + " of " + task,
        client -> {
          String run = run(client, task, version);
          if (run == null) {
            throw new IllegalStateException("it knows no run of it");
          }
          long now = time.millis();
          List<Metric> metrics = new ArrayList<>();
          figures.forEach(
              (key, value) -> {
                if (Double.isFinite(value) && metrics.size() < MOST_METRICS) {
                  metrics.add(
                      Metric.newBuilder()
                          .setKey(key(key))
                          .setValue(value)
                          .setTimestamp(now)
                          .setStep(0)
                          .build());
                }
              });
          client.logBatch(run, metrics, List.of(), List.of());
        });
  }

  @Override
  public void named(String task, Aliases aliases) {
    tell(
        "who serves " + task,
        client -> {
          List<@Nullable String> versions = new ArrayList<>();
          versions.add(aliases.champion());
          versions.add(aliases.previous());
          versions.add(aliases.challenger());
          List<String> unknown = new ArrayList<>();
          for (int at = 0; at < ALIASES.size(); at++) {
            String version = versions.get(at);
            if (version != null && !alias(client, task, ALIASES.get(at), version)) {
              unknown.add(version);
            }
          }
          if (!unknown.isEmpty()) {
            throw new IllegalStateException("it knows no model version of " + unknown);
          }
        });
  }

  private boolean alias(MlflowClient client, String task, String alias, String version)
      throws JsonProcessingException {
    String run = run(client, task, version);
    if (run == null) {
      return false;
    }
    List<ModelVersion> found =
        client
            .searchModelVersions("name='" + model(task) + "' and run_id='" + run + "'")
            .getItems();
    if (found.isEmpty()) {
      return false;
    }
    client.sendPost(
        "registered-models/alias",
        json("name", model(task), "alias", alias, "version", found.get(0).getVersion()));
    return true;
  }

  private @Nullable String run(MlflowClient client, String task, String version) {
    List<Run> runs =
        client
            .searchRuns(
                List.of(experiment(client)),
                "tags.`"
                    + VERSION
                    + "` = '"
                    + version
                    + "' and tags.`"
                    + TASK
                    + "` = '"
                    + task
                    + "'",
                ViewType.ACTIVE_ONLY,
                1)
            .getItems();
    return runs.isEmpty() ? null : runs.get(0).getInfo().getRunId();
  }

  private String experiment(MlflowClient client) {
    return client
        .getExperimentByName(spec.experiment())
        .map(known -> known.getExperimentId())
        .orElseGet(() -> client.createExperiment(spec.experiment()));
  }

  private String model(String task) {
    return spec.prefix() + task;
  }

  /** A figure's name in the letters that MLflow takes. */
  static String key(String figure) {
    return figure.replace("@", "_at_").replaceAll("[^A-Za-z0-9_. /-]", "_");
  }

  private static String json(String... fields) throws JsonProcessingException {
    Map<String, String> object = new LinkedHashMap<>();
    for (int at = 0; at < fields.length; at += 2) {
      object.put(fields[at], fields[at + 1]);
    }
    return JSON.writeValueAsString(object);
  }

  /** Tells the server on a thread of its own, since its client waits for as long as it takes. */
  private void tell(String what, Matter matter) {
    FutureTask<Boolean> telling =
        new FutureTask<>(
            () -> {
              try (MlflowClient client = new MlflowClient(who)) {
                matter.tell(client);
              }
              return true;
            });
    Thread thread = new Thread(telling, "mlflow");
    thread.setDaemon(true);
    thread.start();
    try {
      telling.get(spec.timeoutSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      failed(what, words(Objects.requireNonNullElse(e.getCause(), e)));
    } catch (TimeoutException e) {
      telling.cancel(true);
      failed(what, "it did not answer within " + spec.timeoutSeconds() + " s");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void failed(String what, String why) {
    say.accept(
        "  warning: MLflow at " + spec.uri() + " was not told " + what + ", which stands: " + why);
  }

  /** The cause in one line; of an answer in MLflow's form, its message. */
  private static String words(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String text = String.valueOf(root.getMessage() == null ? root : root.getMessage());
    int brace = text.indexOf('{');
    if (brace >= 0) {
      try {
        JsonNode answer = JSON.readTree(text.substring(brace));
        if (answer.has("message")) {
          text = text.substring(0, brace) + answer.path("message").asText();
        }
      } catch (JsonProcessingException e) {
        // as it came
      }
    }
    return text.lines().findFirst().orElse("");
  }
}
