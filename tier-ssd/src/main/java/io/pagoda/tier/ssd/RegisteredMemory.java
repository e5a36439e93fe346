package io.pagoda.tier.ssd;

import io.pagoda.ByteSize;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.concurrent.Executor;

/*
 * Netty does not tell its ring's descriptor. It is one of those that appeared when the ring was
 * made, and the only one of them that answers this thread: rings of a single issuer refuse others.
 *
 * Pinning takes the ring's thread some milliseconds for each piece, so operations have their turn
 * between pieces. An operation across two pieces, or beyond the last, pins for itself.
 */
/**
 * Memory that is pinned once for a ring, piece by piece, so that operations need not pin it each
 * time.
 *
 * <p><b>Threads.</b> Confined to the ring's.
 */
final class RegisteredMemory {
  /** What {@link #buffer} says of memory that is not registered. */
  static final int NONE = -1;

  /** How many buffers a ring can have. */
  static final int MOST_PIECES = 1 << 14;

  private static final long PIECE_BYTES = 256 << 20;
  private static final long LARGEST_PIECE_BYTES = 1 << 30;

  private final Executor thread;
  private final BitSet candidates;
  private final String name;
  private int ring;
  private MemorySegment memory = MemorySegment.NULL;
  private long base;
  private long pieceBytes = 1;
  private long registered;

  /**
   * Creates registered memory that is none.
   *
   * @param thread the ring's
   * @param candidates the descriptors among which the ring's is
   * @param name the tier's
   */
  RegisteredMemory(Executor thread, BitSet candidates, String name) {
    this.thread = thread;
    this.candidates = candidates;
    this.name = name;
  }

  /** {@return how long pieces are, so that no block lies across two} */
  static long pieceBytes(long blockBytes) {
    return Math.clamp(PIECE_BYTES / blockBytes, 1, Integer.MAX_VALUE) * blockBytes;
  }

  /**
   * Begins to register memory.
   *
   * @param piece how much of it at a time, in bytes
   */
  void begin(MemorySegment whole, long piece) {
    int own = own();
    if (own < 0) {
      Engine.LOG.log(
          Level.DEBUG, "The tier {0} cannot tell its ring, and pins memory at each operation",
          name);
      return;
    }
    long pieces = Math.min(MOST_PIECES, Math.ceilDiv(whole.byteSize(), piece));
    if (piece > LARGEST_PIECE_BYTES || refused(RingNative.table(own, (int) pieces), 0)) {
      return;
    }
    ring = own;
    memory = whole;
    base = whole.address();
    pieceBytes = piece;
    next(0);
  }

  /** {@return the number of the buffer that holds a stretch of memory, or {@link #NONE}} */
  int buffer(long address, int bytes) {
    long from = address - base;
    long to = from + bytes;
    if (from < 0 || to > registered || from / pieceBytes != (to - 1) / pieceBytes) {
      return NONE;
    }
    return (int) (from / pieceBytes);
  }

  /** {@return how many bytes are registered by now} */
  long registered() {
    return registered;
  }

  private void next(int piece) {
    long from = piece * pieceBytes;
    long bytes = Math.min(pieceBytes, memory.byteSize() - from);
    if (refused(RingNative.put(ring, piece, memory.asSlice(from, bytes)), from)) {
      return;
    }
    registered = from + bytes;
    if (registered < memory.byteSize() && piece + 1 < MOST_PIECES) {
      thread.execute(() -> next(piece + 1));
    } else {
      Engine.LOG.log(
          Level.DEBUG, "The tier {0} has {1} of host memory registered with its ring", name,
          new ByteSize(registered));
    }
  }

  /** {@return whether the kernel refused; it is told of once, for nothing is asked again} */
  private boolean refused(int errno, long before) {
    if (errno != 0) {
      Engine.LOG.log(
          Level.INFO,
          "The tier {0} has {1} of host memory registered with its ring, and the rest costs more "
              + "processor time at each operation: {2}. If it is a limit, raise it (ulimit -l), or "
              + "give the process CAP_IPC_LOCK",
          name, new ByteSize(before), Errno.describe(errno));
    }
    return errno != 0;
  }

  /** {@return the descriptor of this thread's ring, or a negative number if that is not certain} */
  private int own() {
    int[] mine =
        candidates.stream().filter(descriptor -> RingNative.probe(descriptor) == 0).toArray();
    return mine.length == 1 ? mine[0] : -1;
  }
}
