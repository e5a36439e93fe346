package io.pagoda.transport.rdma;

import com.ibm.disni.verbs.IbvQP;
import com.ibm.disni.verbs.IbvSendWR;
import com.ibm.disni.verbs.IbvSge;
import com.ibm.disni.verbs.RdmaVerbs;
import com.ibm.disni.verbs.SVCPostSend;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Work requests as DiSNI has them: a call for each length that a list may have, which is a power of
 * two, and each of both operations. DiSNI does not say how many of a list were taken.
 */
final class NatWorkRing implements WorkRing {
  private final RdmaVerbs verbs;
  private final IbvQP qp;
  private final int capacity;
  private final int tag;
  private final long[] locals;
  private final int[] lkeys;
  private final int[] lengths;
  private final long[] remotes;
  private final int[] rkeys;
  private final @Nullable SVCPostSend[] calls = new SVCPostSend[2 * Integer.SIZE];
  private long filled;

  NatWorkRing(RdmaVerbs verbs, IbvQP qp, int capacity, int tag) {
    this.verbs = verbs;
    this.qp = qp;
    this.capacity = capacity;
    this.tag = tag;
    locals = new long[capacity];
    lkeys = new int[capacity];
    lengths = new int[capacity];
    remotes = new long[capacity];
    rkeys = new int[capacity];
  }

  @Override
  public int capacity() {
    return capacity;
  }

  @Override
  public void set(int index, long local, int lkey, int length, long remote, int rkey) {
    locals[index] = local;
    lkeys[index] = lkey;
    lengths[index] = length;
    remotes[index] = remote;
    rkeys[index] = rkey;
    filled += length;
  }

  @Override
  public long filled() {
    return filled;
  }

  @Override
  public int post(int from, int count, int opcode, long id) throws IOException {
    int posted = 0;
    filled = 0;
    while (posted < count) {
      int size = Integer.highestOneBit(count - posted);
      SVCPostSend call = call(size, opcode);
      for (int i = 0; i < size; i++) {
        fill(call.getWrMod(i), from + posted + i);
      }
      posted += size;
      SVCPostSend.SendWRMod last = call.getWrMod(size - 1);
      last.setSend_flags(posted == count ? Abi.SIGNALED : 0);
      last.setWr_id(posted == count ? id : (long) tag << 32 | FfmWorkRing.SILENT);
      call.execute();
    }
    return count;
  }

  private void fill(SVCPostSend.SendWRMod request, int index) {
    request.getSgeMod(0).setAddr(locals[index]);
    request.getSgeMod(0).setLkey(lkeys[index]);
    request.getSgeMod(0).setLength(lengths[index]);
    request.getRdmaMod().setRemote_addr(remotes[index]);
    request.getRdmaMod().setRkey(rkeys[index]);
  }

  @SuppressWarnings("JdkObsolete") // DiSNI takes such lists
  private SVCPostSend call(int size, int opcode) throws IOException {
    int at = 2 * Integer.numberOfTrailingZeros(size) + (opcode == Abi.READ ? 1 : 0);
    SVCPostSend known = calls[at];
    if (known != null) {
      return known;
    }
    List<IbvSendWR> requests = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      LinkedList<IbvSge> stretch = new LinkedList<>();
      stretch.add(new IbvSge());
      IbvSendWR request = new IbvSendWR();
      request.setWr_id((long) tag << 32 | FfmWorkRing.SILENT);
      request.setOpcode(opcode);
      request.setSg_list(stretch);
      request.setNum_sge(1);
      requests.add(request);
    }
    SVCPostSend made = verbs.postSend(qp, requests, List.of());
    calls[at] = made;
    return made;
  }

  @Override
  public void close() {
    for (SVCPostSend call : calls) {
      if (call != null) {
        call.free();
      }
    }
  }
}
