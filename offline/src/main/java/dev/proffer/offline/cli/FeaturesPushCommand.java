package dev.proffer.offline.cli;

import dev.proffer.configs.Problems;
import dev.proffer.events.time.Time;
import dev.proffer.features.store.RedisSpec;
import dev.proffer.features.store.TablePush;
import dev.proffer.features.tables.AttributeTable;
import dev.proffer.features.tables.TableRefused;
import dev.proffer.features.tables.TableSpec;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code proffer features push}: attribute tables into Redis. */
@Command(
    name = "push",
    mixinStandardHelpOptions = true,
    description =
        "Brings the current versions of attribute tables into Redis. A version counts there once it"
            + " is whole; a push that was killed goes on where it was.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:all is in Redis", "1:failed; run it again", "2:wrong usage"})
final class FeaturesPushCommand implements Callable<Integer> {
  private static final int MOST_ROWS_PER_SECOND = 10_000_000;

  @Mixin private HomeOptions home = new HomeOptions();

  @Parameters(
      arity = "0..*",
      paramLabel = "TABLE",
      description = "Tables of tables.yaml; all that have a version by default.")
  private @Nullable List<String> names;

  @Option(
      names = "--rows-per-second",
      paramLabel = "N",
      description = "Writes no faster; 0 for as fast as it can (default: ${DEFAULT-VALUE}).")
  private int rowsPerSecond = 20_000;

  @Override
  public Integer call() throws TableRefused {
    if (rowsPerSecond < 0 || rowsPerSecond > MOST_ROWS_PER_SECOND) {
      throw new Failed(
          "--rows-per-second "
              + rowsPerSecond
              + " is out of range; expected 0 to "
              + MOST_ROWS_PER_SECOND);
    }
    Problems problems = new Problems();
    RedisSpec redis = RedisSpec.read(home.config, problems);
    problems.throwIfAny();
    if (!redis.enabled()) {
      throw new Failed(
          home.config.resolve(RedisSpec.FILE) + ": endpoints is empty; expected where Redis is");
    }
    List<String> wanted = names;
    List<TableSpec> tables =
        wanted == null
            ? TablesCommand.declared(home.config).tables()
            : wanted.stream().map(name -> TablesCommand.table(home, name)).toList();
    Console console = new Console();
    try (TablePush push = new TablePush(redis, Time.system())) {
      for (TableSpec spec : tables) {
        push(push, spec, wanted != null, console);
      }
    } catch (IllegalStateException e) {
      throw new Failed(e.getMessage() + "; run it again to go on");
    }
    return 0;
  }

  private void push(TablePush push, TableSpec spec, boolean wanted, Console console)
      throws TableRefused {
    String version = home.tables().current(spec.name());
    if (version == null) {
      if (wanted) {
        throw new Failed("the table " + spec.name() + " has no version; run proffer tables import");
      }
      console.say("  " + spec.name() + ": no version");
      return;
    }
    AttributeTable table = home.tables().open(spec, version);
    console.begin("push " + spec.name() + " " + version);
    TablePush.Report report =
        push.push(
            table,
            rowsPerSecond,
            rows -> console.progress((double) rows / Math.max(1, table.rows())));
    console.end(
        report.rows()
            + " rows"
            + (report.resumedAt() > 0 ? ", from row " + report.resumedAt() + " on" : "")
            + (report.expired().isEmpty() ? "" : ", expiring " + report.expired()));
  }
}
