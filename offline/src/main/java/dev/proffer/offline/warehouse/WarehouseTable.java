package dev.proffer.offline.warehouse;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The tables of the warehouse, and their columns. A change of columns raises the version. */
enum WarehouseTable {
  EVENTS(
      1,
      "event_id",
      "user_id",
      "received",
      column("event_id", "VARCHAR", "unique in the table"),
      column("type", "VARCHAR", "a type of events.yaml"),
      column("user_id", "VARCHAR", "whom it happened to"),
      column("item_id", "VARCHAR", "the proposition it is about"),
      column("request_id", "VARCHAR", "the suggestion it answers"),
      column("session_id", "VARCHAR", "the client's session"),
      column("time", "BIGINT", "when it happened by the client's word, epoch milliseconds"),
      column("received", "BIGINT", "when it arrived, epoch milliseconds; makes the day"),
      column("fields", "VARCHAR", "further declared fields, a JSON object")),
  IMPRESSIONS(
      2,
      "request_id",
      "user_id",
      "time",
      column("request_id", "VARCHAR", "unique in the table"),
      column("user_id", "VARCHAR", "who asked"),
      column("session_id", "VARCHAR", "the client's session"),
      column("device", "VARCHAR", "as the caller said"),
      column("context", "VARCHAR", "what the person was looking at"),
      column("context_type", "VARCHAR", "what the context is"),
      column("time", "BIGINT", "when it was answered, epoch milliseconds; makes the day"),
      column("served_by", "VARCHAR", "the rung of the fallback ladder"),
      column("model_version", "VARCHAR", "the model that scored"),
      column(
          "variant", "VARCHAR", "the arms of the experiments, as docs/experiments.md writes them"),
      column("contract", "VARCHAR", "SHA-256 of the feature contract the rows follow"),
      column("degraded", "VARCHAR[]", "what was missing"),
      column("candidates", "INTEGER", "how many candidates were ranked"),
      column("shown", "INTEGER", "how many propositions were shown"),
      column(
          "took_nanos",
          "BIGINT",
          "from the request's head to its page, nanoseconds; null when not known; since 2")),
  PROPOSITIONS(
      1,
      null,
      "user_id",
      "time",
      column("request_id", "VARCHAR", "of the impression; unique with slot"),
      column("slot", "INTEGER", "place in the answer, 0 is the best"),
      column("user_id", "VARCHAR", "who asked"),
      column("time", "BIGINT", "when it was answered, epoch milliseconds; makes the day"),
      column("item_id", "VARCHAR", "what was shown"),
      column("sources", "VARCHAR[]", "the candidate sources that found it"),
      column("score", "FLOAT", "what it was ordered by"),
      column("confidence", "FLOAT", "the probability shown to the caller"),
      column("propensity", "FLOAT", "the probability with which it was chosen for the slot"),
      column("features", "FLOAT[]", "the values it was scored on, in contract order")),
  ITEMS(
      2,
      null,
      null,
      null,
      column("item_id", "VARCHAR", "several rows when it changed; the greatest number is latest"),
      column("number", "BIGINT", "rises in the order of the log"),
      column("title", "VARCHAR", "what a person reads"),
      column("category", "VARCHAR", "what kind it is"),
      column("added", "BIGINT", "since when it can be proposed, epoch milliseconds"),
      column("attributes", "VARCHAR", "further attributes, a JSON object"),
      column("digest", "VARCHAR", "of all the above but the number"),
      column(
          "known",
          "BIGINT",
          "when the latest entry before it in the log had arrived, epoch milliseconds; 0 for none;"
              + " since 2")),
  ASIDES(
      1,
      "aside_id",
      null,
      "received",
      column("aside_id", "VARCHAR", "unique in the table"),
      column("received", "BIGINT", "when it arrived, epoch milliseconds; makes the day"),
      column("field", "VARCHAR", "what the registry does not know"),
      column("reason", "VARCHAR", "what was allowed instead"),
      column("body", "VARCHAR", "the JSON as it was read")),
  ERASURES(
      2,
      "erasure_id",
      null,
      "time",
      column("erasure_id", "VARCHAR", "unique in the table"),
      column("time", "BIGINT", "when it was asked for, epoch milliseconds; makes the day"),
      column("user_sha256", "VARCHAR", "of the user's id, to know what comes late; since 2"));

  private final int version;
  private final @Nullable String key;
  private final @Nullable String user;
  private final @Nullable String arrival;

  @SuppressWarnings("ImmutableEnumChecker") // List.of
  private final List<Column> columns;

  /** A column, its type in words of DuckDB. */
  record Column(String name, String type, String description) {}

  WarehouseTable(
      int version,
      @Nullable String key,
      @Nullable String user,
      @Nullable String arrival,
      Column... columns) {
    this.version = version;
    this.key = key;
    this.user = user;
    this.arrival = arrival;
    this.columns = List.of(columns);
  }

  private static Column column(String name, String type, String description) {
    return new Column(name, type, description);
  }

  /** The directory's name. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  int version() {
    return version;
  }

  /** The column of which no value stands twice; null where there is none. */
  @Nullable String key() {
    return key;
  }

  List<Column> columns() {
    return columns;
  }

  /** The names, with commas. */
  String columnNames() {
    return columns.stream().map(Column::name).collect(Collectors.joining(", "));
  }

  /** The table that a batch is collected in. */
  String batch() {
    return "batch_" + word();
  }

  String createBatch() {
    return "CREATE TABLE "
        + batch()
        + " (ord BIGINT, day VARCHAR, "
        + columns.stream()
            .map(column -> column.name() + " " + column.type())
            .collect(Collectors.joining(", "))
        + ")";
  }

  /** A query that gives no row, of all columns. */
  String selectNothing() {
    return columns.stream()
        .map(column -> "CAST(NULL AS " + column.type() + ") AS " + column.name())
        .collect(Collectors.joining(", ", "SELECT ", " WHERE false"));
  }

  /** Whether rows can be about a user, and go with them. */
  boolean personal() {
    return user != null || this == ASIDES;
  }

  /** Whether rows can be about a user, be it by a hash. */
  boolean exported() {
    return personal() || this == ERASURES;
  }

  /**
   * What is true of a row {@code t} that the row {@code f} of the erasures reaches, though it came
   * after it; null of a table that has no column of users.
   */
  @Nullable String forgottenBefore() {
    return user == null
        ? null
        : "f.user_sha256 = sha256(t." + user + ") AND t." + arrival + " <= f.time";
  }

  /**
   * What is true of a row {@code t} that the erasure {@code f} reaches: {@code by_time}, only what
   * had arrived when it was asked for.
   */
  String forgotten() {
    return of(user == null ? "f.quoted" : "f.user_id")
        + " AND (NOT f.by_time OR t."
        + arrival()
        + " <= f.time)";
  }

  /**
   * What is true of a row {@code t} that is about a user.
   *
   * @param userId in SQL; of {@link #ASIDES} the id as JSON
   */
  String of(String userId) {
    if (this == ASIDES) {
      return "contains(t.body, " + userId + ")";
    }
    return this == ERASURES
        ? "t.user_sha256 = sha256(" + userId + ")"
        : "t." + Objects.requireNonNull(user) + " = " + userId;
  }

  /** The column that says when a row arrived, of a table that has one. */
  String arrival() {
    return Objects.requireNonNull(arrival);
  }
}
