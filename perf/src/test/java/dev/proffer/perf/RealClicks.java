package dev.proffer.perf;

import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** The first of the e-shop's real clicks, for tests that need not have all of them. */
final class RealClicks {
  private RealClicks() {}

  /** Writes the first {@code lines} of April, the heading among them, to {@code to}; gives it. */
  static Path first(int lines, Path root, Path to) throws IOException {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(
                    new FileInputStream(root.resolve("data/eshop/2008-04.csv.gz").toFile())),
                StandardCharsets.UTF_8))) {
      return Files.write(to, in.lines().limit(lines).toList());
    }
  }
}
