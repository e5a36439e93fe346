package io.pagoda.core.communicate;

import io.pagoda.KvArrival;
import io.pagoda.KvLayout;
import io.pagoda.KvShard;
import io.pagoda.KvWrite;
import io.pagoda.PoolSpec;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Objects;

/**
 * The memory of one side.
 *
 * @param model what it is of
 * @param placement where its chunks are
 * @param shard what of every block they are
 */
record Geometry(String model, Placement placement, KvShard shard) {
  PoolSpec spec() {
    return placement.spec();
  }

  void write(DataOutput out) throws IOException {
    PoolSpec spec = spec();
    out.writeUTF(model);
    out.writeUTF(spec.layout().name());
    out.writeInt(spec.layers());
    out.writeInt(spec.tensors());
    out.writeInt(spec.blocks());
    out.writeLong(spec.chunkBytes());
    out.writeInt(placement.segments());
    out.writeInt(shard.rank());
    out.writeInt(shard.ranks());
    out.writeInt(shard.rows());
  }

  /** {@return what was written; numbers that do not go together are refused} */
  static Geometry read(DataInput in) throws IOException {
    String model = in.readUTF();
    var layout = KvLayout.valueOf(in.readUTF());
    try {
      var spec = new PoolSpec(layout, in.readInt(), in.readInt(), in.readInt(), in.readLong());
      var placement = new Placement(spec, in.readInt());
      return new Geometry(model, placement, new KvShard(in.readInt(), in.readInt(), in.readInt()));
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("No memory is as large as the other side's", e);
    }
  }

  /**
   * {@return what both hold of every chunk}
   *
   * @throws IllegalArgumentException if nothing, or if they are not of one cache
   */
  Overlap with(Geometry there) {
    if (!model.equals(there.model)
        || spec().layers() != there.spec().layers()
        || spec().tensors() != there.spec().tensors()) {
      throw new IllegalArgumentException("%s is not %s".formatted(this, there));
    }
    return Overlap.of(spec().chunkBytes(), shard, there.spec().chunkBytes(), there.shard)
        .orElseThrow(
            () -> new IllegalArgumentException(
                "Of no block both hold anything: %s, and %s there".formatted(shard, there.shard)));
  }

  /** {@return the ranges of a write to {@code there}} */
  Ranges ranges(KvWrite what, Geometry there, Overlap overlap, long longest) {
    boolean all = what.layer() == KvArrival.ALL_LAYERS;
    int first = all ? 0 : Objects.checkIndex(what.layer(), spec().layers());
    int end = all ? spec().layers() : first + 1;
    int[] local = what.local();
    int[] remote = what.remote();
    for (int i = 0; i < local.length; i++) {
      Objects.checkIndex(local[i], spec().blocks());
      Objects.checkIndex(remote[i], there.spec().blocks());
    }
    int chunks = Math.multiplyExact((end - first) * spec().tensors(), local.length);
    var ranges = new Ranges(Math.multiplyExact(chunks, overlap.rows()), longest);
    for (int layer = first; layer < end; layer++) {
      for (int tensor = 0; tensor < spec().tensors(); tensor++) {
        for (int i = 0; i < local.length; i++) {
          add(ranges, new Chunk(local[i], layer, tensor), remote[i], there.placement, overlap);
        }
      }
    }
    return ranges;
  }

  /** What a block has in one tensor of one layer. */
  private record Chunk(int block, int layer, int tensor) {}

  private void add(Ranges ranges, Chunk chunk, int remote, Placement there, Overlap overlap) {
    int segment = placement.segment(chunk.layer, chunk.tensor);
    int window = there.segment(chunk.layer, chunk.tensor);
    long from = placement.offset(chunk.block, chunk.layer, chunk.tensor) + overlap.localStart();
    long to = there.offset(remote, chunk.layer, chunk.tensor) + overlap.remoteStart();
    for (int row = 0; row < overlap.rows(); row++) {
      ranges.add(
          segment, from + row * overlap.localStride(), window, to + row * overlap.remoteStride(),
          overlap.bytes());
    }
  }
}
