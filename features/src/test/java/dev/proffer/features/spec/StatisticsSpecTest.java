package dev.proffer.features.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.proffer.configs.Problems;
import dev.proffer.configs.Problems.Problem;
import dev.proffer.features.spec.StatisticSpec.By;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatisticsSpecTest {
  private static final Path SHIPPED = Path.of("..", "configs");

  @TempDir Path home;

  private final Problems problems = new Problems();

  @Test
  void isNothingWhereThereIsNoFile() {
    assertThat(StatisticsSpec.read(home, problems)).isEqualTo(StatisticsSpec.NONE);
    assertThat(problems.none()).isTrue();
  }

  @Test
  void readsEveryKeyOrItsDefault() throws IOException {
    StatisticsSpec spec =
        read(
            """
            statistics:
              views: {by: item, events: [view]}
              shown: {by: item-position, impressions: true, max-position: 7, bucket-minutes: 60, buckets: 400}
              on: {by: item-device, events: [view], devices: [phone, desktop]}
              revenue: {by: context, events: [conversion], sum: value, answering: true, max-keys: 9, unit: USD, description: Sold}
            """);
    assertThat(problems.found()).isEmpty();
    assertThat(spec.statistics())
        .containsExactly(
            new StatisticSpec(
                "views",
                By.ITEM,
                List.of("view"),
                false,
                "",
                1_440,
                31,
                200_000,
                20,
                List.of(),
                "",
                ""),
            new StatisticSpec(
                "shown",
                By.ITEM_POSITION,
                List.of(),
                false,
                "",
                60,
                400,
                200_000,
                7,
                List.of(),
                "",
                ""),
            new StatisticSpec(
                "on",
                By.ITEM_DEVICE,
                List.of("view"),
                false,
                "",
                1_440,
                31,
                200_000,
                20,
                List.of("phone", "desktop"),
                "",
                ""),
            new StatisticSpec(
                "revenue",
                By.CONTEXT,
                List.of("conversion"),
                true,
                "value",
                1_440,
                31,
                9,
                20,
                List.of(),
                "USD",
                "Sold"));
    assertThat(spec.canonical().get(2)).endsWith(" devices=[phone, desktop]");
    assertThat(spec.number("shown")).isEqualTo(1);
    assertThat(spec.number("other")).isEqualTo(-1);
    assertThat(spec.canonical().get(3))
        .isEqualTo(
            "revenue by=CONTEXT events=[conversion] answering sum=value bucket-minutes=1440 buckets=31 max-keys=9");
  }

  @Test
  void saysEverythingThatIsWrong() throws IOException {
    read(
        """
        statistics:
          a: {events: [view], impressions: true}
          b: {by: user, events: [look]}
          c: {by: item, impressions: true, answering: true, sum: value, max-keys: 4, max-position: 4}
          d: {by: item, events: [conversion], sum: currency, buckets: 1, bucket-minutes: 0}
          e: {by: item}
          f: {by: item-device, events: [click]}
          g: {by: item-device, events: [click], devices: [a, b, a]}
          h: {by: device, events: [click], devices: [a]}
          F: {by: all, events: [view, click], sum: seconds, window: 4}
        """);
    assertThat(problems.found().stream().map(StatisticsSpecTest::brief))
        .containsExactly(
            "2 statistics.a.by is required; one of [item, category, context, position, device, item-position, item-device, all]",
            "2 statistics.a.impressions expected either a list of events or impressions: true",
            "3 statistics.b.by \"user\" is not one of [item, category, context, position, device, item-position, item-device, all]",
            "3 statistics.b.events \"look\" is not one of [impression, view, click, conversion]",
            "4 statistics.c.answering is of events; an impression answers nothing",
            "4 statistics.c.sum is of events; an impression has no such field",
            "4 statistics.c.max-keys is of statistics by context or device; this one's keys end",
            "4 statistics.c.max-position is of statistics by position or item-position",
            "5 statistics.d.sum \"currency\" is not a numeric field of \"conversion\"",
            "5 statistics.d.bucket-minutes 0 is out of range; expected a whole number from 1 to 10080",
            "5 statistics.d.buckets 1 is out of range; expected a whole number from 2 to 400",
            "6 statistics.e.events expected either a list of events or impressions: true",
            "7 statistics.f.devices 0 are declared, expected 1 to 100",
            "8 statistics.g.devices [a, b, a] names one twice",
            "9 statistics.h.devices is of statistics by item-device",
            "10 statistics.F \"F\" is no name; expected to match [a-z][a-z0-9_-]{0,63}",
            "10 statistics.F.sum \"seconds\" is not a numeric field of \"click\"",
            "10 statistics.F.window unknown key; known here: [by, events, impressions, answering, sum,"
                + " bucket-minutes, buckets, max-keys, max-position, devices, unit, description]");
  }

  @Test
  void theShippedFileIsRight() {
    StatisticsSpec shipped = StatisticsSpec.read(SHIPPED, problems);
    assertThat(problems.found()).isEmpty();
    assertThat(shipped.statistics()).hasSizeGreaterThanOrEqualTo(12);
    assertThat(shipped.statistics()).allMatch(one -> !one.description().isEmpty());
  }

  private static String brief(Problem problem) {
    return problem.line() + " " + problem.key() + " " + problem.message();
  }

  private StatisticsSpec read(String yaml) throws IOException {
    Files.copy(SHIPPED.resolve("events.yaml"), home.resolve("events.yaml"));
    Files.writeString(home.resolve(StatisticsSpec.FILE), yaml);
    return StatisticsSpec.read(home, problems);
  }
}
