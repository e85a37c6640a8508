package dev.proffer.ranker.store.s3;

import dev.proffer.ranker.RegistrySpec;
import dev.proffer.ranker.store.StoreAway;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * A bucket's objects below a prefix: reads, conditional writes, lists. Whatever goes wrong but a
 * missing object and a condition that does not hold is a {@link StoreAway}, which says what was
 * asked and what came back.
 *
 * <p>Safe for use by many threads; every call waits for the network. The client is made by the
 * first call, which takes some hundred milliseconds.
 */
final class S3Bucket implements AutoCloseable {
  /** Largest object that is read into memory, in bytes. */
  static final int MAX_SMALL = 4 << 20;

  private static final Duration FILE_TIMEOUT = Duration.ofMinutes(10);
  private static final int CONNECT_MILLIS = 2_000;
  private static final String DIGEST = "sha256";

  private final RegistrySpec.Bucket spec;
  private final Map<String, String> environment;
  private @Nullable S3Client client;

  /** A small object's content, and the tag that changes with it. */
  record Content(byte[] bytes, String tag) {}

  /** An object's key below the prefix, and when it was last written. */
  record Entry(String key, long writtenMillis) {}

  S3Bucket(RegistrySpec.Bucket spec, Map<String, String> environment) {
    this.spec = spec;
    this.environment = Map.copyOf(environment);
  }

  /** {@code s3://bucket/prefix}. */
  String place() {
    return spec.place();
  }

  /** A small object, or null when it is not there. */
  @Nullable Content get(String key) {
    return get(key, request -> {});
  }

  /** A small object, or the very {@code known} when it has not changed; null when it is gone. */
  @Nullable Content get(String key, Content known) {
    try {
      return get(key, request -> request.ifNoneMatch(known.tag()));
    } catch (Unchanged e) {
      return known;
    }
  }

