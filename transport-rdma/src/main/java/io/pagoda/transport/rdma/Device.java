package io.pagoda.transport.rdma;

import com.ibm.disni.verbs.IbvCQ;
import com.ibm.disni.verbs.IbvCompChannel;
import com.ibm.disni.verbs.IbvContext;
import com.ibm.disni.verbs.IbvMr;
import com.ibm.disni.verbs.IbvPd;
import com.ibm.disni.verbs.IbvQP;
import com.ibm.disni.verbs.IbvQPInitAttr;
import com.ibm.disni.verbs.RdmaCm;
import com.ibm.disni.verbs.RdmaCmId;
import com.ibm.disni.verbs.RdmaConnParam;
import com.ibm.disni.verbs.RdmaEventChannel;
import com.ibm.disni.verbs.RdmaVerbs;
import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Optional;

/** An RDMA device as a transport has it open: a protection domain, and one completion queue. */
final class Device implements Registrar {
  private static final int NO_MEMORY = 12;
  private static final long PAGE = 4_096;
  private static final long CACHE_LINE = 64;
  /** Of a packet, as the connection manager has it over Ethernet. */
  private static final int LIFETIME = 16;

  private final Binding binding;
  private final RdmaEventChannel channel;
  private final RdmaCmId home;
  private final IbvContext context;
  private final IbvPd pd;
  private final IbvCompChannel completions;
  private final IbvCQ cq;
  private final RdmaPort port;
  private final GpuWay gpus;
  private final RdmaSettings settings;
  private final int mtu;
  private final Registration readable;

  private final Deque<Closing> made;
  private final Seldom unsynchronised = new Seldom();

  /** By what the device is used. */
  record Binding(RdmaCm cm, RdmaVerbs verbs) {}

  /** A connection manager that sets options of identifiers. */
  interface Options {
    void option(RdmaCmId id, int level, int option, MemorySegment value) throws IOException;
  }

  /** Ends something that was made. */
  private interface Closing {
    void close() throws IOException;
  }

  private Device(
      Binding binding, RdmaSettings settings, RdmaPort port, GpuWay gpus, Deque<Closing> made)
      throws IOException {
    this.binding = binding;
    this.made = made;
    this.settings = settings;
    this.port = port;
    InetSocketAddress address = port.address();
    channel = binding.cm.createEventChannel();
    made.push(() -> binding.cm.destroyEventChannel(channel));
    home = binding.cm.createId(channel, RdmaCm.RDMA_PS_TCP);
    made.push(() -> binding.cm.destroyCmId(home));
    binding.cm.bindAddr(home, new InetSocketAddress(address.getAddress(), 0));
    context = home.getVerbs();
    if (context == null) {
      throw new IOException("no RDMA device has the address " + address.getAddress());
    }
    pd = binding.verbs.allocPd(context);
    made.push(() -> ended("protection domain", binding.verbs.deallocPd(pd)));
    this.gpus = gpus.of(() -> binding.verbs instanceof FfmVerbs own && own.takesFiles(pd));
    completions = binding.verbs.createCompChannel(context);
    made.push(() -> ended("completion channel", binding.verbs.destroyCompChannel(completions)));
    Arena arena = Arena.ofShared();
    made.push(arena::close);
    readable = Registration
        .of(this, false, arena.allocate(CACHE_LINE, CACHE_LINE).address(), 1, 1, Abi.REMOTE_READ);
    made.push(readable::close);
    int entries = settings.maxConnections() * perQueue() + 64;
    cq = binding.verbs.createCQ(context, completions, entries, 0);
    made.push(() -> ended("completion queue", binding.verbs.destroyCQ(cq)));
    mtu = context instanceof Native.Context own && home instanceof Native.Id id
        ? PortFacts.of(own, id).mtu()
        : 0;
  }

  static Device open(RdmaSettings settings, RdmaPort port, GpuWay gpus) {
    try {
      Device device = of(settings.provider().bind(), settings, port, gpus);
      try {
        AbiCheck.check(device);
      } catch (IOException e) {
        device.close();
        throw e;
      }
      return device;
    } catch (IOException e) {
      throw new PagodaException(
          Fault.PERMANENT,
          ("The RDMA device of %s cannot be opened: %s. `pagoda doctor transport` says what this"
              + " machine has")
              .formatted(port.address().getAddress().getHostAddress(), e.getMessage()),
          e);
    }
  }

  /** Opens it, or nothing of it. */
  static Device of(Binding binding, RdmaSettings settings, RdmaPort port, GpuWay gpus)
      throws IOException {
    Deque<Closing> made = new ArrayDeque<>();
    try {
      return new Device(binding, settings, port, gpus, made);
    } catch (IOException | RuntimeException e) {
      close(made);
      throw e;
    }
  }

