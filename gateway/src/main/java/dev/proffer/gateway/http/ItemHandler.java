package dev.proffer.gateway.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.proffer.events.Item;
import dev.proffer.events.codec.InvalidInput;
import dev.proffer.events.codec.ItemReader;
import dev.proffer.events.codec.LogCodec;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET}, {@code PUT} and {@code DELETE /items/{id}}: one item of the catalog. A change is an
 * entry of the log; 200 says that it is durable, folded and seen by suggestions, 202 that it is
 * durable and folded and will be seen.
 */
final class ItemHandler {
  private static final Logger LOG = LoggerFactory.getLogger(ItemHandler.class);

  static final String PREFIX = "/items/";
  private static final String METHODS = "GET, HEAD, PUT, DELETE";
  private static final String ID = "1 to " + ItemReader.MAX_NAME + " characters, percent-encoded";
  private static final String IN_CATALOG = "an item of the catalog";

  private final CatalogChanges changes;
  private final int maxBodyBytes;

  ItemHandler(CatalogChanges changes, int maxBodyBytes) {
    this.changes = changes;
    this.maxBodyBytes = maxBodyBytes;
  }

  void handle(Exchange exchange) {
    try {
      String id = id(exchange.request().path().substring(PREFIX.length()));
      switch (exchange.request().method().name()) {
        case "GET", "HEAD" -> show(exchange, id);
        case "PUT" -> Bodies.json(exchange, maxBodyBytes, (media, body) -> put(exchange, id, body));
        case "DELETE" -> delete(exchange, id);
        default -> {
          exchange.response().putHeader("allow", METHODS);
          throw Refused.of(
              Problem.METHOD_NOT_ALLOWED,
              "method",
              exchange.request().method().name(),
              "one of [" + METHODS + "]");
        }
      }
    } catch (Refused refused) {
      exchange.refuse(refused);
    }
  }

  private static String id(String raw) throws Refused {
    String id;
    try {
      // A path's plus sign is itself; the decoder knows forms, where it is a space.
      id = raw.indexOf('/') >= 0 ? "" : QueryStringDecoder.decodeComponent(raw.replace("+", "%2B"));
    } catch (IllegalArgumentException e) {
      throw Refused.of(Problem.MALFORMED_REQUEST, "id", raw, ID);
    }
    if (id.isBlank() || id.length() > ItemReader.MAX_NAME || id.indexOf('\uFFFD') >= 0) {
      throw Refused.of(Problem.MALFORMED_REQUEST, "id", raw, ID);
    }
    return id;
  }

  private Item there(String id) throws Refused {
    Item item = changes.item(id);
    if (item == null || item.deleted()) {
      throw Refused.of(Problem.NO_SUCH_ITEM, "id", id, IN_CATALOG);
    }
    return item;
  }

  private void show(Exchange exchange, String id) throws Refused {
    Item item = there(id);
    boolean proposable = item.proposable(changes.nowMillis());
    exchange.answer(
        200, Exchange.JSON, JsonOutput.write(512, json -> write(json, item, proposable)));
  }

  private void put(Exchange exchange, String id, byte[] body) throws InvalidInput, Refused {
    ItemReader.Sent sent = ItemReader.read(body, 0, body.length, false);
    if (sent.id() != null && !sent.id().equals(id)) {
      throw new InvalidInput("id", sent.id(), "the id of the path, \"" + id + "\", or none");
    }
    changes.check(id);
    Item before = changes.item(id);
    long added = before == null || before.deleted() ? changes.nowMillis() : before.addedMillis();
    keep(exchange, sent.item(id, added, changes.next(before)));
  }

  private void delete(Exchange exchange, String id) throws Refused {
    Item before = there(id);
    keep(exchange, before.deletedAt(changes.next(before)));
  }

  private void keep(Exchange exchange, Item item) throws Refused {
    boolean taken =
        changes.offer(
            List.of(item),
            new Acknowledgements.Waiting() {
              @Override
              public void kept() {
                changes.served(item, served -> changed(exchange, item, served));
              }

              @Override
              public void lost(@Nullable Throwable failure) {
                LOG.error("the log did not take a change of the item {}", item.id(), failure);
                exchange.refuse(new Refused(Problem.LOG_FAILED, List.of()));
              }
            });
    if (!taken) {
      throw new Refused(changes.refusing(), List.of());
    }
    changes.flush();
  }

  private static void changed(Exchange exchange, Item item, boolean served) {
    exchange.answer(
        served ? 200 : 202,
        Exchange.JSON,
        JsonOutput.write(
            128,
            json -> {
              json.writeStartObject();
              json.writeStringField("item_id", item.id());
              json.writeStringField("changed", instant(item.changedMillis()));
              json.writeBooleanField("deleted", item.deleted());
              json.writeBooleanField("served", served);
              json.writeEndObject();
            }));
  }

  private static void write(JsonGenerator json, Item item, boolean proposable) throws IOException {
    Item.Validity validity = item.validity();
    json.writeStartObject();
    json.writeStringField("id", item.id());
    json.writeStringField("title", item.title());
    json.writeStringField("category", item.category());
    json.writeObjectFieldStart("attributes");
    for (Map.Entry<String, Object> attribute : new TreeMap<>(item.attributes()).entrySet()) {
      json.writeFieldName(attribute.getKey());
      LogCodec.writePlain(json, attribute.getValue());
    }
    json.writeEndObject();
    json.writeBooleanField("available", validity.available());
    json.writeStringField(
        "valid_from", validity.fromMillis() == 0 ? null : instant(validity.fromMillis()));
    json.writeStringField(
        "valid_until",
        validity.untilMillis() == Long.MAX_VALUE ? null : instant(validity.untilMillis()));
    json.writeArrayFieldStart("audience");
    for (String segment : validity.audience()) {
      json.writeString(segment);
    }
    json.writeEndArray();
    json.writeStringField("added", instant(item.addedMillis()));
    json.writeStringField(
        "changed", item.changedMillis() == 0 ? null : instant(item.changedMillis()));
    json.writeBooleanField("proposable", proposable);
    json.writeEndObject();
  }

  private static String instant(long millis) {
    return Instant.ofEpochMilli(millis).toString();
  }
}
