package io.pagoda.transport.rdma;

import com.ibm.disni.verbs.IbvSendWR;
import com.ibm.disni.verbs.IbvSge;
import com.ibm.disni.verbs.SVCPostSend;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedList;
import java.util.List;

/**
 * What a work request costs beside the device: 1,538 of them are written and posted to one that
 * does nothing, again and again. Prints the best and the median of some thousand batches.
 */
final class BindingCost {
  private static final int BATCH = 1_538;
  private static final int ROUNDS = 20_000;

  private final int rounds;

  private BindingCost(int rounds) {
    this.rounds = rounds;
  }

  /** Posts a batch. */
  private interface Batch {
    void post(int round) throws IOException;
  }

  /** With a number of batches, another than that: a profiler needs some millions. */
  public static void main(String[] batches) throws IOException {
    new BindingCost(batches.length == 0 ? ROUNDS : Integer.parseInt(batches[0])).measure();
  }

  private void measure() throws IOException {
    try (DoorbellNative device = new DoorbellNative()) {
      for (int list : new int[] {32, 64, BATCH}) {
        FfmWorkRing ring = new FfmWorkRing(device.qp(), list, 7);
        measure("a ring, lists of " + list, round -> lists(ring, list, round));
        ring.close();
      }
      Lane.Over over = new Lane.Over();
      FfmWorkRing ring = new FfmWorkRing(device.qp(), 64, 7);
      Lane lane = new Lane(ring, 7, 2_048, Long.MAX_VALUE);
      Simple work = new Simple();
      int lists = (BATCH + 63) / 64;
      measure("a lane, lists of 64", round -> {
        work.at = 0;
        lane.add(work);
        lane.pump();
        lane.completed((round + 1) * lists - 1, over);
      });
      lane.close();
      var _ = FfmProvider.install();
      SVCPostSend call = new FfmPostSend(new Native.Qp(device.qp()), requests());
      measure("a call of DiSNI", round -> {
        for (int i = 0; i < BATCH; i++) {
          SVCPostSend.SendWRMod request = call.getWrMod(i);
          request.getSgeMod(0).setAddr(round + i);
          request.getSgeMod(0).setLength(1_024);
          request.getSgeMod(0).setLkey(3);
          request.getRdmaMod().setRemote_addr(round - i);
          request.getRdmaMod().setRkey(4);
        }
        call.execute();
      });
      call.free();
    }
  }

  private static void lists(WorkRing ring, int list, int round) throws IOException {
    for (int at = 0; at < BATCH; at += list) {
      int count = Math.min(list, BATCH - at);
      for (int i = 0; i < count; i++) {
        ring.set(i, round + at + i, 3, 1_024, round - i, 4);
      }
      ring.post(0, count, Abi.WRITE, at);
    }
  }

  @SuppressWarnings("JdkObsolete") // DiSNI takes such lists
  private static List<IbvSendWR> requests() {
    List<IbvSendWR> all = new ArrayList<>();
    for (int i = 0; i < BATCH; i++) {
      LinkedList<IbvSge> stretch = new LinkedList<>();
      stretch.add(new IbvSge());
      IbvSendWR request = new IbvSendWR();
      request.setOpcode(Abi.WRITE);
      request.setSg_list(stretch);
      all.add(request);
    }
    return all;
  }

  private void measure(String what, Batch batch) throws IOException {
    var threads =
        (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
    double[] nanos = new double[rounds];
    long allocated = Long.MAX_VALUE;
    for (int round = 0; round < rounds; round++) {
      long bytes = threads.getCurrentThreadAllocatedBytes();
      long began = System.nanoTime();
      batch.post(round);
      nanos[round] = (double) (System.nanoTime() - began) / BATCH;
      allocated = Math.min(allocated, threads.getCurrentThreadAllocatedBytes() - bytes);
    }
    double[] late = java.util.Arrays.copyOfRange(nanos, rounds / 2, rounds);
    java.util.Arrays.sort(late);
    System.out.printf(
        "%-24s best %.2f ns, median %.2f ns a request, %d bytes a batch%n", what, late[0],
        late[late.length / 2], allocated);
  }

  /** As simple as work can be. */
  private static final class Simple implements Work {
    private int at;

    @Override
    public int opcode() {
      return Abi.WRITE;
    }

    @Override
    public boolean more() {
      return at < BATCH;
    }

    @Override
    public int fill(WorkRing ring, int most, long bytes) {
      int count = Math.min(most, BATCH - at);
      for (int i = 0; i < count; i++) {
        ring.set(i, 4_096L + at + i, 3, 1_024, (1L << 40) + i, 4);
      }
      at += count;
      return count;
    }

    @Override
    public void done(long bytes) {
      throw new AssertionError("it is not asked for");
    }
  }
}
