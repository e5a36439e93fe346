package io.pagoda.transport.rdma;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import com.ibm.disni.verbs.IbvCQ;
import com.ibm.disni.verbs.IbvCompChannel;
import com.ibm.disni.verbs.IbvContext;
import com.ibm.disni.verbs.IbvMr;
import com.ibm.disni.verbs.IbvPd;
import com.ibm.disni.verbs.IbvQP;
import com.ibm.disni.verbs.IbvRecvWR;
import com.ibm.disni.verbs.IbvSendWR;
import com.ibm.disni.verbs.IbvWC;
import com.ibm.disni.verbs.RdmaVerbs;
import com.ibm.disni.verbs.SVCDeregMr;
import com.ibm.disni.verbs.SVCPollCq;
import com.ibm.disni.verbs.SVCPostRecv;
import com.ibm.disni.verbs.SVCPostSend;
import com.ibm.disni.verbs.SVCRegMr;
import com.ibm.disni.verbs.SVCReqNotify;
import io.pagoda.transport.rdma.VerbsNative.Function;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;

/** The verbs. */
final class FfmVerbs extends RdmaVerbs {
  private static final int NO_SUCH_FILE = 9;
  private static final long PAGE = 4_096;

  private final Caller caller;

  /** Calls functions, by what they return. */
  interface Caller {
    /** Calls one that returns a pointer, which is never 0. */
    long pointer(Function function, long... words) throws IOException;

    /** Calls one that returns 0, or an error. */
    default void succeed(Function function, long... words) throws IOException {
      VerbsNative.succeed(function, words);
    }

    /** Calls one of which nothing is expected. */
    default long plain(Function function, long... words) {
      return VerbsNative.plain(function, words);
    }
  }

  FfmVerbs() {
    this(VerbsNative::pointer);
  }

  /** Calls another than libibverbs. */
  FfmVerbs(Caller caller) {
    this.caller = caller;
  }

  /** {@return the way of a connected queue pair's packets} */
  QueuePath path(Native.Qp qp) throws IOException {
    return QueuePath.of(qp, caller);
  }

  private static long at(IbvContext context) {
    return ((Native.Context) context).address;
  }

  @Override
  public IbvPd allocPd(IbvContext context) throws IOException {
    return new Native.Pd(
        (Native.Context) context, caller.pointer(Function.IBV_ALLOC_PD, at(context)));
  }

  @Override
  public IbvCompChannel createCompChannel(IbvContext context) throws IOException {
    return new Native.Completions(
        (Native.Context) context, caller.pointer(Function.IBV_CREATE_COMP_CHANNEL, at(context)));
  }

  @Override
  public IbvCQ createCQ(IbvContext context, IbvCompChannel channel, int entries, int vector)
      throws IOException {
    Native.Completions own = (Native.Completions) channel;
    long address =
        caller.pointer(Function.IBV_CREATE_CQ, at(context), entries, 0, own.address, vector);
    return new Native.Cq((Native.Context) context, own, address);
  }

  @Override
  public boolean getCqEvent(IbvCompChannel channel, IbvCQ cq, int millis) throws IOException {
    if (!FfmCm.readable(channel.getFd(), millis)) {
      return false;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment at = arena.allocate(JAVA_LONG, 2);
      VerbsNative.succeed(
          Function.IBV_GET_CQ_EVENT, ((Native.Completions) channel).address, at.address(),
          at.address() + Long.BYTES, 0, 0);
      return true;
    }
  }

  @Override
  public SVCRegMr regMr(IbvPd pd, ByteBuffer memory, int access) throws IOException {
    return regMr(pd, MemorySegment.ofBuffer(memory).address(), memory.remaining(), access);
  }

  @Override
  public SVCRegMr regMr(IbvPd pd, long address, int bytes, int access) {
    return new Registering(pd, address, bytes, access);
  }

  /**
   * Registers memory that a file descriptor stands for.
   *
   * @param offset where it begins in what the descriptor stands for
   * @param address by which requests name its begin
   */
  IbvMr registerFile(IbvPd pd, int descriptor, long offset, long bytes, long address, int access)
      throws IOException {
    long made = caller.pointer(
        Function.IBV_REG_DMABUF_MR, ((Native.Pd) pd).address, offset, bytes, address, descriptor,
        access);
    return new Native.Mr(pd.getContext(), made);
  }

