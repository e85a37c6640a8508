package dev.proffer.pipeline.experiments;

import dev.proffer.configs.ConfigFile;
import dev.proffer.configs.Problems;
import dev.proffer.configs.Section;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which experiments run, and which model is tried in the shadow of the one that serves; read from
 * {@code experiments.yaml}. Immutable.
 *
 * @param holdout the share of users who see no experiment
 * @param layers independent of each other
 * @param shadow the model that scores beside the one that serves
 */
public record ExperimentsSpec(
    double holdout, Bucketing.Salt holdoutSalt, List<Layer> layers, Shadow shadow) {
  /** The file's name below the configuration directory. */
  public static final String FILE = "experiments.yaml";

  /** No experiments. */
  public static final ExperimentsSpec NONE =
      new ExperimentsSpec(0, new Bucketing.Salt("holdout"), List.of(), new Shadow("", 0));

  /** Most variants of an experiment. */
  static final int MOST_VARIANTS = 20;

  private static final int MOST_LAYERS = 4;
  private static final int MOST_EXPERIMENTS = 50;
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_-]{0,63}");
  private static final List<String> CHOSEN = List.of("model", "sources", "rules");

  public ExperimentsSpec {
    layers = List.copyOf(layers);
  }

  /**
   * A model that scores what the serving one scored, with no effect on the answer.
   *
   * @param model an alias of the registry or a version; empty for none
   * @param share of the answers it scores too
   */
  public record Shadow(String model, double share) {}

  /** What else is declared that variants can name. */
  public record Names(Set<String> sources, Set<String> rules) {
    public Names {
      sources = Set.copyOf(sources);
      rules = Set.copyOf(rules);
    }
  }

  /** All experiments, layer by layer. */
  public List<Experiment> experiments() {
    return layers.stream().flatMap(layer -> layer.experiments().stream()).toList();
  }

  /** The experiment of a name; null when there is none. */
  public @Nullable Experiment experiment(String name) {
    return experiments().stream()
        .filter(experiment -> experiment.name().equals(name))
        .findFirst()
        .orElse(null);
  }

  /** The models that variants and the shadow name. */
  public Set<String> models() {
    Set<String> models = new LinkedHashSet<>();
    Stream.concat(
            experiments().stream()
                .flatMap(experiment -> experiment.variants().stream())
                .map(Variant::model),
            Stream.of(shadow.model()))
        .filter(model -> !model.isEmpty())
        .forEach(models::add);
    return models;
  }

  /** More than the numbers that a choice in a layer can have. */
  long choices(int layer) {
    return 1 + (long) layers.get(layer).experiments().size() * MOST_VARIANTS * 4;
  }

  /** Reads the file below {@code configDir}, if there is one; mistakes go to {@code problems}. */
  public static ExperimentsSpec read(Path configDir, Names names, Problems problems) {
    Path file = configDir.resolve(FILE);
    if (!Files.exists(file)) {
      return NONE;
    }
    Section root = ConfigFile.read(file, problems);
    Section held = root.section("holdout");
    double holdout = held.number("share", 0, 0, 0.5);
    Bucketing.Salt holdoutSalt = new Bucketing.Salt(held.text("salt", "holdout"));
    held.done();
    Section beside = root.section("shadow");
    Shadow shadow = new Shadow(beside.text("model", ""), beside.number("share", 0.01, 0, 1));
    beside.done();
    Reader reader = new Reader(names);
    List<Layer> layers = new ArrayList<>();
    List<Section> sections = root.sections("layers");
    if (sections.size() > MOST_LAYERS) {
      root.refuse("layers", sections.size() + " layers, expected at most " + MOST_LAYERS);
    }
    for (Section section : sections) {
      layers.add(reader.layer(section));
    }
    root.done();
    return new ExperimentsSpec(holdout, holdoutSalt, layers, shadow);
  }

  /** Reads layers, and remembers what must not stand twice in the file. */
  private static final class Reader {
    private final Names names;
    private final Set<String> layers = new HashSet<>();
    private final Set<String> experiments = new HashSet<>();
    private final Map<String, String> layerThatChooses = new HashMap<>();

    Reader(Names names) {
      this.names = names;
    }

    private String name(Section section, Set<String> taken) {
      String name = section.text("name");
      if (!name.isEmpty() && !NAME.matcher(name).matches()) {
        section.refuse(
            "name",
            "\""
                + name
                + "\"; expected lower-case letters, digits, dashes and underscores, at"
                + " most 64");
      } else if (!name.isEmpty() && !taken.add(name)) {
        section.refuse("name", "\"" + name + "\" stands twice");
      }
      return name;
    }

    Layer layer(Section section) {
      String name = name(section, layers);
      Bucketing.Salt salt = new Bucketing.Salt(section.text("salt", "layer " + name));
      Experiment.Unit unit = section.oneOf("unit", Experiment.Unit.class, Experiment.Unit.USER);
      List<Experiment> declared = new ArrayList<>();
      List<Section> sections = section.sections("experiments");
      if (sections.size() > MOST_EXPERIMENTS) {
        section.refuse(
            "experiments", sections.size() + " experiments, expected at most " + MOST_EXPERIMENTS);
      }
      for (Section one : sections) {
        Experiment experiment = experiment(name, unit, one);
        for (Experiment other : declared) {
          if (experiment.from() < other.until()
              && other.from() < experiment.until()
              && experiment.startMillis() < other.endMillis()
              && other.startMillis() < experiment.endMillis()) {
            one.refuse(
                "from-bucket",
                "buckets "
                    + experiment.from()
                    + " to "
                    + experiment.until()
                    + " are also those of \""
                    + other.name()
                    + "\", "
                    + other.from()
                    + " to "
                    + other.until()
                    + ", at the same time; expected buckets of its own");
          }
        }
        declared.add(experiment);
      }
      section.done();
      return new Layer(name, salt, declared);
    }

    private Experiment experiment(String layer, Experiment.Unit unit, Section section) {
      String name = name(section, experiments);
      String salt = section.text("salt", name);
      int from = section.integer("from-bucket", 0, 0, Bucketing.BUCKETS - 1);
      int until = section.integer("until-bucket", Bucketing.BUCKETS, 1, Bucketing.BUCKETS);
      if (until <= from) {
        section.refuse("until-bucket", until + " is not above from-bucket, " + from);
      }
      long start = instant(section, "starts", Long.MIN_VALUE);
      long end = instant(section, "ends", Long.MAX_VALUE);
      if (end <= start) {
        section.refuse("ends", "is not after starts");
      }
      double share = section.number("ramp-percent", 100, 0, 100) / 100;
      List<Variant> variants = variants(layer, section);
      Map<String, Variant> byName = new LinkedHashMap<>();
      variants.forEach(variant -> byName.put(variant.name(), variant));
      String first = variants.isEmpty() ? "" : variants.get(0).name();
      String control = section.text("control", first);
      if (!byName.isEmpty() && !byName.containsKey(control)) {
        section.refuse("control", "\"" + control + "\" is not one of " + byName.keySet());
      }
      Section allow = section.section("allow");
      Map<String, String> allowed = allow.plain();
      allowed.forEach(
          (who, variant) -> {
            if (!byName.containsKey(variant)) {
              allow.refuse(who, "\"" + variant + "\" is not one of " + byName.keySet());
            }
          });
      allow.done();
      List<Guardrail> guardrails = new ArrayList<>();
      for (Section one : section.sections("guardrails")) {
        guardrails.add(guardrail(one));
      }
      section.done();
      return new Experiment(
          name,
          layer,
          unit,
          new Bucketing.Salt(salt),
          new Bucketing.Salt(salt + " ramp"),
          from,
          until,
          share,
          start,
          end,
          variants,
          control,
          allowed,
          guardrails);
    }

    private List<Variant> variants(String layer, Section section) {
      List<Variant> variants = new ArrayList<>();
      Set<String> taken = new HashSet<>();
      for (Section one : section.sections("variants")) {
        String name = name(one, taken);
        Variant variant =
            new Variant(
                name,
                one.number("weight", 1, 0.001, 1_000_000),
                one.text("model", ""),
                set(one, "sources", names.sources()),
                set(one, "rules", names.rules()));
        for (String key : CHOSEN) {
          if (one.has(key)) {
            String other = layerThatChooses.putIfAbsent(key, layer);
            if (other != null && !other.equals(layer)) {
              one.refuse(
                  key,
                  "is what the layer \""
                      + other
                      + "\" chooses; expected one layer alone to, since a request can be in both");
            }
          }
        }
        one.done();
        variants.add(variant);
      }
      if (variants.size() < 2 || variants.size() > MOST_VARIANTS) {
        section.refuse("variants", variants.size() + " variants, expected 2 to " + MOST_VARIANTS);
      }
      return variants;
    }

    private static String set(Section section, String key, Set<String> declared) {
      String name = section.text(key, "");
      if (!name.isEmpty() && !declared.contains(name)) {
        section.refuse(
            key, "\"" + name + "\" is not one of the sets " + declared.stream().sorted().toList());
      }
      return name;
    }

    private static Guardrail guardrail(Section section) {
      if (!section.has("metric")) {
        section.refuse("metric", "is required");
      }
      Guardrail guardrail =
          new Guardrail(
              section.oneOf("metric", Guardrail.Metric.class, Guardrail.Metric.CTR),
              section.number("max-loss", 0, 0, 1_000),
              section.integer("min-answers", 1_000, 100, 100_000_000),
              section.number("alpha", 0.01, 1e-6, 0.2));
      section.done();
      return guardrail;
    }

    private static long instant(Section section, String key, long otherwise) {
      String text = section.text(key, "");
      if (text.isEmpty()) {
        return otherwise;
      }
      try {
        return OffsetDateTime.parse(text).toInstant().toEpochMilli();
      } catch (DateTimeException e) {
        section.refuse(
            key, "\"" + text + "\" is not an instant; expected one like 2026-06-01T00:00:00Z");
        return otherwise;
      }
    }
  }
}
