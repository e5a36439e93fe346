package io.pagoda.transport.rdma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ibm.disni.verbs.IbvWC;
import io.pagoda.tck.Seeded;
import io.pagoda.transport.rdma.FakeVerbsNative.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is sent goes to the device in lists, each once and in order, as there is room for it. */
@ExtendWith(Seeded.class)
class LaneTest {
  private static final int TAG = 0x1234_0007;
  private static final int BATCH = 1_538;
  /** Until the compiler has done its work. */
  private static final int MOST_ROUNDS = 50_000;

  /** Requests that can be told apart. */
  private static final class Numbered implements Work {
    private final int opcode;
    private final int count;
    private final int bytes;
    private int at;
    private long done;

    Numbered(int opcode, int count, int bytes) {
      this.opcode = opcode;
      this.count = count;
      this.bytes = bytes;
    }

    @Override
    public int opcode() {
      return opcode;
    }

    @Override
    public boolean more() {
      return at < count;
    }

    @Override
    public int fill(WorkRing ring, int most, long upTo) {
      int filling = 0;
      long filled = 0;
      while (at < count && filling < most && filled < upTo) {
        ring.set(filling++, 1_000L + at, 7, bytes, 5_000_000_000L + at, -at);
        filled += bytes;
        at++;
      }
      return filling;
    }

    @Override
    public void done(long over) {
      done += over;
    }
  }

  /** A lane on a device that is none. */
  private static final class Trial implements AutoCloseable {
    final FakeVerbsNative device;
    final Lane lane;
    final Lane.Over over = new Lane.Over();
    final IbvWC[] found = new IbvWC[16];
    final FfmPollCq poll;
    int told;

    Trial(int depth, int list, long windowBytes) throws IOException {
      device = new FakeVerbsNative(depth);
      lane = new Lane(new FfmWorkRing(device.qp(), list, TAG), TAG, depth, windowBytes);
      java.util.Arrays.setAll(found, _ -> new IbvWC());
      poll = new FfmPollCq(device.queue(), found, found.length);
    }

    /** The device does some, and what it tells is taken. */
    void turn(int count) throws IOException {
      device.does(count);
      int polled = poll.execute().getPolls();
      for (int i = 0; i < polled; i++) {
        assertEquals(TAG, (int) (found[i].getWr_id() >>> 32));
        told++;
        int lists = lane.completed((int) found[i].getWr_id(), over);
        for (int at = 0; at < lists; at++) {
          ((Work) over.owners[at]).done(over.bytes[at]);
        }
      }
      lane.pump();
    }

    @Override
    public void close() {
      poll.free();
      lane.close();
      device.close();
    }
  }

  private static void inOrder(List<Request> posted, Numbered work) {
    assertEquals(work.count, posted.size());
    for (int i = 0; i < posted.size(); i++) {
      Request one = posted.get(i);
      assertEquals(
          new Request(
              one.id(), work.opcode, one.flags(), 1_000L + i, work.bytes, 7, 5_000_000_000L + i,
              -i),
          one);
    }
  }

  @Test
  void aLargeBatchTakesFewDoorbellsAndFewCompletions() throws IOException {
    for (int list : new int[] {32, 64}) {
      try (Trial trial = new Trial(2_048, list, Long.MAX_VALUE)) {
        Numbered work = new Numbered(Abi.WRITE, BATCH, 1_024);
        trial.lane.add(work);
        trial.lane.pump();
        while (!trial.lane.idle()) {
          trial.turn(BATCH);
        }
        inOrder(trial.device.posted, work);
        assertEquals(BATCH * 1_024L, work.done);
        int lists = (BATCH + list - 1) / list;
        assertEquals(lists, trial.device.doorbells);
        assertEquals(lists, trial.told);
        assertTrue(lists < 50);
      }
    }
  }

  @Test
  void aQueueIsNeverGivenMoreThanItTakes(Random random) throws IOException {
    try (Trial trial = new Trial(64, 32, Long.MAX_VALUE)) {
      Numbered work = new Numbered(Abi.READ, 5_000, 100);
      trial.lane.add(work);
      trial.lane.pump();
      while (!trial.lane.idle()) {
        trial.turn(1 + random.nextInt(60));
      }
      assertEquals(0, trial.device.full, "posts that found no room");
      inOrder(trial.device.posted, work);
      assertEquals(500_000, work.done);
    }
  }

  @Test
  void theNextListGoesBeforeTheQueueIsEmpty() throws IOException {
    try (Trial trial = new Trial(112, 32, Long.MAX_VALUE)) {
      trial.lane.add(new Numbered(Abi.WRITE, 1_000, 100));
      trial.lane.pump();
      assertEquals(96, trial.device.posted.size(), "16 places are kept for messages");
      trial.turn(32);
      assertEquals(128, trial.device.posted.size(), "one list is over, and one more is posted");
      trial.turn(31);
      assertEquals(128, trial.device.posted.size(), "a list is over when its last is");
    }
  }

