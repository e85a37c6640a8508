package dev.proffer.features.compute;

import dev.proffer.features.text.Words;
import java.util.function.Supplier;

/** What is the same for everybody who asks in this moment in this way. */
final class MomentTransformations {
  private MomentTransformations() {}

  static void register(Registry registry) {
    registry.ofRequest(
        "hour",
        "The hour of the day in a zone, with its fraction; as sine or cosine of the day's circle,"
            + " so that midnight is near 23 o'clock.",
        d -> {
          Supplier<LocalTime> zone = LocalTime.read(d.parameters());
          String as = d.parameters().word("as", "number", "sine", "cosine");
          return () -> {
            LocalTime time = zone.get();
            return (Transformation.OfRequest) in -> circle(time.hour(in.asOfMillis()), 24, as);
          };
        });
    registry.ofRequest(
        "weekday",
        "The day of the week in a zone, Monday 1 to Sunday 7; as sine or cosine of the week's"
            + " circle, or 1 for Saturday and Sunday (weekend).",
        d -> {
          Supplier<LocalTime> zone = LocalTime.read(d.parameters());
          String as = d.parameters().word("as", "number", "sine", "cosine", "weekend");
          return () -> {
            LocalTime time = zone.get();
            return (Transformation.OfRequest)
                in -> {
                  int day = time.weekday(in.asOfMillis());
                  return as.equals("weekend") ? (day >= 6 ? 1 : 0) : circle(day, 7, as);
                };
          };
        });
    registry.ofRequest(
        "device-is",
        "1 when the caller names this device, else 0.",
        d -> {
          String device = d.parameters().text("device");
          return () ->
              (Transformation.OfRequest) in -> in.context().device().equals(device) ? 1 : 0;
        });
    registry.ofRequest(
        "context-is",
        "1 when the suggestion is asked for in this context, else 0.",
        d -> {
          String type = d.parameters().word("type", "home", "item", "category", "search");
          return () ->
              (Transformation.OfRequest) in -> in.context().contextType().equals(type) ? 1 : 0;
        });
    registry.ofRequest(
        "search-length",
        "How many characters, or words, were searched for; 0 when nothing was.",
        d -> {
          boolean words = d.parameters().word("in", "characters", "words").equals("words");
          return () ->
              (Transformation.OfRequest)
                  in -> words ? Words.count(in.context().search()) : in.context().search().length();
        });
  }

  private static float circle(double at, double round, String as) {
    double angle = 2 * Math.PI * at / round;
    return (float)
        switch (as) {
          case "sine" -> Math.sin(angle);
          case "cosine" -> Math.cos(angle);
          default -> at;
        };
  }
}
