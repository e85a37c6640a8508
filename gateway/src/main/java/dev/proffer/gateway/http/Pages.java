package dev.proffer.gateway.http;

import dev.proffer.events.EventRegistry;
import dev.proffer.events.EventType;
import dev.proffer.events.codec.EventSchemas;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The pages that never change while a gateway runs: the contract with the schemas of the declared
 * event types, and Swagger UI with all of its assets, so that a browser asks nobody but us. Read
 * into memory at the start, off the loops; safe to share.
 */
public final class Pages {
  static final String CONTRACT = "/openapi.yaml";
  static final String DOCS = "/docs";

  private static final String WEBJAR = "META-INF/resources/webjars/swagger-ui/";
  private static final String WEBJAR_VERSION =
      "META-INF/maven/org.webjars/swagger-ui/pom.properties";

  private static final String ALL_EVENTS = "\n    Event:\n";

  private final Map<String, Page> byPath = new LinkedHashMap<>();

  /** A page as it goes out. */
  record Page(String contentType, Buffer body) {}

  private Pages() {}

  /** Reads the pages from the class path; the contract gets a schema for each event type. */
  public static Pages read(EventRegistry registry) throws IOException {
    Pages pages = new Pages();
    pages.byPath.put(CONTRACT, new Page("application/yaml", Buffer.buffer(contract(registry))));
    pages.add(DOCS, "text/html; charset=utf-8", "docs/index.html");
    pages.add("/docs/init.js", "text/javascript; charset=utf-8", "docs/init.js");
    pages.add("/docs/style.css", "text/css; charset=utf-8", "docs/style.css");
    Properties webjar = new Properties();
    try (InputStream in = open(WEBJAR_VERSION)) {
      webjar.load(in);
    }
    String root = WEBJAR + webjar.getProperty("version") + "/";
    pages.add("/docs/swagger-ui.css", "text/css; charset=utf-8", root + "swagger-ui.css");
    pages.add(
        "/docs/swagger-ui-bundle.js",
        "text/javascript; charset=utf-8",
        root + "swagger-ui-bundle.js");
    pages.add("/docs/favicon-32x32.png", "image/png", root + "favicon-32x32.png");
    return pages;
  }

  /** The contract as written, the event types' schemas before the one of all events. */
  private static String contract(EventRegistry registry) throws IOException {
    String written;
    try (InputStream in = open("openapi.yaml")) {
      written = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    StringBuilder schemas = new StringBuilder();
    for (EventType type : registry.types()) {
      schemas
          .append("    ")
          .append(EventSchemas.name(type))
          .append(": ")
          .append(EventSchemas.of(registry, type)) // JSON is YAML
          .append('\n');
    }
    int at = written.indexOf(ALL_EVENTS);
    if (at < 0) {
      throw new IOException("openapi.yaml lacks the schema of all events");
    }
    return written.substring(0, at + 1) + schemas + written.substring(at + 1);
  }

  private void add(String path, String contentType, String resource) throws IOException {
    try (InputStream in = open(resource)) {
      byPath.put(path, new Page(contentType, Buffer.buffer(in.readAllBytes())));
    }
  }

  private static InputStream open(String resource) throws IOException {
    InputStream in = Pages.class.getClassLoader().getResourceAsStream(resource);
    if (in == null) {
      throw new IOException("the class path lacks " + resource);
    }
    return in;
  }

  /** The paths of what the page of documentation is made of. */
  List<String> parts() {
    return byPath.keySet().stream().filter(path -> path.startsWith(DOCS + "/")).toList();
  }

  /** The page at a path. */
  @Nullable Page at(String path) {
    return byPath.get(path);
  }
}
