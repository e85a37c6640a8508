package dev.proffer.offline.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.configs.Problems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetSpecTest {
  @TempDir Path home;

  @Test
  void saysEverythingThatIsWrongAtOnce() throws IOException {
    assertThat(
            mistakes(
                """
                columns:
                  a: {type: whole}
                  b: {min: 5, max: 2}
                  c: {from: nowhere}
                  d: {pattern: "x"}
                  e: {from: a, pattern: "(["}
                  f: {required: maybe}
                  g: {kind: text}
                item:
                  id: "{z}"
                  title: "{a} {y}"
                  attributes: {n: x}
                  extra: 1
                event:
                  id: "{w}"
                  user-id: "{a}"
                  time: {at: "{v}", zone: Nowhere/City, plus: u, plus-millis: -1}
                  fields: {f: t}
                extra: 2
                """))
        .contains(
            "line 1, name: is required",
            "line 2, columns.a.type: \"whole\" is not one of [text, integer, number]",
            "line 3, columns.b.max: 2 is out of range; expected a number from 5.0 to 1.0E15",
            "line 4, columns.c: is derived from \"nowhere\", which is not a column",
            "line 5, columns.d.pattern: needs a column to be taken from: from",
            "line 6, columns.e.pattern: is not a regular expression: Unclosed character class",
            "line 7, columns.f.required: \"maybe\" is not one of [true, false]",
            "line 8, columns.g.kind: unknown key",
            "line 10, item.id: \"z\" is not one of [a, b, c, d, e, f, g]",
            "line 11, item.title: \"y\" is not one of [a, b, c, d, e, f, g]",
            "line 12, item.attributes.n: \"x\" is not one of [a, b, c, d, e, f, g]",
            "line 13, item.extra: unknown key",
            "event.type: is required",
            "line 15, event.id: \"w\" is not one of [a, b, c, d, e, f, g]",
            "line 17, event.time.at: \"v\" is not one of [a, b, c, d, e, f, g]",
            "line 17, event.time.zone: is not a time zone",
            "line 17, event.time.plus: \"u\" is not one of [a, b, c, d, e, f, g]",
            "line 17, event.time.plus-millis: -1 is out of range",
            "line 18, event.fields.f: \"t\" is not one of [a, b, c, d, e, f, g]",
            "line 19, extra: unknown key");
  }

  @Test
  void needsColumnsAndAnItem() throws IOException {
    assertThat(mistakes("name: empty\n"))
        .contains(
            "columns: at least one column is required",
            "item.id: is required",
            "item.title: is required");
  }

  @Test
  void saysWhereADerivedColumnIsDerivedFromADerivedOne() throws IOException {
    assertThat(
            mistakes(
                """
                name: chain
                columns:
                  a: {}
                  b: {from: a}
                  c: {from: b}
                item: {id: "{a}", title: "{a}"}
                """))
        .contains("line 5, columns.c: is derived from \"b\", which is derived itself");
  }

  @Test
  void readsTheShippedSchema() {
    Problems problems = new Problems();
    DatasetSpec spec = DatasetSpec.read(Path.of("../configs/datasets/eshop.yaml"), problems);
    assertThat(problems.found()).isEmpty();
    assertThat(spec.name()).isEqualTo("eshop");
    assertThat(spec.fileColumns()).hasSize(13).doesNotContain("number");
  }

  private String mistakes(String yaml) throws IOException {
    Path file = home.resolve("schema.yaml");
    Files.writeString(file, yaml);
    Problems problems = new Problems();
    DatasetSpec.read(file, problems);
    assertThat(problems.toString()).startsWith(file + ": ");
    return problems.toString();
  }
}