  @Test
  void aDeviceThatTakesAPartHasTheRestLater(Random random) throws IOException {
    try (Trial trial = new Trial(256, 64, Long.MAX_VALUE)) {
      trial.device.room(100);
      Numbered work = new Numbered(Abi.WRITE, 3_000, 10);
      trial.lane.add(work);
      trial.lane.pump();
      assertEquals(100, trial.device.posted.size());
      assertFalse(trial.lane.stuck());
      while (!trial.lane.idle()) {
        trial.turn(1 + random.nextInt(100));
      }
      assertTrue(trial.device.full > 10, "so often only a part was taken");
      inOrder(trial.device.posted, work);
      assertEquals(30_000, work.done);
    }
  }

  @Test
  void aDeviceThatTakesNothingIsSeen() throws IOException {
    try (Trial trial = new Trial(256, 64, Long.MAX_VALUE)) {
      trial.device.room(0);
      trial.lane.add(new Numbered(Abi.WRITE, 10, 10));
      trial.lane.pump();
      assertTrue(trial.lane.stuck());
    }
    try (Trial trial = new Trial(256, 64, Long.MAX_VALUE)) {
      trial.device.refuses = 22;
      trial.lane.add(new Numbered(Abi.WRITE, 10, 10));
      IOException refused = assertThrows(IOException.class, trial.lane::pump);
      assertTrue(String.valueOf(refused.getMessage()).contains("invalid"), refused::toString);
    }
  }

  @Test
  void onlyAWindowIsOnItsWay() throws IOException {
    try (Trial trial = new Trial(512, 64, 1_000_000)) {
      Numbered work = new Numbered(Abi.WRITE, 400, 50_000);
      trial.lane.add(work);
      trial.lane.pump();
      assertEquals(20, trial.device.posted.size());
      assertEquals(1_000_000, trial.lane.moving());
      while (!trial.lane.idle()) {
        trial.turn(3);
      }
      inOrder(trial.device.posted, work);
    }
  }

  @Test
  void batchesTakeTurns() throws IOException {
    try (Trial trial = new Trial(144, 32, Long.MAX_VALUE)) {
      Numbered large = new Numbered(Abi.WRITE, 10_000, 10);
      Numbered small = new Numbered(Abi.READ, 5, 10);
      trial.lane.add(large);
      trial.lane.add(small);
      trial.lane.pump();
      List<Integer> opcodes = new ArrayList<>();
      trial.device.posted.forEach(one -> opcodes.add(one.opcode()));
      assertEquals(32, opcodes.indexOf(Abi.READ), "behind one list of the large one");
      assertEquals(5, opcodes.stream().filter(one -> one == Abi.READ).count());
    }
  }

  @Test
  void whatFailsSaysOfWhichQueuePairItIs() throws IOException {
    try (Trial trial = new Trial(256, 64, Long.MAX_VALUE)) {
      trial.lane.add(new Numbered(Abi.WRITE, 100, 10));
      trial.lane.pump();
      trial.device.does(10);
      trial.device.fails(10);
      int polled = trial.poll.execute().getPolls();
      assertEquals(
          trial.found.length, polled, "also those that tell nothing tell that they failed");
      assertEquals(10, trial.found[0].getStatus());
      assertEquals(WorkStatus.FLUSHED, trial.found[1].getStatus());
      for (int i = 0; i < polled; i++) {
        assertEquals(TAG, (int) (trial.found[i].getWr_id() >>> 32));
      }
      assertTrue(WorkStatus.text(10).contains("REM_ACCESS_ERR"));
    }
  }

  @Test
  void postingAllocatesNothing() throws IOException {
    var threads =
        (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
    try (DoorbellNative device = new DoorbellNative();
        FfmWorkRing ring = new FfmWorkRing(device.qp(), 64, TAG)) {
      Lane lane = new Lane(ring, TAG, 2_048, Long.MAX_VALUE);
      Lane.Over over = new Lane.Over();
      Numbered work = new Numbered(Abi.WRITE, BATCH, 1_024);
      long least = Long.MAX_VALUE;
      for (int round = 0; round < MOST_ROUNDS && least > 0; round++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        work.at = 0;
        lane.add(work);
        lane.pump();
        lane.completed(round * 25 + 24, over);
        least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        assertTrue(lane.idle());
      }
      assertEquals(0, least, "bytes that a batch allocates");
      assertTrue(lane.doorbells() > 0);
    }
  }
}
