package dev.proffer.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.proffer.configs.ConfigException;
import dev.proffer.configs.Problems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvolutionTest {
  private static final String BEFORE =
      """
      types:
        impression:
        view: {required: [item_id]}
        click:
        conversion:
        quote:
          version: 2
          description: A price was asked for.
          entities: [user, item]
          retain-days: 30
          required: [item_id, price]
          fields:
            price: {type: number, min: 0, max: 100, unit: EUR}
            channel: {allowed: [web, phone]}
            words: {min: 2, max: 50}
            urgent: {type: flag}
      """;

  @TempDir Path home;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "max: 100 | max: 50 | types.quote.fields.price.max: 100 became 50",
        "min: 0, | min: 0.5, | types.quote.fields.price.min: 0 became 0.5",
        "max: 50 | max: 49 | types.quote.fields.words.max: 50 became 49",
        "EUR | USD | types.quote.fields.price.unit: \"eur\" became \"usd\"",
        "type: number | type: integer | types.quote.fields.price.type: number became integer",
        "[web, phone] | [web] | types.quote.fields.channel.allowed: [phone] would be refused",
        "{min: 2, max: 50} | {allowed: [a]} | words.allowed: any text was allowed, now only [a]",
        "urgent: {type: flag} | '' | types.quote.fields.urgent: was removed",
        "[item_id, price] | '[item_id, price, words]' | required: words was optional and is required",
        "[item_id, price] | '[item_id, price, session_id]' | required: session_id was optional",
        "urgent: {type: flag} | mail: {} | types.quote.fields.urgent: was removed",
        "'[user, item]' | [user] | types.quote.entities: [user, item] became [user]",
        "quote: | offer: | types.quote: was removed",
        "view: {required: [item_id]} | 'view: {required: [item_id, request_id]}' | types.view.req"
      })
  void refusesWhatBreaks(String part, String other, String words) throws IOException {
    List<Evolution.Change> changes = changes(BEFORE, BEFORE.replace(part, other));

    assertThat(Evolution.breaking(changes)).as("%s", changes).hasSize(1);
    assertThat(Evolution.breaking(changes).get(0).toString()).contains(words);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "max: 100 | max: 101 | types.quote.fields.price.max: 100 became 101",
        "min: 0, | min: -1, | types.quote.fields.price.min: 0 became -1",
        "{min: 2, max: 50} | {min: 1, max: 51} | types.quote.fields.words.m",
        "[web, phone] | '[web, phone, fax]' | more is allowed: [web, phone, fax]",
        "{allowed: [web, phone]} | {} | only [web, phone] were allowed, now any text",
        "[item_id, price] | [item_id] | types.quote.required: price was required and is optional",
        "urgent: {type: flag} | 'urgent: {type: flag}, ' | ",
        "A price | The price | ",
        "retain-days: 30 | retain-days: 3 | types.quote.retain-days: 30 became 3",
        "urgent: {type: flag} | 'urgent: {type: flag, personal: true}' | personal: false became true",
        "types: | 'types:\n  added: {required: [item_id]}' | types.added: is new",
        "version: 2 | version: 3 | types.quote.version: 2 became 3"
      })
  void allowsWhatBreaksNobody(String part, String other, String words) throws IOException {
    List<Evolution.Change> changes =
        changes(BEFORE, BEFORE.replace(part, other.replace("}, ", "}\n      more: {}")));

    assertThat(Evolution.breaking(changes)).isEmpty();
    if (words != null) {
      assertThat(changes).isNotEmpty();
      assertThat(changes.get(0).toString()).contains(words);
    }
  }

  @Test
  void namesEverythingThatBreaksAtOnce() throws IOException {
    String after =
        BEFORE.replace("max: 100", "max: 50").replace("[web, phone]", "[fax]").replace("EUR", "k");

    assertThat(Evolution.breaking(changes(BEFORE, after))).hasSize(3);
  }

  @Test
  void allowsAnythingOfATypeWhoseVersionRisesAndOfNoOther() throws IOException {
    String after =
        BEFORE
            .replace("version: 2", "version: 3")
            .replace("max: 100", "max: 50")
            .replace("[user, item]", "[user]");

    assertThat(Evolution.breaking(changes(BEFORE, after))).isEmpty();
    assertThat(
            Evolution.breaking(
                changes(
                    BEFORE,
                    after.replace(
                        "view: {required: [item_id]}", "view: {required: [item_id, session_id]}"))))
        .extracting(Evolution.Change::key)
        .containsExactly("types.view.required");
    assertThat(Evolution.breaking(changes(BEFORE, BEFORE.replace("version: 2", "version: 1"))))
        .extracting(Evolution.Change::key)
        .containsExactly("types.quote.version");
  }

  @Test
  void holdsEachStartAgainstTheOneBefore() throws IOException {
    Path var = home.resolve("var");
    EventRegistry first = registry("first", BEFORE);
    EventRegistry wider = registry("wider", BEFORE.replace("max: 100", "max: 200"));
    RegistrySnapshot.check(var, first);
    RegistrySnapshot.write(var, first);
    RegistrySnapshot.check(var, wider);
    RegistrySnapshot.write(var, wider);

    assertThatThrownBy(() -> RegistrySnapshot.check(var, first))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(
            "1 change breaks those who go by " + var.resolve(RegistrySnapshot.FILE))
        .hasMessageContaining("types.quote.fields.price.max: 200 became 100")
        .hasMessageContaining("events check --accept");
    assertThat(var.resolve(RegistrySnapshot.FILE)).hasSameTextualContentAs(wider.file());

    RegistrySnapshot.write(var, first);
    RegistrySnapshot.check(var, first);
  }

  private List<Evolution.Change> changes(String before, String after) throws IOException {
    return Evolution.between(registry("before", before), registry("after", after));
  }

  private EventRegistry registry(String name, String yaml) throws IOException {
    Path file = Files.createDirectories(home.resolve(name)).resolve(EventRegistry.FILE);
    Files.writeString(file, yaml);
    Problems problems = new Problems();
    EventRegistry registry = EventRegistry.readFile(file, problems);
    problems.throwIfAny();
    return registry;
  }
}
