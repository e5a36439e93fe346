package io.pagoda.transport.rdma;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

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
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** The connection manager. */
final class FfmCm extends RdmaCm implements Device.Options {
  private static final short IPV4 = 2;
  private static final short IPV6 = 10;
  private static final int ADDRESS_BYTES = 28;
  private static final short READABLE = 1;
  /** "As much as the device can", of outstanding reads. */
  private static final byte MOST = (byte) 0xff;

  /** An event, with the status that DiSNI's own has no way to tell. */
  private static final class Event extends RdmaCmEvent {
    private final long address;

    Event(long address, int type, int status, @Nullable RdmaCmId listener, RdmaCmId id)
        throws IOException {
      super(type, orNone(listener), id);
      this.address = address;
      this.status = status;
    }

    @SuppressWarnings("NullAway") // events of no listener have none
    private static RdmaCmId orNone(@Nullable RdmaCmId id) {
      return id;
    }
  }

  @Override
  public RdmaEventChannel createEventChannel() throws IOException {
    return new Native.Channel(VerbsNative.pointer(Function.RDMA_CREATE_EVENT_CHANNEL, 0));
  }

  @Override
  public RdmaCmId createId(RdmaEventChannel channel, short space) throws IOException {
    Native.Channel own = (Native.Channel) channel;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment at = arena.allocate(JAVA_LONG);
      VerbsNative.succeed(Function.RDMA_CREATE_ID, own.address, at.address(), 0, space & 0xffff, 0);
      return own.id(at.get(JAVA_LONG, 0));
    }
  }

  private static long at(RdmaCmId id) {
    return ((Native.Id) id).address;
  }

  /** {@return what guards the queue pairs of a channel's identifiers: librdmacm does not} */
  private static Object queuePairs(RdmaCmId id) {
    return ((Native.Id) id).channel.queuePairs;
  }

  @Override
  public IbvQP createQP(RdmaCmId id, IbvPd pd, IbvQPInitAttr attributes) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment init = arena.allocate(Abi.INIT_BYTES, Long.BYTES);
      init.set(JAVA_LONG, Abi.INIT_SEND_CQ, ((Native.Cq) attributes.getSend_cq()).address);
      init.set(JAVA_LONG, Abi.INIT_RECV_CQ, ((Native.Cq) attributes.getRecv_cq()).address);
      init.set(JAVA_INT, Abi.INIT_MAX_SEND, attributes.cap().getMax_send_wr());
      init.set(JAVA_INT, Abi.INIT_MAX_RECV, attributes.cap().getMax_recv_wr());
      init.set(JAVA_INT, Abi.INIT_SEND_SGE, attributes.cap().getMax_send_sge());
      init.set(JAVA_INT, Abi.INIT_RECV_SGE, attributes.cap().getMax_recv_sge());
      init.set(JAVA_INT, Abi.INIT_INLINE, attributes.cap().getMax_inline_data());
      init.set(JAVA_INT, Abi.INIT_TYPE, attributes.getQp_type());
      init.set(JAVA_INT, Abi.INIT_SIGNAL_ALL, attributes.getSq_sig_all());
      VerbsNative
          .succeed(Function.RDMA_CREATE_QP, at(id), ((Native.Pd) pd).address, init.address(), 0, 0);
    }
    Native.Qp qp = new Native.Qp(VerbsNative.word(at(id) + Abi.ID_QP));
    ((Native.Id) id).made(qp);
    return qp;
  }

  @Override
  public void bindAddr(RdmaCmId id, SocketAddress address) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      VerbsNative.succeed(Function.RDMA_BIND_ADDR, at(id), write(arena, address));
    }
  }

  @Override
  public void listen(RdmaCmId id, int backlog) throws IOException {
    VerbsNative.succeed(Function.RDMA_LISTEN, at(id), backlog);
  }

  @Override
  public void resolveAddr(RdmaCmId id, @Nullable SocketAddress from, SocketAddress to, int millis)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      long source = from == null ? 0 : write(arena, from);
      VerbsNative.succeed(Function.RDMA_RESOLVE_ADDR, at(id), source, write(arena, to), millis, 0);
    }
  }

  @Override
  public void resolveRoute(RdmaCmId id, int millis) throws IOException {
    VerbsNative.succeed(Function.RDMA_RESOLVE_ROUTE, at(id), millis);
  }

  /** {@return the next event, or {@code null} if there is none for so long} */
  @Override
  @SuppressWarnings("NullAway") // as DiSNI's own does
  public RdmaCmEvent getCmEvent(RdmaEventChannel channel, int millis) throws IOException {
    Native.Channel own = (Native.Channel) channel;
    if (!readable(own.getFd(), millis)) {
      return null;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment at = arena.allocate(JAVA_LONG);
      synchronized (own.queuePairs) { // it changes the queue pair of whom the event is of
        VerbsNative.succeed(Function.RDMA_GET_CM_EVENT, own.address, at.address());
      }
      long event = at.get(JAVA_LONG, 0);
      long listener = VerbsNative.word(event + Abi.EVENT_LISTENER);
      return new Event(
          event, Native.number(event + Abi.EVENT_TYPE), Native.number(event + Abi.EVENT_STATUS),
          listener == 0 ? null : own.id(listener), own.id(VerbsNative.word(event + Abi.EVENT_ID)));
    }
  }

  /** Waits until there is something to read at a descriptor, for {@code millis} at most. */
  static boolean readable(int descriptor, int millis) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment poll = arena.allocate(Long.BYTES, Integer.BYTES);
      poll.set(JAVA_INT, 0, descriptor);
      poll.set(JAVA_SHORT, Integer.BYTES, READABLE);
      return (int) VerbsNative.plain(Function.POLL, poll.address(), 1, millis) > 0;
    }
  }

  @Override
  public void connect(RdmaCmId id, RdmaConnParam parameters) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      synchronized (queuePairs(id)) {
        VerbsNative.succeed(Function.RDMA_CONNECT, at(id), write(arena, parameters));
      }
    }
  }

  @Override
  public void accept(RdmaCmId id, RdmaConnParam parameters) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      synchronized (queuePairs(id)) {
        VerbsNative.succeed(Function.RDMA_ACCEPT, at(id), write(arena, parameters));
      }
    }
  }

  private static long write(Arena arena, RdmaConnParam from) {
    MemorySegment to = arena.allocate(Abi.PARAM_BYTES, Long.BYTES);
    to.set(JAVA_BYTE, Abi.PARAM_RESOURCES, MOST);
    to.set(JAVA_BYTE, Abi.PARAM_DEPTH, MOST);
    to.set(JAVA_BYTE, Abi.PARAM_RETRY, from.getRetry_count());
    to.set(JAVA_BYTE, Abi.PARAM_RNR, from.getRnr_retry_count());
    return to.address();
  }

  @Override
  public int ackCmEvent(RdmaCmEvent event) {
    return (int) VerbsNative.plain(Function.RDMA_ACK_CM_EVENT, ((Event) event).address, 0, 0);
  }

  @Override
  public int disconnect(RdmaCmId id) {
    synchronized (queuePairs(id)) {
      return (int) VerbsNative.plain(Function.RDMA_DISCONNECT, at(id), 0, 0);
    }
  }

  @Override
  public int destroyEventChannel(RdmaEventChannel channel) {
    VerbsNative
        .plain(Function.RDMA_DESTROY_EVENT_CHANNEL, ((Native.Channel) channel).address, 0, 0);
    return 0;
  }

  @Override
  public int destroyCmId(RdmaCmId id) {
    Native.Id own = (Native.Id) id;
    own.channel.ids.remove(own.address);
    return (int) VerbsNative.plain(Function.RDMA_DESTROY_ID, own.address, 0, 0);
  }

  @Override
  public int destroyQP(RdmaCmId id) {
    synchronized (queuePairs(id)) {
      VerbsNative.plain(Function.RDMA_DESTROY_QP, at(id), 0, 0);
      return 0;
    }
  }

  @Override
  public SocketAddress getSrcAddr(RdmaCmId id) throws IOException {
    return read(at(id) + Abi.ID_SOURCE);
  }

  @Override
  public SocketAddress getDstAddr(RdmaCmId id) throws IOException {
    return read(at(id) + Abi.ID_TARGET);
  }

  @Override
  public int destroyEp(RdmaCmId id) {
    destroyQP(id);
    return destroyCmId(id);
  }

  @Override
  public void option(RdmaCmId id, int level, int option, MemorySegment value) throws IOException {
    VerbsNative.succeed(
        Function.RDMA_SET_OPTION, at(id), level, option, value.address(), value.byteSize());
  }

  private static long write(Arena arena, SocketAddress address) throws IOException {
    if (!(address instanceof InetSocketAddress internet) || internet.isUnresolved()) {
      throw new IOException("No such host is known: " + address);
    }
    MemorySegment to = arena.allocate(ADDRESS_BYTES, Long.BYTES);
    boolean four = internet.getAddress() instanceof Inet4Address;
    byte[] ip = internet.getAddress().getAddress();
    to.set(JAVA_SHORT, 0, four ? IPV4 : IPV6);
    to.set(JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN), 2, (short) internet.getPort());
    MemorySegment.copy(ip, 0, to, JAVA_BYTE, four ? 4 : 8, ip.length);
    return to.address();
  }

  private static InetSocketAddress read(long address) throws IOException {
    MemorySegment from = VerbsNative.everything().asSlice(address, ADDRESS_BYTES);
    boolean four = from.get(JAVA_SHORT, 0) == IPV4;
    byte[] ip = new byte[four ? 4 : 16];
    MemorySegment.copy(from, JAVA_BYTE, four ? 4 : 8, ip, 0, ip.length);
    int port = from.get(JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN), 2) & 0xffff;
    return new InetSocketAddress(InetAddress.getByAddress(ip), port);
  }
}
