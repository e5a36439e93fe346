package io.pagoda;

/**
 * Blocks that a peer has written, all of whose bytes are there.
 *
 * @param peer what it calls itself
 * @param layer which layer they are of, or {@link #ALL_LAYERS}
 * @param blocks how many
 * @param tag what the peer has put on them
 */
public record KvArrival(String peer, int layer, int blocks, long tag) {
  /** Of a write of every layer. */
  public static final int ALL_LAYERS = -1;
}
