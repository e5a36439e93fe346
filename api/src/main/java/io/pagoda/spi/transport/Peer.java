package io.pagoda.spi.transport;

import java.util.UUID;

/**
 * The other side of a link.
 *
 * @param name what it calls itself; proved only as far as {@link Capabilities.Feature#AUTHENTICATED
 *     the transport} asks for it
 * @param generation of its transport: another one after each start
 * @param address where it is, for people
 */
public record Peer(String name, UUID generation, String address) {}
