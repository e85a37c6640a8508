package dev.proffer.offline.cli;

import dev.proffer.configs.Problems;
import dev.proffer.events.Erasure;
import dev.proffer.events.EventRegistry;
import dev.proffer.events.Pseudonyms;
import dev.proffer.offline.warehouse.UserExport;
import dev.proffer.offline.warehouse.Warehouse;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code proffer export-user}: what the warehouse holds of a user. */
@Command(
    name = "export-user",
    mixinStandardHelpOptions = true,
    description =
        "Writes everything the warehouse holds of a user, one JSON object a line. What the log"
            + " gained since the last compact is not in it.")
final class ExportUserCommand implements Callable<Integer> {
  @Mixin private HomeOptions home = new HomeOptions();

  @Parameters(
      paramLabel = "ID",
      description =
          "The user's id; where pseudonyms are applied, the user's pseudonym is meant too.")
  private String userId = "";

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Write there; to the standard output by default.")
  private @Nullable Path file;

  @Override
  public Integer call() throws IOException, SQLException {
    Path directory = home.home.resolve(Warehouse.DIRECTORY);
    if (!Files.isDirectory(directory)) {
      throw new Failed("there is no warehouse in " + directory + "; run proffer compact");
    }
    Set<String> ids = ids();
    long lines;
    try (Warehouse warehouse = Warehouse.open(home.home)) {
      Path to = file;
      if (to == null) {
        Writer out = new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8));
        lines = UserExport.write(warehouse, ids, out);
        out.flush();
      } else {
        try (Writer out = Files.newBufferedWriter(to)) {
          lines = UserExport.write(warehouse, ids, out);
        }
      }
    }
    System.err.println(lines + (lines == 1 ? " row" : " rows"));
    return 0;
  }

  /** The id, and what stands for it in a log that has left the gateway. */
  private Set<String> ids() {
    Problems problems = new Problems();
    EventRegistry registry = EventRegistry.read(home.config, problems);
    problems.throwIfAny();
    Set<String> ids = new LinkedHashSet<>(Set.of(userId));
    if (Pseudonyms.of(registry).apply(new Erasure("", userId, 0)) instanceof Erasure left) {
      ids.add(left.userId());
    }
    return ids;
  }
}
