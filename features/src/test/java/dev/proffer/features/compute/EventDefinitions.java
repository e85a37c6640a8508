package dev.proffer.features.compute;

import dev.proffer.events.Hash64;
import dev.proffer.events.Item;
import dev.proffer.features.compute.Definitions.Case;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What a user's events, an item and the moment come to, by its definition, counted again from the
 * plain list of choices.
 */
final class EventDefinitions {
  private static final double HOUR = 3_600_000;
  private static final ZoneId WARSAW = ZoneId.of("Europe/Warsaw");

  private EventDefinitions() {}

  /** Some of the user's events, as the parameters say and as their definition finds them. */
  private record Some(String parameters, Function<Definitions, List<RawWorld.Choice>> choices) {}

  private static List<Some> selections() {
    return List.of(
        new Some("", Definitions::own),
        new Some("events: click", d -> of(d.own(), c -> c.type().equals("click"))),
        new Some("events: view click, hours: 1.5", d -> latest(d, d.own(), 1.5)),
        new Some("session: true", EventDefinitions::session));
  }

  private static List<RawWorld.Choice> of(
      List<RawWorld.Choice> choices, java.util.function.Predicate<RawWorld.Choice> taken) {
    return choices.stream().filter(taken).toList();
  }

  private static List<RawWorld.Choice> latest(
      Definitions d, List<RawWorld.Choice> choices, double hours) {
    return of(choices, c -> c.time() >= d.query().asOf() - Math.round(hours * HOUR));
  }

  /** The events of the latest session; it is a new one when what is looked at begins one. */
  private static List<RawWorld.Choice> session(Definitions d) {
    List<RawWorld.Choice> session = new ArrayList<>();
    for (RawWorld.Choice choice : d.own()) {
      if (!session.isEmpty() && choice.time() - last(session).time() > RawWorld.GAP) {
        session.clear();
      }
      session.add(choice);
    }
    String looked = d.query().contextItem();
    boolean known = d.itemOf(looked) != null;
    boolean other =
        session.isEmpty()
            || d.itemOf(last(session).item()) == null
            || !last(session).item().equals(looked);
    boolean late = !session.isEmpty() && d.query().asOf() - last(session).time() > RawWorld.GAP;
    return known && other && late ? List.of() : session;
  }

  private static RawWorld.Choice last(List<RawWorld.Choice> choices) {
    return choices.get(choices.size() - 1);
  }

  /** What an item is alike by; empty for none. */
  private static String alike(Definitions d, String by, String id) {
    Item item = d.itemOf(id);
    if (item == null) {
      return "";
    }
    Object value =
        switch (by) {
          case "item" -> item.id();
          case "category" -> item.category();
          default -> item.attributes().get(by);
        };
    return value == null ? "" : value.toString();
  }

  private static double number(Definitions d, String attribute, String id) {
    Item item = d.itemOf(id);
    return item != null && item.attributes().get(attribute) instanceof Number number
        ? number.doubleValue()
        : Double.NaN;
  }

  private static List<Double> values(Definitions d, List<RawWorld.Choice> choices, String of) {
    return choices.stream()
        .map(c -> of.equals("value") ? c.value() : number(d, of, c.item()))
        .filter(value -> !Double.isNaN(value))
        .toList();
  }

