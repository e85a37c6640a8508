package dev.proffer.offline.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.proffer.configs.Problems;
import dev.proffer.events.Event;
import dev.proffer.events.EventRegistry;
import dev.proffer.events.Item;
import dev.proffer.events.LogEntry;
import dev.proffer.events.codec.LogCodec;
import dev.proffer.events.log.EventLog;
import dev.proffer.events.time.Time;
import dev.proffer.offline.ingest.Dataset;
import dev.proffer.offline.ingest.DatasetSpec;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code proffer ingest}: files into the log. Running it again, or a second time after Ctrl-C, adds
 * nothing twice.
 */
@Command(
    name = "ingest",
    mixinStandardHelpOptions = true,
    description = "Reads CSV, JSON-lines or Parquet files into items and events, by a schema file.")
final class IngestCommand implements Callable<Integer> {
  @Mixin private HomeOptions home = new HomeOptions();

  @Option(
      names = "--dataset",
      required = true,
      paramLabel = "FILE",
      description = "The schema, such as configs/datasets/eshop.yaml.")
  private Path schema = Path.of("");

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "Files to read; gzip by name.")
  private List<Path> files = List.of();

  @Override
  public Integer call() throws IOException {
    ingest(home, schema, files, new Console());
    return 0;
  }

  /** Reads files and appends what they hold; says what was refused. Returns the data set. */
  static Dataset ingest(HomeOptions home, Path schema, List<Path> files, Console console)
      throws IOException {
    Dataset dataset = read(home, schema, files, console);
    try (EventLog log = home.log();
        EventLog.Appender appender = log.appender()) {
      Map<String, Item> itemsThere = new HashMap<>();
      Set<String> eventsThere = new HashSet<>();
      whatIsThere(log, itemsThere, eventsThere);
      console.begin("append to the log");
      int items = 0;
      for (Item item : dataset.items()) {
        if (!item.equals(itemsThere.get(item.id()))) {
          appender.append(LogCodec.encode(item));
          items++;
        }
      }
      int events = 0;
      for (Event event : dataset.events()) {
        if (eventsThere.add(event.id())) {
          appender.append(LogCodec.encode(event));
          if (++events % 1_000 == 0) {
            console.progress((double) events / dataset.events().size());
          }
        }
      }
      console.end(
          String.format(
              Locale.ROOT,
              "%,d items, %,d events; %,d were there",
              items,
              events,
              dataset.items().size() + dataset.events().size() - items - events));
    }
    return dataset;
  }

  private static void whatIsThere(EventLog log, Map<String, Item> items, Set<String> events) {
    try (EventLog.Tail tail = log.tail()) {
      for (LogEntry entry = tail.next(); entry != null; entry = tail.next()) {
        if (entry instanceof Item item) {
          items.put(item.id(), item);
        } else if (entry instanceof Event event) {
          events.add(event.id());
        }
      }
    }
  }

  /** Reads files without keeping them; says what was refused and writes it aside. */
  static Dataset read(HomeOptions home, Path schema, List<Path> files, Console console)
      throws IOException {
    Problems problems = new Problems();
    EventRegistry registry = EventRegistry.read(home.config, problems);
    DatasetSpec spec = DatasetSpec.read(schema, problems);
    problems.throwIfAny();
    console.begin("read " + spec.name());
    Dataset dataset = Dataset.read(spec, files, registry, Time.system().millis());
    console.end(
        String.format(
            Locale.ROOT, "%,d rows, %,d refused", dataset.rows(), dataset.rejected().size()));
    if (!dataset.rejected().isEmpty()) {
      Path aside = writeAside(home.home.resolve("rejected"), spec.name(), dataset);
      for (Map.Entry<String, Long> reason : dataset.rejectedByReason().entrySet()) {
        console.say(String.format(Locale.ROOT, "    %,8d  %s", reason.getValue(), reason.getKey()));
      }
      console.say("    written to " + aside);
    }
    return dataset;
  }

  private static Path writeAside(Path directory, String name, Dataset dataset) throws IOException {
    Files.createDirectories(directory);
    Path next = directory.resolve(name + ".jsonl.unfinished");
    JsonMapper json = new JsonMapper();
    try (BufferedWriter out = Files.newBufferedWriter(next)) {
      for (Dataset.Rejected row : dataset.rejected()) {
        out.write(json.writeValueAsString(row));
        out.newLine();
      }
    }
    Path file = directory.resolve(name + ".jsonl");
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return file;
  }
}
