package io.pagoda.tck;

/**
 * The contract of {@link io.pagoda.spi.transport.Transport} as tests: each sentence of its Javadoc
 * that a test can keep is kept by one. A transport's test implements {@link #open} and inherits
 * them. After each test everything is closed, and the transports must hold nothing.
 */
public interface TransportContract
    extends
      TransportDataContract,
      TransportGrantContract,
      TransportFenceContract,
      TransportLifeContract {}
