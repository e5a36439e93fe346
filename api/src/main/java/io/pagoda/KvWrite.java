package io.pagoda;

import java.util.Arrays;

/**
 * Which blocks go where: block {@code i} of the local ones to block {@code i} of the remote ones.
 *
 * @param local numbers of blocks here
 * @param remote numbers of blocks at the peer, as many
 * @param layer the only layer to write, counted from the first of the part; or {@link
 *     KvArrival#ALL_LAYERS}
 * @param tag what the peer is told of it
 */
public record KvWrite(int[] local, int[] remote, int layer, long tag) {
  /**
   * Copies both.
   *
   * @throws IllegalArgumentException if there are none, or not as many of one as of the other
   */
  public KvWrite {
    if (local.length == 0 || local.length != remote.length || layer < KvArrival.ALL_LAYERS) {
      throw new IllegalArgumentException(
          ("A write is of at least one block, as many there as here, and of a layer or of all (-1):"
              + " local=%d remote=%d layer=%d").formatted(local.length, remote.length, layer));
    }
    local = local.clone();
    remote = remote.clone();
  }

  /** Writes one layer. */
  public static KvWrite ofLayer(int layer, int[] local, int[] remote) {
    return new KvWrite(local, remote, layer, 0);
  }

  /** Writes all layers. */
  public static KvWrite ofAllLayers(int[] local, int[] remote) {
    return new KvWrite(local, remote, KvArrival.ALL_LAYERS, 0);
  }

  /** {@return the same, of which the peer is told {@code tag}} */
  public KvWrite tagged(long tag) {
    return new KvWrite(local, remote, layer, tag);
  }

  /** {@return how many blocks there are, at least 1} */
  public int blocks() {
    return local.length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof KvWrite that
        && Arrays.equals(local, that.local)
        && Arrays.equals(remote, that.remote)
        && layer == that.layer
        && tag == that.tag;
  }

  @Override
  public int hashCode() {
    return 31 * (31 * Arrays.hashCode(local) + Arrays.hashCode(remote)) + layer;
  }

  @Override
  public String toString() {
    return "%d blocks of %s"
        .formatted(local.length, layer == KvArrival.ALL_LAYERS ? "all layers" : "layer " + layer);
  }
}
