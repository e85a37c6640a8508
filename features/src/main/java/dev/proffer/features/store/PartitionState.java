package dev.proffer.features.store;

import dev.proffer.events.Erasure;
import dev.proffer.events.Event;
import dev.proffer.events.Impression;
import dev.proffer.events.LogEntry;
import dev.proffer.events.log.LogPump;
import dev.proffer.events.log.PartitionedLog.Partition;
import dev.proffer.events.log.PartitionedLog.Stored;
import dev.proffer.events.log.RecentIds;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.state.Catalog;
import dev.proffer.features.state.StatisticsCodec;
import dev.proffer.features.state.UserSequence;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one partition of the log folds to, kept in Redis: sequences as soon as they change, and
 * statistics, which are larger, now and then. Belongs to one thread.
 *
 * <p>Two offsets say how far each is: {@code written} for the sequences, {@code offset} for the
 * statistics and the ids that repetitions are known by. After a crash the log is read again from
 * {@code offset}. But a sequence that is ahead of the statistics already holds the events that they
 * lack, and an event that a sequence holds is not counted. So the sequences as of {@code offset}
 * are kept too ({@code base}), of the users who had events since: the fold starts again from these,
 * and comes to the very state there would have been.
 *
 * <p>Statistics that cannot be read, or were counted by other rules, are counted again from the
 * beginning of the log.
 *
 * <p>Every write is one script that first looks at the epoch, which each {@link #load} raises: who
 * has been replaced writes nothing any more.
 */
final class PartitionState {
  private static final String LOAD =
      """
      local epoch = redis.call('HINCRBY', KEYS[1], 'epoch', 1)
      return {epoch, redis.call('HGET', KEYS[1], 'offset'), redis.call('HGET', KEYS[1], 'written'),
        redis.call('HGET', KEYS[1], 'statistics'), redis.call('HGET', KEYS[1], 'ids'),
        redis.call('HGETALL', KEYS[2])}
      """;

  private static final String WRITE =
      """
      local held = redis.call('HMGET', KEYS[1], 'epoch', 'written')
      if held[1] ~= ARGV[1] or (held[2] or '0') ~= ARGV[2] then return 0 end
      for at = 3, #KEYS do
        local arg = 4 + (at - 3) * 3
        redis.call('HSETNX', KEYS[2], ARGV[arg], ARGV[arg + 1])
        if ARGV[arg + 2] == '' then redis.call('DEL', KEYS[at])
        else redis.call('SET', KEYS[at], ARGV[arg + 2]) end
      end
      redis.call('HSET', KEYS[1], 'written', ARGV[3])
      return 1
      """;

  private static final String SETTLE =
      """
      local held = redis.call('HMGET', KEYS[1], 'epoch', 'written')
      if held[1] ~= ARGV[1] or (held[2] or '0') ~= ARGV[2] then return 0 end
      redis.call('HSET', KEYS[1], 'offset', ARGV[2], 'statistics', ARGV[3], 'ids', ARGV[4])
      redis.call('DEL', KEYS[2])
      return 1
      """;

  private static final Logger LOG = LoggerFactory.getLogger(PartitionState.class);
  private static final byte[] NOTHING = {};

  private final Partition partition;
  private final RedisKeys keys;
  private final RedisLink link;
  private final Catalog.Builder items;
  private final int cachedUsers;
  private final Sequences sequences = new Sequences();
  private LiveState state;
  private RecentIds seen;
  private final long epoch;
  private long offset;
  private long written;
  private long next;
  private long duplicates;
  private boolean rebuilding;

  private PartitionState(
      Partition partition,
      RedisKeys keys,
      RedisLink link,
      SequenceSpec spec,
      RedisSpec.Updating updating,
      Catalog.Builder items) {
    this.partition = partition;
    this.keys = keys;
    this.link = link;
    this.items = items;
    this.cachedUsers = updating.cachedUsers();
    this.state = new LiveState(spec, sequences, items);
    this.seen = new RecentIds(updating.rememberedIds());
    Response loaded =
        answer(
            link.send(
                Request.cmd(Command.EVAL)
                    .arg(LOAD)
                    .arg(2)
                    .arg(keys.state(partition))
                    .arg(keys.base(partition))));
    this.epoch = loaded.get(0).toLong();
    this.offset = number(loaded.get(1));
    this.written = number(loaded.get(2));
    try {
      read(loaded);
    } catch (IllegalArgumentException e) {
      LOG.warn(
          "what Redis holds of {} is folded again from the log: {}", partition, e.getMessage());
      rebuilding = true;
      offset = 0;
      seen = new RecentIds(updating.rememberedIds());
      state = new LiveState(spec, sequences, items);
      sequences.held.clear();
    }
    this.next = offset;
  }

  private void read(Response loaded) {
    Response statistics = loaded.get(3);
    if (statistics != null) {
      StatisticsCodec.add(statistics.toBytes(), state.statistics(), items);
    }
    Response ids = loaded.get(4);
    if (ids != null) {
      ByteBuffer bytes = ByteBuffer.wrap(ids.toBytes()).order(ByteOrder.LITTLE_ENDIAN);
      long[] hashes = new long[bytes.remaining() / Long.BYTES];
      bytes.asLongBuffer().get(hashes);
      seen.addAll(hashes);
    }
    Response base = loaded.get(5);
    for (int at = 0; at + 1 < base.size(); at += 2) {
      sequences.held.put(base.get(at).toString(), sequence(base.get(at + 1)));
    }
  }

  /** Takes a partition over from whoever had it. */
  static PartitionState load(
      Partition partition,
      RedisKeys keys,
      RedisLink link,
      SequenceSpec spec,
      RedisSpec.Updating updating,
      Catalog.Builder items) {
    return new PartitionState(partition, keys, link, spec, updating, items);
  }

  /** Somebody else has taken the partition over; nothing was written. */
  static final class Fenced extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Fenced(Partition partition) {
      super(partition + " was taken over by another updater");
    }
  }

  /** Where the log is to be read from. */
  long offset() {
    return offset;
  }

  /** Repeated entries that were left out. */
  long duplicates() {
    return duplicates;
  }

  /** Folds entries in and writes the sequences that changed. */
  void apply(List<Stored> entries) {
    sequences.fetch(entries);
    for (Stored stored : entries) {
      if (stored.offset() >= next) {
        apply(stored.entry());
        next = stored.offset() + 1;
      }
    }
    write();
  }

  private void apply(LogEntry entry) {
    // An impression has no id of its own, and the relay may send one twice.
    String id =
        entry instanceof Impression impression
            ? "impression " + impression.requestId()
            : LogPump.onceId(entry);
    if (id != null && !seen.add(id)) {
      duplicates++;
    } else {
      state.apply(entry);
    }
  }

  private void write() {
    if (next < written) {
      return; // what is folded again is there already
    }
    if (next > written) {
      Request script =
          Request.cmd(Command.EVAL)
              .arg(WRITE)
              .arg(2 + sequences.changed.size())
              .arg(keys.state(partition))
              .arg(keys.base(partition));
      sequences.changed.keySet().forEach(user -> script.arg(keys.sequence(partition, user)));
      script.arg(epoch).arg(written).arg(next);
      sequences.changed.forEach(
          (user, before) -> {
            script.arg(user.getBytes(StandardCharsets.UTF_8));
            script.arg(bytes(before));
            script.arg(bytes(sequences.read(user)));
          });
      fence(link.send(script));
      written = next;
    }
    sequences.written();
  }

  /** Writes statistics and ids, if anything was folded since they were; says whether. */
  boolean settle() {
    if (offset == written || next != written) {
      return false;
    }
    long[] hashes = seen.hashes();
    ByteBuffer ids = ByteBuffer.allocate(hashes.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    ids.asLongBuffer().put(hashes);
    fence(
        link.send(
            Request.cmd(Command.EVAL)
                .arg(SETTLE)
                .arg(2)
                .arg(keys.state(partition))
                .arg(keys.base(partition))
                .arg(epoch)
                .arg(written)
                .arg(StatisticsCodec.encode(state.statistics(), items))
                .arg(ids.array())));
    offset = written;
    return true;
  }

  /** Makes sure that the partition is still ours. */
  void checkEpoch() {
    Request ask = Request.cmd(Command.HGET).arg(keys.state(partition)).arg("epoch");
    if (number(link.send(ask)) != epoch) {
      throw new Fenced(partition);
    }
  }

  private void fence(@Nullable Response answer) {
    if (answer(answer).toLong() != 1) {
      throw new Fenced(partition);
    }
  }

  private static Response answer(@Nullable Response response) {
    if (response == null) {
      throw new IllegalStateException("Redis answered nothing to a script");
    }
    return response;
  }

  private static long number(@Nullable Response response) {
    return response == null ? 0 : response.toLong();
  }

  private static byte[] bytes(UserSequence sequence) {
    return sequence.size() == 0 ? NOTHING : sequence.encode();
  }

  private static UserSequence sequence(@Nullable Response response) {
    byte[] bytes = response == null ? NOTHING : response.toBytes();
    return bytes.length == 0 ? UserSequence.EMPTY : UserSequence.decode(bytes);
  }

  /** The sequences of the partition's users that are at hand. */
  private final class Sequences implements SequenceAccess {
    /** Least recently used first. */
    private final Map<String, UserSequence> held = new LinkedHashMap<>(16, 0.75f, true);

    /** What changed since the last write, as it was before. */
    private final Map<String, UserSequence> changed = new HashMap<>();

    void fetch(List<Stored> entries) {
      Set<String> missing = new LinkedHashSet<>();
      for (Stored stored : entries) {
        String user =
            stored.entry() instanceof Event event
                ? event.userId()
                : stored.entry() instanceof Erasure erasure ? erasure.userId() : null;
        if (user != null && !held.containsKey(user)) {
          missing.add(user);
        }
      }
      if (rebuilding && next < written) {
        missing.forEach(user -> held.put(user, UserSequence.EMPTY));
        return;
      }
      List<Request> requests = new ArrayList<>();
      missing.forEach(
          user -> requests.add(Request.cmd(Command.GET).arg(keys.sequence(partition, user))));
      Iterator<@Nullable Response> answers = link.batch(requests).iterator();
      for (String user : missing) {
        UserSequence sequence = UserSequence.EMPTY;
        try {
          sequence = sequence(answers.next());
        } catch (IllegalArgumentException e) {
          LOG.warn("the sequence of a user of {} is begun again: {}", partition, e.getMessage());
        }
        held.put(user, sequence);
      }
    }

    void written() {
      changed.clear();
      Iterator<String> oldest = held.keySet().iterator();
      while (held.size() > cachedUsers) {
        oldest.next();
        oldest.remove();
      }
    }

    @Override
    public UserSequence read(String userId) {
      return held.getOrDefault(userId, UserSequence.EMPTY);
    }

    @Override
    public void write(String userId, UserSequence sequence) {
      changed.putIfAbsent(userId, read(userId));
      held.put(userId, sequence);
    }

    @Override
    public void remove(String userId) {
      write(userId, UserSequence.EMPTY);
    }
  }
}
