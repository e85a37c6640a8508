package dev.proffer.perf;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnitAccess;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The rooms and what they may import: every import points down the page. It lives in {@code perf}
 * because that room alone sees all the others.
 *
 * <p>A rule that fails is a question, not a nuisance: move the class to the room that may know what
 * it needs, or change the rule here together with its reason.
 */
@AnalyzeClasses(packages = "dev.proffer", importOptions = DoNotIncludeTests.class)
final class ArchitectureTest {
  private static final String OURS = "dev.proffer..";
  private static final String CONFIGS = "dev.proffer.configs..";
  private static final String EVENTS = "dev.proffer.events..";
  private static final String EVENTS_CODEC = "dev.proffer.events.codec..";
  private static final String EVENTS_LOG = "dev.proffer.events.log..";
  private static final String EVENTS_TIME = "dev.proffer.events.time..";
  private static final String FEATURES = "dev.proffer.features..";
  private static final String FEATURES_STORE = "dev.proffer.features.store..";
  private static final String CANDIDATES = "dev.proffer.candidates..";
  private static final String CANDIDATES_SOURCE = "dev.proffer.candidates.source..";
  private static final String RANKER = "dev.proffer.ranker..";
  private static final String RANKER_ARTIFACT = "dev.proffer.ranker.artifact..";
  private static final String PIPELINE = "dev.proffer.pipeline..";
  private static final String GATEWAY = "dev.proffer.gateway..";
  private static final String OFFLINE = "dev.proffer.offline..";
  private static final String OFFLINE_CLI = "dev.proffer.offline.cli..";
  private static final String OFFLINE_TRAIN = "dev.proffer.offline.train..";
  private static final String FIXTURES = "dev.proffer.fixtures..";
  private static final String PERF = "dev.proffer.perf..";

  // 1. Every import points down the page.

  @ArchTest
  static final ArchRule nothingImportsTheTop =
      noClasses()
          .that()
          .resideOutsideOfPackages(GATEWAY, OFFLINE, PERF)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(GATEWAY, OFFLINE, PERF)
          .because("the programs are wired from the rooms, so no room may need a program to run")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule perfIsSeenByNobody =
      noClasses()
          .that()
          .resideOutsideOfPackage(PERF)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(PERF)
          .because("what is measured must not know it is being measured")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule fixturesAreForTestsAndPerf =
      noClasses()
          .that()
          .resideOutsideOfPackages(FIXTURES, PERF)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(FIXTURES)
          .because("a broker to be killed and a network to be cut are no part of a program")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule fixturesImportNothingOfOurs =
      roomImportsOnly("any room's tests may use them, the lowest one's too", FIXTURES);

  @ArchTest
  static final ArchRule gatewayDoesNotImportOffline =
      noClasses()
          .that()
          .resideInAPackage(GATEWAY)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(OFFLINE)
          .because("serving shares files and formats with training, never classes")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule offlineDoesNotImportGateway =
      noClasses()
          .that()
          .resideInAPackage(OFFLINE)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(GATEWAY)
          .because("replay runs the pipeline that serves, without the server around it")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule candidatesDoNotImportTheRanker =
      noClasses()
          .that()
          .resideInAPackage(CANDIDATES)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(RANKER)
          .because("what may be shown and how it is ordered change apart; the pipeline joins them")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule theRankerDoesNotImportCandidates =
      noClasses()
          .that()
          .resideInAPackage(RANKER)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(CANDIDATES)
          .because("a scorer sees rows of numbers, so that it can be trained and benchmarked bare")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule configsImportNothingOfOurs =
      roomImportsOnly(
          "the settings know nothing about ranking; each room checks its own section", CONFIGS);

  @ArchTest
  static final ArchRule eventsImportOnlyConfigs =
      roomImportsOnly(
          "events are the words all rooms speak; they read their own section through configs",
          EVENTS,
          CONFIGS);

  @ArchTest
  static final ArchRule featuresImportOnlyEventsAndConfigs =
      roomImportsOnly(
          "a feature is computed from events alone, the same way online and offline",
          FEATURES,
          EVENTS,
          CONFIGS);

  @ArchTest
  static final ArchRule candidatesImportOnlyWhatIsBelow =
      roomImportsOnly("every import points down the page", CANDIDATES, FEATURES, EVENTS, CONFIGS);

  @ArchTest
  static final ArchRule theRankerImportsOnlyWhatIsBelow =
      roomImportsOnly("every import points down the page", RANKER, FEATURES, EVENTS, CONFIGS);

  // 2. Rooms that are replayed offline and benchmarked bare.

