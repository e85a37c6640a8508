package dev.proffer.perf;

import dev.proffer.events.Event;
import dev.proffer.perf.load.Requests;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Bodies for {@code POST /log_event} made of events of a home's log: its users, items and sessions
 * in the shares they have there. Of a hundred, 98 carry an id that was never sent before, one an id
 * that was, and one leaves it to the gateway to give one.
 */
final class Clicks {
  private static final long SEED = 11;
  private static final int OF = 100;

  private final List<Event> events;
  private final Random random = new Random(SEED);
  private int made;

  Clicks(List<Event> events) {
    this.events = events;
  }

  /** Bodies of one event each. */
  List<String> single(int bodies) {
    List<String> all = new ArrayList<>(bodies);
    for (int at = 0; at < bodies; at++) {
      all.add(next());
    }
    return all;
  }

  /** Bodies that are arrays. */
  List<String> batches(int bodies, int size) {
    List<String> all = new ArrayList<>(bodies);
    for (int at = 0; at < bodies; at++) {
      all.add("[" + String.join(",", single(size)) + "]");
    }
    return all;
  }

  private String next() {
    Event event = events.get(random.nextInt(events.size()));
    StringBuilder body = new StringBuilder("{\"type\":").append(Home.quoted(event.type()));
    body.append(",\"user_id\":").append(Home.quoted(event.userId()));
    String item = event.itemId();
    if (item != null) {
      body.append(",\"item_id\":").append(Home.quoted(item));
    }
    String session = event.sessionId();
    if (session != null) {
      body.append(",\"session_id\":").append(Home.quoted(session));
    }
    int kind = made++ % OF;
    if (kind == 0) {
      body.append(",\"event_id\":\"").append(Requests.OLD_ID).append('"');
    } else if (kind != OF / 2) {
      body.append(",\"event_id\":\"").append(Requests.NEW_ID).append('"');
    }
    return body.append('}').toString();
  }
}