  /**
   * {@return whether a device registers memory that files stand for: it is asked for a file that is
   * none, and looks at that only if it does}
   */
  boolean takesFiles(IbvPd pd) {
    try {
      var _ = deregMr(registerFile(pd, -1, 0, PAGE, 0, Abi.LOCAL_WRITE)).execute();
      return true;
    } catch (VerbsNative.NativeException e) {
      return e.errno() == NO_SUCH_FILE;
    } catch (IOException e) {
      return false;
    }
  }

  private final class Registering extends SVCRegMr {
    private final IbvPd pd;
    private final long memory;
    private final long bytes;
    private final int access;
    private IbvMr registered;

    @SuppressWarnings("NullAway") // there is none before it is executed
    Registering(IbvPd pd, long memory, long bytes, int access) {
      this.pd = pd;
      this.memory = memory;
      this.bytes = bytes;
      this.access = access;
    }

    @Override
    public SVCRegMr execute() throws IOException {
      long domain = ((Native.Pd) pd).address;
      long address = (access & Abi.RELAXED_ORDERING) == 0
          ? caller.pointer(Function.IBV_REG_MR, domain, memory, bytes, access)
          : caller.pointer(Function.IBV_REG_MR_IOVA2, domain, memory, bytes, memory, access);
      registered = new Native.Mr(pd.getContext(), address);
      return this;
    }

    @Override
    public boolean isValid() {
      return true;
    }

    @Override
    public SVCRegMr free() {
      return this;
    }

    @Override
    public IbvMr getMr() {
      return registered;
    }
  }

  @Override
  public SVCDeregMr deregMr(IbvMr registered) {
    long address = ((Native.Mr) registered).address;
    return new SVCDeregMr() {
      @Override
      public SVCDeregMr execute() throws IOException {
        caller.succeed(Function.IBV_DEREG_MR, address, 0);
        return this;
      }

      @Override
      public boolean isValid() {
        return true;
      }

      @Override
      public SVCDeregMr free() {
        return this;
      }
    };
  }

  @Override
  public int queryOdpSupport(IbvContext context) {
    return 0;
  }

  @Override
  public int expPrefetchMr(IbvMr registered, long address, int bytes) {
    return 0;
  }

  @Override
  public SVCPostSend postSend(IbvQP qp, List<IbvSendWR> requests, List<IbvSendWR> refused)
      throws IOException {
    return new FfmPostSend((Native.Qp) qp, requests);
  }

  @Override
  public SVCPostRecv postRecv(IbvQP qp, List<IbvRecvWR> requests, List<IbvRecvWR> refused)
      throws IOException {
    return new FfmPostRecv((Native.Qp) qp, requests);
  }

  @Override
  public SVCPollCq pollCQ(IbvCQ cq, IbvWC[] into, int most) {
    return new FfmPollCq((Native.Cq) cq, into, most);
  }

  @Override
  public SVCReqNotify reqNotifyCQ(IbvCQ cq, boolean solicited) {
    long address = ((Native.Cq) cq).address;
    return new SVCReqNotify() {
      @Override
      public SVCReqNotify execute() throws IOException {
        int error = VerbsNative.operation(address, Abi.OP_NOTIFY, solicited ? 1 : 0, 0);
        if (error != 0) {
          throw new IOException("A completion queue cannot tell: " + VerbsNative.text(error));
        }
        return this;
      }

      @Override
      public boolean isValid() {
        return true;
      }

      @Override
      public SVCReqNotify free() {
        return this;
      }
    };
  }

  @Override
  public int ackCqEvents(IbvCQ cq, int events) {
    VerbsNative.plain(Function.IBV_ACK_CQ_EVENTS, ((Native.Cq) cq).address, events, 0);
    return 0;
  }

  @Override
  public int destroyCompChannel(IbvCompChannel channel) {
    return (int) caller
        .plain(Function.IBV_DESTROY_COMP_CHANNEL, ((Native.Completions) channel).address, 0, 0);
  }

  @Override
  public int deallocPd(IbvPd pd) {
    return (int) caller.plain(Function.IBV_DEALLOC_PD, ((Native.Pd) pd).address, 0, 0);
  }

  @Override
  public int destroyCQ(IbvCQ cq) {
    return (int) caller.plain(Function.IBV_DESTROY_CQ, ((Native.Cq) cq).address, 0, 0);
  }
}
