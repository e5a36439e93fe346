package io.pagoda.transport.rdma;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import com.ibm.disni.verbs.IbvRecvWR;
import com.ibm.disni.verbs.IbvSge;
import com.ibm.disni.verbs.SVCPostRecv;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** A call that posts places to receive into, made as often as one likes. */
final class FfmPostRecv extends SVCPostRecv {
  private final Arena arena = Arena.ofShared();
  private final long qp;
  private final MemorySegment requests;
  private final MemorySegment refused = arena.allocate(JAVA_LONG);

  FfmPostRecv(Native.Qp qp, List<IbvRecvWR> list) {
    this.qp = qp.address;
    int stretches = list.stream().mapToInt(one -> one.getSg_list().size()).sum();
    long sges = (long) list.size() * Abi.RECV_BYTES;
    requests = arena.allocate(sges + (long) stretches * Abi.SGE_BYTES, Long.BYTES);
    long at = 0;
    for (IbvRecvWR one : list) {
      boolean last = at + Abi.RECV_BYTES == (long) list.size() * Abi.RECV_BYTES;
      long base = requests.address();
      requests.set(JAVA_LONG, at + Abi.WR_ID, one.getWr_id());
      requests.set(JAVA_LONG, at + Abi.WR_NEXT, last ? 0 : base + at + Abi.RECV_BYTES);
      requests.set(JAVA_LONG, at + Abi.WR_SG_LIST, base + sges);
      requests.set(JAVA_INT, at + Abi.WR_NUM_SGE, one.getSg_list().size());
      for (IbvSge sge : one.getSg_list()) {
        write(requests, sges, sge);
        sges += Abi.SGE_BYTES;
      }
      at += Abi.RECV_BYTES;
    }
  }

  static void write(MemorySegment to, long at, IbvSge sge) {
    to.set(JAVA_LONG, at, sge.getAddr());
    to.set(JAVA_INT, at + Abi.SGE_LENGTH, sge.getLength());
    to.set(JAVA_INT, at + Abi.SGE_LKEY, sge.getLkey());
  }

  @Override
  public SVCPostRecv execute() throws IOException {
    int error = VerbsNative.operation(qp, Abi.OP_RECEIVE, requests.address(), refused.address());
    if (error != 0) {
      throw new IOException("Cannot post a receive: " + VerbsNative.text(Math.abs(error)));
    }
    return this;
  }

  @Override
  public RecvWRMod getWrMod(int index) {
    return () -> requests.get(JAVA_LONG, (long) index * Abi.RECV_BYTES + Abi.WR_ID);
  }

  @Override
  public boolean isValid() {
    return arena.scope().isAlive();
  }

  @Override
  public SVCPostRecv free() {
    arena.close();
    return this;
  }
}
