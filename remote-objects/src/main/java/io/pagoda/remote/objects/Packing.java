package io.pagoda.remote.objects;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of blocks where that is not the blocks as they are: smaller, encrypted, or both, in
 * this order. It has memory for so many blocks at a time; who wants more waits.
 *
 * <p><b>Threads.</b> Any that may wait.
 */
final class Packing implements AutoCloseable {
  private final Compression kind;
  private final Map<Compression, Codec> codecs = new EnumMap<>(Compression.class);
  private final Optional<Secret> secret;
  private final long blockBytes;
  private final Semaphore room;
  private final Scratch scratch;
  private final Tally tally;

  /**
   * Begins.
   *
   * @param kind how what is stored is made smaller; what others have made smaller is read anyhow
   * @param atOnce how many blocks are packed or unpacked at once, at most
   */
  Packing(
      Compression kind, int level, Optional<Secret> secret, long blockBytes, int atOnce,
      Tally tally) {
    this.kind = kind;
    this.secret = secret;
    this.blockBytes = blockBytes;
    this.room = new Semaphore(atOnce);
    this.scratch = new Scratch(bound());
    this.tally = tally;
    if (kind != Compression.NONE) {
      codecs.put(kind, Codec.open(kind, level));
    }
  }

  /** {@return whether blocks are stored as they are} */
  boolean none() {
    return kind == Compression.NONE && secret.isEmpty();
  }

  Compression kind() {
    return kind;
  }

  Optional<Secret> secret() {
    return secret;
  }

  /** {@return how many bytes are kept of a block at most: nothing is stored that got larger} */
  long bound() {
    return blockBytes + (secret.isPresent() ? Secret.TAG_BYTES : 0);
  }

  /** Lends memory for what is kept of a block; waits until there is some. */
  MemorySegment take() {
    return take(1, 1).getFirst();
  }

  /**
   * Lends memory for what is kept of some blocks; waits until there is enough. Who waits has none.
   *
   * @param least for how many blocks, at most as many as are packed at once
   * @param most for how many if there happens to be as much
   */
  List<MemorySegment> take(int least, int most) {
    room.acquireUninterruptibly(least);
    List<MemorySegment> lent = new ArrayList<>(least);
    for (int i = 0; i < least || (i < most && room.tryAcquire()); i++) {
      lent.add(scratch.take());
    }
    return lent;
  }

  void give(MemorySegment kept) {
    scratch.give(kept);
    room.release();
  }

  void give(List<MemorySegment> kept) {
    kept.forEach(this::give);
  }

  /**
   * Packs a block.
   *
   * @param kept memory that was {@linkplain #take lent}
   * @param nonce of the block
   * @param about what is verified with the block
   * @return what is to be kept, in {@code kept}
   */
  MemorySegment pack(MemorySegment block, MemorySegment kept, byte[] nonce, byte[] about) {
    long began = System.nanoTime();
    MemorySegment packed = secret.map(with -> locked(with, block, kept, nonce, about))
        .orElseGet(() -> smaller(block, kept));
    tally.packedFrom.add(blockBytes);
    tally.packedTo.add(packed.byteSize());
    tally.packing.add(System.nanoTime() - began);
    return packed;
  }

  private MemorySegment locked(
      Secret with, MemorySegment block, MemorySegment kept, byte[] nonce, byte[] about) {
    MemorySegment between = scratch.take();
    try {
      MemorySegment open = kind == Compression.NONE ? block : smaller(block, between);
      int bytes = with.encrypt(nonce, about, open.asByteBuffer(), kept.asByteBuffer());
      return kept.asSlice(0, bytes);
    } finally {
      scratch.give(between);
    }
  }

  /** {@return the block made smaller, or as it is if that does not help; in {@code into}} */
  private MemorySegment smaller(MemorySegment block, MemorySegment into) {
    @Nullable Codec codec = codec(kind);
    ByteBuffer room = into.asSlice(0, blockBytes - 1).asByteBuffer();
    int bytes = codec == null ? -1 : codec.compress(block.asByteBuffer(), room);
    if (bytes > 0) {
      return into.asSlice(0, bytes);
    }
    MemorySegment.copy(block, 0, into, 0, blockBytes);
    return into.asSlice(0, blockBytes);
  }

  /** {@return whether the block at {@code index} could be made of what was kept of it} */
  boolean unpack(
      ObjectHeader header, int index, MemorySegment kept, byte[] about, MemorySegment block) {
    long began = System.nanoTime();
    boolean fine = header.encrypted()
        ? secret.isPresent() && unlock(header, index, secret.get(), kept, about, block)
        : larger(header.codec(), kept, block);
    tally.packing.add(System.nanoTime() - began);
    return fine;
  }

  private boolean unlock(
      ObjectHeader header, int index, Secret with, MemorySegment kept, byte[] about,
      MemorySegment block) {
    long bytes = kept.byteSize() - Secret.TAG_BYTES;
    if (bytes < 1 || bytes > blockBytes) {
      return false;
    }
    MemorySegment between = scratch.take();
    try {
      MemorySegment open = between.asSlice(0, bytes);
      return with.decrypt(header.nonce(index), about, kept.asByteBuffer(), open.asByteBuffer())
          && larger(header.codec(), open, block);
    } finally {
      scratch.give(between);
    }
  }

  private boolean larger(Compression how, MemorySegment kept, MemorySegment block) {
    if (kept.byteSize() == blockBytes) {
      MemorySegment.copy(kept, 0, block, 0, blockBytes);
      return true;
    }
    @Nullable Codec codec = codec(how);
    return codec != null && codec.decompress(kept.asByteBuffer(), block.asByteBuffer());
  }

  private @Nullable Codec codec(Compression how) {
    if (how == Compression.NONE) {
      return null;
    }
    synchronized (codecs) {
      return codecs.computeIfAbsent(how, each -> Codec.open(each, 1));
    }
  }

  @Override
  public void close() {
    scratch.close();
  }
}
