package dev.proffer.features.store;

import dev.proffer.events.LogEntry;
import dev.proffer.events.log.EventLog;
import dev.proffer.events.log.LogPump;
import dev.proffer.events.log.RecentIds;
import dev.proffer.features.spec.SequenceSpec;
import dev.proffer.features.state.BinaryReader;
import dev.proffer.features.state.BinaryWriter;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * What the log folds to up to one of its records, kept in the file {@code checkpoint/state} of a
 * home: so a start folds only what came after, and the files before it can go. A checkpoint and the
 * log behind it give the very state that the whole log gives.
 *
 * <p>The file is written under another name, synced and renamed: a crash leaves the checkpoint
 * before or the new one. Its last 12 bytes are its length and a CRC-32C over it; a file that is
 * cut, damaged, of a format before the previous one or counted by another {@code sequences.yaml} is
 * refused, and what the log still has is folded from its beginning.
 *
 * <p>One thread at a time. It reads and writes files: not for an event loop.
 */
public final class StateCheckpoint {
  /** The directory's name below the home. */
  public static final String DIRECTORY = "checkpoint";

  private static final String FILE = "state";
  private static final String NEXT = ".next";
  private static final String REFUSED = ".refused";
  private static final long MAGIC = 0x316b6370_66667270L; // "prffpck1"
  private static final int FORMAT = 3;

  /** Without named sequences. */
  private static final int FORMAT_2 = 2;

  private static final int TRAILER = Long.BYTES + Integer.BYTES;
  private static final int MOST_IDS = 1 << 30;

  private final Path directory;
  private final Path file;
  private final SequenceSpec spec;

  /** The checkpoint of a home, for states of that sequence. */
  public StateCheckpoint(Path home, SequenceSpec spec) {
    this.directory = home.resolve(DIRECTORY);
    this.file = directory.resolve(FILE);
    this.spec = spec;
  }

  /**
   * A state with its place in the log.
   *
   * @param sequences what the state's sequences are in
   * @param index the {@link EventLog.Tail#index} of the last record it holds
   * @param ids the {@link RecentIds#hashes} of what was folded up to there
   */
  public record Point(LiveState state, SequenceStore sequences, long index, long[] ids) {}

