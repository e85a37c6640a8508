package dev.proffer.offline.embed;

import dev.proffer.events.Event;
import dev.proffer.events.Item;
import dev.proffer.offline.replay.History;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * How often each user chose each item before an instant: a sparse matrix. Users and items are
 * numbers in the order of their first event; items that the catalog lacks are left out. Immutable.
 */
public final class Interactions {
  private final List<String> items;
  private final int[][] itemsOfUser;
  private final float[][] countsOfUser;

  private Interactions(List<String> items, List<Map<Integer, Integer>> users) {
    this.items = List.copyOf(items);
    itemsOfUser = new int[users.size()][];
    countsOfUser = new float[users.size()][];
    for (int user = 0; user < itemsOfUser.length; user++) {
      Map<Integer, Integer> row = users.get(user);
      itemsOfUser[user] = row.keySet().stream().mapToInt(Integer::intValue).toArray();
      countsOfUser[user] = new float[row.size()];
      int at = 0;
      for (int count : row.values()) {
        countsOfUser[user][at++] = count;
      }
    }
  }

  /** Counts the events before an instant. */
  public static Interactions of(History history, long untilMillis) {
    Map<String, Integer> known = new HashMap<>();
    for (Item item : history.items()) {
      known.put(item.id(), -1);
    }
    List<String> items = new ArrayList<>();
    Map<String, Map<Integer, Integer>> users = new LinkedHashMap<>();
    for (Event event : history.events()) {
      String id = Objects.requireNonNull(event.itemId());
      Integer item = known.get(id);
      if (event.timeMillis() >= untilMillis || item == null) {
        continue;
      }
      if (item < 0) {
        item = items.size();
        items.add(id);
        known.put(id, item);
      }
      users
          .computeIfAbsent(event.userId(), user -> new LinkedHashMap<>())
          .merge(item, 1, Integer::sum);
    }
    return new Interactions(items, new ArrayList<>(users.values()));
  }

  /** A matrix written out, users by rows; 0 is no interaction. */
  static Interactions of(float[][] counts) {
    List<String> items = new ArrayList<>();
    for (int item = 0; item < counts[0].length; item++) {
      items.add("item-" + item);
    }
    List<Map<Integer, Integer>> users = new ArrayList<>();
    for (float[] row : counts) {
      Map<Integer, Integer> user = new LinkedHashMap<>();
      for (int item = 0; item < row.length; item++) {
        if (row[item] != 0) {
          user.put(item, (int) row[item]);
        }
      }
      users.add(user);
    }
    return new Interactions(items, users);
  }

  /** The ids of the items, by number. */
  public List<String> items() {
    return items;
  }

  /** How many users there are. */
  public int users() {
    return itemsOfUser.length;
  }

  int[] items(int user) {
    return itemsOfUser[user];
  }

  float[] counts(int user) {
    return countsOfUser[user];
  }

  /** The same seen from the items: rows are items, columns users. */
  Interactions transposed() {
    List<Map<Integer, Integer>> rows = new ArrayList<>();
    for (int item = 0; item < items.size(); item++) {
      rows.add(new LinkedHashMap<>());
    }
    List<String> users = new ArrayList<>();
    for (int user = 0; user < users(); user++) {
      users.add("user-" + user);
      for (int at = 0; at < itemsOfUser[user].length; at++) {
        rows.get(itemsOfUser[user][at]).put(user, (int) countsOfUser[user][at]);
      }
    }
    return new Interactions(users, rows);
  }
}
