package dev.proffer.offline.cli;

import dev.proffer.configs.Problems;
import dev.proffer.events.time.Time;
import dev.proffer.features.tables.AttributeTable;
import dev.proffer.features.tables.TableRefused;
import dev.proffer.features.tables.TableRegistry;
import dev.proffer.features.tables.TableSpec;
import dev.proffer.features.tables.TablesSpec;
import dev.proffer.offline.ingest.TableImport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code proffer tables}: versions of the attribute tables that {@code tables.yaml} declares. */
@Command(
    name = "tables",
    mixinStandardHelpOptions = true,
    description = "Imports versions of attribute tables, and says which there are.",
    subcommands = {
      TablesCommand.Import.class,
      TablesCommand.ListThem.class,
      TablesCommand.Use.class
    })
final class TablesCommand implements Callable<Integer> {
  private static final DateTimeFormatter VERSION =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return 2;
  }

  static TablesSpec declared(Path config) {
    Problems problems = new Problems();
    TablesSpec declared = TablesSpec.read(config, problems);
    problems.throwIfAny();
    return declared;
  }

  static TableSpec table(HomeOptions home, String name) {
    TablesSpec declared = declared(home.config);
    TableSpec table = declared.table(name);
    if (table == null) {
      throw new Failed(
          "\""
              + name
              + "\" is not one of "
              + declared.names()
              + ", the tables that "
              + home.config.resolve(TablesSpec.FILE)
              + " declares");
    }
    return table;
  }

  /** {@code proffer tables import}. */
  @Command(
      name = "import",
      mixinStandardHelpOptions = true,
      description =
          "Makes a version of a table from CSV, JSON lines or Parquet files, and the current one of"
              + " it. A running gateway takes it by itself.")
  static final class Import implements Callable<Integer> {
    @Mixin private HomeOptions home = new HomeOptions();

    @Parameters(paramLabel = "TABLE", description = "A table of tables.yaml.")
    private String name = "";

    @Option(
        names = "--source",
        paramLabel = "PATTERN",
        description = "The files; as tables.yaml says by default.")
    private @Nullable String source;

    @Option(
        names = "--as-of",
        paramLabel = "INSTANT",
        converter = InstantConverter.class,
        description =
            "The instant it is true at: features of earlier instants never see it (default: now).")
    private @Nullable Instant asOf;

    @Option(
        names = "--version-id",
        paramLabel = "VERSION",
        description = "What it is called (default: the time, as in 20261121T104403).")
    private @Nullable String version;

    @Override
    public Integer call() throws IOException {
      TableSpec table = table(home, name);
      String pattern = source == null ? table.source() : source;
      if (pattern.isEmpty()) {
        throw new Failed("the table " + name + " has no source in tables.yaml; expected --source");
      }
      Instant now = Instant.ofEpochMilli(Time.system().millis());
      String called = version == null ? VERSION.format(now) : version;
      Console console = new Console();
      console.begin("import " + name);
      int rows =
          TableImport.run(
              home.tables(),
              table,
              TableImport.files(pattern),
              called,
              (asOf == null ? now : asOf).toEpochMilli(),
              read -> {});
      console.end(rows + " rows, version " + called);
      return 0;
    }
  }

  /** {@code proffer tables list}. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Says which versions there are; the current one has a star.")
  static final class ListThem implements Callable<Integer> {
    @Mixin private HomeOptions home = new HomeOptions();
    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
      PrintWriter out = spec.commandLine().getOut();
      TableRegistry registry = home.tables();
      List<TableSpec> tables = declared(home.config).tables();
      if (tables.isEmpty()) {
        out.println("no table is declared in " + home.config.resolve(TablesSpec.FILE));
      }
      int refused = 0;
      for (TableSpec table : tables) {
        String current = registry.current(table.name());
        out.println(table.name() + " of " + table.entity());
        for (String version : registry.versions(table.name())) {
          String mark = version.equals(current) ? "* " : "  ";
          try {
            AttributeTable opened = registry.open(table, version);
            out.println(
                "  "
                    + mark
                    + version
                    + "  "
                    + opened.rows()
                    + " rows, as of "
                    + Instant.ofEpochMilli(opened.header().asOfMillis()));
          } catch (TableRefused e) {
            refused++;
            out.println("  " + mark + version + "  refused: " + e.getMessage());
          }
        }
      }
      out.flush();
      return refused == 0 ? 0 : 1;
    }
  }

  /** {@code proffer tables use}. */
  @Command(
      name = "use",
      mixinStandardHelpOptions = true,
      description = "Makes a version the current one of its table; also how to go back.")
  static final class Use implements Callable<Integer> {
    @Mixin private HomeOptions home = new HomeOptions();

    @Parameters(index = "0", paramLabel = "TABLE", description = "A table of tables.yaml.")
    private String name = "";

    @Parameters(index = "1", paramLabel = "VERSION", description = "One that list shows.")
    private String version = "";

    @Override
    public Integer call() throws TableRefused {
      TableSpec table = table(home, name);
      AttributeTable opened = home.tables().open(table, version);
      home.tables().makeCurrent(name, version);
      new Console().say(name + ": version " + version + " is current, " + opened.rows() + " rows");
      return 0;
    }
  }
}
