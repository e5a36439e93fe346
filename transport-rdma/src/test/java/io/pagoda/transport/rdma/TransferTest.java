package io.pagoda.transport.rdma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ibm.disni.verbs.IbvWC;
import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.MemoryPlace;
import io.pagoda.spi.transport.Notification;
import io.pagoda.spi.transport.Peer;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.RemoteBatch.Direction;
import io.pagoda.spi.transport.RemoteBatch.Side;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.Road;
import io.pagoda.spi.transport.TransferEnd;
import io.pagoda.spi.transport.Window;
import io.pagoda.tck.Seeded;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A batch by several queue pairs, each a lane on a device that is none. */
@ExtendWith(Seeded.class)
@Timeout(120)
class TransferTest {
  private static final int PAIRS = 3;
  private static final int PIECE = 4_096;
  private static final long BYTES = 64 * PIECE;
  private static final MemoryPlace GPU = new MemoryPlace.OfDevice("GPU-1");
  private static final GpuWay WAY = new GpuWay.PeerMemory(FakeCudaNative.NOTHING);

  /** Lanes, what batches need, and what was said of them. */
  private static final class Trial implements Transfer.Carrier, AutoCloseable {
    final FakeVerbsNative[] devices = new FakeVerbsNative[PAIRS];
    final Lane[] lanes = new Lane[PAIRS];
    final List<Transfer> told = new ArrayList<>();
    final Map<Transfer, Integer> ends = new HashMap<>();
    final Map<Transfer, Integer> quiets = new HashMap<>();
    /** Bytes that are read for who has said that it touches nothing any more. */
    int late;

    /** What happens while a failure is put in words. */
    Runnable whileNamed = () -> {};

    private final Lane.Over over = new Lane.Over();
    private final FfmPollCq[] polls = new FfmPollCq[PAIRS];
    private final IbvWC[] found = new IbvWC[16];
    private final Arena arena = Arena.ofShared();
    private final Timers timers = new Timers("test");
    private final FakeRegistrar registrar = new FakeRegistrar();
    private final Regions regions = new Regions(registrar, WAY, new Rig().settings());
    private final RdmaRegion local;
    private final RdmaGrant grant;
    private final Lease lease;
    private long ids;

    /** One window of each place. */
    Trial(MemoryPlace... places) throws IOException {
      Arrays.setAll(found, _ -> new IbvWC());
      for (int i = 0; i < PAIRS; i++) {
        devices[i] = new FakeVerbsNative(64);
        lanes[i] = new Lane(new FfmWorkRing(devices[i].qp(), 4, i), i, 64, 16 * PIECE);
        polls[i] = new FfmPollCq(devices[i].queue(), found, found.length);
      }
      local = regions.register(arena.allocate(BYTES), MemoryPlace.HOST);
      List<Window> windows = new ArrayList<>();
      for (MemoryPlace place : places) {
        windows.add(Window.of(regions.register(arena.allocate(BYTES), place)));
      }
      Grants grants = new Grants(UUID.randomUUID(), regions, timers, 0, InstantSource.system());
      grant = grants.open(
          new GrantTerms(windows, Set.of(Right.WRITE), Duration.ofHours(1), 0), GrantListener.NONE);
      lease = GpuMemoryTest.told(grant, Right.WRITE.bit());
    }

    /** Writes all of the memory here to windows, in ranges of as many bytes. */
    RemoteBatch batch(int range, int... windows) {
      int count = (int) (BYTES / range);
      long[] offsets = new long[count];
      int[] places = new int[count];
      long[] lengths = new long[count];
      for (int i = 0; i < count; i++) {
        offsets[i] = (long) i * range;
        places[i] = windows[i % windows.length];
        lengths[i] = range;
      }
      return new RemoteBatch(
          Direction.WRITE, List.of(local), new Side(offsets), grant.metadata(),
          new Side(places, offsets), lengths);
    }

    Transfer begin(RemoteBatch batch) {
      Transfer made =
          new Transfer(this, batch, ++ids, List.of(RdmaRegion.enter(local, regions)), PIECE);
      made.start(lease);
      return made;
    }

    /** A device does some, and what it tells is taken. */
    void turn(int pair, int count) throws IOException {
      devices[pair].does(count);
      int polled = polls[pair].execute().getPolls();
      for (int i = 0; i < polled; i++) {
        int lists = lanes[pair].completed((int) found[i].getWr_id(), over);
        lanes[pair].pump();
        for (int at = 0; at < lists; at++) {
          ((Work) over.owners[at]).done(over.bytes[at]);
        }
      }
    }

