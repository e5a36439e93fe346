package io.pagoda.core.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.ConnectorException.Trouble;
import io.pagoda.Descriptor;
import io.pagoda.Device;
import io.pagoda.Fault;
import io.pagoda.OperationEnd;
import io.pagoda.OperationTerms;
import io.pagoda.PagodaException;
import io.pagoda.RdmaMetadata;
import io.pagoda.ReadOperation;
import io.pagoda.ReadableOperation;
import io.pagoda.core.pool.HostDevice;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.Peer;
import io.pagoda.spi.transport.TransferEnd;
import io.pagoda.spi.transport.TransportException;
import io.pagoda.spi.transport.TransportException.Why;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What comes at the same time, in the worst order. */
@Timeout(120)
class OperationRacesTest {
  private static final int BYTES = 64;
  private static final Peer PEER = new Peer("near", new UUID(3, 4), "somewhere");
  private final PagodaException loss = new PagodaException(Fault.TRANSIENT, "it is gone");

  private final HandTransport there = new HandTransport();
  private final HandTransport here = new HandTransport();

  private static TransportConnector connector(String name, HandTransport transport) {
    var settings = new ConnectorSettings(
        name, OperationTerms.within(Duration.ofMinutes(1)), true, Duration.ofSeconds(5),
        Optional.empty(), List.of());
    return new TransportConnector(settings, List.of(Preference.open(transport)));
  }

  private static List<Descriptor> memory() {
    return List.of(Descriptor.of(Arena.ofAuto().allocate(BYTES)));
  }

  private static <T> T await(CompletableFuture<T> stage) throws Exception {
    return stage.get(30, TimeUnit.SECONDS);
  }

  /** As transports do, listeners are called under a lock that the end of the grant needs too. */
  @Test
  void aPeerIsLostWhileItsOperationIsCancelled() throws Exception {
    ReentrantLock telling = new ReentrantLock();
    CountDownLatch revoked = new CountDownLatch(1);
    there.revoking(listener -> {
      revoked.countDown();
      telling.lock();
      try {
        listener.ended(GrantListener.End.REVOKED);
      } finally {
        telling.unlock();
      }
      return CompletableFuture.completedFuture(null);
    });
    TransportConnector connector = connector("there", there);
    ReadableOperation exposed = connector.createReadable(memory(), connector.terms());
    CountDownLatch locked = new CountDownLatch(1);
    Thread.ofPlatform().daemon().start(() -> {
      telling.lock();
      try {
        locked.countDown();
        revoked.await();
        there.listeners().getFirst().lost(PEER, loss);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      } finally {
        telling.unlock();
      }
    });
    locked.await();
    var cancelled = CompletableFuture.supplyAsync(exposed::cancel).thenCompose(settled -> settled);
    assertTrue(await(cancelled));
    connector.close();
  }

  /** Who comes when all uses are taken is refused, and harms none of them. */
  @Test
  void whoIsOneTooManyTellsNothing() throws Exception {
    HandLink link = new HandLink(
        _ -> CompletableFuture.completedFuture(
            new TransferEnd.Failed(
                new TransportException(Why.USED_UP, Fault.PERMANENT, "it was used"))));
    here.linking(() -> link);
    try (TransportConnector far = connector("there", there);
        TransportConnector near = connector("here", here)) {
      String json = far.createReadable(memory(), far.terms()).metadata().toJson();
      ReadOperation read = near.beginRead(RdmaMetadata.parse(json), memory(), near.terms());
      OperationEnd end = await(read.settled().toCompletableFuture());
      assertEquals(Trouble.USED_UP, end.cause().orElseThrow().trouble());
    } // which waits for what peers are told
    assertEquals(1, link.posted().size());
  }

  /** What a peer says when it is lost already is not a second use. */
  @Test
  void whoIsLostIsNotHeardAfterwards() {
    var terms = new OperationTerms(Duration.ofMinutes(1), 2, false);
    try (TransportConnector connector = connector("there", there)) {
      ReadableOperation exposed = connector.createReadable(memory(), terms);
      UUID key = UUID.fromString(exposed.metadata().notificationKey());
      GrantListener listener = there.listeners().getFirst();
      listener.lost(PEER, loss);
      listener.notified(PEER, Told.done(key, BYTES).encode());
      assertFalse(exposed.state().terminal(), "it is for two, and one was there");
      Peer again = new Peer(PEER.name(), PEER.generation(), "somewhere else");
      listener.notified(again, Told.done(key, BYTES).encode());
      assertTrue(exposed.state().terminal());
    }
  }

  /** A peer that does not take what it is told does not keep a verified read from its end. */
  @Test
  void aVerifiedReadEndsAtItsDeadline() throws Exception {
    var terms = new OperationTerms(Duration.ofSeconds(6), 1, true);
    var never = new CompletableFuture<TransferEnd>()
        .completeOnTimeout(new TransferEnd.Cancelled(), 45, TimeUnit.SECONDS);
    try (TransportConnector far = connector("there", there);
        TransportConnector near = connector("here", here)) {
      RdmaMetadata metadata = far.createReadable(memory(), terms).metadata();
      here.linking(
          () -> new HandLink(
              batch -> batch.notification().isPresent()
                  ? never
                  : CompletableFuture.completedFuture(new TransferEnd.Completed(BYTES))));
      ReadOperation read = near.beginRead(metadata, memory(), terms);
      assertTrue(await(read.ended().toCompletableFuture()).completed());
      never.complete(new TransferEnd.Cancelled());
    }
  }

