package dev.proffer.perf.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The load as a process: a line {@code FILE PORT CONNECTIONS MILLIS} in, a line {@link Round#line}
 * or {@code failed WHY} out, until standard input ends. A file holds one body a line; each is read
 * once.
 */
public final class Load {
  private Load() {}

  public static void main(String[] arguments) throws IOException {
    Map<String, LoadLoop> loops = new HashMap<>();
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      System.out.println("ready");
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        System.out.println(answer(line, loops));
      }
    }
  }

  private static String answer(String line, Map<String, LoadLoop> loops) {
    try {
      String[] words = line.split("\t", -1);
      LoadLoop loop = loops.get(words[0]);
      if (loop == null) {
        loop = new LoadLoop("/suggest", Files.readAllLines(Path.of(words[0])));
        loops.put(words[0], loop);
      }
      return loop.run(
              Integer.parseInt(words[1]), Integer.parseInt(words[2]), Long.parseLong(words[3]))
          .line();
    } catch (IOException | RuntimeException e) {
      return ("failed " + e).replace('\n', ' ').replace('\r', ' ');
    }
  }
}
