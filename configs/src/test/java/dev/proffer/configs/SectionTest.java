package dev.proffer.configs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.proffer.configs.Problems.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SectionTest {
  @TempDir Path home;

  private final Problems problems = new Problems();

  private enum Store {
    IN_MEMORY,
    OFF_HEAP
  }

  @Test
  void readsEveryKindOfValueAsItIsWritten() throws IOException {
    Section root =
        read(
            """
            host: 127.0.0.1
            port: 8_080
            share: 0.25
            ready: true
            store: off-heap
            level: warn
            words: [a, b]
            nested: {deep: {text: found}}
            rows:
              - {name: one}
              - {name: two}
            """);

    assertThat(root.text("host")).isEqualTo("127.0.0.1");
    assertThat(root.integer("port", 1, 0, 65_535)).isEqualTo(8080);
    assertThat(root.number("share", 0, 0, 1)).isEqualTo(0.25);
    assertThat(root.flag("ready", false)).isTrue();
    assertThat(root.oneOf("store", Store.class, Store.IN_MEMORY)).isEqualTo(Store.OFF_HEAP);
    assertThat(root.word("level", "info", "warn")).isEqualTo("warn");
    assertThat(root.texts("words")).containsExactly("a", "b");
    assertThat(root.section("nested").section("deep").text("text")).isEqualTo("found");
    assertThat(root.sections("rows").stream().map(row -> row.text("name")))
        .containsExactly("one", "two");
    root.done();
    assertThat(problems.none()).as(problems.toString()).isTrue();
  }

  @Test
  void takesTheDefaultWhereAKeyIsAbsentOrNull() throws IOException {
    Section root = read("port:\nshare: ~\nready: null\nwords:\nnested:\n");

    assertThat(root.integer("port", 7, 0, 9)).isEqualTo(7);
    assertThat(root.number("share", 0.5, 0, 1)).isEqualTo(0.5);
    assertThat(root.flag("ready", true)).isTrue();
    assertThat(root.texts("words")).isEmpty();
    assertThat(root.section("nested").keys()).isEmpty();
    assertThat(root.text("absent", "otherwise")).isEqualTo("otherwise");
    assertThat(root.word("absent", "first", "second")).isEqualTo("first");
    assertThat(root.oneOf("absent", Store.class, Store.IN_MEMORY)).isEqualTo(Store.IN_MEMORY);
    assertThat(root.sections("absent")).isEmpty();
    assertThat(root.integer("absent", 5L, 0, 9)).isEqualTo(5);
    root.done();
    assertThat(problems.none()).as(problems.toString()).isTrue();
  }

  @Test
  void namesFileLineKeyValueAndWhatWasAllowed() throws IOException {
    Section root =
        read(
            """
            # a comment, so that lines are not counted from the first key
            deadline:
              budget-ms: 0
            share: 1.5
            ready: yes
            store: redsi
            level: loud
            port: 80x
            ratio: half
            """);

    assertThat(root.section("deadline").integer("budget-ms", 50, 1, 2_000)).isBetween(1, 2_000);
    assertThat(root.number("share", 0.5, 0, 1)).isBetween(0.0, 1.0);
    assertThat(root.flag("ready", false)).isFalse();
    assertThat(root.oneOf("store", Store.class, Store.IN_MEMORY)).isEqualTo(Store.IN_MEMORY);
    assertThat(root.word("level", "info", "warn")).isEqualTo("info");
    assertThat(root.integer("port", 1, 0, 9)).isBetween(0, 9);
    assertThat(root.number("ratio", 1, 0, 1)).isBetween(0.0, 1.0);

    assertThat(problems.found())
        .containsExactly(
            at(
                3,
                "deadline.budget-ms",
                "0 is out of range; expected a whole number from 1 to 2000"),
            at(4, "share", "1.5 is out of range; expected a number from 0.0 to 1.0"),
            at(5, "ready", "\"yes\" is not one of [true, false]"),
            at(6, "store", "\"redsi\" is not one of [in-memory, off-heap]"),
            at(7, "level", "\"loud\" is not one of [info, warn]"),
            at(8, "port", "\"80x\" is not a whole number; expected a whole number from 0 to 9"),
            at(9, "ratio", "\"half\" is not a number; expected a number from 0.0 to 1.0"));
  }

  @Test
  void goesOnWithAValueInRangeAlsoWhenTheDefaultIsNot() throws IOException {
    Section root = read("small: 0\nlarge: 99\n");

    assertThat(root.integer("small", 0, 3, 9)).isEqualTo(3);
    assertThat(root.number("large", 50, 3, 9)).isEqualTo(9);
  }

  @Test
  void refusesNumbersThatAreNotFinite() throws IOException {
    Section root = read("a: NaN\nb: Infinity\nc: 1e999\nd: 99999999999999999999\n");

    root.number("a", 0, -1e9, 1e9);
    root.number("b", 0, -1e9, 1e9);
    root.number("c", 0, -1e9, 1e9);
    root.integer("d", 0L, Long.MIN_VALUE, Long.MAX_VALUE);

    assertThat(problems.found()).extracting(Problem::key).containsExactly("a", "b", "c", "d");
  }

  @Test
  void refusesARequiredTextThatIsAbsentNullOrBlank() throws IOException {
    Section root = read("nothing:\nblank: '  '\n");

    assertThat(root.text("absent")).isEmpty();
    assertThat(root.text("nothing")).isEmpty();
    assertThat(root.text("blank")).isEmpty();

    assertThat(problems.found())
        .containsExactly(
            at(1, "absent", "is required"),
            at(1, "nothing", "is required"),
            at(2, "blank", "must not be blank"));
  }

  @Test
  void refusesAValueOfTheWrongShapeOnce() throws IOException {
    Section root =
        read(
            """
            text: [a]
            number: {a: 1}
            list: a
            section: a
            words: [a, [b], ~]
            rows: [{name: one}, two]
            """);

    root.text("text");
    root.integer("number", 1, 0, 9);
    root.texts("list");
    root.section("section").done();
    assertThat(root.texts("words")).containsExactly("a");
    assertThat(root.sections("rows")).hasSize(1);

    assertThat(problems.found())
        .containsExactly(
            at(1, "text", "expected one plain value"),
            at(2, "number", "expected one plain value"),
            at(3, "list", "expected a list"),
            at(4, "section", "expected a mapping of keys to values"),
            at(5, "words", "expected a list of plain values"),
            at(5, "words", "expected a list of plain values"),
            at(6, "rows[1]", "expected a mapping of keys to values"));
  }

  @Test
  void namesAKeyThatStandsTwiceAtItsSecondLine() throws IOException {
    Section root = read("port: 1\nhost: a\nport: 2\nnested:\n  x: 1\n  x: 2\n");

    root.section("nested").integer("x", 0, 0, 9);

    assertThat(problems.found())
        .containsExactly(at(3, "port", "stands twice"), at(6, "nested.x", "stands twice"));
  }

  @Test
  void namesAKeyNobodyKnowsAndTheKeysThatAreKnown() throws IOException {
    Section root = read("port: 1\nprot: 2\nrows:\n  - {nmae: a}\n");
    root.integer("port", 1, 0, 9);
    Section row = root.sections("rows").get(0);
    row.text("name", "");
    row.done();
    root.done();

    assertThat(problems.found())
        .containsExactly(
            at(4, "rows[0].nmae", "unknown key; known here: [name]"),
            at(2, "prot", "unknown key; known here: [port, rows]"));
  }

  @Test
  void refusesAKeyThatIsNotAPlainText() throws IOException {
    read("? [a, b]\n: 1\n");

    assertThat(problems.found()).containsExactly(at(1, "", "a key must be a plain text"));
  }

  @Test
  void givesMappingsWhoseKeysAreNamesInFileOrder() throws IOException {
    Section root = read("types:\n  view: {a: 1}\n  click:\nparameters: {z: 1, b: x, n: ~}\n");

    Map<String, Section> types = root.section("types").named();
    assertThat(types.keySet()).containsExactly("view", "click");
    assertThat(root.section("parameters").plain())
        .isEqualTo(Map.of("z", "1", "b", "x"))
        .containsOnlyKeys("z", "b");
    assertThat(root.has("types")).isTrue();
    assertThat(root.has("absent")).isFalse();
    assertThat(root.section("types").line()).isEqualTo(2);
  }

  @Test
  void neverMakesObjectsOfTags() throws IOException {
    assertThat(read("port: !!java.net.URL [\"file:/\"]\n").keys()).isEmpty();
    assertThat(read("host: !custom text\n").text("host")).isEqualTo("text");

    assertThat(problems.found()).hasSize(1);
    assertThat(problems.found().get(0).message()).startsWith("not YAML: Global tag is not allowed");
  }

  @Test
  void refusesAFileThatIsMissing() {
    Section root = ConfigFile.read(home.resolve("none.yaml"), problems);

    assertThat(root.keys()).isEmpty();
    assertThat(problems.found())
        .containsExactly(new Problem(home.resolve("none.yaml").toString(), 0, "", "no such file"));
  }

  @Test
  void readsAnEmptyFileAsNoKeys() throws IOException {
    assertThat(read("").keys()).isEmpty();
    assertThat(read("# nothing but a comment\n").keys()).isEmpty();
    assertThat(problems.none()).isTrue();
  }

  @Test
  void refusesAFileThatIsNotAMapping() throws IOException {
    read("- a\n- b\n");

    assertThat(problems.found()).containsExactly(at(1, "", "expected a mapping of keys to values"));
  }

  @Test
  void refusesWhatIsNotYamlWithItsLine() throws IOException {
    read("port: 1\nhost: [a\n");
    read("a: 1\n---\nb: 2\n");

    assertThat(problems.found()).hasSize(2);
    assertThat(problems.found()).allMatch(problem -> problem.message().startsWith("not YAML: "));
    assertThat(problems.found()).extracting(Problem::line).allMatch(line -> line >= 2);
  }

  @Test
  void refusesWhatNoYamlReaderGetsThrough() throws IOException {
    read("port: \u0000\n");
    Files.write(file(), "host: \u00e4\n".getBytes(StandardCharsets.ISO_8859_1));
    ConfigFile.read(file(), problems);
    read("a: " + "[".repeat(2_000) + "]".repeat(2_000) + "\n");

    assertThat(problems.found()).hasSize(3);
    assertThat(problems.found()).allMatch(problem -> problem.message().startsWith("not YAML: "));
    read("a: " + "x".repeat(1 << 20) + "\n");
    assertThat(problems.found().get(3).message())
        .isEqualTo("larger than 1048576 bytes, no configuration is");
  }

  @Test
  void saysEverythingInOneMessageFileByFile() throws IOException {
    Path other = home.resolve("other.yaml");
    Files.writeString(other, "level: loud\n");
    Section first = read("budget-ms: 0\nstore: redsi\n");
    Section second = ConfigFile.read(other, problems);
    first.integer("budget-ms", 50, 1, 2_000);
    second.word("level", "info", "warn");
    first.oneOf("store", Store.class, Store.IN_MEMORY);

    assertThatThrownBy(problems::throwIfAny)
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            file()
                + ": 2 problems, nothing was started\n"
                + "  line 1, budget-ms: 0 is out of range; expected a whole number from 1 to 2000\n"
                + "  line 2, store: \"redsi\" is not one of [in-memory, off-heap]\n"
                + other
                + ": 1 problem, nothing was started\n"
                + "  line 1, level: \"loud\" is not one of [info, warn]");
  }

  @Test
  void throwsNothingWhenNothingIsWrong() {
    problems.throwIfAny();

    assertThat(problems.found()).isEqualTo(List.of());
  }

  private Path file() {
    return home.resolve("gateway.yaml");
  }

  private Section read(String yaml) throws IOException {
    Files.writeString(file(), yaml);
    return ConfigFile.read(file(), problems);
  }

  private Problem at(int line, String key, String message) {
    return new Problem(file().toString(), line, key, message);
  }
}