    /** All that is on its way comes to its end, but by one queue pair. */
    void finish(int but) throws IOException {
      for (int round = 0; round < 200; round++) {
        for (int pair = 0; pair < PAIRS; pair++) {
          if (pair != but) {
            turn(pair, 8);
          }
        }
      }
    }

    /** {@return the bytes that were read behind writes by a queue pair} */
    List<FlushRead.From> reads(int pair) {
      return devices[pair].posted.stream()
          .filter(one -> one.opcode() == Abi.READ)
          .map(one -> new FlushRead.From(pair, one.remote(), one.rkey()))
          .toList();
    }

    /** The link is lost, and so are all its queue pairs. */
    void loses(List<Transfer> live) {
      for (FakeVerbsNative one : devices) {
        one.fails(WorkStatus.FLUSHED);
      }
      live.forEach(
          one -> one.broken(new PagodaException(Fault.TRANSIENT, "Lost one of its queue pairs")));
    }

    private void add(int pair, Work work) {
      lanes[pair].add(work);
      try {
        lanes[pair].pump();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }

    @Override
    public void offer(Transfer transfer) {
      for (int pair = 0; pair < PAIRS; pair++) {
        add(pair, transfer.by(pair));
      }
    }

    @Override
    public synchronized void flush(Transfer transfer, FlushRead.From from) {
      late += quiets.getOrDefault(transfer, 0);
      add(from.queue(), new FlushRead(from, 64, 6, transfer::flushed));
    }

    @Override
    public void tell(Transfer transfer) {
      told.add(transfer);
    }

    @Override
    public synchronized void ended(Transfer transfer, TransferEnd how, long nanos) {
      ends.merge(transfer, 1, Integer::sum);
    }

    @Override
    public synchronized void quiet(Transfer transfer, @Nullable Lease used) {
      quiets.merge(transfer, 1, Integer::sum);
    }

    @Override
    public void unused(Lease late, Transfer transfer) {
      throw new AssertionError("it had begun");
    }

    @Override
    public Timers timers() {
      return timers;
    }

    @Override
    public String subject() {
      whileNamed.run();
      return "there";
    }

    @Override
    public Peer peer() {
      return new Peer("there", new UUID(0, 1), "nowhere");
    }

    @Override
    public Road path() {
      return new Road("rdma", "", "");
    }

    @Override
    public String gpus() {
      return "";
    }

    @Override
    public void close() {
      timers.close();
      for (int i = 0; i < PAIRS; i++) {
        polls[i].free();
        lanes[i].close();
        devices[i].close();
      }
      registrar.close();
      arena.close();
    }
  }

  private static TransferEnd end(Transfer transfer) {
    return transfer.ended().toCompletableFuture().getNow(new TransferEnd.Cancelled());
  }

  private static boolean over(Transfer transfer) {
    return transfer.ended().toCompletableFuture().isDone();
  }

  private static boolean quiet(Transfer transfer) {
    return transfer.quiet().toCompletableFuture().isDone();
  }

  @Test
  void aGpuIsFlushedByEachQueuePairThatHasWrittenToIt() throws IOException {
    try (Trial trial = new Trial(MemoryPlace.HOST, GPU)) {
      Transfer transfer = trial.begin(trial.batch(PIECE, 0, 1));
      trial.finish(2);
      assertFalse(over(transfer), "a queue pair has done nothing");
      trial.finish(1);
      assertFalse(over(transfer), "a queue pair has not read behind its writes");
      trial.finish(-1);
      assertInstanceOf(TransferEnd.Completed.class, end(transfer));
      for (int pair = 0; pair < PAIRS; pair++) {
        assertEquals(1, trial.reads(pair).size(), "reads by queue pair " + pair);
        assertEquals(trial.lease.address(1), trial.reads(pair).getFirst().address());
      }
      assertTrue(quiet(transfer));
    }
  }