  private static double sum(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).sum();
  }

  private static double mean(List<Double> values) {
    return values.isEmpty() ? Double.NaN : sum(values) / values.size();
  }

  private static double deviation(List<Double> values) {
    double mean = mean(values);
    return Math.sqrt(mean(values.stream().map(v -> (v - mean) * (v - mean)).toList()));
  }

  private static List<Double> gaps(List<RawWorld.Choice> choices) {
    List<Double> gaps = new ArrayList<>();
    for (int at = 1; at < choices.size(); at++) {
      gaps.add((choices.get(at).time() - choices.get(at - 1).time()) / HOUR);
    }
    return gaps;
  }

  private static double sessions(List<RawWorld.Choice> choices) {
    return choices.isEmpty()
        ? 0
        : 1 + gaps(choices).stream().filter(gap -> gap > RawWorld.GAP / HOUR).count();
  }

  private static double streak(Definitions d, List<RawWorld.Choice> choices, ZoneId zone) {
    Set<LocalDate> days = new HashSet<>();
    choices.forEach(c -> days.add(Instant.ofEpochMilli(c.time()).atZone(zone).toLocalDate()));
    LocalDate day = Instant.ofEpochMilli(d.query().asOf()).atZone(zone).toLocalDate();
    day = days.contains(day) ? day : day.minusDays(1);
    int streak = 0;
    while (days.contains(day.minusDays(streak))) {
      streak++;
    }
    return streak;
  }

  private static double entropy(Map<String, Long> counts) {
    double all = counts.values().stream().mapToLong(Long::longValue).sum();
    return counts.values().stream()
        .mapToDouble(count -> count / all * Math.log(all / count) / Math.log(2))
        .sum();
  }

  private static Map<String, Long> classes(
      Definitions d, List<RawWorld.Choice> choices, String by) {
    return choices.stream()
        .map(c -> alike(d, by, c.item()))
        .filter(name -> !name.isEmpty())
        .collect(Collectors.groupingBy(name -> name, TreeMap::new, Collectors.counting()));
  }

  private static String joined(String one, String two) {
    return one.isEmpty() || two.isEmpty() ? one + two : one + ", " + two;
  }

  static List<Case> cases() {
    List<Case> all = new ArrayList<>();
    for (Some some : selections()) {
      ofEvents(all, some);
      for (String by : List.of("item", "category", "colour", "place")) {
        ofClasses(all, some, by);
      }
      for (String of : List.of("value", "price")) {
        ofNumbers(all, some, of);
      }
    }
    ofItems(all);
    ofTheMoment(all);
    ofOthers(all);
    return all;
  }

  private static void ofEvents(List<Case> all, Some some) {
    Function<Definitions, List<RawWorld.Choice>> of = some.choices();
    String p = some.parameters();
    all.add(new Case("count", p, (d, i) -> of.apply(d).size()));
    all.add(
        new Case(
            "recency",
            p,
            (d, i) ->
                of.apply(d).isEmpty()
                    ? Double.NaN
                    : (d.query().asOf() - last(of.apply(d)).time()) / HOUR));
    all.add(
        new Case(
            "tenure",
            p,
            (d, i) ->
                of.apply(d).isEmpty()
                    ? Double.NaN
                    : (d.query().asOf() - of.apply(d).get(0).time()) / HOUR / 24));
    all.add(
        new Case(
            "frequency",
            p,
            (d, i) ->
                of.apply(d).isEmpty()
                    ? 0
                    : of.apply(d).size()
                        / Math.max(1, (d.query().asOf() - of.apply(d).get(0).time()) / HOUR / 24)));
    all.add(new Case("gap-mean", p, (d, i) -> mean(gaps(of.apply(d)))));
    all.add(new Case("gap-deviation", p, (d, i) -> deviation(gaps(of.apply(d)))));
    all.add(
        new Case(
            "burstiness",
            p,
            (d, i) -> {
              List<Double> gaps = gaps(of.apply(d));
              return gaps.size() < 2
                  ? Double.NaN
                  : (deviation(gaps) - mean(gaps)) / (deviation(gaps) + mean(gaps));
            }));
    all.add(new Case("sessions", p, (d, i) -> sessions(of.apply(d))));
    all.add(
        new Case(
            "events-per-session",
            p,
            (d, i) ->
                of.apply(d).isEmpty() ? Double.NaN : of.apply(d).size() / sessions(of.apply(d))));
    all.add(new Case("duration", p, (d, i) -> sum(gaps(of.apply(d))) * 60));
    all.add(
        new Case(
            "streak", joined(p, "zone: UTC"), (d, i) -> streak(d, of.apply(d), ZoneId.of("UTC"))));
    all.add(
        new Case(
            "streak", joined(p, "zone: Europe/Warsaw"), (d, i) -> streak(d, of.apply(d), WARSAW)));
    for (int k = 1; k <= 3; k++) {
      int back = k;
      all.add(
          new Case(
              "last-attribute",
              joined(p, "attribute: price, k: " + back),
              (d, i) -> {
                List<RawWorld.Choice> own = of.apply(d);
                return own.size() < back
                    ? Double.NaN
                    : number(d, "price", own.get(own.size() - back).item());
              }));
    }
    if (!p.contains("hours")) {
      all.add(
          new Case(
              "trend",
              joined(p, "short-hours: 0.5, long-hours: 3, weight: 2"),
              (d, i) ->
                  (latest(d, of.apply(d), 0.5).size() + 2 * 0.5 / 3)
                      / ((latest(d, of.apply(d), 3).size() + 2) * 0.5 / 3)));
    }
    if (p.isEmpty()) {
      all.add(
          new Case(
              "events-ratio",
              "events: click, over: view",
              (d, i) -> {
                double views = of(d.own(), c -> c.type().equals("view")).size();
                return views == 0
                    ? Double.NaN
                    : of(d.own(), c -> c.type().equals("click")).size() / views;
              }));
    }
  }

  private static void ofClasses(List<Case> all, Some some, String by) {
    Function<Definitions, List<RawWorld.Choice>> of = some.choices();
    String p = joined(some.parameters(), "by: " + by);
    all.add(new Case("distinct-count", p, (d, i) -> classes(d, of.apply(d), by).size()));
    all.add(new Case("entropy", p, (d, i) -> entropy(classes(d, of.apply(d), by))));
    String value = by.equals("item") ? "i1" : by.equals("category") ? "c1" : "colour-1";
    all.add(
        new Case(
            "share-of-value",
            p + ", value: " + value,
            (d, i) ->
                of.apply(d).isEmpty()
                    ? Double.NaN
                    : (double) classes(d, of.apply(d), by).getOrDefault(value, 0L)
                        / of.apply(d).size()));
    all.add(
        new Case(
            "matching-count",
            p,
            (d, i) -> classes(d, of.apply(d), by).getOrDefault(alike(d, by, i), 0L)));
    all.add(
        new Case(
            "matching-share",
            p,
            (d, i) ->
                of.apply(d).isEmpty()
                    ? 0
                    : (double) classes(d, of.apply(d), by).getOrDefault(alike(d, by, i), 0L)
                        / of.apply(d).size()));
    all.add(
        new Case(
            "matching-recency",
            p,
            (d, i) ->
                of(of.apply(d), c -> same(d, by, c.item(), i)).stream()
                    .mapToDouble(c -> (d.query().asOf() - c.time()) / HOUR)
                    .min()
                    .orElse(Double.NaN)));
    all.add(
        new Case(
            "decayed-affinity",
            p + ", half-life-hours: 2",
            (d, i) ->
                of(of.apply(d), c -> same(d, by, c.item(), i)).stream()
                    .mapToDouble(c -> Math.pow(0.5, (d.query().asOf() - c.time()) / HOUR / 2))
                    .sum()));
  }

  private static boolean same(Definitions d, String by, String one, String other) {
    return !alike(d, by, one).isEmpty() && alike(d, by, one).equals(alike(d, by, other));
  }

  private static void ofNumbers(List<Case> all, Some some, String number) {
    Function<Definitions, List<Double>> of = d -> values(d, some.choices().apply(d), number);
    String p =
        joined(some.parameters(), (number.equals("value") ? "number: " : "attribute: ") + number);
    all.add(new Case("sum", p, (d, i) -> sum(of.apply(d))));
    all.add(new Case("mean", p, (d, i) -> mean(of.apply(d))));
    all.add(new Case("standard-deviation", p, (d, i) -> deviation(of.apply(d))));
    all.add(
        new Case(
            "minimum", p, (d, i) -> of.apply(d).stream().min(Double::compare).orElse(Double.NaN)));
    all.add(
        new Case(
            "maximum", p, (d, i) -> of.apply(d).stream().max(Double::compare).orElse(Double.NaN)));
    for (int k = 1; k <= 2; k++) {
      int back = k;
      all.add(
          new Case(
              "last-value",
              p + ", k: " + back,
              (d, i) -> {
                List<Double> values = of.apply(d);
                return values.size() < back ? Double.NaN : values.get(values.size() - back);
              }));
    }
    if (number.equals("price")) {
      all.add(
          new Case(
              "attribute-relative",
              p + ", as: difference",
              (d, i) -> number(d, number, i) - mean(of.apply(d))));
      all.add(
          new Case(
              "attribute-relative",
              p + ", as: ratio",
              (d, i) ->
                  mean(of.apply(d)) == 0 ? Double.NaN : number(d, number, i) / mean(of.apply(d))));
      all.add(
          new Case(
              "attribute-relative",
              p + ", as: score",
              (d, i) ->
                  deviation(of.apply(d)) == 0
                      ? Double.NaN
                      : (number(d, number, i) - mean(of.apply(d))) / deviation(of.apply(d))));
    }
  }

  private static void ofItems(List<Case> all) {
    all.add(
        new Case("transition-count", "", (d, i) -> Math.log(1 + d.transitions(d.current(), i))));
    all.add(
        new Case(
            "item-age",
            "",
            (d, i) -> {
              Item item = d.itemOf(i);
              return item == null
                  ? Double.NaN
                  : Math.max(0, d.query().asOf() - item.addedMillis()) / HOUR / 24;
            }));
    for (String by : List.of("item", "category", "colour")) {
      String value = by.equals("item") ? "i1" : by.equals("category") ? "c1" : "colour-1";
      all.add(
          new Case(
              "attribute-is",
              "by: " + by + ", value: " + value,
              (d, i) ->
                  alike(d, by, i).isEmpty() ? Double.NaN : alike(d, by, i).equals(value) ? 1 : 0));
      all.add(
          new Case(
              "attribute-hash",
              "by: " + by + ", buckets: 7",
              (d, i) ->
                  alike(d, by, i).isEmpty()
                      ? Double.NaN
                      : (Hash64.of(alike(d, by, i)) % 7 + 7) % 7));
    }
    all.add(
        new Case(
            "attribute-ratio",
            "attribute: price, under: votes, prior: 3, weight: 2",
            (d, i) -> (number(d, "price", i) + 6) / (number(d, "votes", i) + 2)));
  }

  private static void ofTheMoment(List<Case> all) {
    for (String zone : List.of("UTC", "Europe/Warsaw", "Asia/Kathmandu")) {
      Function<Definitions, ZonedDateTime> at =
          d -> Instant.ofEpochMilli(d.query().asOf()).atZone(ZoneId.of(zone));
      Function<Definitions, Double> hour =
          d ->
              at.apply(d).toLocalTime().toSecondOfDay() / 3_600.0
                  + at.apply(d).getNano() / 1e6 / HOUR;
      all.add(new Case("hour", "zone: " + zone, (d, i) -> hour.apply(d)));
      all.add(
          new Case(
              "hour", "as: sine, zone: " + zone, (d, i) -> Math.sin(Math.PI * hour.apply(d) / 12)));
      all.add(
          new Case(
              "hour",
              "as: cosine, zone: " + zone,
              (d, i) -> Math.cos(Math.PI * hour.apply(d) / 12)));
      all.add(
          new Case("weekday", "zone: " + zone, (d, i) -> at.apply(d).getDayOfWeek().getValue()));
      all.add(
          new Case(
              "weekday",
              "as: weekend, zone: " + zone,
              (d, i) -> at.apply(d).getDayOfWeek().getValue() > 5 ? 1 : 0));
    }
    all.add(
        new Case(
            "device-is",
            "device: mobile",
            (d, i) -> d.query().context().device().equals("mobile") ? 1 : 0));
    all.add(
        new Case(
            "context-is",
            "type: search",
            (d, i) -> d.query().context().contextType().equals("search") ? 1 : 0));
    all.add(new Case("search-length", "", (d, i) -> d.query().context().search().length()));
    all.add(
        new Case(
            "search-length",
            "in: words",
            (d, i) -> TextDefinitions.words(d.query().context().search()).size()));
  }

  /** Of the features that {@link Yaml#everyCase} calls f0 and so on. */
  private static void ofOthers(List<Case> all) {
    List<Case> before = all.subList(0, all.size());
    int price = -1;
    int mean = -1;
    for (int at = 0; at < before.size(); at++) {
      boolean own = before.get(at).parameters().equals("attribute: price");
      mean = own && before.get(at).transformation().equals("mean") ? at : mean;
      boolean relative = before.get(at).parameters().equals("attribute: price, as: difference");
      price = relative ? at : price;
    }
    Case one = before.get(price);
    Case two = before.get(mean);
    String left = "feature: " + FIRST + price;
    all.add(
        new Case(
            "bucket",
            left + ", bounds: -20 0 5.5",
            (d, i) -> {
              double value = one.expected().of(d, i);
              return Double.isNaN(value)
                  ? Double.NaN
                  : (value >= -20 ? 1 : 0) + (value >= 0 ? 1 : 0) + (value >= 5.5 ? 1 : 0);
            }));
    all.add(new Case("missing", left, (d, i) -> Double.isNaN(one.expected().of(d, i)) ? 1 : 0));
    all.add(
        new Case(
            "logarithm",
            left,
            (d, i) -> {
              double value = one.expected().of(d, i);
              return value < 0 ? -Math.log(1 - value) : Math.log(1 + value);
            }));
    String both = "left: " + FIRST + price + ", right: " + FIRST + mean;
    all.add(
        new Case("interaction", both, (d, i) -> one.expected().of(d, i) * two.expected().of(d, i)));
    all.add(
        new Case(
            "interaction",
            both + ", as: difference",
            (d, i) -> one.expected().of(d, i) - two.expected().of(d, i)));
    all.add(
        new Case(
            "interaction",
            both + ", as: ratio",
            (d, i) ->
                two.expected().of(d, i) == 0
                    ? Double.NaN
                    : one.expected().of(d, i) / two.expected().of(d, i)));
  }

  /** What the names of these cases' features begin with. */
  static final String FIRST = "e";
}
