package io.pagoda.core.connect;

import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.PeerMetadata;

/**
 * One way to memory that is exposed.
 *
 * @param peer where
 * @param data the right to the memory, a window for each stretch
 * @param control the right to tell what became of it
 */
record Offer(PeerMetadata peer, GrantMetadata data, GrantMetadata control) {}
