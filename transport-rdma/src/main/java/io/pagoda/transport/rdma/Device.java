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
import java.net.InetSocketAddress;

/** An RDMA device as a transport has it open: a protection domain, and one completion queue. */
final class Device {
  private static final int NO_MEMORY = 12;

  private final Binding binding;
  private final RdmaEventChannel channel;
  private final RdmaCmId home;
  private final IbvContext context;
  private final IbvPd pd;
  private final IbvCompChannel completions;
  private final IbvCQ cq;
  private final InetSocketAddress address;
  private final int depth;
  private final int list;

  /** By what the device is used. */
  record Binding(RdmaCm cm, RdmaVerbs verbs) {}

  private Device(Binding binding, RdmaSettings settings, InetSocketAddress address)
      throws IOException {
    this.binding = binding;
    this.address = address;
    depth = settings.queue();
    list = settings.list();
    channel = binding.cm.createEventChannel();
    home = binding.cm.createId(channel, RdmaCm.RDMA_PS_TCP);
    binding.cm.bindAddr(home, new InetSocketAddress(address.getAddress(), 0));
    context = home.getVerbs();
    if (context == null) {
      throw new IOException("no RDMA device has the address " + address.getAddress());
    }
    pd = binding.verbs.allocPd(context);
    completions = binding.verbs.createCompChannel(context);
    int entries = settings.maxConnections() * perQueue() + 64;
    cq = binding.verbs.createCQ(context, completions, entries, 0);
  }

  static Device open(RdmaSettings settings, InetSocketAddress address) {
    Binding binding = settings.provider().bind();
    try {
      Device device = new Device(binding, settings, address);
      AbiCheck.check(device);
      return device;
    } catch (IOException e) {
      throw new PagodaException(
          Fault.PERMANENT,
          ("The RDMA device of %s cannot be opened: %s. `pagoda doctor transport` says what this"
              + " machine has").formatted(address.getAddress().getHostAddress(), e.getMessage()),
          e);
    }
  }

  /** {@return how many completions a queue pair may have that nobody has taken} */
  int perQueue() {
    return depth + Slots.RECEIVING;
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
    return address;
  }

  int depth() {
    return depth;
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
    wanted.cap().setMax_send_wr(depth);
    wanted.cap().setMax_recv_wr(Slots.RECEIVING);
    wanted.cap().setMax_send_sge(1);
    wanted.cap().setMax_recv_sge(1);
    return binding.cm.createQP(id, pd, wanted);
  }

  WorkRing ring(IbvQP qp, int tag) throws IOException {
    return qp instanceof Native.Qp own
        ? new FfmWorkRing(own.address, list, tag)
        : new NatWorkRing(binding.verbs, qp, list, tag);
  }

  /** {@return how connections are made: what is lost on the way is sent again, seven times} */
  static RdmaConnParam persistent() {
    try {
      RdmaConnParam parameters = new RdmaConnParam();
      parameters.setRetry_count((byte) 7);
      parameters.setRnr_retry_count((byte) 7);
      return parameters;
    } catch (IOException e) {
      throw new IllegalStateException("DiSNI refuses what every device takes", e);
    }
  }

  /** Registers memory, in one piece. */
  IbvMr register(long address, long bytes, int access) throws IOException {
    return binding.verbs.regMr(pd, address, Math.toIntExact(bytes), access).execute().getMr();
  }

  void deregister(IbvMr registered) {
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
    try {
      binding.verbs.destroyCQ(cq);
      binding.verbs.destroyCompChannel(completions);
      binding.verbs.deallocPd(pd);
      binding.cm.destroyCmId(home);
      binding.cm.destroyEventChannel(channel);
    } catch (IOException e) {
      RdmaTransport.LOG.log(Level.WARNING, "An RDMA device cannot be closed", e);
    }
  }
}
