package io.pagoda;

/**
 * One put of several that run together.
 *
 * @param draft what to store; the job takes it over
 * @param blocks the pool block of each block of the draft, in order
 * @param options how
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, and never compared
public record Put(Draft draft, int[] blocks, JobOptions options) {}