  @Test
  void thePeerIsToldWhenWhatEachQueuePairHasWrittenIsThere() throws IOException {
    try (Trial trial = new Trial(MemoryPlace.HOST)) {
      Transfer transfer =
          trial.begin(trial.batch(PIECE, 0).thenTell(new Notification(new byte[] {7})));
      trial.finish(2);
      trial.finish(1);
      assertEquals(List.of(), trial.told, "a queue pair has not read behind its writes");
      trial.finish(-1);
      assertEquals(List.of(transfer), trial.told);
      assertEquals(List.of(), trial.reads(0), "what is told is behind what it has written");
      for (int pair = 1; pair < PAIRS; pair++) {
        assertEquals(
            List.of(new FlushRead.From(pair, GpuMemoryTest.READABLE, GpuMemoryTest.READABLE_KEY)),
            trial.reads(pair));
      }
      assertFalse(over(transfer));
      transfer.told(0);
      assertInstanceOf(TransferEnd.Completed.class, end(transfer));
    }
  }

  @Test
  void nothingIsReadBehindWhatNobodyIsToldOfOrOneQueuePairHasWritten() throws IOException {
    try (Trial trial = new Trial(MemoryPlace.HOST)) {
      Transfer untold = trial.begin(trial.batch(PIECE, 0));
      trial.finish(-1);
      assertInstanceOf(TransferEnd.Completed.class, end(untold));
      RemoteBatch small = new RemoteBatch(
          Direction.WRITE, trial.local, new long[1], trial.grant.metadata(), new long[1],
          new long[] {8});
      Transfer told = trial.begin(small.thenTell(new Notification(new byte[1])));
      trial.finish(-1);
      assertEquals(List.of(told), trial.told);
      for (int pair = 0; pair < PAIRS; pair++) {
        assertEquals(List.of(), trial.reads(pair));
      }
    }
  }

  @Test
  void whoCancelsWhenAllIsThereWaitsForWhatIsReadBehindIt() throws Exception {
    try (Trial trial = new Trial(GPU)) {
      RemoteBatch batch = trial.batch(1, 0);
      for (int round = 0; round < 10; round++) {
        Transfer transfer = trial.begin(batch);
        Thread cancels = Thread.ofPlatform().start(() -> {
          while (transfer.moved() < BYTES) { // of many ranges, so that the moment after is longer
            Thread.onSpinWait();
          }
          var _ = transfer.cancel();
        });
        trial.finish(-1);
        cancels.join();
        trial.finish(-1);
        assertTrue(quiet(transfer));
        assertEquals(0, trial.late, "bytes that were read when it was quiet");
        assertEquals(1, trial.ends.get(transfer));
        assertEquals(1, trial.quiets.get(transfer));
      }
    }
  }

  @Test
  void whoCancelsWhileThePeerAnswersHasNotCancelled() throws IOException {
    try (Trial trial = new Trial(MemoryPlace.HOST)) {
      Transfer transfer =
          trial.begin(trial.batch(PIECE, 0).thenTell(new Notification(new byte[] {7})));
      trial.finish(-1);
      assertEquals(List.of(transfer), trial.told);
      trial.whileNamed = () -> {
        var _ = transfer.cancel();
      };
      transfer.told(Status.NO_GRANT.code());
      assertInstanceOf(TransferEnd.Failed.class, end(transfer), "as the peer has said");
      assertEquals(1, trial.ends.get(transfer));
      assertTrue(quiet(transfer));
    }
  }

  @Test
  void oneQueuePairLostEndsEachBatchOnce(Random random) throws IOException {
    for (int round = 0; round < 20; round++) {
      try (Trial trial = new Trial(MemoryPlace.HOST, GPU)) {
        List<Transfer> live = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
          live.add(trial.begin(trial.batch(PIECE, i % 2)));
        }
        for (int turns = random.nextInt(40); turns > 0; turns--) {
          trial.turn(random.nextInt(PAIRS), random.nextInt(8));
        }
        trial.loses(live);
        int posted = Arrays.stream(trial.devices).mapToInt(one -> one.posted.size()).sum();
        for (Transfer one : live) {
          assertTrue(over(one) && quiet(one));
          one.broken(new PagodaException(Fault.TRANSIENT, "again"));
          assertEquals(1, trial.ends.get(one));
          assertEquals(1, trial.quiets.get(one));
        }
        assertTrue(
            live.stream().anyMatch(one -> end(one) instanceof TransferEnd.Failed), "all were over");
        for (int pair = 0; pair < PAIRS; pair++) {
          trial.lanes[pair].pump();
        }
        assertEquals(
            posted, Arrays.stream(trial.devices).mapToInt(one -> one.posted.size()).sum(),
            "requests of batches that have ended");
      }
    }
  }
}
