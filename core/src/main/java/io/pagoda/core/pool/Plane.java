package io.pagoda.core.pool;

import io.pagoda.PoolPart;
import io.pagoda.PoolSpec;
import io.pagoda.spi.device.Stripe;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * What one tensor of one layer holds of every block: chunks at equal distances. However an engine
 * lays its memory out, it is planes.
 *
 * @param memory where the plane is
 * @param base where the chunk of block 0 starts in {@code memory}, in bytes
 * @param blockStride from the chunk of a block to that of the next, in bytes
 * @param blockOffset where the chunk starts in a whole block, in bytes
 * @param bytes of a chunk
 * @param layer which layer of the model
 * @param replica whether another plane holds the same bytes
 * @param device whose memory it is; empty for host memory
 */
record Plane(
    MemorySegment memory, long base, long blockStride, long blockOffset, long bytes, int layer,
    boolean replica, String device) {
  /** {@return the planes of a part, layer by layer} */
  static List<Plane> of(PoolPart part) {
    List<Plane> planes = new ArrayList<>();
    for (int layer = 0; layer < part.spec().layers(); layer++) {
      for (int tensor = 0; tensor < part.spec().tensors(); tensor++) {
        planes.add(of(part, layer, tensor));
      }
    }
    return planes;
  }

  private static Plane of(PoolPart part, int layer, int tensor) {
    PoolSpec spec = part.spec();
    int segments = part.memory().size();
    boolean perTensor = segments == spec.chunksPerBlock();
    boolean perLayer = perTensor || segments == spec.layers();
    int segment = perTensor ? tensor * spec.layers() + layer : perLayer ? layer : 0;
    var within = new PoolSpec(
        spec.layout(), perLayer ? 1 : spec.layers(), perTensor ? 1 : spec.tensors(), spec.blocks(),
        spec.chunkBytes());
    return new Plane(
        part.memory().get(segment), within.offset(0, perLayer ? 0 : layer, perTensor ? 0 : tensor),
        within.blockStride(),
        part.blockOffset() + ((long) layer * spec.tensors() + tensor) * spec.chunkBytes(),
        spec.chunkBytes(), part.firstLayer() + layer, part.replica(), part.device());
  }

  /** {@return where the chunk of a block starts in {@link #memory}} */
  long at(int block) {
    return base + block * blockStride;
  }

  /** {@return whether the next plane continues this one, in the pool and in the block} */
  private boolean continuedBy(Plane next) {
    return memory.equals(next.memory)
        && base + bytes == next.base
        && blockStride == next.blockStride
        && blockOffset + bytes == next.blockOffset
        && replica == next.replica
        && device.equals(next.device);
  }

  /**
   * Joins planes that continue each other.
   *
   * @param acrossLayers whether to join planes of different layers too
   */
  static List<Plane> joined(List<Plane> planes, boolean acrossLayers) {
    List<Plane> joined = new ArrayList<>();
    for (Plane plane : planes) {
      Plane last = joined.isEmpty() ? null : joined.getLast();
      if (last != null && last.continuedBy(plane) && (acrossLayers || last.layer == plane.layer)) {
        joined.set(joined.size() - 1, last.with(last.bytes + plane.bytes));
      } else {
        joined.add(plane);
      }
    }
    return joined;
  }

  /** {@return what of the plane lies between two offsets within a block} */
  Plane part(long from, long to) {
    return new Plane(
        memory, base + from - blockOffset, blockStride, from, to - from, layer, replica, device);
  }

  /** {@return whether it is in host memory} */
  boolean onHost() {
    return device.isEmpty();
  }

  /** {@return the same, for the device whose memory it is} */
  Stripe stripe() {
    return new Stripe(memory.address() + base, blockStride, blockOffset, bytes);
  }

  /** {@return whether two planes have bytes of a block in common} */
  boolean overlaps(Plane other) {
    return blockOffset < other.blockOffset + other.bytes && other.blockOffset < blockOffset + bytes;
  }

  private Plane with(long moreBytes) {
    return new Plane(memory, base, blockStride, blockOffset, moreBytes, layer, replica, device);
  }
}
