package io.pagoda;

/**
 * What a connector holds at a moment, for tests and operators.
 *
 * @param operations that have not settled
 * @param connections that are open, or being opened
 * @param registrations of memory with its transports, its own included
 * @param grants that have not ended
 * @param stagedBytes of host memory through which memory of devices passes at the moment
 */
public record ConnectorUse(
    int operations, int connections, int registrations, int grants, long stagedBytes) {}
