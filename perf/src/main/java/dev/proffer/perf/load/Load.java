package dev.proffer.perf.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;

/**
 * The load as a process: a line of {@link Traffic#order} in, a line {@link Round#lines} or {@code
 * failed WHY} out, until standard input ends. Each file of bodies is read once.
 */
public final class Load {
  private final Map<String, Requests> requests = new HashMap<>();
  private final Requests.Ids ids = new Requests.Ids();

  private Load() {}

  public static void main(String[] arguments) throws IOException {
    Load load = new Load();
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      System.out.println("ready");
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        System.out.println(load.answer(line));
      }
    }
  }

  private String answer(String line) {
    try {
      String[] words = line.split("\t", -1);
      LoadLoop loop = new LoadLoop();
      for (int at = 2; at < words.length; at += Traffic.words()) {
        Traffic traffic = Traffic.of(words, at);
        loop.add(traffic, requests(traffic));
      }
      return Round.lines(loop.run(Integer.parseInt(words[0]), Long.parseLong(words[1])));
    } catch (IOException | RuntimeException e) {
      return ("failed " + e).replace('\n', ' ').replace('\r', ' ');
    }
  }

  private Requests requests(Traffic traffic) throws IOException {
    String key = traffic.path() + "\t" + traffic.bodies() + "\t" + traffic.timeoutMillis();
    Requests known = requests.get(key);
    if (known == null) {
      known =
          new Requests(
              traffic.path(), Files.readAllLines(traffic.bodies()), traffic.timeoutMillis(), ids);
      requests.put(key, known);
    }
    return known;
  }
}
