package dev.proffer.ranker;

import dev.proffer.configs.Section;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where the versions of models are kept; read from {@code registry} of {@code models.yaml}. Holds
 * no secret: the keys to a bucket come from the environment when it is opened.
 *
 * @param bucket where; null for the folder {@code models} of the home
 */
public record RegistrySpec(@Nullable Bucket bucket) {
  /** The folder {@code models} of the home. */
  public static final RegistrySpec HOME = new RegistrySpec(null);

  /** The variables of the environment that the keys come from; the last may be missing. */
  public static final List<String> KEYS =
      List.of("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN");

  private static final Pattern PLACE =
      Pattern.compile("s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?");
  private static final Pattern PREFIX =
      Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*");
  private static final Pattern REGION = Pattern.compile("[a-z0-9-]{1,40}");

  /** Where the keys to a bucket come from. */
  public enum Credentials {
    /** {@link #KEYS} of the environment, and nowhere else. */
    ENVIRONMENT,
    /**
     * The chain of the S3 client: environment, profile files, web identity, container, and at last
     * the metadata service of an EC2 machine, which is asked over the network.
     */
    SDK,
    /** None: requests are not signed. */
    ANONYMOUS
  }

  /**
   * A bucket of a store that speaks S3.
   *
   * @param prefix what all keys begin with, without a slash at either end; "" for none
   * @param endpoint the store's address; null for Amazon's of the region
   * @param pathStyle whether the bucket stands in the path rather than in the host's name
   * @param timeoutMillis how long one request may take, other than for a version's files
   */
  public record Bucket(
      String name,
      String prefix,
      @Nullable URI endpoint,
      String region,
      boolean pathStyle,
      Credentials credentials,
      int timeoutMillis) {
    /** As it is configured: {@code s3://bucket/prefix}. */
    public String place() {
      return "s3://" + name + (prefix.isEmpty() ? "" : "/" + prefix);
    }
  }

  /** Reads the section; mistakes go to its problems. */
  static RegistrySpec read(Section section, Map<String, String> environment) {
    String place = section.text("place", "home");
    RegistrySpec spec = place.equals("home") ? home(section) : bucket(section, place, environment);
    section.done();
    return spec;
  }

  private static RegistrySpec home(Section section) {
    for (String key : section.keys()) {
      if (!key.equals("place")) {
        section.refuse(key, "is of a bucket only; expected place: s3://bucket/prefix beside it");
        section.text(key, ""); // known, if out of place
      }
    }
    return HOME;
  }

  private static RegistrySpec bucket(
      Section section, String place, Map<String, String> environment) {
    Matcher matcher = PLACE.matcher(place);
    String prefix = "";
    String name = "bucket";
    if (matcher.matches()) {
      name = matcher.group(1);
      prefix = matcher.group(2) == null ? "" : matcher.group(2);
    }
    if (!matcher.matches() || (!prefix.isEmpty() && !PREFIX.matcher(prefix).matches())) {
      section.refuse(
          "place",
          "\""
              + place
              + "\" is no place; expected home, or s3://bucket or s3://bucket/prefix of lower-case"
              + " letters, digits, dots and dashes, the prefix also of upper-case letters,"
              + " underscores and single slashes within");
    }
    String region = section.text("region", "us-east-1");
    if (!REGION.matcher(region).matches()) {
      section.refuse("region", "\"" + region + "\" is no region; expected such as eu-central-1");
    }
    Credentials credentials =
        section.oneOf("credentials", Credentials.class, Credentials.ENVIRONMENT);
    if (credentials == Credentials.ENVIRONMENT) {
      List<String> missing = new ArrayList<>(KEYS.subList(0, 2));
      missing.removeIf(key -> !environment.getOrDefault(key, "").isBlank());
      if (!missing.isEmpty()) {
        section.refuse(
            "credentials",
            "is \"environment\", which lacks " + String.join(" and ", missing) + "; set both");
      }
    }
    return new RegistrySpec(
        new Bucket(
            name,
            prefix,
            endpoint(section),
            region,
            section.flag("path-style", section.has("endpoint")),
            credentials,
            section.integer("timeout-ms", 5_000, 100, 60_000)));
  }

  private static @Nullable URI endpoint(Section section) {
    String text = section.text("endpoint", "");
    if (text.isEmpty()) {
      return null;
    }
    try {
      URI uri = new URI(text);
      String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
      if ((scheme.equals("http") || scheme.equals("https"))
          && uri.getHost() != null
          && uri.getUserInfo() == null
          && uri.getQuery() == null
          && uri.getFragment() == null
          && (uri.getPath().isEmpty() || uri.getPath().equals("/"))) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // said below
    }
    section.refuse(
        "endpoint",
        "\"" + text + "\" is no endpoint; expected such as https://s3.example.org:9000");
    return null;
  }
}
