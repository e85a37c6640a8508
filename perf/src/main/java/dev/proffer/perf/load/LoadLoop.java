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
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A closed loop of requests over kept-alive connections to this host: every connection has one
 * request outstanding, and sends the next when its answer is whole. One thread, one selector,
 * requests encoded beforehand; costs some 5 µs a request, most of it in the kernel.
 *
 * <p>Any answer but 200, any broken connection and any silence ends the round with an exception: a
 * figure that hides errors is worse than none.
 */
final class LoadLoop {
  private static final long SILENCE_MILLIS = 10_000;
  private static final int READ_BYTES = 256 * 1024;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final ByteBuffer[] requests;
  private final ByteBuffer in = ByteBuffer.allocateDirect(READ_BYTES);
  private int next;

  private static final class Connection {
    private final SocketChannel channel;
    private final ResponseParser parser = new ResponseParser();
    private long intendedNanos;

    Connection(SocketChannel channel) {
      this.channel = channel;
    }
  }

  /**
   * A loop over {@code POST} requests of JSON.
   *
   * @param bodies sent in this order, again and again, whatever the connection
   */
  LoadLoop(String path, List<String> bodies) {
    requests = new ByteBuffer[bodies.size()];
    for (int at = 0; at < requests.length; at++) {
      byte[] body = bodies.get(at).getBytes(StandardCharsets.UTF_8);
      byte[] head =
          ("POST "
                  + path
                  + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                  + "Content-Length: "
                  + body.length
                  + "\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII);
      requests[at] =
          ByteBuffer.allocateDirect(head.length + body.length).put(head).put(body).flip();
    }
  }

  /**
   * Sends for a while.
   *
   * @param port on the loopback address
   */
  Round run(int port, int connections, long millis) throws IOException {
    List<Connection> open = new ArrayList<>();
    try (Selector selector = Selector.open()) {
      for (int at = 0; at < connections; at++) {
        SocketChannel channel =
            SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        Connection connection = new Connection(channel);
        open.add(connection);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ, connection);
      }
      return run(selector, open, TimeUnit.MILLISECONDS.toNanos(millis));
    } finally {
      for (Connection connection : open) {
        connection.channel.close();
      }
    }
  }

  private Round run(Selector selector, List<Connection> connections, long forNanos)
      throws IOException {
    LatencyRecorder latencies = new LatencyRecorder();
    long cpu = THREADS.getCurrentThreadCpuTime();
    long began = System.nanoTime();
    for (Connection connection : connections) {
      connection.intendedNanos = System.nanoTime();
      send(connection);
    }
    int outstanding = connections.size();
    long last = began;
    while (outstanding > 0) {
      if (selector.select(SILENCE_MILLIS) == 0) {
        throw new IOException("no answer within " + SILENCE_MILLIS / 1000 + " s");
      }
      long seen = System.nanoTime();
      for (SelectionKey key : selector.selectedKeys()) {
        Connection connection = (Connection) key.attachment();
        if (!answered(connection)) {
          continue;
        }
        last = System.nanoTime();
        latencies.record(connection.intendedNanos, last);
        if (seen - began < forNanos) {
          connection.intendedNanos = seen;
          send(connection);
        } else {
          outstanding--;
        }
      }
      selector.selectedKeys().clear();
    }
    return new Round(last - began, THREADS.getCurrentThreadCpuTime() - cpu, latencies);
  }

  private void send(Connection connection) throws IOException {
    ByteBuffer request = requests[next].duplicate();
    next = next + 1 == requests.length ? 0 : next + 1;
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
    boolean whole = connection.parser.feed(in.flip());
    if (whole && connection.parser.status() != 200) {
      throw new IOException(
          "the server answered " + connection.parser.status() + ": " + connection.parser.said());
    }
    return whole;
  }
}
