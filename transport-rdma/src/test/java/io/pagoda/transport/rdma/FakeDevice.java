package io.pagoda.transport.rdma;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import com.ibm.disni.verbs.IbvContext;
import com.ibm.disni.verbs.IbvPd;
import com.ibm.disni.verbs.IbvQP;
import com.ibm.disni.verbs.IbvQPInitAttr;
import com.ibm.disni.verbs.RdmaCm;
import com.ibm.disni.verbs.RdmaCmEvent;
import com.ibm.disni.verbs.RdmaCmId;
import com.ibm.disni.verbs.RdmaConnParam;
import com.ibm.disni.verbs.RdmaEventChannel;
import io.pagoda.transport.rdma.VerbsNative.Function;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/** A device as a transport opens it, of plain memory: all that is asked of it is noted. */
final class FakeDevice implements AutoCloseable {
  private static final int HERE = 3;

  final List<String> calls = new CopyOnWriteArrayList<>();
  final FakeVerbsNative wire = new FakeVerbsNative(1_024);
  /** What happens while a queue pair is asked. */
  volatile Runnable whileAsked = () -> {};
  /** What happens while its protection domain is ended. */
  volatile Runnable whileClosed = () -> {};
  /** Whether nobody can listen. */
  volatile boolean deaf;
  /** Of what registers files: the error. */
  int refusesFiles;
  /** What cannot be made. */
  String missing = "";

  private final Arena arena = Arena.ofShared();
  private int keys = 1_000;

  /** Opens it. */
  Device open(GpuWay gpus) throws IOException {
    return open(gpus, new Rig().settings());
  }

  Device open(GpuWay gpus, RdmaSettings settings) throws IOException {
    var _ = FfmProvider.install();
    Device.Binding by = new Device.Binding(new Manager(), new FfmVerbs(new Verbs()));
    RdmaPort port =
        new RdmaPort("fake0", new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    return Device.of(by, settings, port, gpus);
  }

  /** {@return a queue pair of it} */
  Queue queue(Device device, Queue.Owner owner) throws IOException {
    return new Queue(device, device.id(), 1 << 16, new Rig().settings(), owner);
  }

  long asked(String call) {
    return calls.stream().filter(call::equals).count();
  }

  private final class Verbs implements FfmVerbs.Caller {
    @Override
    public long pointer(Function function, long... words) throws IOException {
      calls.add(function.name());
      if (function.name().equals(missing)) {
        throw new VerbsNative.NativeException(function, 12);
      }
      return switch (function) {
        case IBV_CREATE_CQ -> wire.queue().address;
        case IBV_REG_MR -> registered(words[1], words[2]);
        case IBV_REG_DMABUF_MR -> {
          if (refusesFiles != 0) {
            throw new VerbsNative.NativeException(function, refusesFiles);
          }
          yield registered(words[3], words[2]);
        }
        default -> arena.allocate(64, 8).address();
      };
    }

    private long registered(long address, long bytes) {
      return FakeRegistrar.registered(arena, address, bytes, ++keys);
    }

    @Override
    public void succeed(Function function, long... words) {
      calls.add(function.name());
      if (function == Function.IBV_QUERY_QP) {
        whileAsked.run();
        MemorySegment all = VerbsNative.everything();
        all.set(JAVA_INT, words[1] + Abi.QP_MTU, 5);
        all.set(JAVA_BYTE, words[1] + Abi.QP_GID, (byte) HERE);
      }
    }

    @Override
    public long plain(Function function, long... words) {
      calls.add(function.name());
      if (function == Function.IBV_DEALLOC_PD) {
        whileClosed.run();
      }
      return 0;
    }
  }

  private static final class Channel extends RdmaEventChannel {
    Channel() throws IOException {
      super(-1);
    }
  }

  private static final class Id extends RdmaCmId {
    Id(RdmaEventChannel channel, IbvContext context) throws IOException {
      super(channel, context);
    }
  }

  /** A connection manager that connects nothing. */
  private final class Manager extends RdmaCm implements Device.Options {
    @Override
    public RdmaEventChannel createEventChannel() throws IOException {
      return new Channel();
    }

    @Override
    public RdmaCmId createId(RdmaEventChannel channel, short space) throws IOException {
      calls.add("createId");
      return new Id(channel, wire.context());
    }

    @Override
    public IbvQP createQP(RdmaCmId id, IbvPd pd, IbvQPInitAttr attributes) throws IOException {
      return wire.pair();
    }

    @Override
    public void bindAddr(RdmaCmId id, SocketAddress address) {}

    @Override
    public void listen(RdmaCmId id, int backlog) throws IOException {
      if (deaf) {
        throw new IOException("the port is taken");
      }
    }

    @Override
    public void resolveAddr(RdmaCmId id, SocketAddress from, SocketAddress to, int millis) {}

    @Override
    public void resolveRoute(RdmaCmId id, int millis) {}

    @Override
    @SuppressWarnings("NullAway") // as DiSNI's own does
    public RdmaCmEvent getCmEvent(RdmaEventChannel channel, int millis) {
      LockSupport.parkNanos(1_000_000);
      return null;
    }

    @Override
    public void connect(RdmaCmId id, RdmaConnParam parameters) {
      calls.add("connect " + counts(parameters));
    }

    @Override
    public void accept(RdmaCmId id, RdmaConnParam parameters) {
      calls.add("accept " + counts(parameters));
    }

    private static String counts(RdmaConnParam parameters) {
      return parameters.getRetry_count() + " " + parameters.getRnr_retry_count();
    }

    @Override
    public void option(RdmaCmId id, int level, int option, MemorySegment value) {
      calls.add("option %d %d %d".formatted(level, option, value.get(JAVA_BYTE, 0)));
    }

    @Override
    public int ackCmEvent(RdmaCmEvent event) {
      return 0;
    }

    @Override
    public int disconnect(RdmaCmId id) {
      return 0;
    }

    @Override
    public int destroyEventChannel(RdmaEventChannel channel) {
      calls.add("destroyEventChannel");
      return 0;
    }

    @Override
    public int destroyCmId(RdmaCmId id) {
      calls.add("destroyCmId");
      return 0;
    }

    @Override
    public int destroyQP(RdmaCmId id) {
      calls.add("destroyQP");
      return 0;
    }

    @Override
    public SocketAddress getSrcAddr(RdmaCmId id) {
      return new InetSocketAddress(0);
    }

    @Override
    public SocketAddress getDstAddr(RdmaCmId id) {
      return new InetSocketAddress(0);
    }

    @Override
    public int destroyEp(RdmaCmId id) {
      return 0;
    }
  }

  @Override
  public void close() {
    wire.close();
    arena.close();
  }
}
