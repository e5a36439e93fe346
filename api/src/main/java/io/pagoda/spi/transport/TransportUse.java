package io.pagoda.spi.transport;

/**
 * What a transport holds at a moment, for tests and operators. After everything was closed, and
 * when it is quiet, each is zero.
 *
 * @param registrations of memory
 * @param grants that have not ended
 * @param links that are open, of either side
 * @param transfers that are not quiet, of either side
 * @param bufferBytes of memory of its own for its connections
 */
public record TransportUse(
    int registrations, int grants, int links, int transfers, long bufferBytes) {}
