package dev.proffer.gateway.http;

/**
 * How much the public port takes in.
 *
 * @param maxBodyBytes largest body of one request
 * @param maxBatchBytes largest body that is an array of events
 * @param targetMillis how long a suggestion or prediction may wait and take before fewer are let
 *     wait
 * @param mostWaiting the most that may wait on a loop, of each kind of request
 * @param offLoopMillis how long an answer is waited for that a loop does not make itself
 * @param answerCacheMillis how old a page may be that is answered with once more; 0 keeps none
 * @param answerCacheEntries how many pages each loop keeps
 */
public record Limits(
    int maxBodyBytes,
    int maxBatchBytes,
    int targetMillis,
    int mostWaiting,
    int offLoopMillis,
    long answerCacheMillis,
    int answerCacheEntries) {}
