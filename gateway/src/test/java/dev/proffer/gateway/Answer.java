package dev.proffer.gateway;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpHeaders;
import java.util.List;

/** A response that kept the contract. */
public record Answer(int status, HttpHeaders headers, String body) {
  /** The body as a JSON object. */
  public JsonObject json() {
    return new JsonObject(body);
  }

  /** The proposed ids in order. */
  public List<String> ids() {
    return objects(json().getJsonArray("propositions")).stream()
        .map(proposition -> proposition.getString("id"))
        .toList();
  }

  /** The words of {@code degraded}. */
  public List<String> degraded() {
    return json().getJsonArray("degraded").stream().map(String.class::cast).toList();
  }

  /** The elements of an array of objects. */
  public static List<JsonObject> objects(JsonArray array) {
    return array.stream().map(JsonObject.class::cast).toList();
  }
}
