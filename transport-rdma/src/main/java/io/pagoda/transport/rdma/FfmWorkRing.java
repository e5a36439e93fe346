package io.pagoda.transport.rdma;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Work requests as libibverbs has them, linked once, with a queue pair's own operation. */
final class FfmWorkRing implements WorkRing {
  /** What the queue has no room for, by Linux's number. */
  private static final int NO_MEMORY = 12;

  /** A request that tells nothing of its own says this if it fails. */
  static final int SILENT = 0x7fff_ffff;

  private static final long LOW = 0xffff_ffffL;

  private final Arena arena = Arena.ofShared();
  private final long qp;
  private final MemorySegment send;
  private final int capacity;
  private final MemorySegment requests;
  private final MemorySegment stretches;
  private final MemorySegment refused = arena.allocate(JAVA_LONG);
  private final long silent;
  private int opcode;
  private long filled;

  /**
   * Makes one.
   *
   * @param qp the queue pair's address
   * @param capacity of one list, at most
   * @param tag the upper half of what its completions say
   */
  FfmWorkRing(long qp, int capacity, int tag) {
    this.qp = qp;
    send = VerbsNative.target(qp, Abi.OP_SEND);
    this.capacity = capacity;
    silent = ((long) tag << 32) | SILENT;
    requests = arena.allocate((long) capacity * Abi.WR_BYTES, 64);
    stretches = arena.allocate((long) capacity * Abi.SGE_BYTES, 64);
    for (int i = 0; i < capacity; i++) {
      requests.set(JAVA_LONG, at(i) + Abi.WR_ID, silent);
      link(i);
      requests
          .set(JAVA_LONG, at(i) + Abi.WR_SG_LIST, stretches.address() + (long) i * Abi.SGE_BYTES);
      requests.set(JAVA_INT, at(i) + Abi.WR_NUM_SGE, 1);
    }
  }

  private static long at(int index) {
    return (long) index * Abi.WR_BYTES;
  }

  private void link(int index) {
    long next = index + 1 == capacity ? 0 : requests.address() + at(index + 1);
    requests.set(JAVA_LONG, at(index) + Abi.WR_NEXT, next);
  }

  @Override
  public int capacity() {
    return capacity;
  }

  @Override
  public void set(int index, long local, int lkey, int length, long remote, int rkey) {
    long sge = (long) index * Abi.SGE_BYTES;
    stretches.set(JAVA_LONG, sge, local);
    stretches.set(JAVA_LONG, sge + Abi.SGE_LENGTH, ((long) lkey << 32) | (length & LOW));
    filled += length;
    long request = at(index);
    requests.set(JAVA_LONG, request + Abi.WR_REMOTE, remote);
    requests.set(JAVA_INT, request + Abi.WR_RKEY, rkey);
  }

  @Override
  public long filled() {
    return filled;
  }

  @Override
  public int post(int from, int count, int code, long id) throws IOException {
    if (code != opcode) {
      become(code);
    }
    filled = 0;
    long last = at(from + count - 1);
    requests.set(JAVA_LONG, last + Abi.WR_ID, id);
    requests.set(JAVA_INT, last + Abi.WR_FLAGS, Abi.SIGNALED);
    requests.set(JAVA_LONG, last + Abi.WR_NEXT, 0);
    int error = VerbsNative.operation(send, qp, requests.address() + at(from), refused.address());
    requests.set(JAVA_LONG, last + Abi.WR_ID, silent);
    requests.set(JAVA_INT, last + Abi.WR_FLAGS, 0);
    link(from + count - 1);
    return error == 0 ? count : taken(from, Math.abs(error));
  }

  private int taken(int from, int error) throws IOException {
    int taken = (int) ((refused.get(JAVA_LONG, 0) - requests.address()) / Abi.WR_BYTES) - from;
    if (taken <= 0 && error != NO_MEMORY) {
      throw new IOException("Work requests were refused: " + VerbsNative.text(error));
    }
    return Math.max(0, taken);
  }

  private void become(int code) {
    for (int i = 0; i < capacity; i++) {
      requests.set(JAVA_INT, at(i) + Abi.WR_OPCODE, code);
    }
    opcode = code;
  }

  @Override
  public void close() {
    arena.close();
  }
}