  @ArchTest
  static final ArchRule computingIsPure =
      noClasses()
          .that(
              resideInAnyOf(EVENTS, FEATURES, CANDIDATES, RANKER, PIPELINE)
                  .and(resideOutsideOfPackages(EVENTS_LOG, FEATURES_STORE, CANDIDATES_SOURCE)))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.vertx..", "io.netty..", "org.slf4j..")
          .because(
              "these rooms are replayed offline and benchmarked bare; I/O and logs belong in the"
                  + " log, the stores, the sources and the programs")
          .allowEmptyShould(true);

  // 3. Each library has one home; perf may measure any of them.

  @ArchTest
  static final ArchRule chronicleQueueAndKafkaStayInTheLog =
      onlyIn(
          "the log can change its carrier only while no one else has seen it",
          List.of(EVENTS_LOG),
          "net.openhft.chronicle.queue..",
          "org.apache.kafka..",
          "io.vertx.kafka..");

  @ArchTest
  static final ArchRule chronicleMapAndRedisStayInTheStore =
      onlyIn(
          "where state lives is a choice behind the store's port",
          List.of(FEATURES_STORE),
          "net.openhft.chronicle.map..",
          "io.vertx.redis..",
          "redis.clients..",
          "io.lettuce..");

  @ArchTest
  static final ArchRule chronicleStaysWithTheLogAndTheStore =
      onlyIn(
          "off-heap memory and its JVM flags are a matter for the two rooms that keep things",
          List.of(EVENTS_LOG, FEATURES_STORE),
          "net.openhft..");

  @ArchTest
  static final ArchRule tribuoAndXgboostStayWithTheArtifact =
      onlyIn(
          "they train and they are read from; on a request our own flat arrays score",
          List.of(RANKER_ARTIFACT, OFFLINE_TRAIN),
          "org.tribuo..",
          "ml.dmlc..",
          "com.oracle.labs..");

  @ArchTest
  static final ArchRule mlflowHearsFromOnePackage =
      onlyIn(
          "what is told to others about trainings is a choice behind Tracking, and serves nobody",
          List.of("dev.proffer.offline.mlflow.."),
          "org.mlflow..");

  @ArchTest
  static final ArchRule theS3ClientStaysWithItsStore =
      onlyIn(
          "whether versions are in a folder or a bucket is a choice behind ModelStore, and a gateway"
              + " without a bucket loads none of it",
          List.of("dev.proffer.ranker.store.s3..", FIXTURES),
          "software.amazon..");

  @ArchTest
  static final ArchRule jsonAndYamlStayAtTheEdges =
      onlyIn(
          "a record is read once, at the edge, and is a plain record from there on; a room reads its"
              + " own section of the YAML through configs.Section, which says what is wrong with it",
          List.of(EVENTS_CODEC, RANKER_ARTIFACT, CONFIGS, GATEWAY, OFFLINE),
          "com.fasterxml.jackson..",
          "org.yaml..");

  @ArchTest
  static final ArchRule luceneStaysWithTheSources =
      onlyIn(
          "what finds items by words and by vectors is a choice behind Search and Vectors",
          List.of("dev.proffer.candidates.lucene.."),
          "org.apache.lucene..");

  @ArchTest
  static final ArchRule linearAlgebraStaysWithTheEmbeddings =
      onlyIn(
          "matrices are solved offline; what is served is a table of floats",
          List.of("dev.proffer.offline.embed.."),
          "org.ejml..");

  @ArchTest
  static final ArchRule metricsStayInTheGateway =
      onlyIn(
          "what is counted is the service's affair; the rooms below give figures to whoever asks",
          List.of(GATEWAY),
          "io.micrometer..",
          "io.prometheus..");

  // 4. Time and randomness come in from outside.

  @ArchTest
  static final ArchRule timeAndChanceComeFromOutside =
      noClasses()
          .that(
              resideInAPackage(OURS)
                  .and(resideOutsideOfPackages(EVENTS_TIME, OFFLINE_CLI, FIXTURES, PERF))
                  .and(DescribedPredicate.not(within("dev.proffer.gateway.Main"))))
          .should()
          .accessTargetWhere(asksTheClockOrDice())
          .because("a test's clock stands still, and a replay must give the same page twice")
          .allowEmptyShould(true);

  // 5. No cycles.

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices()
          .assignedFrom(eachPackage())
          .should()
          .beFreeOfCycles()
          .because("two packages that need each other are one package, or want a third")
          .allowEmptyShould(true);

  // And the tests themselves.

  /** Looks at every module's test classes, which are on nobody's class path but their own. */
  @ArchTest
  static void testClassesAreNamedSoThatTheyRun(JavaClasses unused) throws IOException {
    classes()
        .that(holdTests())
        .should(beNamedTestOrIt())
        .because("the build runs *Test and *IT and skips any other name in silence")
        .allowEmptyShould(true)
        .check(new ClassFileImporter().importPaths(testClassFolders()));
  }

