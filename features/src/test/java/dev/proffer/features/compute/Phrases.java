package dev.proffer.features.compute;

import java.util.List;
import java.util.Random;

/** Texts made up from a seed: titles, reviews, and searches with slips of the finger. */
final class Phrases {
  private static final List<String> WORDS =
      List.of(
          "red",
          "Red",
          "shirt",
          "shirts",
          "skirt",
          "short",
          "blouse",
          "Blouses",
          "trousers",
          "t-shirt",
          "size",
          "4",
          "42",
          "the",
          "of",
          "żółta",
          "Żółw",
          "great",
          "nice",
          "awful",
          "horrible",
          "sleeveless");
  private static final List<String> BETWEEN = List.of(" ", "  ", ", ", " / ", "\n");

  private Phrases() {}

  /** Always the same for an id. */
  static String title(String id) {
    Random random = new Random(id.hashCode());
    random.nextInt(); // the first hardly differs for seeds that hardly do
    return some(random, 7);
  }

  static String some(Random random, int below) {
    StringBuilder text = new StringBuilder(random.nextInt(5) == 0 ? " " : "");
    for (int left = random.nextInt(below); left > 0; left--) {
      text.append(WORDS.get(random.nextInt(WORDS.size())));
      text.append(left == 1 && random.nextBoolean() ? "" : BETWEEN.get(random.nextInt(5)));
    }
    return text.toString();
  }

  static String searched(Random random) {
    StringBuilder text = new StringBuilder(some(random, 6));
    for (int slips = random.nextInt(3); slips > 0 && text.length() > 2; slips--) {
      int at = random.nextInt(text.length() - 1);
      switch (random.nextInt(4)) {
        case 0 -> text.deleteCharAt(at);
        case 1 -> text.insert(at, "aeirst".charAt(random.nextInt(6)));
        case 2 -> text.setCharAt(at, "aeirst".charAt(random.nextInt(6)));
        default -> {
          char moved = text.charAt(at);
          text.deleteCharAt(at).insert(at + 1, moved);
        }
      }
    }
    return random.nextInt(3) == 0 ? text.substring(0, text.length() / 2) : text.toString();
  }
}
