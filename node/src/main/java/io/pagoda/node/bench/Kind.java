package io.pagoda.node.bench;

import io.pagoda.spi.tier.BlockBatch;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * A kind of place where a machine can keep blocks, as many as every other. One more kind is one
 * more class.
 *
 * <p><b>Threads.</b> One at a time.
 */
interface Kind extends AutoCloseable {
  /** {@return what people call it} */
  String name();

  /** {@return its blocks, if they are host memory, one after the other and each in one piece} */
  Optional<MemorySegment> host();

  /** {@return the memory of all its blocks, however they lie there, if it is host memory at all} */
  Optional<MemorySegment> memory();

  /** Copies blocks, as the batch's slots, into host memory, and waits. */
  void read(BlockBatch batch);

  /** Copies host memory into blocks, as the batch's slots, and waits. */
  void write(BlockBatch batch);

  /** Puts a block there that is called so, if possible by other means than are measured. */
  void fill(int block, long name);

  /** {@return how many bytes of a block are not those of the block that is called so} */
  long wrongBytes(int block, long name);

  /** {@return what its own speed is compared with; nothing if a copy in memory is} */
  default Optional<Bound> bound() {
    return Optional.empty();
  }

  /** What a kind is compared with: plain reads and writes of as many blocks of the same size. */
  interface Bound {
    /** {@return what it is} */
    String name();

    /** Reads blocks. */
    void read(int first, int count) throws IOException;

    /** Writes blocks. */
    void write(int first, int count) throws IOException;
  }

  @Override
  void close();
}