  private static ArchRule roomImportsOnly(String reason, String room, String... below) {
    DescribedPredicate<JavaClass> ours = resideInAPackage(OURS);
    for (String allowed : below) {
      ours = ours.and(resideOutsideOfPackage(allowed));
    }
    return noClasses()
        .that()
        .resideInAPackage(room)
        .should()
        .dependOnClassesThat(
            ours.and(resideOutsideOfPackage(room)).as("reside in a room not below '%s'", room))
        .because(reason)
        .allowEmptyShould(true);
  }

  private static ArchRule onlyIn(String reason, List<String> homes, String... libraries) {
    return noClasses()
        .that(
            resideOutsideOfPackages(homes.toArray(String[]::new)).and(resideOutsideOfPackage(PERF)))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(libraries)
        .because(reason)
        .allowEmptyShould(true);
  }

  private static DescribedPredicate<JavaClass> resideInAnyOf(String... packages) {
    return JavaClass.Predicates.resideInAnyPackage(packages);
  }

  /** The class of that name and everything nested in it. */
  private static DescribedPredicate<JavaClass> within(String className) {
    return DescribedPredicate.describe(
        "within " + className, type -> outermost(type).getName().equals(className));
  }

  /** Calls and method references alike, so that {@code System::nanoTime} is no way around. */
  private static DescribedPredicate<JavaAccess<?>> asksTheClockOrDice() {
    return DescribedPredicate.describe(
        "the system clock or unseeded randomness is asked",
        access -> access instanceof JavaCodeUnitAccess<?> call && asksTheClockOrDice(call));
  }

  private static boolean asksTheClockOrDice(JavaCodeUnitAccess<?> call) {
    String owner = call.getTargetOwner().getName();
    String name = call.getTarget().getName();
    boolean noArguments = call.getTarget().getRawParameterTypes().isEmpty();
    return switch (owner) {
      case "java.lang.System" -> name.equals("nanoTime") || name.equals("currentTimeMillis");
      case "java.lang.Math", "java.lang.StrictMath" -> name.equals("random");
      case "java.time.Clock" ->
          name.startsWith("system") || (name.startsWith("tick") && !takesClock(call));
      case "java.util.UUID" -> name.equals("randomUUID");
      case "java.util.concurrent.ThreadLocalRandom" -> name.equals("current");
      case "java.util.Random",
          "java.util.SplittableRandom",
          "java.security.SecureRandom",
          "java.util.Date" ->
          name.equals("<init>") && noArguments;
      default -> owner.startsWith("java.time.") && name.equals("now") && !takesClock(call);
    };
  }

  private static boolean takesClock(JavaCodeUnitAccess<?> call) {
    return call.getTarget().getRawParameterTypes().stream()
        .anyMatch(type -> type.getName().equals("java.time.Clock"));
  }

  private static SliceAssignment eachPackage() {
    return new SliceAssignment() {
      @Override
      public SliceIdentifier getIdentifierOf(JavaClass type) {
        return resideInAPackage(OURS).test(type)
            ? SliceIdentifier.of(type.getPackageName())
            : SliceIdentifier.ignore();
      }

      @Override
      public String getDescription() {
        return "packages";
      }
    };
  }

  private static List<Path> testClassFolders() throws IOException {
    Path checkout = Path.of(System.getProperty("basedir", "")).toAbsolutePath().getParent();
    try (Stream<Path> modules = Files.list(checkout)) {
      return modules
          .map(module -> module.resolve("target").resolve("test-classes"))
          .filter(Files::isDirectory)
          .sorted()
          .toList();
    }
  }

  /** Any method a test engine would run: engines mark theirs as testable. */
  private static DescribedPredicate<JavaClass> holdTests() {
    return DescribedPredicate.describe(
        "hold tests",
        type ->
            Stream.concat(type.getMethods().stream(), type.getFields().stream())
                .anyMatch(
                    member ->
                        member.isMetaAnnotatedWith(
                            "org.junit.platform.commons.annotation.Testable")));
  }

  private static ArchCondition<JavaClass> beNamedTestOrIt() {
    return new ArchCondition<>("be named *Test or *IT") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        String name = outermost(type).getSimpleName();
        boolean runs = name.endsWith("Test") || name.endsWith("IT");
        events.add(new SimpleConditionEvent(type, runs, type.getName() + " is never run"));
      }
    };
  }

  private static JavaClass outermost(JavaClass type) {
    return type.getEnclosingClass().map(ArchitectureTest::outermost).orElse(type);
  }
}
