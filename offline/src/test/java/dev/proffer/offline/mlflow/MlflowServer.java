package dev.proffer.offline.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The calls of MLflow's REST API 2.0 that are made of it, kept in memory, as its documentation
 * describes them (https://mlflow.org/docs/2.20.3/rest-api.html). Strict: a path, a method, a field
 * or a value that the documentation does not know is refused and remembered in {@link #refused}.
 */
public final class MlflowServer implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9_. /-]{1,250}");
  private static final Pattern FILTER =
      Pattern.compile("tags\\.`([^`]+)` = '([^']*)' and tags\\.`([^`]+)` = '([^']*)'");
  private static final Pattern OF_RUN = Pattern.compile("name='([^']*)' and run_id='([^']*)'");

  private final HttpServer server;
  private final Map<String, String> experiments = new LinkedHashMap<>();

  /** Runs by id. */
  public final Map<String, Run> runs = new LinkedHashMap<>();

  /** Registered models by name. */
  public final Map<String, Model> models = new LinkedHashMap<>();

  /** What was asked that the API does not know. */
  public final List<String> refused = new CopyOnWriteArrayList<>();

  /** A run. */
  public static final class Run {
    public final Map<String, String> tags = new TreeMap<>();
    public final Map<String, String> params = new TreeMap<>();
    public final Map<String, Double> metrics = new TreeMap<>();
    public String status = "RUNNING";
  }

  /** A registered model: its versions' runs, the first of version 1, and its aliases. */
  public static final class Model {
    public final List<String> runs = new ArrayList<>();
    public final Map<String, String> aliases = new TreeMap<>();
  }

  /** Refuses a call as MLflow does. */
  private static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;
    final int status;
    final String code;

    Refusal(int status, String code, String message) {
      super(message);
      this.status = status;
      this.code = code;
    }
  }

  public MlflowServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.start();
  }

  /** Where it listens. */
  public String uri() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private synchronized void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      int status = 200;
      ObjectNode answer = JSON.createObjectNode();
      String call = exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
      try {
        byte[] body = exchange.getRequestBody().readAllBytes();
        answer(call, exchange.getRequestURI(), body, answer);
      } catch (Refusal e) {
        status = e.status;
        answer.put("error_code", e.code).put("message", e.getMessage());
        if (e.code.equals("INVALID_PARAMETER_VALUE") || e.code.equals("ENDPOINT_NOT_FOUND")) {
          refused.add(call + ": " + e.getMessage());
        }
      } catch (IOException | RuntimeException e) {
        status = 500;
        refused.add(call + ": " + e);
      }
      byte[] bytes = JSON.writeValueAsBytes(answer);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private void answer(String call, URI uri, byte[] body, ObjectNode answer) throws IOException {
    JsonNode asked = body.length == 0 ? JSON.createObjectNode() : JSON.readTree(body);
    Map<String, String> query = query(uri);
    switch (call) {
      case "GET /api/2.0/mlflow/experiments/get-by-name" -> {
        String id = experiments.get(query.get("experiment_name"));
        if (id == null) {
          throw new Refusal(404, "RESOURCE_DOES_NOT_EXIST", "no such experiment");
        }
        answer
            .putObject("experiment")
            .put("experiment_id", id)
            .put("name", query.get("experiment_name"));
      }
      case "POST /api/2.0/mlflow/experiments/create" -> {
        only(asked, "name", "artifact_location", "tags");
        experiments.put(text(asked, "name"), String.valueOf(experiments.size() + 1));
        answer.put("experiment_id", experiments.get(text(asked, "name")));
      }
      case "POST /api/2.0/mlflow/runs/create" -> createRun(asked, answer);
      case "POST /api/2.0/mlflow/runs/update" -> {
        only(asked, "run_id", "status", "end_time", "run_name", "run_uuid");
        run(asked).status = text(asked, "status");
        answer.putObject("run_info").put("run_id", text(asked, "run_id"));
      }
      case "POST /api/2.0/mlflow/runs/log-batch" -> logBatch(asked);
      case "POST /api/2.0/mlflow/runs/search" -> searchRuns(asked, answer);
      case "POST /api/2.0/mlflow/registered-models/create" -> {
        only(asked, "name", "tags", "description");
        if (models.containsKey(text(asked, "name"))) {
          throw new Refusal(400, "RESOURCE_ALREADY_EXISTS", "there is one of that name");
        }
        models.put(text(asked, "name"), new Model());
        answer.putObject("registered_model").put("name", text(asked, "name"));
      }
      case "POST /api/2.0/mlflow/model-versions/create" -> createVersion(asked, answer);
      case "GET /api/2.0/mlflow/model-versions/search" -> searchVersions(query, answer);
      case "POST /api/2.0/mlflow/registered-models/alias" -> {
        only(asked, "name", "alias", "version");
        Model model = model(text(asked, "name"));
        int version = Integer.parseInt(text(asked, "version"));
        if (version < 1 || version > model.runs.size()) {
          throw new Refusal(404, "RESOURCE_DOES_NOT_EXIST", "no version " + version);
        }
        model.aliases.put(text(asked, "alias"), model.runs.get(version - 1));
      }
      default -> throw new Refusal(404, "ENDPOINT_NOT_FOUND", "no such endpoint");
    }
  }

  private void createRun(JsonNode asked, ObjectNode answer) {
    only(asked, "experiment_id", "user_id", "run_name", "start_time", "tags");
    if (!experiments.containsValue(text(asked, "experiment_id"))) {
      throw new Refusal(404, "RESOURCE_DOES_NOT_EXIST", "no such experiment");
    }
    Run run = new Run();
    for (JsonNode tag : asked.path("tags")) {
      only(tag, "key", "value");
      run.tags.put(key(tag), text(tag, "value"));
    }
    String id = "run" + (runs.size() + 1);
    runs.put(id, run);
    answer
        .putObject("run")
        .putObject("info")
        .put("run_id", id)
        .put("experiment_id", text(asked, "experiment_id"))
        .put("status", run.status);
  }

  private void logBatch(JsonNode asked) {
    only(asked, "run_id", "metrics", "params", "tags");
    if (asked.path("metrics").size() > 1_000 || asked.path("params").size() > 100) {
      throw new Refusal(400, "INVALID_PARAMETER_VALUE", "too many at once");
    }
    Run run = run(asked);
    for (JsonNode metric : asked.path("metrics")) {
      only(metric, "key", "value", "timestamp", "step");
      if (!metric.path("value").isNumber() || metric.path("timestamp").asLong() <= 0) {
        throw new Refusal(400, "INVALID_PARAMETER_VALUE", "metric " + metric);
      }
      run.metrics.put(key(metric), metric.path("value").asDouble());
    }
    for (JsonNode param : asked.path("params")) {
      only(param, "key", "value");
      if (text(param, "value").length() > 6_000) {
        throw new Refusal(400, "INVALID_PARAMETER_VALUE", "a value that is too long");
      }
      run.params.put(key(param), text(param, "value"));
    }
  }

  private void searchRuns(JsonNode asked, ObjectNode answer) {
    only(
        asked,
        "experiment_ids",
        "filter",
        "run_view_type",
        "max_results",
        "order_by",
        "page_token");
    Matcher filter = FILTER.matcher(text(asked, "filter"));
    if (!filter.matches()) {
      throw new Refusal(400, "INVALID_PARAMETER_VALUE", "filter " + text(asked, "filter"));
    }
    ArrayNode found = answer.putArray("runs");
    runs.forEach(
        (id, run) -> {
          if (filter.group(2).equals(run.tags.get(filter.group(1)))
              && filter.group(4).equals(run.tags.get(filter.group(3)))) {
            found.addObject().putObject("info").put("run_id", id);
          }
        });
  }

  private void createVersion(JsonNode asked, ObjectNode answer) {
    only(asked, "name", "source", "run_id", "tags", "run_link", "description");
    Model model = model(text(asked, "name"));
    run(asked);
    URI source = URI.create(text(asked, "source"));
    if (source.getScheme() == null || source.getScheme().equals("file")) {
      throw new Refusal(400, "INVALID_PARAMETER_VALUE", "Invalid model version source: " + source);
    }
    model.runs.add(text(asked, "run_id"));
    answer
        .putObject("model_version")
        .put("name", text(asked, "name"))
        .put("version", String.valueOf(model.runs.size()));
  }

  private void searchVersions(Map<String, String> query, ObjectNode answer) {
    if (!Set.of("filter", "max_results", "order_by", "page_token").containsAll(query.keySet())) {
      throw new Refusal(400, "INVALID_PARAMETER_VALUE", "one of " + query.keySet());
    }
    Matcher filter = OF_RUN.matcher(query.getOrDefault("filter", ""));
    if (!filter.matches()) {
      throw new Refusal(400, "INVALID_PARAMETER_VALUE", "filter " + query.get("filter"));
    }
    ArrayNode found = answer.putArray("model_versions");
    Model model = model(filter.group(1));
    int at = model.runs.indexOf(filter.group(2));
    if (at >= 0) {
      found
          .addObject()
          .put("name", filter.group(1))
          .put("version", String.valueOf(at + 1))
          .put("run_id", filter.group(2));
    }
  }

  private Run run(JsonNode asked) {
    Run run = runs.get(text(asked, "run_id"));
    if (run == null) {
      throw new Refusal(404, "RESOURCE_DOES_NOT_EXIST", "no such run");
    }
    return run;
  }

  private Model model(String name) {
    Model model = models.get(name);
    if (model == null) {
      throw new Refusal(404, "RESOURCE_DOES_NOT_EXIST", "no such registered model");
    }
    return model;
  }

  private static void only(JsonNode asked, String... known) {
    for (Iterator<String> names = asked.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!List.of(known).contains(name)) {
        throw new Refusal(400, "INVALID_PARAMETER_VALUE", "field " + name);
      }
    }
  }

  private static String text(JsonNode asked, String field) {
    JsonNode value = asked.path(field);
    if (!value.isTextual() || value.asText().isEmpty()) {
      throw new Refusal(400, "INVALID_PARAMETER_VALUE", "field " + field + " is " + value);
    }
    return value.asText();
  }

  private static String key(JsonNode asked) {
    String key = text(asked, "key");
    if (!KEY.matcher(key).matches()) {
      throw new Refusal(400, "INVALID_PARAMETER_VALUE", "key " + key);
    }
    return key;
  }

  private static Map<String, String> query(URI uri) {
    Map<String, String> query = new TreeMap<>();
    String raw = uri.getRawQuery();
    if (raw != null) {
      for (String pair : raw.split("&", -1)) {
        String[] parts = pair.split("=", 2);
        query.put(
            parts[0], parts.length < 2 ? "" : URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
      }
    }
    return query;
  }
}
