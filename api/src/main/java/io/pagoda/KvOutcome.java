package io.pagoda;

import io.pagoda.Outcome.End;

/**
 * How a task ended. It ends once, and its outcome never changes.
 *
 * @param end in which way
 * @param tokens which tokens moved: of a fetch those that are in the engine's memory now, of a put
 *     those that were newly stored, of a prefetch those that are in host memory
 * @param reason why not all that were planned, for people; empty when all are
 */
public record KvOutcome(End end, TokenMask tokens, String reason) {}
