package io.pagoda.transport.rdma;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * A device that is none: a context, a queue pair and a completion queue in plain memory, whose
 * operations are Java's. It takes requests as a device does: a place in its queue is free again
 * when a request behind it, or it itself, has told its completion and that was polled. Threads of a
 * transport may ask it beside each other.
 */
@SuppressWarnings("restricted")
final class FakeVerbsNative implements AutoCloseable {
  private static final int NO_MEMORY = 12;
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private final Arena arena = Arena.ofShared();
  private final MemorySegment context = arena.allocate(Abi.CONTEXT_BYTES, 8);
  private final MemorySegment qp = arena.allocate(256, 8);
  private final MemorySegment cq = arena.allocate(256, 8);
  private final ArrayDeque<long[]> completions = new ArrayDeque<>();
  private final ArrayDeque<Request> running = new ArrayDeque<>();
  final List<Request> posted = new ArrayList<>();
  final List<Long> receives = new ArrayList<>();
  private int room;
  private int used;
  int refuses;
  int doorbells;
  int full;
  int notifications;

  /** A request as the device read it. */
  record Request(
      long id, int opcode, int flags, long local, int length, int lkey, long remote, int rkey) {
    boolean signaled() {
      return (flags & Abi.SIGNALED) != 0;
    }
  }

  /** A device with a queue of {@code room} requests. */
  FakeVerbsNative(int room) {
    this.room = room;
    operation(Abi.OP_SEND, "send");
    operation(Abi.OP_RECEIVE, "receive");
    operation(Abi.OP_POLL, "poll");
    operation(Abi.OP_NOTIFY, "notify");
    qp.set(JAVA_LONG, Abi.CONTEXT, context.address());
    qp.set(JAVA_INT, Abi.QP_NUMBER, 17);
    cq.set(JAVA_LONG, Abi.CONTEXT, context.address());
  }

  private void operation(int offset, String name) {
    try {
      MethodHandle method = MethodHandles.lookup()
          .bind(this, name, MethodType.methodType(int.class, long.class, long.class, long.class));
      MemorySegment stub = Linker.nativeLinker()
          .upcallStub(
              method, FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG), arena);
      context.set(JAVA_LONG, offset, stub.address());
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("no such operation", e);
    }
  }

  long qp() {
    return qp.address();
  }

  Native.Qp pair() throws IOException {
    var _ = FfmProvider.install();
    return new Native.Qp(qp.address());
  }

  /** {@return the device, as an identifier has it} */
  Native.Context context() throws IOException {
    var _ = FfmProvider.install();
    return new Native.Context(context.address());
  }

  Native.Cq queue() throws IOException {
    var _ = FfmProvider.install();
    return new Native.Cq(null, null, cq.address());
  }

  /** Takes room away, as if the queue were shorter than asked for. */
  synchronized void room(int left) {
    room = left;
  }

  synchronized int send(long pair, long first, long refused) {
    doorbells++;
    for (long at = first; at != 0; at = ALL.get(JAVA_LONG, at + Abi.WR_NEXT)) {
      if (refuses != 0 || used == room) {
        ALL.set(JAVA_LONG, refused, at);
        full++;
        return refuses != 0 ? refuses : NO_MEMORY;
      }
      long sge = ALL.get(JAVA_LONG, at + Abi.WR_SG_LIST);
      Request request = new Request(
          ALL.get(JAVA_LONG, at + Abi.WR_ID), ALL.get(JAVA_INT, at + Abi.WR_OPCODE),
          ALL.get(JAVA_INT, at + Abi.WR_FLAGS), ALL.get(JAVA_LONG, sge),
          ALL.get(JAVA_INT, sge + Abi.SGE_LENGTH), ALL.get(JAVA_INT, sge + Abi.SGE_LKEY),
          ALL.get(JAVA_LONG, at + Abi.WR_REMOTE), ALL.get(JAVA_INT, at + Abi.WR_RKEY));
      if (pair != qp.address() || ALL.get(JAVA_INT, at + Abi.WR_NUM_SGE) != 1) {
        throw new AssertionError("not as a device reads it");
      }
      used++;
      posted.add(request);
      running.add(request);
    }
    return 0;
  }

  synchronized int receive(long pair, long first, long refused) {
    for (long at = first; at != 0; at = ALL.get(JAVA_LONG, at + Abi.WR_NEXT)) {
      receives.add(ALL.get(JAVA_LONG, at + Abi.WR_ID));
    }
    return pair == qp.address() && refused != 0 ? 0 : 22;
  }

  /** Does the next {@code count} requests. */
  synchronized void does(int count) {
    for (int i = 0; i < count && !running.isEmpty(); i++) {
      Request one = running.removeFirst();
      if (one.signaled()) {
        completions.add(new long[] {one.id(), 0, posted.indexOf(one) + 1});
      }
    }
  }

  /** The next request fails, and with it all that are behind it. */
  synchronized void fails(int status) {
    int now = status;
    while (!running.isEmpty()) {
      completions.add(new long[] {running.removeFirst().id(), now, 0});
      now = WorkStatus.FLUSHED;
    }
    used = 0;
  }

  synchronized int poll(long queue, long most, long into) {
    int found = 0;
    for (; found < (int) most && !completions.isEmpty(); found++) {
      long[] one = completions.removeFirst();
      long at = into + (long) found * Abi.WC_BYTES;
      ALL.set(JAVA_LONG, at, one[0]);
      ALL.set(JAVA_INT, at + Abi.WC_STATUS, (int) one[1]);
      ALL.set(JAVA_INT, at + Abi.WC_LENGTH, 5);
      ALL.set(JAVA_INT, at + Abi.WC_QP, 17);
      if (one[1] == 0) {
        used = posted.size() - (int) one[2];
      }
    }
    return queue == cq.address() ? found : -1;
  }

  synchronized int notify(long queue, long solicited, long none) {
    notifications += queue == cq.address() && (int) solicited == 0 ? 1 : 0;
    return 0;
  }

  @Override
  public void close() {
    arena.close();
  }
}
