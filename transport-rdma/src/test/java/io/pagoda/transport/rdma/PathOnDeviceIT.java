package io.pagoda.transport.rdma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import io.pagoda.spi.transport.Capabilities.Feature;
import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.MemoryPlace;
import io.pagoda.spi.transport.Notification;
import io.pagoda.spi.transport.Peer;
import io.pagoda.spi.transport.PeerMetadata;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.RemoteBatch.Direction;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.TransferHandle;
import io.pagoda.spi.transport.Window;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is set of connections has come to the device, which is asked; {@code rdma-vm} has one. */
@Timeout(120)
class PathOnDeviceIT {
  private static final Duration PATIENCE = DevicePair.PATIENCE;

  private static void arrives(DevicePair pair, Link link) throws Exception {
    assertTrue(
        link.post(pair.batch(), PATIENCE)
            .ended()
            .toCompletableFuture()
            .get(PATIENCE.toSeconds(), TimeUnit.SECONDS)
            .completed());
    assertEquals(-1, pair.target.mismatch(pair.source));
  }

  @Test
  void countsAndTimesAreThoseOfTheDevice() throws Exception {
    Rig rig = new Rig().wire(new RdmaSettings.Wire(19, 3, 5, true));
    try (DevicePair pair = new DevicePair(rig)) {
      QueuePath path = ((RdmaLink) pair.link).queuePath().orElseThrow();
      assertEquals(3, path.retries());
      assertEquals(5, path.receiverRetries());
      assertEquals(19, path.ackTimeout());
      arrives(pair, pair.link);
    }
  }

  @Test
  void eachSideWaitsAsLongAsItIsSetAndTheirCountsAreAgreed() throws Exception {
    Rig serving = new Rig().wire(new RdmaSettings.Wire(17, 2, 6, false));
    Rig connecting = new Rig().wire(new RdmaSettings.Wire(19, 3, 5, false));
    try (DevicePair pair = new DevicePair(connecting, serving);
        RdmaEndpoint endpoint = pair.there.listen();
        Link link = pair.here.connect(endpoint.metadata(), PATIENCE)) {
      QueuePath mine = ((RdmaLink) link).queuePath().orElseThrow();
      QueuePath theirs = endpoint.guests().iterator().next().queue().path().orElseThrow();
      assertEquals(19, mine.ackTimeout());
      assertEquals(17, theirs.ackTimeout());
      assertEquals(3, mine.retries());
      assertEquals(3, theirs.retries(), "that of who connects");
      assertEquals(6, mine.receiverRetries(), "as the other side says of its own places");
      assertEquals(5, theirs.receiverRetries(), "as the other side says of its own places");
      arrives(pair, link);
    }
  }

  @Test
  void packetsAreNoLongerThanThePeersPortTakes() throws Exception {
    try (DevicePair pair = new DevicePair(new Rig())) {
      assertTrue(pair.link.path().detail().contains("MTU 4096"), pair.link.path()::toString);
      PeerMetadata told = pair.there.listen().metadata();
      assertEquals(Map.of("mtu", "4096"), told.properties());
      PeerMetadata smaller = new PeerMetadata(
          told.transport(), told.name(), told.generation(), told.address(), Map.of("mtu", "1024"));
      try (Link link = pair.here.connect(smaller, PATIENCE)) {
        assertEquals(1_024, ((RdmaLink) link).queuePath().orElseThrow().mtu());
        assertTrue(link.path().detail().contains("MTU 1024"), link.path()::toString);
        arrives(pair, link);
      }
    }
  }

  @Test
  void aGidIsTakenByItsNumberOrRefused() throws Exception {
    try (DevicePair pair = new DevicePair(new Rig().gid(1))) {
      assertTrue(pair.link.path().detail().contains("GID 1,"), pair.link.path()::toString);
      arrives(pair, pair.link);
    }
    for (int wrong : new int[] {0, 77}) {
      PagodaException refused =
          assertThrows(PagodaException.class, () -> new Rig().gid(wrong).open("x").close());
      assertTrue(
          String.valueOf(refused.getMessage()).contains("1 (10.77.0.1, RoCE v2)"),
          refused::toString);
    }
  }

