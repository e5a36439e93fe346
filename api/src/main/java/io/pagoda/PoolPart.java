package io.pagoda;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A part of an engine's KV memory: what one rank holds of one group of layers.
 *
 * @param spec the shape of the part
 * @param memory its bytes, native: one segment for all; one per layer; or one per layer and tensor,
 *     all layers' first tensors before all second ones. Cut like this, each segment has the shape
 *     that its part of {@link PoolSpec} would have alone
 * @param blockOffset where the part starts in a block of the store, in bytes
 * @param firstLayer the number of its first layer in the model
 * @param replica whether another part holds the same bytes: they are stored from that one, and
 *     fetched into both
 * @param device the UUID of the device whose memory it is; empty for host memory
 */
public record PoolPart(
    PoolSpec spec, List<MemorySegment> memory, long blockOffset, int firstLayer, boolean replica,
    String device) {
  /** Checks that the memory goes with the shape. */
  public PoolPart {
    memory = List.copyOf(memory);
    int segments = memory.size();
    if (segments != 1 && segments != spec.layers() && segments != spec.chunksPerBlock()) {
      throw new IllegalArgumentException(
          "A part is 1 segment, %d (one per layer) or %d (one per layer and tensor), not %d"
              .formatted(spec.layers(), spec.chunksPerBlock(), segments));
    }
    if (segments > 1 && spec.layout() == KvLayout.BLOCK_FIRST) {
      throw new IllegalArgumentException("Memory that is block-first is one segment");
    }
    if (segments > spec.layers() && spec.layout() == KvLayout.LAYER_BLOCK) {
      throw new IllegalArgumentException(
          "Keys and values that lie side by side are in one segment per layer");
    }
    if (blockOffset < 0 || firstLayer < 0) {
      throw new IllegalArgumentException(
          "Offsets and layers count from 0: blockOffset=%d firstLayer=%d"
              .formatted(blockOffset, firstLayer));
    }
    long each = spec.bytes() / segments;
    for (MemorySegment segment : memory) {
      check(segment, each);
    }
  }

  /** A part in host memory. */
  public PoolPart(
      PoolSpec spec, List<MemorySegment> memory, long blockOffset, int firstLayer,
      boolean replica) {
    this(spec, memory, blockOffset, firstLayer, replica, "");
  }

  private static void check(MemorySegment segment, long bytes) {
    if (!segment.isNative()) {
      throw new IllegalArgumentException(
          "A pool is native memory, such as Arena.ofShared().allocate(...); this is on the heap");
    }
    if (segment.byteSize() < bytes) {
      throw new IllegalArgumentException(
          "A segment of the pool needs %d bytes and has %d".formatted(bytes, segment.byteSize()));
    }
  }

  /** {@return the only part of an engine of one rank and one group of layers} */
  public static PoolPart whole(PoolSpec spec, MemorySegment memory) {
    return new PoolPart(spec, List.of(memory), 0, 0, false);
  }
}
