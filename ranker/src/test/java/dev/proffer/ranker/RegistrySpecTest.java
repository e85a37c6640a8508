package dev.proffer.ranker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.proffer.configs.ConfigException;
import dev.proffer.configs.ConfigFile;
import dev.proffer.configs.Problems;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistrySpecTest {
  private static final Map<String, String> KEYS =
      Map.of("AWS_ACCESS_KEY_ID", "id", "AWS_SECRET_ACCESS_KEY", "very secret");

  @TempDir Path directory;

  @Test
  void isTheHomeUnlessABucketIsNamed() throws IOException {
    assertThat(read("{}", Map.of())).isEqualTo(RegistrySpec.HOME);
    assertThat(read("{place: home}", Map.of())).isEqualTo(RegistrySpec.HOME);
    RegistrySpec bucket = read("{place: s3://models}", KEYS);
    assertThat(bucket)
        .isEqualTo(
            new RegistrySpec(
                new RegistrySpec.Bucket(
                    "models",
                    "",
                    null,
                    "us-east-1",
                    false,
                    RegistrySpec.Credentials.ENVIRONMENT,
                    5_000)));
    assertThat(bucket.toString()).doesNotContain("secret");
    assertThat(
            read(
                "{place: 's3://my.models/team/a_B-1', endpoint: 'https://s3.example.org:9000',"
                    + " region: eu-central-1, credentials: sdk, timeout-ms: 300}",
                Map.of()))
        .isEqualTo(
            new RegistrySpec(
                new RegistrySpec.Bucket(
                    "my.models",
                    "team/a_B-1",
                    URI.create("https://s3.example.org:9000"),
                    "eu-central-1",
                    true,
                    RegistrySpec.Credentials.SDK,
                    300)));
  }

  @Test
  void namesEveryMistakeAtOnce() {
    assertThatThrownBy(
            () ->
                read(
                    "{place: 's3://Models/a//b', endpoint: 'minio:9000', region: 'EU west',"
                        + " timeout-ms: 5, path-style: maybe, prefix: a}",
                    Map.of("AWS_ACCESS_KEY_ID", "id")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("registry.place: \"s3://Models/a//b\" is no place; expected home, or")
        .hasMessageContaining("registry.endpoint: \"minio:9000\" is no endpoint; expected such as")
        .hasMessageContaining("registry.region: \"EU west\" is no region")
        .hasMessageContaining("registry.timeout-ms: 5 is out of range")
        .hasMessageContaining("registry.path-style: \"maybe\" is not one of [true, false]")
        .hasMessageContaining("registry.prefix: unknown key")
        .hasMessageContaining(
            "registry.credentials: is \"environment\", which lacks AWS_SECRET_ACCESS_KEY; set both");
    assertThatThrownBy(() -> read("{place: home, region: eu-west-1}", Map.of()))
        .hasMessageContaining("registry.region: is of a bucket only");
    assertThatThrownBy(() -> read("{place: /mnt/models}", Map.of()))
        .hasMessageContaining("\"/mnt/models\" is no place");
    assertThatThrownBy(() -> read("{place: 's3://models/../up'}", KEYS))
        .hasMessageContaining("is no place");
  }

  @Test
  void takesAnAddressOfMlflowOrNone() throws IOException {
    assertThat(mlflow("{}").uri()).isNull();
    assertThat(mlflow("{tracking-uri: ''}").uri()).isNull();
    assertThat(mlflow("{tracking-uri: 'http://mlflow.example.org:5000/'}"))
        .isEqualTo(
            new MlflowSpec(
                URI.create("http://mlflow.example.org:5000"), "proffer", "proffer-", 20));
    assertThatThrownBy(
            () ->
                mlflow(
                    "{tracking-uri: databricks, experiment: ' ', model-prefix: 'a/b',"
                        + " timeout-seconds: 0}"))
        .hasMessageContaining("tracking-uri: \"databricks\" is no address; expected such as")
        .hasMessageContaining("experiment: must not be blank")
        .hasMessageContaining("model-prefix: \"a/b\" holds a slash or a colon")
        .hasMessageContaining("timeout-seconds: 0 is out of range");
  }

  private MlflowSpec mlflow(String section) throws IOException {
    Path file = directory.resolve("mlflow.yaml");
    Files.writeString(file, "mlflow: " + section + "\n");
    Problems problems = new Problems();
    MlflowSpec spec = MlflowSpec.read(ConfigFile.read(file, problems).section("mlflow"));
    problems.throwIfAny();
    return spec;
  }

  private RegistrySpec read(String section, Map<String, String> environment) throws IOException {
    Path file = directory.resolve("models.yaml");
    Files.writeString(file, "registry: " + section + "\n");
    Problems problems = new Problems();
    RegistrySpec spec =
        RegistrySpec.read(ConfigFile.read(file, problems).section("registry"), environment);
    problems.throwIfAny();
    return spec;
  }
}