  /** {@return how many completions a queue pair may have that nobody has taken} */
  int perQueue() {
    return settings.queue() + Slots.RECEIVING;
  }

  RdmaCm cm() {
    return binding.cm;
  }

  RdmaVerbs verbs() {
    return binding.verbs;
  }

  /** {@return the identifier that stands for the device, and hears when it is taken away} */
  RdmaCmId home() {
    return home;
  }

  RdmaEventChannel channel() {
    return channel;
  }

  IbvContext context() {
    return context;
  }

  IbvPd pd() {
    return pd;
  }

  IbvCQ cq() {
    return cq;
  }

  IbvCompChannel completions() {
    return completions;
  }

  InetSocketAddress address() {
    return port.address();
  }

  int depth() {
    return settings.queue();
  }

  /** {@return by which way it reaches memory of GPUs} */
  GpuWay gpus() {
    return gpus;
  }

  /** {@return bytes of a packet that its port takes; 0 if that is not known} */
  int mtu() {
    return mtu;
  }

  /** {@return a byte of host memory that any peer may read, behind what it has written} */
  Registration readable() {
    return readable;
  }

  RdmaCmId id() throws IOException {
    return binding.cm.createId(channel, RdmaCm.RDMA_PS_TCP);
  }

  /** Makes the queue pair of an identifier. */
  IbvQP queue(RdmaCmId id) throws IOException {
    IbvQPInitAttr wanted = new IbvQPInitAttr();
    wanted.setQp_type(IbvQP.IBV_QPT_RC);
    wanted.setSend_cq(cq);
    wanted.setRecv_cq(cq);
    wanted.cap().setMax_send_wr(settings.queue());
    wanted.cap().setMax_recv_wr(Slots.RECEIVING);
    wanted.cap().setMax_send_sge(1);
    wanted.cap().setMax_recv_sge(1);
    return binding.cm.createQP(id, pd, wanted);
  }

  WorkRing ring(IbvQP qp, int tag) throws IOException {
    return qp instanceof Native.Qp own
        ? new FfmWorkRing(own.address, settings.list(), tag)
        : new NatWorkRing(binding.verbs, qp, settings.list(), tag);
  }

  /** Connects an identifier, which has a queue pair, to the one whose way it has found. */
  void connect(RdmaCmId id) throws IOException {
    setTimeout(id);
    binding.cm.connect(id, persistent());
  }

  /** Takes the connection that an identifier stands for, which has a queue pair. */
  void accept(RdmaCmId id) throws IOException {
    setTimeout(id);
    binding.cm.accept(id, persistent());
  }

  /** {@return how connections are made: how often what is lost on the way is sent again} */
  private RdmaConnParam persistent() {
    try {
      RdmaConnParam parameters = new RdmaConnParam();
      parameters.setRetry_count((byte) settings.wire().retries());
      parameters.setRnr_retry_count((byte) settings.wire().receiverRetries());
      return parameters;
    } catch (IOException e) {
      throw new IllegalStateException("DiSNI refuses what every device takes", e);
    }
  }

