package io.pagoda.tier.ssd;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.uring.IoUringIoEvent;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringIoHandlerConfig;
import io.netty.channel.uring.IoUringIoOps;
import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Operations through one io_uring, driven by one Netty event loop. What is submitted while the loop
 * handles a task or an event reaches the kernel when it has, or when there are two of them.
 */
final class RingPort implements IoPort {
  private static final byte IORING_OP_READ_FIXED = 4;
  private static final byte IORING_OP_WRITE_FIXED = 5;
  private static final byte IORING_OP_ASYNC_CANCEL = 14;
  private static final byte IORING_OP_READ = 22;
  private static final byte IORING_OP_WRITE = 23;
  /** Class best effort, its highest level; 0 leaves writes at the thread's own. */
  private static final short READ_PRIORITY = 2 << 13;

  private static final short WRITE_PRIORITY = 0;

  /** What a cancel is told apart by; operations have smaller numbers. */
  private static final long CANCEL = -1;

  /**
   * How many operations the kernel is handed together at most. It holds more than two back until it
   * has them all, and the device is idle meanwhile if they are what has just ended.
   */
  private static final int TOGETHER = 2;

  private static final int SMALLEST_COMPLETION_QUEUE = 4096;

  private final List<Path> files;
  private final int[] fds;
  private final @Nullable Op[] inFlight;
  private final long[] userData;
  private final MultiThreadIoEventLoopGroup group;
  private final IoEventLoop loop;
  private final IoRegistration registration;
  private final RegisteredMemory registered;

  /** With a timer of its own, the loop would start and end one more operation at every wait. */
  private final ScheduledThreadPoolExecutor clock;

  private RingPort(
      List<Path> files, int[] fds, int depth, MultiThreadIoEventLoopGroup group, BitSet rings,
      String name) {
    this.files = files;
    this.fds = fds;
    this.inFlight = new Op[depth];
    this.userData = new long[depth];
    this.group = group;
    this.loop = group.next();
    this.clock = new ScheduledThreadPoolExecutor(1, ChannelPort.threads(name + "-clock"));
    this.registered = new RegisteredMemory(loop, rings, name);
    this.registration = loop.register(new Completions()).syncUninterruptibly().getNow();
  }

  /** Opens {@code files} for the tier called {@code name}. */
  static RingPort open(List<Path> files, SsdSettings settings, String name) {
    int[] fds = new int[files.size()];
    Arrays.fill(fds, -1);
    MultiThreadIoEventLoopGroup group = null;
    try {
      for (int i = 0; i < fds.length; i++) {
        fds[i] = LibcNative.open(files.get(i), settings.direct());
      }
      BitSet others = RingNative.rings();
      group = group(settings.queueDepth(), name);
      BitSet rings = RingNative.rings();
      rings.andNot(others);
      return new RingPort(files, fds, settings.queueDepth(), group, rings, name);
    } catch (IOException e) {
      close(files, fds);
      throw new PagodaException(Fault.PERMANENT, "Cannot open a slot file: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      if (group != null) {
        shutDown(group);
      }
      close(files, fds);
      throw e;
    }
  }

  @Override
  public void execute(Runnable task) {
    loop.execute(task);
  }

  @Override
  public void executeAfter(Runnable task, long nanos) {
    Future<?> _ = clock.schedule(() -> loop.execute(task), nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void submit(Op op, int bytes) {
    inFlight[op.id()] = op;
    int buffer = registered.buffer(op.address(), bytes);
    byte code = code(op.write(), buffer != RegisteredMemory.NONE);
    long accepted = registration.submit(
        new IoUringIoOps(
            code, (byte) 0, priority(op), fds[op.file()], op.position(), op.address(), bytes, 0,
            (long) op.id(), (short) Math.max(0, buffer), (short) 0, 0, 0L));
    userData[op.id()] = accepted;
    if (accepted == -1) {
      loop.execute(() -> op.ended(-Errno.ECANCELED.code()));
    }
  }

  private static byte code(boolean write, boolean fixed) {
    if (fixed) {
      return write ? IORING_OP_WRITE_FIXED : IORING_OP_READ_FIXED;
    }
    return write ? IORING_OP_WRITE : IORING_OP_READ;
  }

  /** {@return what the ring's thread may ask of host memory} */
  RegisteredMemory registered() {
    return registered;
  }

  @Override
  public void hostMemory(MemorySegment memory, long pieceBytes) {
    loop.execute(() -> registered.begin(memory, pieceBytes));
  }

  @Override
  public void cancel(Op op) {
    registration.submit(
        new IoUringIoOps(
            IORING_OP_ASYNC_CANCEL, (byte) 0, (short) 0, -1, 0, userData[op.id()], 0, 0, CANCEL,
            (short) 0, (short) 0, 0, 0L));
  }

  /** The pages around a ragged end are read for a store, and no sooner than it. */
  private static short priority(Op op) {
    return op.transfer().store() ? WRITE_PRIORITY : READ_PRIORITY;
  }

  @Override
  public void close() {
    clock.shutdownNow();
    shutDown(group);
    close(files, fds);
  }

  @Override
  public String toString() {
    return "io_uring";
  }

  private static MultiThreadIoEventLoopGroup group(int depth, String name) {
    IoHandlerFactory rings = IoUringIoHandler.newFactory(
        new IoUringIoHandlerConfig().setRingSize(TOGETHER)
            .setCqSize(Math.max(SMALLEST_COMPLETION_QUEUE, Integer.highestOneBit(4 * depth - 1)))
            .setSingleIssuer(true));
    return new MultiThreadIoEventLoopGroup(1, ChannelPort.threads(name), rings);
  }

  private static void shutDown(MultiThreadIoEventLoopGroup group) {
    group.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private static void close(List<Path> files, int[] fds) {
    for (int i = 0; i < fds.length && fds[i] >= 0; i++) {
      try {
        LibcNative.close(fds[i], files.get(i));
      } catch (IOException e) {
        Engine.LOG.log(Level.WARNING, "Cannot close a slot file", e);
      }
    }
  }

  /** Hands each completion to its operation. The event is the loop's own and is not kept. */
  private final class Completions implements IoUringIoHandle {
    @Override
    public void handle(IoRegistration from, IoEvent event) {
      IoUringIoEvent completion = (IoUringIoEvent) event;
      if (completion.userData() == CANCEL) {
        // What matters is whether the operation ends.
        return;
      }
      int id = (int) completion.userData();
      int result = completion.res();
      Objects.requireNonNull(inFlight[id]).ended(result);
    }

    @Override
    public void registered() {
      // Nothing to do: operations name their file themselves.
    }

    @Override
    public void unregistered() {
      // Nothing to do: the files are closed by their owner.
    }

    @Override
    public void close() {
      // Nothing to do: the loop is only shut down when nothing is in flight.
    }
  }
}
