package dev.proffer.ranker.store.s3;

import dev.proffer.events.time.Time;
import dev.proffer.events.time.TimeOrderedIds;
import dev.proffer.features.artifact.VersionDirectory;
import dev.proffer.ranker.RegistrySpec;
import dev.proffer.ranker.store.Aliases;
import dev.proffer.ranker.store.Leases;
import dev.proffer.ranker.store.ModelStore;
import dev.proffer.ranker.store.StoreAway;
import dev.proffer.ranker.store.StoreRefused;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Versions in a bucket: below {@code <task>/versions/<version>/} the files, notes, and last of all
 * {@code complete}, their {@link FileList}; {@code <task>/aliases}, one {@link AliasObject}; {@code
 * <task>/serving/<gateway>}, what a gateway says it serves.
 *
 * <p>The aliases change by compare-and-set on the object's tag ({@code If-Match}), so that no two
 * changes lose each other; a store that does not heed such conditions is found out before the first
 * change and refused. Removal first marks versions in the alias object, then asks once more who
 * serves, then deletes: a gateway says what it wants before it looks at the marks, so one of the
 * two always sees the other. It relies on what S3 promises since 2020: a read sees every write that
 * was answered before.
 *
 * <p>{@link #aliases} costs one conditional read, which a store answers without content while
 * nothing changed. After a failure the store is left alone for one second, then for twice as long
 * each time, up to fifteen.
 */
public final class S3Store implements ModelStore {
  private static final String VERSIONS = "/versions/";
  private static final String ALIASES = "/aliases";
  private static final String SERVING = "/serving/";
  private static final String NO_TAG = "\"00000000000000000000000000000000\"";
  private static final int TRIES = 20;
  private static final long FIRST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(15);
  private static final long ABANDONED_MILLIS = TimeUnit.DAYS.toMillis(1);
  private static final long FORGET_MILLIS = TimeUnit.DAYS.toMillis(30);

  private final S3Bucket bucket;
  private final LocalCopy copy;
  private final Time time;
  private final TimeOrderedIds ids;
  private final Map<String, S3Bucket.Content> known = new ConcurrentHashMap<>();
  private boolean conditionsHeeded;
  private @Nullable StoreAway away;
  private long awayUntilNanos;
  private long pauseNanos = FIRST_PAUSE_NANOS;

  /**
   * A store in a bucket, which is not asked for anything yet.
   *
   * @param copies a directory of this machine for what was fetched from this very bucket
   * @param environment where the keys are
   */
  public S3Store(
      RegistrySpec.Bucket spec, Path copies, Time time, Map<String, String> environment) {
    this.bucket = new S3Bucket(spec, environment);
    this.copy = new LocalCopy(copies);
    this.time = time;
    this.ids = new TimeOrderedIds(time);
  }

  @Override
  public String place() {
    return bucket.place();
  }

  @Override
  public Aliases aliases(String task) {
    return AliasObject.parse(polled(task)).aliases();
  }

  private byte @Nullable [] polled(String task) {
    synchronized (this) {
      if (away != null && time.nanos() - awayUntilNanos < 0) {
        throw away;
      }
    }
    try {
      byte[] bytes = read(task);
      synchronized (this) {
        away = null;
        pauseNanos = FIRST_PAUSE_NANOS;
      }
      return bytes;
    } catch (StoreAway e) {
      synchronized (this) {
        away = e;
        awayUntilNanos = time.nanos() + pauseNanos;
        pauseNanos = Math.min(2 * pauseNanos, LONGEST_PAUSE_NANOS);
      }
      throw e;
    }
  }

  private byte @Nullable [] read(String task) {
    S3Bucket.Content before = known.get(task);
    S3Bucket.Content now =
        before == null ? bucket.get(task + ALIASES) : bucket.get(task + ALIASES, before);
    if (now == null) {
      known.remove(task);
      return null;
    }
    if (before == null || !now.tag().equals(before.tag())) {
      known.put(task, now);
      try {
        copy.keepAliases(task, now.bytes());
      } catch (UncheckedIOException e) {
        // On a disk that is full or read-only a start without the bucket knows older aliases.
      }
    }
    return now.bytes();
  }

  @Override
  public @Nullable Aliases lastSeen(String task) {
    byte[] bytes = copy.aliases(task);
    return bytes == null ? null : AliasObject.parse(bytes).aliases();
  }

  @Override
  public Aliases change(String task, @Nullable String named, UnaryOperator<Aliases> change) {
    return swap(
            task,
            before -> {
              if (named != null
                  && (before.removing().contains(named)
                      || !bucket.has(key(task, named, FileList.NAME)))) {
                throw unknown(task, named);
              }
              return before.with(change.apply(before.aliases()));
            })
        .aliases();
  }

  /** Changes the alias object so that no other change is lost; gives what is there then. */
  private AliasObject swap(String task, UnaryOperator<AliasObject> change) {
    String key = task + ALIASES;
    for (int attempt = 0; attempt < TRIES; attempt++) {
      S3Bucket.Content read = bucket.get(key);
      AliasObject before = AliasObject.parse(read == null ? null : read.bytes());
      AliasObject wanted = change.apply(before);
      if (wanted.equals(before)) {
        return before;
      }
      refuseHeedless(key, read);
      String id = id();
      AliasObject after = wanted.by(id);
      if (bucket.putIf(key, after.bytes(), read) || isThere(key, id)) {
        return after;
      }
    }
    throw new StoreAway(
        place() + ": others changed " + key + " each of " + TRIES + " times it was to be changed",
        new IOException("compare-and-set failed"));
  }

  /** Whether a write whose answer was lost is there all the same. */
  private boolean isThere(String key, String change) {
    S3Bucket.Content now = bucket.get(key);
    return now != null && AliasObject.parse(now.bytes()).changes().contains(change);
  }

  /**
   * Refuses a store that writes whatever the condition says, before a change is trusted to it: it
   * is asked to write what is there already on conditions that do not hold.
   */
  private void refuseHeedless(String key, S3Bucket.@Nullable Content read) {
    synchronized (this) {
      if (conditionsHeeded) {
        return;
      }
    }
    String probe = read == null ? key + ".probe" : key;
    if (read == null) {
      bucket.put(probe, AliasObject.NONE.bytes());
    }
    byte[] there = read == null ? AliasObject.NONE.bytes() : read.bytes();
    if (bucket.putIf(probe, there, null)) {
      throw heedless("If-None-Match");
    }
    if (bucket.putIf(probe, there, new S3Bucket.Content(there, NO_TAG))) {
      throw heedless("If-Match");
    }
    if (read == null) {
      bucket.delete(probe);
    }
    synchronized (this) {
      conditionsHeeded = true;
    }
  }

  private StoreRefused heedless(String condition) {
    return new StoreRefused(
        place()
            + " writes although "
            + condition
            + " does not hold, so two who publish at once could lose a change; expected a store with"
            + " conditional writes");
  }

  private synchronized String id() {
    return ids.next();
  }

  @Override
  public List<String> versions(String task) {
    return List.copyOf(whole(objects(task)));
  }

  /** The versions that are complete. */
  private static SortedSet<String> whole(Map<String, List<S3Bucket.Entry>> objects) {
    SortedSet<String> versions = new TreeSet<>();
    objects.forEach(
        (version, entries) -> {
          if (entries.stream().anyMatch(entry -> entry.key().endsWith("/" + FileList.NAME))) {
            versions.add(version);
          }
        });
    return versions;
  }

  @Override
  public Path directory(String task, String version) {
    if (!VersionDirectory.isName(version)) {
      throw unknown(task, version);
    }
    Path here = copy.whole(task, version);
    if (here != null) {
      return here;
    }
    try {
      S3Bucket.Content aliases = bucket.get(task + ALIASES);
      S3Bucket.Content list = bucket.get(key(task, version, FileList.NAME));
      if (list == null
          || (aliases != null && AliasObject.parse(aliases.bytes()).removing().contains(version))) {
        throw unknown(task, version);
      }
      return copy.fetch(
          task,
          version,
          FileList.parse(list.bytes(), "version " + version + " of " + task),
          bucket,
          key(task, version, ""));
    } catch (StoreAway e) {
      throw LocalCopy.away(version, e);
    }
  }

  @Override
  public Path begin(String task, String version) {
    return copy.of(task).begin(version);
  }

  @Override
  public void complete(String task, String version) {
    VersionDirectory models = copy.of(task);
    Path begun = models.begun(version);
    String prefix = key(task, version, "");
    try {
      FileList list = FileList.of(begun);
      FileList.parse(list.bytes(), "version " + version + " of " + task);
      if (bucket.has(prefix + FileList.NAME)) {
        throw stays(task, version);
      }
      for (S3Bucket.Entry left : bucket.list(prefix)) {
        bucket.delete(left.key()); // of a try that did not end
      }
      for (Map.Entry<String, FileList.Entry> file : list.files().entrySet()) {
        if (!bucket.upload(
            prefix + file.getKey(), begun.resolve(file.getKey()), file.getValue().sha256())) {
          throw stays(task, version);
        }
      }
      if (!bucket.putIf(prefix + FileList.NAME, list.bytes(), null)) {
        S3Bucket.Content there = bucket.get(prefix + FileList.NAME);
        if (there == null || !FileList.parse(there.bytes(), version).equals(list)) {
          throw stays(task, version);
        }
      }
      Files.write(begun.resolve(FileList.NAME), list.bytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    models.complete(version);
  }

  private StoreRefused stays(String task, String version) {
    return new StoreRefused(
        "version " + version + " of " + task + " is in " + place() + "; a version never changes");
  }

  @Override
  public byte @Nullable [] note(String task, String version, String name) {
    S3Bucket.Content note = bucket.get(key(task, version, name));
    return note == null ? null : note.bytes();
  }

  @Override
  public void keepNote(String task, String version, String name, byte[] content) {
    bucket.put(key(task, version, name), content);
  }

  @Override
  public void serving(String task, String gateway, Set<String> versions, long nowMillis) {
    copy.prune(task, versions, nowMillis);
    bucket.put(
        task + SERVING + gateway,
        Leases.text(versions, nowMillis).getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public Set<String> served(String task, long sinceMillis) {
    Set<String> served = new TreeSet<>();
    for (S3Bucket.Entry entry : bucket.list(task + SERVING)) {
      S3Bucket.Content said = bucket.get(entry.key());
      if (said != null) {
        served.addAll(
            Leases.versions(
                new String(said.bytes(), StandardCharsets.UTF_8).lines().toList(), sinceMillis));
      }
    }
    return served;
  }

  @Override
  public List<String> collect(String task, Needless needless, long sinceMillis, long nowMillis) {
    AliasObject marked =
        swap(
            task,
            before -> {
              Set<String> removing = new TreeSet<>(before.removing()); // of one that did not end
              removing.addAll(
                  needless.of(versions(task), before.aliases(), served(task, sinceMillis)));
              removing.removeIf(before.aliases()::name);
              return before.removing(removing);
            });
    List<String> gone = new ArrayList<>(new TreeSet<>(marked.removing()));
    gone.removeAll(served(task, sinceMillis));
    Map<String, List<S3Bucket.Entry>> objects = objects(task);
    for (String version : gone) {
      bucket.delete(
          key(task, version, FileList.NAME)); // first, so that nobody takes the rest for whole
      objects.getOrDefault(version, List.of()).forEach(entry -> bucket.delete(entry.key()));
    }
    swap(
        task,
        before -> {
          Set<String> left = new TreeSet<>(before.removing());
          left.removeAll(marked.removing());
          return before.removing(left);
        });
    forget(task, objects, nowMillis);
    Set<String> left = whole(objects);
    gone.forEach(left::remove);
    copy.prune(task, left, nowMillis);
    return List.copyOf(gone);
  }

  private Map<String, List<S3Bucket.Entry>> objects(String task) {
    String prefix = task + VERSIONS;
    Map<String, List<S3Bucket.Entry>> objects = new HashMap<>();
    for (S3Bucket.Entry entry : bucket.list(prefix)) {
      String rest = entry.key().substring(prefix.length());
      int slash = rest.indexOf('/');
      if (slash > 0) {
        objects.computeIfAbsent(rest.substring(0, slash), name -> new ArrayList<>()).add(entry);
      }
    }
    return objects;
  }

  /** Removes what nobody ended for a day, and the words of gateways that are long gone. */
  private void forget(String task, Map<String, List<S3Bucket.Entry>> objects, long nowMillis) {
    Set<String> whole = whole(objects);
    for (Map.Entry<String, List<S3Bucket.Entry>> version : objects.entrySet()) {
      long newest = 0;
      for (S3Bucket.Entry entry : version.getValue()) {
        newest = Math.max(newest, entry.writtenMillis());
      }
      if (!whole.contains(version.getKey()) && nowMillis - newest > ABANDONED_MILLIS) {
        version.getValue().forEach(entry -> bucket.delete(entry.key()));
      }
    }
    for (S3Bucket.Entry lease : bucket.list(task + SERVING)) {
      if (nowMillis - lease.writtenMillis() > FORGET_MILLIS) {
        bucket.delete(lease.key());
      }
    }
  }

  private StoreRefused unknown(String task, String version) {
    return new StoreRefused("no version " + version + " of " + task + " in " + place());
  }

  private static String key(String task, String version, String name) {
    return task + VERSIONS + version + "/" + name;
  }

  @Override
  public void close() {
    bucket.close();
  }
}
