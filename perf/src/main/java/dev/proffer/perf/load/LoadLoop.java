package dev.proffer.perf.load;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Sends one or several kinds of {@link Traffic} to a port of this host at once, over kept-alive
 * connections with one request outstanding each. One thread, one selector, requests encoded
 * beforehand; costs some 5 µs a request, most of it in the kernel. With an open loop among them it
 * polls without rest, so that a request leaves when it is due.
 *
 * <p>But of impatient callers, any answer but the expected one, any broken connection and any
 * silence ends the round with an exception: a figure that hides errors is worse than none.
 */
final class LoadLoop {
  private static final long SILENCE_MILLIS = 10_000;
  private static final int READ_BYTES = 256 * 1024;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final ByteBuffer in = ByteBuffer.allocateDirect(READ_BYTES);
  private final List<Lane> lanes = new ArrayList<>();

  /** One kind of traffic in a round. */
  private static final class Lane {
    private final Traffic traffic;
    private final Requests requests;
    private final LatencyRecorder latencies = new LatencyRecorder();
    private final Deque<Connection> free = new ArrayDeque<>();
    private final double gapNanos;
    private long due;
    private long last;
    private long others;
    private long unsent;

    Lane(Traffic traffic, Requests requests) {
      this.traffic = traffic;
      this.requests = requests;
      this.gapNanos = traffic.perSecond() == 0 ? 0 : 1e9 / traffic.perSecond();
    }

    boolean impatient() {
      return traffic.timeoutMillis() > 0;
    }

    boolean open() {
      return gapNanos > 0;
    }
  }

  private static final class Connection {
    private final SocketChannel channel;
    private final Lane lane;
    private final ResponseParser parser = new ResponseParser();
    private long intendedNanos;

    Connection(SocketChannel channel, Lane lane) {
      this.channel = channel;
      this.lane = lane;
    }
  }

  /** Adds a kind of traffic to the round. */
  LoadLoop add(Traffic traffic, Requests requests) {
    lanes.add(new Lane(traffic, requests));
    return this;
  }

  /**
   * Sends for a while.
   *
   * @param port on the loopback address
   * @return one round for each kind of traffic, as they were added
   */
  List<Round> run(int port, long millis) throws IOException {
    List<Connection> connections = new ArrayList<>();
    try (Selector selector = Selector.open()) {
      for (Lane lane : lanes) {
        for (int at = 0; at < lane.traffic.connections(); at++) {
          SocketChannel channel =
              SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
          Connection connection = new Connection(channel, lane);
          connections.add(connection);
          lane.free.add(connection);
          channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
          channel.configureBlocking(false);
          channel.register(selector, SelectionKey.OP_READ, connection);
        }
      }
      return run(selector, TimeUnit.MILLISECONDS.toNanos(millis));
    } finally {
      for (Connection connection : connections) {
        connection.channel.close();
      }
    }
  }

  private List<Round> run(Selector selector, long forNanos) throws IOException {
    boolean polls = lanes.stream().anyMatch(Lane::open);
    long cpu = THREADS.getCurrentThreadCpuTime();
    long began = System.nanoTime();
    int outstanding = 0;
    for (Lane lane : lanes) {
      while (!lane.open() && !lane.free.isEmpty()) {
        send(lane.free.remove(), System.nanoTime());
        outstanding++;
      }
    }
    long heard = began;
    while (true) {
      outstanding += sendDue(began, forNanos);
      if (outstanding == 0 && System.nanoTime() - began >= forNanos) {
        break;
      }
      int ready = polls ? selector.selectNow() : selector.select(SILENCE_MILLIS);
      long seen = System.nanoTime();
      if (ready > 0 || outstanding == 0) {
        heard = seen;
      } else if (seen - heard >= TimeUnit.MILLISECONDS.toNanos(SILENCE_MILLIS)) {
        throw new IOException("no answer within " + SILENCE_MILLIS / 1000 + " s");
      }
      for (SelectionKey key : selector.selectedKeys()) {
        Connection connection = (Connection) key.attachment();
        Lane lane = connection.lane;
        if (!answered(connection)) {
          continue;
        }
        lane.last = System.nanoTime();
        if (connection.parser.status() == lane.traffic.status()) {
          lane.latencies.record(connection.intendedNanos, lane.last);
        } else {
          lane.others++;
        }
        if (!lane.open() && seen - began < forNanos) {
          send(connection, seen);
        } else {
          lane.free.add(connection);
          outstanding--;
        }
      }
      selector.selectedKeys().clear();
    }
    long spent = THREADS.getCurrentThreadCpuTime() - cpu;
    return lanes.stream()
        .map(lane -> new Round(lane.last - began, spent, lane.latencies, lane.others, lane.unsent))
        .toList();
  }

  /** Sends what is due in the open loops and finds a connection; returns how many. */
  private int sendDue(long began, long forNanos) throws IOException {
    int sent = 0;
    for (Lane lane : lanes) {
      while (lane.open() && (lane.impatient() || !lane.free.isEmpty())) {
        long intended = (long) (lane.due * lane.gapNanos);
        if (intended >= forNanos || System.nanoTime() - began < intended) {
          break;
        }
        lane.due++;
        if (lane.free.isEmpty()) {
          lane.unsent++;
          continue;
        }
        send(lane.free.remove(), began + intended);
        sent++;
      }
    }
    return sent;
  }

  private static void send(Connection connection, long intendedNanos) throws IOException {
    connection.intendedNanos = intendedNanos;
    ByteBuffer request = connection.lane.requests.next();
    connection.channel.write(request);
    if (request.hasRemaining()) {
      // The one request of a connection always finds an empty buffer; this one is larger than that.
      throw new IOException("a request of " + request.limit() + " bytes is too large to send");
    }
  }

  private boolean answered(Connection connection) throws IOException {
    in.clear();
    if (connection.channel.read(in) < 0) {
      throw new IOException("the server hung up");
    }
    ResponseParser parser = connection.parser;
    boolean whole = parser.feed(in.flip());
    if (whole
        && parser.status() != connection.lane.traffic.status()
        && !connection.lane.impatient()) {
      throw new IOException("the server answered " + parser.status() + ": " + parser.said());
    }
    return whole;
  }
}
