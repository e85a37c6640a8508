package dev.proffer.perf;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.proffer.events.log.EventLog;
import dev.proffer.events.time.Time;
import dev.proffer.features.spec.FeatureContract;
import dev.proffer.offline.Settings;
import dev.proffer.offline.build.BuildEngine;
import dev.proffer.offline.build.BuildSpec;
import dev.proffer.offline.build.DuckDbEngine;
import dev.proffer.offline.build.KnownAt;
import dev.proffer.offline.build.TrainingSet;
import dev.proffer.offline.warehouse.Compaction;
import dev.proffer.offline.warehouse.SpoolSource;
import dev.proffer.offline.warehouse.Warehouse;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code proffer bench equality}: what is served online beside what is built offline. */
@Command(
    name = "equality",
    description = {
      "Lives through real events as a gateway does, and compares every row it serves with the one",
      "that features build computes from the warehouse, to the bit."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class EqualityCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--config", paramLabel = "DIR", description = "Holds the YAML files.")
  private Path config = Path.of("configs");

  @Option(names = "--data", paramLabel = "DIR", description = "Holds the real data.")
  private Path data = Path.of("data");

  @Option(names = "--rows", paramLabel = "N", description = "Rows of each data set.")
  private int rows = 100_000;

  @Option(
      names = "--contracts",
      split = ",",
      paramLabel = "NAME",
      description = "Contracts: ranking and similar over e-shop, shop over online-retail.")
  private List<String> contracts = List.of("ranking", "similar", "shop");

  @Option(names = "--json", paramLabel = "FILE", description = "Writes all figures.")
  private @Nullable Path jsonFile;

  private long equalRows;
  private long values;
  private final Map<String, Long> unequal = new TreeMap<>();

  @Override
  public Integer call() throws IOException, SQLException {
    JsonMapper json = new JsonMapper();
    ArrayNode all = json.createArrayNode();
    boolean fine = true;
    for (String contract : contracts) {
      fine &=
          contract.equals("shop")
              ? compare("online-retail", "online-retail/2009-12.csv.gz", contract, all)
              : compare("eshop", "eshop/2008-04.csv.gz", contract, all);
    }
    if (jsonFile != null) {
      ObjectNode root = json.createObjectNode();
      root.put("commit", System.getProperty("proffer.commit", "unknown"));
      root.set("datasets", all);
      Files.writeString(jsonFile, json.writerWithDefaultPrettyPrinter().writeValueAsString(root));
    }
    return fine ? 0 : 1;
  }

  private boolean compare(String dataset, String file, String contract, ArrayNode into)
      throws IOException, SQLException {
    equalRows = 0;
    values = 0;
    unequal.clear();
    Path directory = Files.createTempDirectory("proffer-equality");
    try {
      Settings settings = Settings.read(config);
      ServedHistory history = new ServedHistory(settings, contract);
      Path home = directory.resolve("home");
      history.live(config, dataset, data.resolve(file), home, rows);
      Path set = build(settings, contract, home, directory.resolve("set"), history.endMillis());
      long built = compare(history, set);
      boolean fine = equalRows == history.served().size() && built == equalRows;
      PrintWriter out = spec.commandLine().getOut();
      out.printf(
          Locale.ROOT,
          "%-14s contract %-8s %,9d rows served, %,9d built, %,9d equal to the bit (%,d values)%n",
          dataset,
          contract,
          history.served().size(),
          built,
          equalRows,
          values);
      unequal.forEach(
          (feature, count) -> out.printf(Locale.ROOT, "    %,9d unequal: %s%n", count, feature));
      out.flush();
      ObjectNode one = into.addObject();
      one.put("dataset", dataset).put("contract", contract);
      one.put("served", history.served().size()).put("built", built).put("equal", equalRows);
      one.put("values", values);
      return fine;
    } finally {
      Trees.delete(directory);
    }
  }

  private Path build(Settings settings, String contract, Path home, Path out, long end)
      throws IOException, SQLException {
    try (Warehouse warehouse = Warehouse.open(home)) {
      try (EventLog log = EventLog.open(home.resolve("log"));
          SpoolSource source = new SpoolSource(log, false);
          Compaction compaction =
              new Compaction(warehouse, source, Time.system(), Compaction.Limits.DEFAULT)) {
        compaction.run((batches, entries, duplicates) -> {});
      }
      BuildSpec what =
          BuildSpec.of(
              settings,
              Objects.requireNonNull(settings.models().tasks().get("ranking")),
              contract,
              end,
              KnownAt.RECEIVED);
      new DuckDbEngine()
          .build(what, config, warehouse, out, new BuildEngine.Parallelism(2, ""), Time.system());
    }
    return out;
  }

  /** How many rows of what was shown were built. */
  private long compare(ServedHistory history, Path set) throws IOException, SQLException {
    FeatureContract contract = history.contract();
    String files =
        TrainingSet.parquet(set).stream()
            .map(file -> "'" + file + "'")
            .collect(Collectors.joining(", ", "[", "]"));
    long built = 0;
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement();
        ResultSet result =
            statement.executeQuery(
                "SELECT * FROM read_parquet(" + files + ") WHERE origin = 'served'")) {
      int head = TrainingSet.HEAD.size();
      while (result.next()) {
        built++;
        float[] online =
            history
                .served()
                .get(
                    ServedHistory.key(result.getString("request_id"), result.getString("item_id")));
        boolean equal = online != null;
        for (int at = 0; online != null && at < contract.width(); at++) {
          values++;
          if (!same(result.getObject(head + at + 1), online[at])) {
            equal = false;
            unequal.merge(contract.feature(at).name(), 1L, Long::sum);
          }
        }
        equalRows += equal ? 1 : 0;
      }
    }
    return built;
  }

  private static boolean same(@Nullable Object built, float served) {
    if (built instanceof Float number) {
      return Float.floatToRawIntBits(number) == Float.floatToRawIntBits(served);
    }
    if (built instanceof Boolean flag) {
      return served == (flag ? 1 : 0);
    }
    return built instanceof Integer code ? served == code : Float.isNaN(served);
  }
}
