package io.pagoda.transport.rdma;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import com.ibm.disni.verbs.IbvSendWR;
import com.ibm.disni.verbs.IbvSge;
import com.ibm.disni.verbs.SVCPostSend;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** A call that posts a list of work requests, made as often as one likes and changed in between. */
final class FfmPostSend extends SVCPostSend {
  private final Arena arena = Arena.ofShared();
  private final long qp;
  private final MemorySegment all;
  private final MemorySegment refused = arena.allocate(JAVA_LONG);
  private final Request[] requests;

  FfmPostSend(Native.Qp qp, List<IbvSendWR> list) {
    this.qp = qp.address;
    requests = new Request[list.size()];
    int stretches = list.stream().mapToInt(one -> one.getSg_list().size()).sum();
    long sges = (long) list.size() * Abi.WR_BYTES;
    all = arena.allocate(sges + (long) stretches * Abi.SGE_BYTES, Long.BYTES);
    for (int i = 0; i < requests.length; i++) {
      requests[i] = new Request((long) i * Abi.WR_BYTES, sges, i + 1 == requests.length);
      requests[i].write(list.get(i));
      sges += (long) list.get(i).getSg_list().size() * Abi.SGE_BYTES;
    }
  }

  @Override
  public SendWRMod getWrMod(int index) {
    return requests[index];
  }

  @Override
  public SVCPostSend execute() throws IOException {
    int error = VerbsNative.operation(qp, Abi.OP_SEND, all.address(), refused.address());
    if (error != 0) {
      long first = (refused.get(JAVA_LONG, 0) - all.address()) / Abi.WR_BYTES;
      throw new IOException(
          "Only %d of %d work requests were posted: %s"
              .formatted(first, requests.length, VerbsNative.text(Math.abs(error))));
    }
    return this;
  }

  @Override
  public boolean isValid() {
    return arena.scope().isAlive();
  }

  @Override
  public SVCPostSend free() {
    arena.close();
    return this;
  }

  /** One work request. */
  private final class Request implements SendWRMod, RdmaMod {
    private final long at;
    private final long sges;
    private final boolean last;

    Request(long at, long sges, boolean last) {
      this.at = at;
      this.sges = sges;
      this.last = last;
    }

    void write(IbvSendWR from) {
      all.set(JAVA_LONG, at + Abi.WR_ID, from.getWr_id());
      all.set(JAVA_LONG, at + Abi.WR_NEXT, last ? 0 : all.address() + at + Abi.WR_BYTES);
      all.set(JAVA_LONG, at + Abi.WR_SG_LIST, all.address() + sges);
      all.set(JAVA_INT, at + Abi.WR_NUM_SGE, from.getSg_list().size());
      all.set(JAVA_INT, at + Abi.WR_OPCODE, from.getOpcode());
      all.set(JAVA_INT, at + Abi.WR_FLAGS, from.getSend_flags());
      all.set(JAVA_INT, at + Abi.WR_IMM, from.getImm_data());
      all.set(JAVA_LONG, at + Abi.WR_REMOTE, from.getRdma().getRemote_addr());
      all.set(JAVA_INT, at + Abi.WR_RKEY, from.getRdma().getRkey());
      long to = sges;
      for (IbvSge sge : from.getSg_list()) {
        FfmPostRecv.write(all, to, sge);
        to += Abi.SGE_BYTES;
      }
    }

    @Override
    public void setWr_id(long id) {
      all.set(JAVA_LONG, at + Abi.WR_ID, id);
    }

    @Override
    public void setSend_flags(int flags) {
      all.set(JAVA_INT, at + Abi.WR_FLAGS, flags);
    }

    @Override
    public long getWr_id() {
      return all.get(JAVA_LONG, at + Abi.WR_ID);
    }

    @Override
    public int getNum_sge() {
      return all.get(JAVA_INT, at + Abi.WR_NUM_SGE);
    }

    @Override
    public int getOpcode() {
      return all.get(JAVA_INT, at + Abi.WR_OPCODE);
    }

    @Override
    public int getSend_flags() {
      return all.get(JAVA_INT, at + Abi.WR_FLAGS);
    }

    @Override
    public RdmaMod getRdmaMod() {
      return this;
    }

    @Override
    public SgeMod getSgeMod(int index) {
      return new Stretch(sges + (long) index * Abi.SGE_BYTES);
    }

    @Override
    public void setRemote_addr(long address) {
      all.set(JAVA_LONG, at + Abi.WR_REMOTE, address);
    }

    @Override
    public long getRemote_addr() {
      return all.get(JAVA_LONG, at + Abi.WR_REMOTE);
    }

    @Override
    public void setRkey(int key) {
      all.set(JAVA_INT, at + Abi.WR_RKEY, key);
    }

    @Override
    public int getRkey() {
      return all.get(JAVA_INT, at + Abi.WR_RKEY);
    }

    @Override
    public void setReserved(int value) {
      all.set(JAVA_INT, at + Abi.WR_RKEY + Integer.BYTES, value);
    }

    @Override
    public int getReserved() {
      return all.get(JAVA_INT, at + Abi.WR_RKEY + Integer.BYTES);
    }
  }

  /** A stretch of memory of a work request. */
  private final class Stretch implements SgeMod {
    private final long at;

    Stretch(long at) {
      this.at = at;
    }

    @Override
    public void setAddr(long address) {
      all.set(JAVA_LONG, at, address);
    }

    @Override
    public long getAddr() {
      return all.get(JAVA_LONG, at);
    }

    @Override
    public void setLength(int bytes) {
      all.set(JAVA_INT, at + Abi.SGE_LENGTH, bytes);
    }

    @Override
    public int getLength() {
      return all.get(JAVA_INT, at + Abi.SGE_LENGTH);
    }

    @Override
    public void setLkey(int key) {
      all.set(JAVA_INT, at + Abi.SGE_LKEY, key);
    }

    @Override
    public int getLkey() {
      return all.get(JAVA_INT, at + Abi.SGE_LKEY);
    }
  }
}
