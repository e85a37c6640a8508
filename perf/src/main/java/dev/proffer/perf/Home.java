package dev.proffer.perf;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.proffer.events.Event;
import dev.proffer.events.Item;
import dev.proffer.events.log.EventLog;
import dev.proffer.offline.Settings;
import dev.proffer.offline.replay.History;
import dev.proffer.pipeline.SuggestPipeline;
import dev.proffer.ranker.artifact.ModelRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A copy of a trained home, since a measured gateway writes an impression for every request into
 * its log; and the requests to measure it with, made from the people and items in that log.
 */
final class Home {
  /** How many propositions every request asks for. */
  static final int LIMIT = 10;

  private static final int MOST_USERS = 16_000;
  private static final long SEED = 7;

  private final Path directory;
  private final String champion;
  private final History history;
  private final List<String> users;

  private Home(Path directory, String champion, History history, List<String> users) {
    this.directory = directory;
    this.champion = champion;
    this.history = history;
    this.users = users;
  }

  /** The version that ranks in a home; says what to do when there is none. */
  static String champion(Path home) {
    String champion =
        new ModelRegistry(home.resolve("models"))
            .alias(SuggestPipeline.TASK, ModelRegistry.CHAMPION);
    if (champion == null) {
      throw new Failed(
          home + " holds no champion to measure; run ./proffer demo first (or give --home DIR)");
    }
    return champion;
  }

  /** Copies what a gateway reads and reads it. */
  static Home copy(Path from, Path to, Settings settings) throws IOException {
    String champion = champion(from);
    copyAll(from.resolve("models"), to.resolve("models"));
    copyAll(from.resolve("log"), to.resolve("log"));
    History history;
    try (EventLog log = EventLog.open(to.resolve("log"))) {
      history = History.read(log, settings.contracts().sequence());
    }
    if (history.events().isEmpty()) {
      throw new Failed(from + " holds no events; run ./proffer demo first");
    }
    return new Home(to, champion, history, users(history));
  }

  /** Users who have a sequence, in a random order that is always the same. */
  private static List<String> users(History history) {
    Set<String> users = new LinkedHashSet<>();
    for (Event event : history.events()) {
      users.add(event.userId());
    }
    List<String> shuffled = new ArrayList<>(users);
    Collections.shuffle(shuffled, new Random(SEED));
    return List.copyOf(shuffled.subList(0, Math.min(MOST_USERS, shuffled.size())));
  }

  static void copyAll(Path from, Path to) throws IOException {
    try (Stream<Path> paths = Files.walk(from)) {
      for (Path path : (Iterable<Path>) paths::iterator) {
        Path target = to.resolve(from.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(target);
        } else {
          Files.copy(path, target);
        }
      }
    }
  }

  /** Where the copy is. */
  Path directory() {
    return directory;
  }

  /** The version that ranks. */
  String champion() {
    return champion;
  }

  /** The log as it was copied. */
  History history() {
    return history;
  }

  /** Users to ask for. */
  List<String> users() {
    return users;
  }

  /** How many items can be given of those wanted, in a catalog that may be smaller. */
  private int given(int wanted) {
    return Math.min(wanted, history.items().size());
  }

  /** Items to rank for the n-th request: as many as are wanted, others for each. */
  List<List<String>> givenItems(int requests, int wanted) {
    List<String> ids = new ArrayList<>();
    for (Item item : history.items()) {
      ids.add(item.id());
    }
    Random random = new Random(SEED);
    List<List<String>> lists = new ArrayList<>(requests);
    for (int at = 0; at < requests; at++) {
      int many = given(wanted);
      for (int place = 0; place < many; place++) {
        Collections.swap(ids, place, place + random.nextInt(ids.size() - place));
      }
      lists.add(List.copyOf(ids.subList(0, many)));
    }
    return lists;
  }

  /** Bodies that give items to rank, one for each user. */
  List<String> givenBodies(int wanted) {
    List<List<String>> items = givenItems(users.size(), wanted);
    List<String> bodies = new ArrayList<>(users.size());
    for (int at = 0; at < users.size(); at++) {
      StringBuilder body = begun(users.get(at)).append(",\"items\":[");
      for (int item = 0; item < items.get(at).size(); item++) {
        body.append(item == 0 ? "" : ",").append(quoted(items.get(at).get(item)));
      }
      bodies.add(body.append("]}").toString());
    }
    return bodies;
  }

  /** Bodies that leave it to the sources to find candidates, one for each user. */
  List<String> foundBodies() {
    List<String> bodies = new ArrayList<>(users.size());
    for (String user : users) {
      bodies.add(begun(user).append('}').toString());
    }
    return bodies;
  }

  private static StringBuilder begun(String user) {
    return new StringBuilder("{\"user_id\":")
        .append(quoted(user))
        .append(",\"limit\":")
        .append(LIMIT);
  }

  /** A text of JSON. */
  static String quoted(String text) {
    return "\"" + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + "\"";
  }
}