  /**
   * Reads the checkpoint.
   *
   * @param store an empty store, which takes the sequences; it is empty again after a refusal
   * @return null when there is none
   * @throws CheckpointRefused when there is one that cannot be used
   */
  public @Nullable Point read(SequenceStore store) throws CheckpointRefused {
    if (!Files.exists(file)) {
      return null;
    }
    try {
      long length = check();
      try (InputStream in = new Bounded(Files.newInputStream(file), length)) {
        return read(new BinaryReader(in), store);
      }
    } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
      store.clear();
      throw new CheckpointRefused(file + " is refused: " + e.getMessage(), e);
    }
  }

  /**
   * Reads the checkpoint to go on with a log behind it.
   *
   * @param store an empty store, which takes the sequences; it is empty again after a refusal
   * @return null when there is none
   * @throws CheckpointRefused also when the log ends before it
   */
  public @Nullable Point read(SequenceStore store, EventLog log) throws CheckpointRefused {
    Point point = read(store);
    if (point != null && !log.goesOnBehind(point.index())) {
      store.clear();
      throw new CheckpointRefused(
          file
              + " is refused: the log ends before its place "
              + Long.toHexString(point.index())
              + "; it has lost records, or is another one");
    }
    return point;
  }

  private Point read(BinaryReader in, SequenceStore store) {
    if (in.fixed() != MAGIC) {
      throw in.refused("not a checkpoint");
    }
    long format = in.number();
    if (format != FORMAT && format != FORMAT_2) {
      throw in.refused(
          "a checkpoint of format " + format + ", expected " + FORMAT_2 + " or " + FORMAT);
    }
    long index = in.fixed();
    long[] ids = new long[in.number(MOST_IDS)];
    for (int at = 0; at < ids.length; at++) {
      ids[at] = in.fixed();
    }
    LiveState state = new LiveState(spec, store);
    state.readFrom(in, format > FORMAT_2);
    if (!in.atEnd()) {
      throw in.refused("more than a checkpoint");
    }
    return new Point(state, store, index, ids);
  }

  /** Length of what the trailer vouches for. */
  private long check() throws IOException {
    CRC32C crc = new CRC32C();
    long length = Files.size(file) - TRAILER;
    if (length < 0) {
      throw new IOException("cut short, " + (length + TRAILER) + " bytes");
    }
    try (InputStream all = Files.newInputStream(file)) {
      CheckedInputStream in = new CheckedInputStream(new Bounded(all, length), crc);
      byte[] buffer = new byte[1 << 18];
      for (int read = 0; read >= 0; ) {
        read = in.read(buffer);
      }
      ByteBuffer trailer = ByteBuffer.wrap(all.readNBytes(TRAILER));
      if (trailer.remaining() < TRAILER
          || trailer.getLong() != length
          || trailer.getInt() != (int) crc.getValue()) {
        throw new IOException("cut short or damaged: length or CRC-32C do not agree");
      }
    }
    return length;
  }

  /** Replaces the checkpoint. Nothing may change the state meanwhile. */
  public void write(Point point) throws IOException {
    Files.createDirectories(directory);
    Path next = directory.resolve(FILE + NEXT);
    try (FileChannel channel =
        FileChannel.open(
            next,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      CRC32C crc = new CRC32C();
      BinaryWriter out =
          new BinaryWriter(new CheckedOutputStream(Channels.newOutputStream(channel), crc));
      out.fixed(MAGIC);
      out.number(FORMAT);
      out.fixed(point.index());
      out.number(point.ids().length);
      for (long id : point.ids()) {
        out.fixed(id);
      }
      point.state().writeTo(out, point.sequences());
      out.flush();
      ByteBuffer trailer = ByteBuffer.allocate(TRAILER);
      trailer.putLong(out.written()).putInt((int) crc.getValue()).flip();
      while (trailer.hasRemaining()) {
        channel.write(trailer);
      }
      channel.force(true);
    } catch (UncheckedIOException e) {
      throw new IOException(e.getMessage(), e);
    }
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
      names.force(true);
    }
  }

  /**
   * Folds the log behind the checkpoint into it, up to and including an index, and replaces it;
   * from the log's beginning when there is none. One that is refused is put aside as {@code
   * state.refused} first. What it stands on is on the disk before it is.
   *
   * @param rememberedIds how many of the latest ids a repeated one is known by
   * @param scratch makes an empty store for the time of it
   * @return the index of the last record it holds now; -1 when the log holds none
   */
  public long advance(
      EventLog log, long toIndex, int rememberedIds, Supplier<SequenceStore> scratch)
      throws IOException {
    return advance(log, toIndex, rememberedIds, scratch, () -> false);
  }

  /** The same; gives up, with nothing changed, as soon as it is told to. */
  long advance(
      EventLog log,
      long toIndex,
      int rememberedIds,
      Supplier<SequenceStore> scratch,
      BooleanSupplier giveUp)
      throws IOException {
    try (SequenceStore store = scratch.get();
        EventLog.Tail tail = log.tail()) {
      Point from;
      try {
        from = read(store, log);
      } catch (CheckpointRefused e) {
        putAside();
        from = null;
      }
      RecentIds seen = new RecentIds(rememberedIds);
      long index = -1;
      LiveState state;
      if (from == null) {
        state = new LiveState(spec, store);
      } else {
        state = from.state();
        index = from.index();
        seen.addAll(from.ids());
        tail.seek(index);
      }
      long before = index;
      for (LogEntry entry = tail.next();
          entry != null && tail.index() <= toIndex;
          entry = tail.next()) {
        if (giveUp.getAsBoolean()) {
          return before;
        }
        fold(entry, state, seen);
        index = tail.index();
      }
      if (index != before) {
        log.force();
        write(new Point(state, store, index, seen.hashes()));
      }
      return index;
    }
  }

  /**
   * Folds the log from its beginning to the end it has now and replaces the checkpoint, whatever
   * that holds. One that is refused is put aside as {@code state.refused} first. No gateway may
   * run.
   *
   * @param rememberedIds how many of the latest ids a repeated one is known by
   * @param scratch makes an empty store for the time of it
   * @return the index of the last record it holds now; -1 when the log holds none, and nothing is
   *     replaced
   * @throws IllegalStateException when the log has lost what the checkpoint holds, so that the
   *     state would forget it; the checkpoint stays
   */
  public long rebuild(EventLog log, int rememberedIds, Supplier<SequenceStore> scratch)
      throws IOException {
    long keptIndex = -1;
    long kept = 0;
    try (SequenceStore store = scratch.get()) {
      Point before = read(store);
      if (before != null) {
        keptIndex = before.index();
        kept = before.state().version();
      }
    } catch (CheckpointRefused e) {
      putAside();
    }
    try (SequenceStore store = scratch.get();
        EventLog.Tail tail = log.tail()) {
      RecentIds seen = new RecentIds(rememberedIds);
      LiveState state = new LiveState(spec, store);
      long end = log.lastIndex();
      long index = -1;
      long found = 0;
      while (index < end) {
        LogEntry entry = tail.next();
        if (entry == null || tail.index() > end) {
          break;
        }
        fold(entry, state, seen);
        index = tail.index();
        if (index <= keptIndex) {
          found = state.version();
        }
      }
      if (found < kept) {
        throw new IllegalStateException(
            file
                + " holds "
                + kept
                + " entries, of which the log has "
                + found
                + "; expected a log from its beginning. To forget the others, delete the file");
      }
      if (index >= 0) {
        log.force();
        write(new Point(state, store, index, seen.hashes()));
      }
      return index;
    }
  }

  /**
   * Lets the next start read the log again from an earlier record, such as when those behind it may
   * have moved. Events are known by their ids then, impressions are counted again.
   *
   * @param scratch makes an empty store for the time of it
   */
  public void stepBack(long index, Supplier<SequenceStore> scratch) throws IOException {
    try (SequenceStore store = scratch.get()) {
      Point point = read(store);
      if (point != null && point.index() > index) {
        write(new Point(point.state(), store, index, point.ids()));
      }
    } catch (CheckpointRefused e) {
      // The next start says so.
    }
  }

  /** Whether there is a file that holds sequences, whether or not it can be used. */
  boolean isThere() {
    return Files.exists(file)
        || Files.exists(directory.resolve(FILE + NEXT))
        || Files.exists(directory.resolve(FILE + REFUSED));
  }

  /** Deletes what is there beside the checkpoint: one half written, one put aside. */
  void deleteOthers() throws IOException {
    Files.deleteIfExists(directory.resolve(FILE + NEXT));
    Files.deleteIfExists(directory.resolve(FILE + REFUSED));
  }

  /** What the checkpoint takes; 0 when there is none. */
  long bytes() {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0;
    }
  }

  private void putAside() throws IOException {
    Files.move(
        file,
        directory.resolve(FILE + REFUSED),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /** As the gateway folds: a repeated id once, and what cannot be folded is left out. */
  private static void fold(LogEntry entry, LiveState state, RecentIds seen) {
    String id = LogPump.onceId(entry);
    if (id != null && !seen.add(id)) {
      return;
    }
    try {
      state.apply(entry);
    } catch (RuntimeException e) {
      // The gateway counts it when it meets it.
    }
  }

  /** The first bytes of a stream. */
  private static final class Bounded extends FilterInputStream {
    private long left;

    Bounded(InputStream in, long bytes) {
      super(in);
      left = bytes;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (left == 0) {
        return -1;
      }
      int read = in.read(into, offset, (int) Math.min(length, left));
      left -= Math.max(0, read);
      return read;
    }
  }
}
