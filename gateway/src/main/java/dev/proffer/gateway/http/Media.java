package dev.proffer.gateway.http;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a body can be: media types in UTF-8, which is what JSON is in. */
enum Media {
  JSON("application/json"),
  CLOUDEVENT("application/cloudevents+json"),
  CLOUDEVENTS("application/cloudevents-batch+json"),
  NDJSON("application/x-ndjson");

  private final String type;

  Media(String type) {
    this.type = type;
  }

  String type() {
    return type;
  }

  /** The one of some that a content type names, with no parameter but {@code charset=utf-8}. */
  static @Nullable Media of(String contentType, Set<Media> some) {
    for (Media media : some) {
      if (contentType.equals(media.type)) {
        return media;
      }
    }
    String[] parts = contentType.toLowerCase(Locale.ROOT).split(";", -1);
    for (int part = 1; part < parts.length; part++) {
      String parameter = parts[part].strip().replace("\"", "");
      if (!parameter.isEmpty() && !parameter.equals("charset=utf-8")) {
        return null;
      }
    }
    String bare = parts[0].strip();
    return some.stream().filter(media -> media.type.equals(bare)).findAny().orElse(null);
  }

  /** Their names, for a refusal. */
  static String words(Set<Media> some) {
    List<String> types = Arrays.stream(values()).filter(some::contains).map(Media::type).toList();
    return types.size() == 1 ? types.get(0) : "one of " + types;
  }
}
