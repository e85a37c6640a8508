package dev.proffer.offline.warehouse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.duckdb.DuckDBConnection;

/**
 * The training sets below a home, of which a user's rows are taken out. A file that holds some is
 * written anew and replaced by a rename; done twice it changes nothing.
 */
final class TrainingFiles {
  /** The directory of the sets below the home. */
  static final String DIRECTORY = "training";

  private TrainingFiles() {}

  /** Takes users' rows out of all sets; how many there were. */
  static long forget(DuckDBConnection duckdb, Path home, Collection<String> userIds)
      throws SQLException, IOException {
    Path sets = home.resolve(DIRECTORY);
    if (userIds.isEmpty() || !Files.isDirectory(sets)) {
      return 0;
    }
    String users =
        userIds.stream().map(DuckDb::literal).collect(Collectors.joining(", ", "(", ")"));
    List<Path> files;
    try (Stream<Path> all = Files.walk(sets)) {
      files = all.filter(file -> file.toString().endsWith(".parquet")).sorted().toList();
    }
    long gone = 0;
    try (Statement statement = duckdb.createStatement()) {
      for (Path file : files) {
        String rows = "read_parquet(" + DuckDb.literal(file.toString()) + ")";
        long found;
        try (ResultSet count =
            statement.executeQuery("SELECT count(*) FROM " + rows + " WHERE user_id IN " + users)) {
          count.next();
          found = count.getLong(1);
        }
        if (found > 0) {
          Path anew = file.resolveSibling(file.getFileName() + ".anew");
          statement.execute(
              "COPY (SELECT * FROM "
                  + rows
                  + " WHERE user_id NOT IN "
                  + users
                  + ") TO "
                  + DuckDb.literal(anew.toString())
                  + " (FORMAT parquet, COMPRESSION zstd)");
          Files.move(anew, file, StandardCopyOption.REPLACE_EXISTING);
          gone += found;
        }
      }
    }
    return gone;
  }
}
