package dev.proffer.offline.cli;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** An instant as people write it: RFC 3339, or epoch milliseconds. */
final class InstantConverter implements ITypeConverter<Instant> {
  @Override
  public Instant convert(String value) {
    try {
      return value.matches("-?\\d+")
          ? Instant.ofEpochMilli(Long.parseLong(value))
          : OffsetDateTime.parse(value).toInstant();
    } catch (DateTimeException | NumberFormatException e) {
      throw new TypeConversionException(
          "\""
              + value
              + "\" is not an instant; expected RFC 3339 such as 2026-06-01T00:00:00Z, or epoch"
              + " milliseconds");
    }
  }
}
