package dev.proffer.events;

import dev.proffer.configs.Problems;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Replaces personal data by keyed hashes, for log entries that leave the gateway: {@code hmac:} and
 * the first 16 bytes of HMAC-SHA-256 (RFC 2104, FIPS 180-4) over the value in UTF-8, in hex. The
 * same value and key give the same pseudonym everywhere and always, so what belongs together stays
 * together; whoever lacks the key cannot go back, nor try values.
 *
 * <p>What the registry does not declare counts as personal: a field of a type that was declared
 * once, and the body of an {@link Aside}. Without {@code pseudonyms.apply} entries stay as they
 * are. Not thread-safe; one thread owns one. Costs about a microsecond a value.
 */
public final class Pseudonyms {
  /** What every pseudonym begins with. */
  public static final String PREFIX = "hmac:";

  /** Shortest key, in bytes: as long as the hash, below which its strength falls (RFC 2104 §3). */
  public static final int MIN_KEY_BYTES = 32;

  private static final int KEPT_BYTES = 16;
  private static final String ALGORITHM = "HmacSHA256";

  private final EventRegistry registry;
  private final Set<String> personal;
  private final @Nullable Mac mac;

  private Pseudonyms(EventRegistry registry, @Nullable Mac mac) {
    this.registry = registry;
    this.personal = registry.personal();
    this.mac = mac;
  }

  /**
   * Pseudonyms as a registry says; reads the key.
   *
   * @throws dev.proffer.configs.ConfigException when the key cannot be used
   */
  public static Pseudonyms of(EventRegistry registry) {
    Problems problems = new Problems();
    Pseudonyms pseudonyms = of(registry, problems);
    problems.throwIfAny();
    return pseudonyms;
  }

  /** The same; a key that cannot be used goes to {@code problems}. */
  public static Pseudonyms of(EventRegistry registry, Problems problems) {
    EventRegistry.PseudonymsSpec spec = registry.pseudonyms();
    Path keyFile = spec.keyFile();
    if (!spec.apply() || keyFile == null) {
      return new Pseudonyms(registry, null);
    }
    String wrong;
    try {
      byte[] key = Files.readAllBytes(keyFile);
      if (key.length >= MIN_KEY_BYTES) {
        return new Pseudonyms(registry, mac(key));
      }
      wrong = "holds " + key.length + " bytes";
    } catch (IOException e) {
      wrong = Files.exists(keyFile) ? "cannot be read: " + e.getMessage() : "is not there";
    }
    problems.add(
        registry.file().toString(),
        spec.line(),
        "pseudonyms.key-file",
        "\""
            + keyFile
            + "\" "
            + wrong
            + "; expected a file of at least "
            + MIN_KEY_BYTES
            + " bytes");
    return new Pseudonyms(registry, null);
  }

  private static Mac mac(byte[] key) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // every Java platform has HmacSHA256
    }
  }

  /** Whether anything is replaced. */
  public boolean apply() {
    return mac != null;
  }

  /** The entry as it may leave. */
  public LogEntry apply(LogEntry entry) {
    Mac keyed = mac;
    if (keyed == null) {
      return entry;
    }
    if (entry instanceof Event event) {
      return event(event, keyed);
    }
    if (entry instanceof Impression impression) {
      return impression(impression, keyed);
    }
    if (entry instanceof Erasure erasure) {
      return new Erasure(
          erasure.id(), kept("user_id", erasure.userId(), keyed), erasure.timeMillis());
    }
    if (entry instanceof Aside aside) {
      return new Aside(
          aside.id(),
          aside.receivedMillis(),
          aside.field(),
          aside.reason(),
          pseudonym(aside.body(), keyed));
    }
    return entry;
  }

  private Event event(Event event, Mac keyed) {
    return new Event(
        event.id(),
        event.type(),
        kept("user_id", event.userId(), keyed),
        event.itemId(),
        event.requestId(),
        optional("session_id", event.sessionId(), keyed),
        event.timeMillis(),
        event.receivedMillis(),
        fields(event, keyed));
  }

  private Map<String, Object> fields(Event event, Mac keyed) {
    if (event.fields().isEmpty()) {
      return event.fields();
    }
    EventType type = registry.type(event.type());
    Map<String, Object> fields = new HashMap<>(event.fields());
    for (Map.Entry<String, Object> field : fields.entrySet()) {
      EventType.Field declared = type == null ? null : type.fields().get(field.getKey());
      if (declared == null || declared.personal()) {
        field.setValue(pseudonym(field.getValue().toString(), keyed));
      }
    }
    return fields;
  }

  private Impression impression(Impression shown, Mac keyed) {
    return new Impression(
        shown.requestId(),
        kept("user_id", shown.userId(), keyed),
        optional("session_id", shown.sessionId(), keyed),
        optional("device", shown.device(), keyed),
        optional("context", shown.context(), keyed),
        shown.contextType(),
        shown.timeMillis(),
        shown.servedBy(),
        shown.modelVersion(),
        shown.variant(),
        shown.contractSha(),
        shown.degraded(),
        shown.candidates(),
        shown.shown(),
        shown.tookNanos());
  }

  private String kept(String field, String value, Mac keyed) {
    return personal.contains(field) ? pseudonym(value, keyed) : value;
  }

  private @Nullable String optional(String field, @Nullable String value, Mac keyed) {
    return value == null ? null : kept(field, value, keyed);
  }

  private static String pseudonym(String value, Mac keyed) {
    byte[] hash = keyed.doFinal(value.getBytes(StandardCharsets.UTF_8));
    return PREFIX + HexFormat.of().formatHex(Arrays.copyOf(hash, KEPT_BYTES));
  }
}
