package dev.proffer.pipeline.rules;

/**
 * What a rule did to an item; kept only for requests that ask for it.
 *
 * @param row the candidate
 * @param rule the rule's name
 * @param effect in a word: {@code multiplied}, {@code added}, {@code buried}, {@code pinned},
 *     {@code held_back}, {@code diversified}, {@code explored}
 * @param amount factor, summand, slot (from 1), likeness or chance, as the effect has it; NaN when
 *     it has none
 */
public record Touch(int row, String rule, String effect, double amount) {}
