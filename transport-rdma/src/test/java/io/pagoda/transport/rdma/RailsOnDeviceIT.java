package io.pagoda.transport.rdma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.Notification;
import io.pagoda.spi.transport.Peer;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.RemoteBatch.Direction;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.TransferHandle;
import io.pagoda.spi.transport.Transport;
import io.pagoda.spi.transport.Window;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Transports of two devices, on those of this machine; {@code rdma-vm} has two. */
@Timeout(180)
class RailsOnDeviceIT {
  private static final Duration PATIENCE = DevicePair.PATIENCE;
  private static final int COUNT = 8;
  private static final long PART = DevicePair.BYTES / COUNT;

  /** Two transports, memory of each, and a link from one to the other. */
  private static final class Pair implements AutoCloseable {
    final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    final Transport here;
    final Transport there;
    final Link link;
    final MemorySegment target;
    final MemorySegment source;
    private final Arena arena = Arena.ofShared();
    private final Region local;
    private final Grant grant;

    Pair(int railsHere, int railsThere, int uses) {
      here = new Rig().rails(railsHere).transport("here");
      there = new Rig().rails(railsThere).transport("there");
      source = arena.allocate(DevicePair.BYTES, 4_096);
      target = arena.allocate(DevicePair.BYTES, 4_096);
      DevicePair.fill(source);
      local = here.register(source);
      GrantListener ears = new GrantListener() {
        @Override
        public void notified(Peer peer, byte[] message) {
          long at = message[0] * PART;
          boolean right = MemorySegment.mismatch(target, at, at + PART, source, at, at + PART) < 0;
          heard.add(peer.name() + " told " + (right ? "in time" : "too early"));
        }

        @Override
        public void lost(Peer peer, PagodaException cause) {
          heard.add(peer.name() + " lost");
        }

        @Override
        public void ended(End end) {
          heard.add("ended");
        }
      };
      grant = there.grant(
          new GrantTerms(
              List.of(Window.of(there.register(target))), Set.of(Right.WRITE), Duration.ofHours(1),
              uses),
          ears);
      link = here.connect(there.listen().metadata(), PATIENCE);
    }

    /** Writes all of the memory here, in batches that tell. */
    List<TransferHandle> begin() {
      List<TransferHandle> all = new ArrayList<>();
      for (int i = 0; i < COUNT; i++) {
        long[] at = {i * PART};
        RemoteBatch batch =
            new RemoteBatch(Direction.WRITE, local, at, grant.metadata(), at, new long[] {PART});
        all.add(link.post(batch.thenTell(new Notification(new byte[] {(byte) i})), PATIENCE));
      }
      return all;
    }

    void arrives() throws Exception {
      for (TransferHandle one : begin()) {
        assertTrue(one.ended().toCompletableFuture().get(60, TimeUnit.SECONDS).completed());
      }
      for (int i = 0; i < COUNT; i++) {
        assertEquals("here told in time", next());
      }
      assertEquals(-1, target.mismatch(source));
    }

    String next() throws InterruptedException {
      return String.valueOf(heard.poll(60, TimeUnit.SECONDS));
    }

    @Override
    public void close() {
      here.close();
      there.close();
      arena.close();
    }
  }

  @Test
  void batchesGoByBothDevices() throws Exception {
    try (Pair pair = new Pair(2, 2, 0)) {
      String path = pair.link.path().detail();
      assertTrue(path.startsWith("rxe0, GID 1, ") && path.contains(", and rxe1, GID 1, "), path);
      pair.arrives();
      List<? extends RailLink.Part> parts = ((RailLink) pair.link).parts();
      assertEquals(2, parts.size());
      for (RailLink.Part part : parts) {
        Queue first = ((RdmaLink) part).queues().getFirst();
        assertTrue(first.doorbells() > 0, part.path() + " has moved nothing");
      }
      String by = pair.begin().getFirst().path().detail();
      assertTrue(by.startsWith("rxe0, ") != by.startsWith("rxe1, "), by);
      assertTrue(!by.contains(" and "), by);
    }
  }

  @Test
  void whoHasOneDeviceAndWhoHasTwoMoveBytes() throws Exception {
    for (int here = 1; here <= 2; here++) {
      try (Pair pair = new Pair(here, 3 - here, 0)) {
        pair.arrives();
        String path = pair.link.path().detail();
        assertTrue(!path.contains("rxe1"), "one device is all that both have: " + path);
      }
    }
  }

  @Test
  void usesAreCountedOverBothDevices() throws Exception {
    try (Pair pair = new Pair(2, 2, COUNT)) {
      pair.arrives();
      TransferHandle further = pair.begin().getLast();
      assertTrue(
          further.ended().toCompletableFuture().get(60, TimeUnit.SECONDS).failure().isPresent());
    }
  }

  @Test
  void oneDeviceLostIsTheLinkLostAndHeardOfOnce() throws Exception {
    try (Pair pair = new Pair(2, 2, 0)) {
      pair.arrives();
      RdmaLink second = (RdmaLink) ((RailLink) pair.link).parts().get(1);
      second.queues().getFirst().failed(WorkStatus.GENERAL);
      var lost = pair.link.lost().toCompletableFuture().get(60, TimeUnit.SECONDS);
      assertTrue(String.valueOf(lost.getMessage()).startsWith("Lost there at"), lost::toString);
      assertEquals("here lost", pair.next());
      pair.grant.revoke().toCompletableFuture().get(60, TimeUnit.SECONDS);
      assertEquals("ended", pair.next(), "and nothing else before");
    }
  }

  @Test
  void thereAreNoMoreThanTwo() {
    PagodaException refused =
        assertThrows(PagodaException.class, () -> new Rig().rails(3).transport("x").close());
    assertTrue(
        String.valueOf(refused.getMessage())
            .startsWith("rails = 3, and of this machine's devices these can be used: rxe0, rxe1"),
        refused::toString);
  }
}
