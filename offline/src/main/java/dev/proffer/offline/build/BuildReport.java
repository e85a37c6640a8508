package dev.proffer.offline.build;

import java.nio.file.Path;
import java.util.Map;

/**
 * What a build made.
 *
 * @param directory where the set is
 * @param labels labels there were
 * @param outcomes how many labels gave rows, by where they come from, and why others gave none
 * @param orderSeconds what it took to bring the warehouse into order
 * @param seconds what it took in all
 */
public record BuildReport(
    Path directory,
    String engine,
    String contractSha256,
    long labels,
    long rows,
    Map<String, Long> outcomes,
    double orderSeconds,
    double seconds) {}