  /**
   * Sets how long this side of a connection waits for an acknowledgement, if that is set: before
   * its queue pair is ready to send, and so before it is connected or accepted.
   */
  private void setTimeout(RdmaCmId id) throws IOException {
    int power = settings.wire().ackTimeout();
    if (power > 0 && binding.cm instanceof Options own) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment value = arena.allocateFrom(ValueLayout.JAVA_BYTE, (byte) power);
        own.option(id, Abi.OPTION_ID, Abi.OPTION_ID_ACK_TIMEOUT, value);
      }
    }
  }

  /**
   * Has packets of an identifier, whose address is known, be no longer than a peer's port takes.
   *
   * @return whether that was needed: else the connection manager finds the way, with the MTU of
   *     this port
   */
  boolean shorten(RdmaCmId id, int peerMtu) throws IOException {
    if (peerMtu == 0
        || peerMtu >= mtu
        || !(binding.cm instanceof Options own)
        || !(id instanceof Native.Id known)
        || !PortFacts.of((Native.Context) context, known).ethernet()) {
      return false;
    }
    try (Arena arena = Arena.ofConfined()) {
      int power = settings.wire().ackTimeout();
      int lifetime = power > 0 ? power - 1 : LIFETIME;
      own.option(
          id, Abi.OPTION_IB, Abi.OPTION_IB_PATH, PathRecord.write(arena, known, peerMtu, lifetime));
      return true;
    }
  }

  /** {@return the way of a queue pair's packets, if it can be asked; it has not ended} */
  Optional<QueuePath> path(IbvQP qp) throws IOException {
    return qp instanceof Native.Qp own && binding.verbs instanceof FfmVerbs verbs
        ? Optional.of(verbs.path(own))
        : Optional.empty();
  }

  /**
   * Looks whether a connected queue pair goes by the GID that is set.
   *
   * @throws PagodaException if not
   */
  void checkPath(Queue queue) throws IOException {
    if (settings.gidIndex() < 0) {
      return;
    }
    Optional<QueuePath> path = queue.path();
    if (path.isPresent() && path.get().gid() != settings.gidIndex()) {
      throw new PagodaException(
          Fault.PERMANENT,
          ("gid-index = %d is set, and the connection manager took GID %d of %s, which has the same"
              + " address: set that one, or change the manager's type of RoCE by cma_roce_mode")
              .formatted(settings.gidIndex(), path.get().gid(), port.device()));
    }
  }

  /** {@return how bytes of a connected queue pair go, for people} */
  String describe(Queue queue) throws IOException {
    String way =
        queue.path().map(one -> ", GID %d, MTU %d".formatted(one.gid(), one.mtu())).orElse("");
    return "%s%s, %d queue pair%s, lists of %d, provider %s".formatted(
        port.device(), way, settings.queuePairs(), settings.queuePairs() == 1 ? "" : "s",
        settings.list(), settings.provider().name().toLowerCase(Locale.ROOT));
  }

  @Override
  public IbvMr register(long address, long bytes, int access) throws IOException {
    return binding.verbs.regMr(pd, address, Math.toIntExact(bytes), access).execute().getMr();
  }

  @Override
  public IbvMr registerGpu(long address, long bytes, int access) throws IOException {
    return switch (gpus) {
      case GpuWay.DmaBuf way -> {
        synchronous(way.cuda(), address);
        yield registerFile((FfmVerbs) binding.verbs, pd, way.cuda(), address, bytes, access);
      }
      case GpuWay.PeerMemory way -> {
        synchronous(way.cuda(), address);
        yield register(address, bytes, access);
      }
      case GpuWay.None none -> throw new IOException(none.why());
    };
  }

  /** Memory of several devices, or of a pool, has no such setting: it can be moved all the same. */
  private void synchronous(GpuWay.Cuda cuda, long address) {
    try {
      cuda.synchronous(address);
    } catch (IOException e) {
      unsynchronised.log(
          Level.WARNING,
          () -> ("Synchronous copies of CUDA may return before they are done where"
              + " this memory is: synchronise the stream before it is moved. %s")
              .formatted(e.getMessage()));
    }
  }

  /** Registers memory by a file that is made of its pages, and which nothing needs afterwards. */
  static IbvMr registerFile(
      FfmVerbs verbs, IbvPd pd, GpuWay.Cuda exporter, long address, long bytes, int access)
      throws IOException {
    long begin = address & -PAGE;
    long end = address + bytes + PAGE - 1 & -PAGE;
    int file = exporter.export(begin, end - begin);
    try {
      return verbs.registerFile(pd, file, address - begin, bytes, address, access);
    } finally {
      exporter.close(file);
    }
  }

  @Override
  public void deregister(IbvMr registered) {
    try {
      binding.verbs.deregMr(registered).execute().free();
    } catch (IOException e) {
      RdmaTransport.LOG.log(Level.WARNING, "A registration of memory cannot be ended", e);
    }
  }

  /** {@return why memory cannot be registered} */
  static PagodaException refused(long bytes, IOException e) {
    boolean limit = e instanceof VerbsNative.NativeException known && known.errno() == NO_MEMORY;
    String remedy = limit
        ? ". The process may not lock so much memory: raise `ulimit -l` (LimitMEMLOCK=infinity of"
            + " systemd, --ulimit memlock=-1 of a container)"
        : "";
    return new PagodaException(
        Fault.PERMANENT, "%d bytes of memory cannot be registered with the RDMA device: %s%s"
            .formatted(bytes, e.getMessage(), remedy),
        e);
  }

  /** Closes it, when nothing uses it any more. */
  void close() {
    close(made);
  }

  private static void ended(String what, int result) throws IOException {
    if (result != 0) {
      throw new IOException("its %s is in use, or cannot be ended: %d".formatted(what, result));
    }
  }

  private static void close(Deque<Closing> made) {
    for (Closing one : made) {
      try {
        one.close();
      } catch (IOException e) {
        RdmaTransport.LOG.log(Level.WARNING, "A part of an RDMA device cannot be closed", e);
      }
    }
  }
}
