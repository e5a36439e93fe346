package io.pagoda.core.run;

/**
 * What a plan was made for.
 *
 * @param pinned the entries of the request's blocks, in order, then those that it spills; all are
 *     pinned, and the pins go over to the run
 * @param planned how many of them are the request's
 * @param wanted how many blocks the caller asked for, at least {@code planned}
 * @param arriving positions of blocks that another plan is bringing into the hub
 * @param shortage why fewer were planned than wanted; empty if all were
 */
public record Request(int[] pinned, int planned, int wanted, int[] arriving, String shortage) {}