  /** What a device has, it has: a peer that is slow to hear of it makes nothing too late. */
  @Test
  void aStagedReadWhoseBytesAreThereIsComplete() throws Exception {
    var never = new CompletableFuture<TransferEnd>()
        .completeOnTimeout(new TransferEnd.Cancelled(), 45, TimeUnit.SECONDS);
    here.linking(
        () -> new HandLink(
            batch -> batch.notification().isPresent()
                ? never
                : CompletableFuture.completedFuture(new TransferEnd.Completed(BYTES))));
    HostDevice device = new HostDevice("GPU-1");
    long address = device.allocate(BYTES).segment().address();
    try (TransportConnector far = connector("there", there);
        TransportConnector near = staging(here, device, Duration.ofSeconds(5))) {
      RdmaMetadata metadata = far.createReadable(memory(), far.terms()).metadata();
      ReadOperation read = near.beginRead(metadata, Descriptor.of(address, BYTES, Device.cuda(0)));
      OperationEnd end = await(read.settled().toCompletableFuture());
      assertTrue(end.completed(), end::toString);
      assertEquals(0, near.use().stagedBytes());
      never.complete(new TransferEnd.Cancelled());
    }
    assertEquals(BYTES, device.flows().getFirst().bytes());
    device.close();
  }

  private static TransportConnector staging(
      HandTransport transport, HostDevice device, Duration deadline) {
    var settings = new ConnectorSettings(
        "here", OperationTerms.within(deadline), true, Duration.ofSeconds(20), Optional.empty(),
        List.of(device.uuid()));
    var memory = new StagingMemory(Arena.ofAuto(), 1 << 20, List.of(device));
    return new TransportConnector(settings, List.of(Preference.open(transport)), memory);
  }

  /** Until then the host memory through which it passes is others'. */
  @Test
  void aStagedReadTakesItsRoomWhenItsPeerIsReached() throws Exception {
    CountDownLatch reached = new CountDownLatch(1);
    here.linking(() -> {
      try {
        reached.await();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      return new HandLink(_ -> CompletableFuture.completedFuture(new TransferEnd.Completed(BYTES)));
    });
    HostDevice device = new HostDevice("GPU-1");
    Descriptor target =
        Descriptor.of(device.allocate(BYTES).segment().address(), BYTES, Device.cuda(0));
    try (TransportConnector far = connector("there", there);
        TransportConnector near = staging(here, device, Duration.ofMinutes(1))) {
      var terms = new OperationTerms(Duration.ofMinutes(1), 2, false);
      RdmaMetadata metadata = far.createReadable(memory(), terms).metadata();
      ReadOperation calledOff = near.beginRead(metadata, target);
      ReadOperation read = near.beginRead(metadata, target);
      assertEquals(0, near.use().stagedBytes());
      assertTrue(await(calledOff.cancel().toCompletableFuture()));
      assertEquals(OperationEnd.cancelled(), await(calledOff.settled().toCompletableFuture()));
      reached.countDown();
      OperationEnd end = await(read.settled().toCompletableFuture());
      assertTrue(end.completed(), end::toString);
      assertEquals(0, near.use().stagedBytes());
    }
    device.close();
  }

  /** Memory is its owner's again when nobody compares it any more, too. */
  @Test
  void settlesBehindAComparison() {
    var tasks = new ArrayDeque<Runnable>();
    var terms = new OperationTerms(Duration.ofMinutes(1), 1, true);
    WriteExposure exposed =
        new WriteExposure(memory(), terms, Optional.empty(), new Roster(), tasks::add);
    exposed.open(List.of(new Track(there, List.of())), new PayloadText(new Seal(Optional.empty())));
    UUID key = UUID.fromString(exposed.metadata().notificationKey());
    there.listeners().getFirst().notified(PEER, Told.done(key, BYTES, 7).encode());
    Runnable comparison = tasks.remove();
    var settled = exposed.settled().toCompletableFuture();
    var _ = exposed.cancel();
    drain(tasks);
    assertFalse(settled.isDone(), "the memory is not compared yet");
    comparison.run();
    drain(tasks);
    assertEquals(OperationEnd.cancelled(), settled.getNow(OperationEnd.complete(0)));
  }

  private static void drain(ArrayDeque<Runnable> tasks) {
    while (!tasks.isEmpty()) {
      tasks.remove().run();
    }
  }

  /** What is being opened when all is closed is closed as soon as it is open. */
  @Test
  void aConnectionThatComesTooLateIsClosed() throws Exception {
    CountDownLatch late = new CountDownLatch(1);
    HandLink link = new HandLink(_ -> new CompletableFuture<>());
    here.linking(() -> {
      try {
        late.await();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      return link;
    });
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Peers peers = new Peers(threads, Duration.ofSeconds(5), new Doubts(System::nanoTime));
      var _ = peers.to(new Track(here, List.of()), there.listen().metadata());
      peers.close();
      late.countDown();
      await(link.closed());
    }
  }
}
