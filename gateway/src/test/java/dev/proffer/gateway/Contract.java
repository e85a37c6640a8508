package dev.proffer.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.SchemaRepository;
import io.vertx.openapi.contract.MediaType;
import io.vertx.openapi.contract.OpenAPIContract;
import io.vertx.openapi.contract.Operation;
import io.vertx.openapi.contract.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.yaml.snakeyaml.Yaml;

/**
 * {@code openapi.yaml} as a judge of requests and responses. Loading it holds it against OpenAPI's
 * own schema. Vert.x knows few media types, so it is given a copy in which ours have names it
 * knows; the real names are checked against the contract as written.
 */
public final class Contract {
  private static final Map<String, String> KNOWN_TO_VERTX =
      Map.of(
          "application/problem+json", "application/json",
          "application/json", "application/json",
          "text/html", "text/plain",
          "text/plain", "text/plain",
          "application/yaml", "text/plain",
          "application/x-ndjson", "text/plain");

  private final JsonObject written;
  private final OpenAPIContract contract;

  private Contract(JsonObject written, OpenAPIContract contract) {
    this.written = written;
    this.contract = contract;
  }

  /** Reads the contract from the class path. */
  public static Contract read() {
    Vertx vertx = Vertx.vertx();
    try {
      JsonObject written = new JsonObject(parsed());
      JsonObject copy = renamed(written.copy());
      copy.remove("servers"); // Vert.x wants a host, the contract says "where this page came from"
      OpenAPIContract contract = OpenAPIContract.from(vertx, copy).await(20, TimeUnit.SECONDS);
      return new Contract(written, contract);
    } catch (TimeoutException e) {
      throw new IllegalStateException(e);
    } finally {
      var unused = vertx.close();
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> parsed() {
    try (InputStream in = Contract.class.getClassLoader().getResourceAsStream("openapi.yaml")) {
      return (Map<String, Object>) new Yaml().load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonObject renamed(JsonObject object) {
    for (String field : object.fieldNames().toArray(new String[0])) {
      Object value = object.getValue(field);
      if (field.equals("content") && value instanceof JsonObject content) {
        JsonObject known = new JsonObject();
        content.forEach(
            type -> {
              if (!type.getKey().startsWith("application/cloudevents")) { // held by name, below
                assertThat(KNOWN_TO_VERTX).containsKey(type.getKey());
                known.put(KNOWN_TO_VERTX.get(type.getKey()), type.getValue());
              }
            });
        object.put(field, known);
        value = known;
      }
      renameWithin(value);
    }
    return object;
  }

  private static void renameWithin(Object value) {
    if (value instanceof JsonObject object) {
      renamed(object);
    } else if (value instanceof JsonArray array) {
      array.forEach(Contract::renameWithin);
    }
  }

  /** Holds a request that is meant to be valid against the contract. */
  public void checkRequest(String method, String path, String body) {
    Operation operation = operation(method, path);
    check(
        jsonSchema(operation.getRequestBody().getContent()),
        body,
        "request of " + method + " " + path);
  }

  /** Holds a request's body against one of the contract's schemas. */
  public void checkBody(String mediaType, String path, String body) {
    String reference =
        written
            .getJsonObject("paths")
            .getJsonObject(path)
            .getJsonObject("post")
            .getJsonObject("requestBody")
            .getJsonObject("content")
            .getJsonObject(mediaType)
            .getJsonObject("schema")
            .getString("$ref");
    OutputUnit result = holds(written, reference, body);
    assertThat(result.getValid())
        .as("%s keeps the contract: %s%n%s", mediaType, result.getErrors(), body)
        .isTrue();
  }

  /**
   * Holds JSON against a schema of a contract.
   *
   * @param reference within the contract, such as {@code #/components/schemas/Event}
   */
  public static OutputUnit holds(JsonObject contract, String reference, String json) {
    SchemaRepository repository =
        SchemaRepository.create(
            new JsonSchemaOptions()
                .setBaseUri("app://proffer/")
                .setDraft(Draft.DRAFT202012)
                .setOutputFormat(OutputFormat.Basic));
    repository.dereference("contract", JsonSchema.of(contract));
    return repository
        .validator(
            JsonSchema.of(new JsonObject().put("$ref", "app://proffer/contract" + reference)))
        .validate(Json.decodeValue(json));
  }

  /** Holds a response against the contract: its status, content type, headers and body. */
  public void checkResponse(
      String method, String path, int status, String contentType, String body) {
    String type = contentType.split(";", -1)[0];
    JsonObject operation = written.getJsonObject("paths").getJsonObject(path, new JsonObject());
    if (!operation.containsKey(method.toLowerCase(java.util.Locale.ROOT))) {
      assertThat(type).isEqualTo("application/problem+json");
      checkProblem(body);
      return;
    }
    Response response = operation(method, path).getResponse(status);
    assertThat(response).as("%s %s may answer %d", method, path, status).isNotNull();
    JsonObject described =
        operation
            .getJsonObject(method.toLowerCase(java.util.Locale.ROOT))
            .getJsonObject("responses")
            .getJsonObject(Integer.toString(status));
    String reference = described.getString("$ref");
    if (reference != null) {
      described =
          written
              .getJsonObject("components")
              .getJsonObject("responses")
              .getJsonObject(reference.substring(reference.lastIndexOf('/') + 1));
    }
    assertThat(described.getJsonObject("content").fieldNames()).contains(type);
    if (type.endsWith("json")) {
      check(
          jsonSchema(response.getContent()),
          body,
          "response " + status + " of " + method + " " + path);
    }
  }

  /** Holds a body against the schema of problems. */
  public void checkProblem(String body) {
    Operation suggest = contract.operation("suggest");
    check(jsonSchema(suggest.getResponse(400).getContent()), body, "problem");
  }

  /** The examples of a path's request body, as JSON. */
  public List<String> requestExamples(String path) {
    return requestExamples(path, "application/json");
  }

  /** The examples of a path's request body of a media type, as JSON. */
  public List<String> requestExamples(String path, String mediaType) {
    JsonObject examples =
        written
            .getJsonObject("paths")
            .getJsonObject(path)
            .getJsonObject("post")
            .getJsonObject("requestBody")
            .getJsonObject("content")
            .getJsonObject(mediaType)
            .getJsonObject("examples");
    return examples.fieldNames().stream()
        .map(name -> Json.encode(examples.getJsonObject(name).getValue("value")))
        .toList();
  }

  private Operation operation(String method, String path) {
    Operation operation =
        contract.findOperation(path, io.vertx.core.http.HttpMethod.valueOf(method));
    assertThat(operation).as("%s %s in the contract", method, path).isNotNull();
    return operation;
  }

  private static JsonSchema jsonSchema(Map<String, MediaType> content) {
    MediaType type = content.get("application/json");
    if (type == null) {
      throw new AssertionError("JSON is not in the contract here, but " + content.keySet());
    }
    return type.getSchema();
  }

  private void check(JsonSchema schema, String body, String what) {
    OutputUnit result =
        contract.getSchemaRepository().validator(schema).validate(Json.decodeValue(body));
    assertThat(result.getValid())
        .as("%s keeps the contract: %s%n%s", what, result.getErrors(), body)
        .isTrue();
  }
}
