package dev.proffer.perf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.proffer.events.time.Time;
import dev.proffer.offline.warehouse.Compaction;
import dev.proffer.offline.warehouse.Warehouse;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code proffer bench build}: training sets from many events, with what they take. */
@Command(
    name = "build",
    description = {
      "Measures features build with DuckDB over made-up events: rows a second and peak memory, for",
      "some sizes with 1 and 2 threads, each in a process of its own with 2 GiB of heap."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class BuildCommand implements Callable<Integer> {
  private static final long LOOK_MILLIS = 100;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--events",
      split = ",",
      paramLabel = "N",
      description = "Sizes of the history, in events.")
  private List<Long> sizes = List.of(1_000_000L, 3_000_000L, 10_000_000L);

  @Option(names = "--threads", split = ",", paramLabel = "N", description = "Threads.")
  private List<Integer> threads = List.of(1, 2);

  @Option(
      names = "--negatives",
      paramLabel = "N",
      description = "Items not chosen that are drawn for a choice.")
  private int negatives = 1;

  @Option(names = "--config", paramLabel = "DIR", description = "Holds the YAML files.")
  private Path config = Path.of("configs");

  @Option(
      names = "--directory",
      paramLabel = "DIR",
      description = "Where the warehouses are made; a temporary one by default.")
  private @Nullable Path directory;

  @Option(names = "--quick", description = "100,000 and 200,000 events.")
  private boolean quick;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes all figures.")
  private @Nullable Path jsonFile;

  private static final JsonMapper JSON = new JsonMapper();

  @Override
  public Integer call() throws IOException, SQLException, InterruptedException {
    Machine machine = Machine.look();
    PrintWriter out = spec.commandLine().getOut();
    out.println(machine.words());
    out.printf(
        Locale.ROOT,
        "%12s %8s %12s %10s %10s %10s %12s %10s%n",
        "events",
        "threads",
        "rows",
        "order s",
        "all s",
        "rows/s",
        "events/s",
        "peak MiB");
    ArrayNode figures = JSON.createArrayNode();
    Path root =
        directory == null
            ? Files.createTempDirectory("proffer-build")
            : Files.createDirectories(directory);
    try {
      for (long events : quick ? List.of(100_000L, 200_000L) : sizes) {
        Path home = root.resolve("home-" + events);
        fill(home, events);
        for (int wide : threads) {
          ObjectNode one = figures.addObject();
          one.put("events", events).put("threads", wide);
          measure(home, root.resolve("set"), wide, one);
          out.printf(
              Locale.ROOT,
              "%,12d %8d %,12d %10.1f %10.1f %,10.0f %,12.0f %,10d%n",
              events,
              wide,
              one.path("rows").asLong(),
              one.path("order_seconds").asDouble(),
              one.path("seconds").asDouble(),
              one.path("rows").asLong() / one.path("seconds").asDouble(),
              events / one.path("seconds").asDouble(),
              one.path("peak_mib").asLong());
          out.flush();
        }
        Trees.delete(home);
      }
    } finally {
      Trees.delete(root);
    }
    if (jsonFile != null) {
      ObjectNode all = JSON.createObjectNode();
      all.put("machine", machine.words());
      all.put("load_average", Machine.load());
      all.put("commit", System.getProperty("proffer.commit", "unknown"));
      all.put("negatives", negatives);
      all.set("figures", figures);
      Files.writeString(jsonFile, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(all));
    }
    return 0;
  }

  private static void fill(Path home, long events) throws IOException, SQLException {
    try (Warehouse warehouse = Warehouse.open(home);
        SyntheticShop shop = new SyntheticShop(events, SyntheticShop.ITEMS, SyntheticShop.PEOPLE);
        Compaction compaction =
            new Compaction(warehouse, shop, Time.system(), Compaction.Limits.DEFAULT)) {
      compaction.run((batches, entries, duplicates) -> {});
    }
  }

  /** A process of its own, of which the system says how much memory it took at most. */
  private void measure(Path home, Path set, int wide, ObjectNode into)
      throws IOException, InterruptedException {
    Trees.delete(set);
    Path figures = Files.createTempFile("proffer-build", ".json");
    List<String> command =
        Programs.here()
            .offline(
                List.of(
                    "features",
                    "build",
                    "--home",
                    home.toString(),
                    "--config",
                    config.toAbsolutePath().toString(),
                    "--as-of",
                    "2100-01-01T00:00:00Z",
                    "--negatives",
                    String.valueOf(negatives),
                    "--threads",
                    String.valueOf(wide),
                    "--out",
                    set.toString(),
                    "--json",
                    figures.toString()),
                List.of("-Xmx2g"));
    Path said = Files.createTempFile("proffer-build", ".log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    long peak = 0;
    try {
      while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        peak = Math.max(peak, peakKib(process.pid()));
      }
    } finally {
      process.destroyForcibly();
    }
    if (process.exitValue() != 0) {
      throw new Failed("features build failed: " + Files.readString(said));
    }
    JsonNode told = JSON.readTree(Files.readString(figures));
    into.put("rows", told.path("rows").asLong());
    into.put("labels", told.path("labels").asLong());
    into.put("order_seconds", told.path("order_seconds").asDouble());
    into.put("seconds", told.path("seconds").asDouble());
    into.put("peak_mib", peak / 1024);
    Files.delete(figures);
    Files.delete(said);
    Trees.delete(set);
  }

  /** The most memory a process has had, by Linux; 0 where nobody says. */
  private static long peakKib(long pid) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc", String.valueOf(pid), "status"))) {
        if (line.startsWith("VmHWM:")) {
          return Long.parseLong(line.replaceAll("\\D+", ""));
        }
      }
    } catch (IOException e) {
      // It has ended.
    }
    return 0;
  }
}
