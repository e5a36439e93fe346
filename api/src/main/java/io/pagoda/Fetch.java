package io.pagoda;

/**
 * One fetch of several that run together.
 *
 * @param match what to fetch; the job takes it over
 * @param blocks the pool block for each block, in order, none twice in all that runs together
 * @param options how
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, and never compared
public record Fetch(Match match, int[] blocks, JobOptions options) {}