  @Test
  void aLinkOfSeveralQueuePairsMovesByAllOfThem() throws Exception {
    try (DevicePair pair = new DevicePair(new Rig().pairs(3))) {
      assertTrue(pair.link.path().detail().contains("3 queue pairs"), pair.link.path()::toString);
      assertTrue(pair.here.capabilities().features().contains(Feature.STRIPED));
      arrives(pair, pair.link);
      List<Queue> queues = ((RdmaLink) pair.link).queues();
      assertEquals(3, queues.size());
      queues.forEach(one -> assertTrue(one.doorbells() > 0, "a queue pair that moved nothing"));
    }
  }

  @Test
  void whoIsToldHasWhatEachQueuePairHasWritten() throws Exception {
    CompletableFuture<Boolean> told = new CompletableFuture<>();
    try (DevicePair pair = new DevicePair(new Rig().pairs(3));
        Arena arena = Arena.ofShared()) {
      MemorySegment target = arena.allocate(DevicePair.BYTES, 4_096);
      GrantListener ears = new GrantListener() {
        @Override
        public void notified(Peer peer, byte[] message) {
          told.complete(target.mismatch(pair.source) == -1);
        }
      };
      Grant grant = DevicePair.granted(pair.there, target, ears);
      RemoteBatch batch =
          DevicePair.whole(pair.local, grant.metadata()).thenTell(new Notification(new byte[] {1}));
      TransferHandle handle = pair.link.post(batch, PATIENCE);
      assertTrue(told.get(PATIENCE.toSeconds(), TimeUnit.SECONDS), "what was written is not there");
      assertTrue(handle.ended().toCompletableFuture().get(60, TimeUnit.SECONDS).completed());
      long reads = pair.here.census().flushes();
      assertTrue(reads >= 1 && reads <= 2, () -> reads + " reads by queue pairs but the first");
    }
  }

  @Test
  void onePairLostIsTheLinkLost() throws Exception {
    try (DevicePair pair = new DevicePair(new Rig().pairs(3))) {
      ((RdmaLink) pair.link).queues().getLast().failed(WorkStatus.GENERAL);
      PagodaException lost =
          pair.link.lost().toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      assertTrue(String.valueOf(lost.getMessage()).startsWith("Lost there at"), lost::toString);
      try (Link again = pair.connect()) {
        arrives(pair, again);
      }
    }
  }

  @Test
  void memoryOfAGpuIsFlushedByEachQueuePairBehindEachBatch() throws Exception {
    flushes(1);
    flushes(3);
  }

  private static void flushes(int pairs) throws Exception {
    MemoryPlace gpu = new MemoryPlace.OfDevice("GPU-none");
    RdmaSettings settings = new Rig().pairs(pairs).settings();
    // Host memory stands for a GPU's: by nvidia-peermem, both are registered in one way.
    GpuWay way = new GpuWay.PeerMemory(FakeCudaNative.NOTHING);
    try (RdmaTransport here = RdmaTransport.open(settings, "here", () -> way);
        RdmaTransport there = RdmaTransport.open(settings, "there", () -> way);
        Arena arena = Arena.ofShared()) {
      MemorySegment source = arena.allocate(DevicePair.BYTES, 4_096);
      MemorySegment target = arena.allocate(DevicePair.BYTES, 4_096);
      DevicePair.fill(source);
      Region local = here.register(source, gpu);
      Grant grant = there.grant(
          new GrantTerms(
              List.of(Window.of(there.register(target, gpu))), Set.of(Right.WRITE),
              Duration.ofHours(1), 0),
          GrantListener.NONE);
      Link link = here.connect(there.listen().metadata(), PATIENCE);
      RemoteBatch batch = new RemoteBatch(
          Direction.WRITE, local, new long[1], grant.metadata(), new long[1],
          new long[] {DevicePair.BYTES});
      long before = 0;
      for (int i = 1; i <= 3; i++) {
        TransferHandle handle = link.post(batch, PATIENCE);
        assertTrue(handle.ended().toCompletableFuture().get(60, TimeUnit.SECONDS).completed());
        long reads = here.census().flushes() - before;
        assertTrue(reads >= 1 && reads <= pairs, () -> reads + " reads behind one batch");
        before += reads;
        assertTrue(
            handle.path().detail().contains("memory of the GPU by nvidia-peermem"),
            handle.path()::toString);
      }
      assertTrue(pairs == 1 || before > 3, "several queue pairs have never shared a batch");
      assertEquals(-1, target.mismatch(source));
    }
  }
}
