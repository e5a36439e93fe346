package io.pagoda.transport.rdma;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import com.ibm.disni.verbs.IbvWC;
import com.ibm.disni.verbs.SVCPollCq;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A call that takes completions from a queue, made as often as one likes. */
final class FfmPollCq extends SVCPollCq {
  private final Arena arena = Arena.ofShared();
  private final long cq;
  private final MemorySegment poll;
  private final IbvWC[] into;
  private final MemorySegment found;
  private final long address;
  private final int most;
  private int polls;

  FfmPollCq(Native.Cq cq, IbvWC[] into, int most) {
    this.cq = cq.address;
    poll = VerbsNative.target(cq.address, Abi.OP_POLL);
    this.into = into;
    this.most = most;
    found = arena.allocate((long) most * Abi.WC_BYTES, Long.BYTES);
    address = found.address();
  }

  @Override
  public SVCPollCq execute() throws IOException {
    polls = VerbsNative.operation(poll, cq, most, address);
    if (polls < 0) {
      throw new IOException("A completion queue cannot be read: " + polls);
    }
    for (int i = 0; i < polls; i++) {
      long at = (long) i * Abi.WC_BYTES;
      IbvWC one = into[i];
      one.setWr_id(found.get(JAVA_LONG, at));
      one.setStatus(found.get(JAVA_INT, at + Abi.WC_STATUS));
      one.setOpcode(found.get(JAVA_INT, at + Abi.WC_OPCODE));
      one.setVendor_err(found.get(JAVA_INT, at + Abi.WC_VENDOR));
      one.setByte_len(found.get(JAVA_INT, at + Abi.WC_LENGTH));
      one.setImm_data(found.get(JAVA_INT, at + Abi.WC_IMM));
      one.setQp_num(found.get(JAVA_INT, at + Abi.WC_QP));
    }
    return this;
  }

  @Override
  public int getPolls() {
    return polls;
  }

  @Override
  public boolean isValid() {
    return arena.scope().isAlive();
  }

  @Override
  public SVCPollCq free() {
    arena.close();
    return this;
  }
}