  private @Nullable Content get(String key, Consumer<GetObjectRequest.Builder> more) {
    return asked(
        "get " + key,
        () -> {
          GetObjectRequest.Builder request =
              GetObjectRequest.builder().bucket(spec.name()).key(full(key));
          more.accept(request);
          try (ResponseInputStream<GetObjectResponse> in = client().getObject(request.build())) {
            byte[] bytes = in.readNBytes(MAX_SMALL + 1);
            if (bytes.length > MAX_SMALL) {
              throw new IOException(
                  full(key) + " is larger than " + MAX_SMALL + " bytes, which are allowed");
            }
            return new Content(bytes, in.response().eTag());
          } catch (S3Exception e) {
            if (e.statusCode() == 304) {
              throw new Unchanged();
            }
            if (isMissing(e)) {
              return null;
            }
            throw e;
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /** Whether an object is there. */
  boolean has(String key) {
    return found(
        "head " + key,
        () -> client().headObject(request -> request.bucket(spec.name()).key(full(key))));
  }

  /** Writes a small object over what is there. */
  void put(String key, byte[] bytes) {
    asked(
        "put " + key,
        () ->
            client()
                .putObject(
                    request -> request.bucket(spec.name()).key(full(key)),
                    RequestBody.fromBytes(bytes)));
  }

  /**
   * Writes a small object if it still is as it was read.
   *
   * @param known null if it must not be there yet
   * @return whether it was written; a request whose answer was lost may have been and yet give
   *     false, so look at what is there
   */
  boolean putIf(String key, byte[] bytes, @Nullable Content known) {
    return Boolean.TRUE.equals(
        asked(
            "put " + key,
            () ->
                conditional(
                    () ->
                        client()
                            .putObject(
                                request -> {
                                  request.bucket(spec.name()).key(full(key));
                                  condition(request, known);
                                },
                                RequestBody.fromBytes(bytes)))));
  }

  private static void condition(PutObjectRequest.Builder request, @Nullable Content known) {
    if (known == null) {
      request.ifNoneMatch("*");
    } else {
      request.ifMatch(known.tag());
    }
  }

  /**
   * Writes a file as an object that must not be there yet.
   *
   * @return whether it is there now with this content
   */
  boolean upload(String key, Path file, String sha256) {
    return Boolean.TRUE.equals(
        asked(
            "put " + key,
            () ->
                conditional(
                        () ->
                            client()
                                .putObject(
                                    request ->
                                        request
                                            .bucket(spec.name())
                                            .key(full(key))
                                            .ifNoneMatch("*")
                                            .metadata(Map.of(DIGEST, sha256))
                                            .overrideConfiguration(slowly()),
                                    file))
                    || sha256.equals(
                        client()
                            .headObject(request -> request.bucket(spec.name()).key(full(key)))
                            .metadata()
                            .get(DIGEST))));
  }

  /** What is done with an object's bytes as they come. */
  interface Sink {
    void take(InputStream in) throws IOException;
  }

  /** Reads an object of any size; false when it is not there. */
  boolean download(String key, Sink sink) {
    return found(
        "get " + key,
        () -> {
          try (ResponseInputStream<GetObjectResponse> in =
              client()
                  .getObject(
                      request ->
                          request
                              .bucket(spec.name())
                              .key(full(key))
                              .overrideConfiguration(slowly()))) {
            sink.take(in);
          }
        });
  }

  /** The objects whose keys begin so, by key. */
  List<Entry> list(String prefix) {
    List<Entry> found = new ArrayList<>();
    int strip = full("").length();
    asked(
        "list " + prefix,
        () -> {
          for (S3Object object :
              client()
                  .listObjectsV2Paginator(
                      request -> request.bucket(spec.name()).prefix(full(prefix)))
                  .contents()) {
            found.add(
                new Entry(object.key().substring(strip), object.lastModified().toEpochMilli()));
          }
          return found;
        });
    return found;
  }

  /** Removes an object; nothing when it is not there. */
  void delete(String key) {
    asked(
        "delete " + key,
        () -> client().deleteObject(request -> request.bucket(spec.name()).key(full(key))));
  }

  @Override
  public synchronized void close() {
    if (client != null) {
      client.close();
    }
  }

  private String full(String key) {
    return spec.prefix().isEmpty() ? key : spec.prefix() + "/" + key;
  }

  private interface Reading {
    void run() throws IOException;
  }

  /** Whether what is read is there. */
  private boolean found(String what, Reading reading) {
    return Boolean.TRUE.equals(
        asked(
            what,
            () -> {
              try {
                reading.run();
                return true;
              } catch (S3Exception e) {
                if (isMissing(e)) {
                  return false;
                }
                throw e;
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            }));
  }

  /** Whether a write's condition held. */
  private static boolean conditional(Runnable write) {
    try {
      write.run();
      return true;
    } catch (S3Exception e) {
      // 404 answers If-Match on an object that is gone, 409 a write that met another one.
      if (e.statusCode() == 412 || e.statusCode() == 409 || isMissing(e)) {
        return false;
      }
      throw e;
    }
  }

  private static boolean isMissing(S3Exception e) {
    return e.statusCode() == 404
        && (e.awsErrorDetails() == null || !"NoSuchBucket".equals(e.awsErrorDetails().errorCode()));
  }

  private <T> @Nullable T asked(String what, Supplier<@Nullable T> question) {
    try {
      return question.get();
    } catch (S3Exception e) {
      String code = e.awsErrorDetails() == null ? "" : " " + e.awsErrorDetails().errorCode();
      throw new StoreAway(spec.place() + " answered " + e.statusCode() + code + " to " + what, e);
    } catch (SdkException | UncheckedIOException e) {
      throw new StoreAway(
          spec.place() + at() + " did not answer to " + what + ": " + e.getMessage(), e);
    }
  }

  private String at() {
    return spec.endpoint() == null ? "" : " at " + spec.endpoint();
  }

  private static AwsRequestOverrideConfiguration slowly() {
    return AwsRequestOverrideConfiguration.builder()
        .apiCallTimeout(FILE_TIMEOUT)
        .apiCallAttemptTimeout(FILE_TIMEOUT)
        .build();
  }

  private synchronized S3Client client() {
    S3Client made = client;
    if (made == null) {
      Duration timeout = Duration.ofMillis(spec.timeoutMillis());
      S3ClientBuilder builder =
          S3Client.builder()
              .region(Region.of(spec.region()))
              .forcePathStyle(spec.pathStyle())
              .credentialsProvider(credentials())
              // Checksums of the newer protocol are refused by older stores; versions carry ours.
              .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
              .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
              .overrideConfiguration(
                  config -> {
                    config.apiCallTimeout(timeout);
                    if (spec.credentials() != RegistrySpec.Credentials.SDK) {
                      // Nothing of the machine's own profile files says otherwise.
                      config.defaultProfileFile(ProfileFile.aggregator().build());
                    }
                  })
              .httpClientBuilder(
                  UrlConnectionHttpClient.builder()
                      .connectionTimeout(
                          Duration.ofMillis(Math.min(CONNECT_MILLIS, spec.timeoutMillis())))
                      .socketTimeout(timeout));
      if (spec.endpoint() != null) {
        builder.endpointOverride(spec.endpoint());
      }
      made = builder.build();
      client = made;
    }
    return made;
  }

  private AwsCredentialsProvider credentials() {
    return switch (spec.credentials()) {
      case ANONYMOUS -> AnonymousCredentialsProvider.create();
      case SDK -> DefaultCredentialsProvider.builder().build();
      case ENVIRONMENT -> {
        String id = environment.getOrDefault(RegistrySpec.KEYS.get(0), "").strip();
        String secret = environment.getOrDefault(RegistrySpec.KEYS.get(1), "").strip();
        String session = environment.getOrDefault(RegistrySpec.KEYS.get(2), "").strip();
        yield StaticCredentialsProvider.create(
            session.isEmpty()
                ? AwsBasicCredentials.create(id, secret)
                : AwsSessionCredentials.create(id, secret, session));
      }
    };
  }

  /** The object is as it was. */
  private static final class Unchanged extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unchanged() {
      super(null, null, false, false);
    }
  }
}
