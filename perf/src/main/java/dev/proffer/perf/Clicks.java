package dev.proffer.perf;

import dev.proffer.events.Event;
import dev.proffer.perf.load.Requests;
import java.util.ArrayList;
import java.util.List;

/**
 * Bodies for {@code POST /log_event} made of events of a home's log, in its order: sessions are as
 * long and as interleaved as they are there. Each time the bodies are sent round, it is by other
 * people, since the same ones would end up with sessions of hundreds of events. Of a hundred
 * events, 98 carry an id that was never sent before, one an id that was, and one leaves it to the
 * gateway to give one.
 */
final class Clicks {
  private static final int OF = 100;

  private final List<Event> events;
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
    Event event = events.get(made % events.size());
    StringBuilder body = new StringBuilder("{\"type\":").append(Home.quoted(event.type()));
    body.append(",\"user_id\":").append(Home.quoted(event.userId() + '-' + Requests.ROUND));
    String item = event.itemId();
    if (item != null) {
      body.append(",\"item_id\":").append(Home.quoted(item));
    }
    String session = event.sessionId();
    if (session != null) {
      body.append(",\"session_id\":").append(Home.quoted(session + '-' + Requests.ROUND));
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
