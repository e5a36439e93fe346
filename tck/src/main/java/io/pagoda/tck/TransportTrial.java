package io.pagoda.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import io.pagoda.spi.transport.Endpoint;
import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.Peer;
import io.pagoda.spi.transport.PeerMetadata;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.RemoteBatch.Direction;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.TransferEnd;
import io.pagoda.spi.transport.TransferHandle;
import io.pagoda.spi.transport.Transport;
import io.pagoda.spi.transport.TransportUse;
import io.pagoda.spi.transport.Window;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Two transports that are linked: one that posts, one that grants. Closing the trial closes both,
 * and then checks that they hold nothing.
 */
final class TransportTrial implements AutoCloseable {
  static final Set<Right> BOTH = EnumSet.allOf(Right.class);
  private static final long STRETCH = 64 << 10;
  private static final long BEGINNING = 64 << 10;
  static final Duration LONG = Duration.ofMinutes(5);

  private final TransportUnderTest test;
  private final Transport here;
  private final Transport there;
  private final Endpoint endpoint;
  private final Link link;
  private final Arena arena = Arena.ofShared();
  private final List<Region> regions = new ArrayList<>();

  TransportTrial(TransportUnderTest test) {
    this.test = test;
    here = test.open("here");
    there = test.open("there");
    endpoint = there.listen();
    link = connect();
  }

  Link connect() {
    return here.connect(PeerMetadata.decode(endpoint.metadata().encode()), test.patience());
  }

  Transport here() {
    return here;
  }

  Transport there() {
    return there;
  }

  Endpoint endpoint() {
    return endpoint;
  }

  Link link() {
    return link;
  }

  Duration patience() {
    return test.patience();
  }

  MemorySegment memory(long bytes) {
    return arena.allocate(bytes, 64);
  }

  /** {@return memory of the posting side, registered} */
  Region local(MemorySegment memory) {
    return registered(here, memory);
  }

  /** {@return memory of the granting side, registered} */
  Region remote(MemorySegment memory) {
    return registered(there, memory);
  }

  private Region registered(Transport transport, MemorySegment memory) {
    Region region = transport.register(memory);
    regions.add(region);
    return region;
  }

  Grant grant(MemorySegment memory, Set<Right> rights, GrantListener listener) {
    return there
        .grant(new GrantTerms(List.of(Window.of(remote(memory))), rights, LONG, 0), listener);
  }

  /** {@return what a peer reads that was told of a grant by some road} */
  static GrantMetadata told(Grant grant) {
    return GrantMetadata.decode(grant.metadata().encode());
  }

  /** {@return a batch of one range from the start of both memories} */
  static RemoteBatch whole(Direction direction, Region local, GrantMetadata grant) {
    long[] lengths = {Math.min(local.memory().byteSize(), grant.windowBytes(0))};
    return new RemoteBatch(direction, local, new long[1], grant, new long[1], lengths);
  }

  /** {@return a batch that ends long before one of the whole, even where all have their turns} */
  static RemoteBatch beginning(Direction direction, Region local, GrantMetadata grant) {
    return new RemoteBatch(
        direction, local, new long[1], grant, new long[1], new long[] {BEGINNING});
  }

  TransferHandle post(RemoteBatch batch) {
    return link.post(batch, test.patience());
  }

  /** Posts a batch, which must complete. */
  void moves(RemoteBatch batch) {
    moves(post(batch), batch);
  }

  void moves(TransferHandle handle, RemoteBatch batch) {
    assertEquals(new TransferEnd.Completed(batch.bytes()), end(handle));
    await(handle.quiet(), "being quiet");
  }

  TransferEnd end(TransferHandle handle) {
    return await(handle.ended(), "an end");
  }

  /** Posts a batch that must fail, and returns why. */
  PagodaException fails(RemoteBatch batch) {
    TransferHandle handle = post(batch);
    TransferEnd end = end(handle);
    assertTrue(end instanceof TransferEnd.Failed, () -> "it should have failed: " + end);
    await(handle.quiet(), "being quiet");
    return ((TransferEnd.Failed) end).cause();
  }

  <T> T await(CompletionStage<T> stage, String what) {
    return await(stage, what, test.patience());
  }

  static <T> T await(CompletionStage<T> stage, String what, Duration patience) {
    try {
      return stage.toCompletableFuture().get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("No %s within %s".formatted(what, patience), e);
    } catch (ExecutionException | InterruptedException e) {
      throw new AssertionError("No " + what, e);
    }
  }

  /** Waits until something holds that nobody announces. */
  void until(String what, BooleanSupplier holds) {
    long end = System.nanoTime() + test.patience().toNanos();
    while (!holds.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, () -> "It did not come to this: " + what);
      Thread.onSpinWait();
    }
  }

  /** Fills memory, and looks for a while whether anybody writes to it. */
  static void staysAsItIs(MemorySegment memory, Duration observed) {
    memory.fill((byte) 0xee);
    long end = System.nanoTime() + observed.toNanos();
    do {
      isFilled(memory, (byte) 0xee, "what was fenced");
    } while (System.nanoTime() < end);
  }

  static void isFilled(MemorySegment memory, byte value, String what) {
    byte[] some = new byte[(int) Math.min(STRETCH, memory.byteSize())];
    Arrays.fill(some, value);
    MemorySegment filled = MemorySegment.ofArray(some);
    for (long at = 0; at < memory.byteSize(); at += some.length) {
      long bytes = Math.min(some.length, memory.byteSize() - at);
      long wrong = MemorySegment.mismatch(memory, at, at + bytes, filled, 0, bytes);
      if (wrong >= 0) {
        throw new AssertionError("%s has changed at byte %d".formatted(what, at + wrong));
      }
    }
  }

  static void hasPattern(MemorySegment memory, long seed, long from, String what) {
    MemorySegment expected = Arena.ofAuto().allocate(memory.byteSize());
    Pattern.write(expected, seed, from);
    assertEquals(-1, memory.mismatch(expected), () -> what + ": the first byte that is wrong");
  }

  @Override
  public void close() {
    CompletableFuture<Void> closing = CompletableFuture.runAsync(() -> {
      link.close();
      regions.forEach(Region::close);
      endpoint.close();
      here.close();
      there.close();
    }, task -> Thread.ofPlatform().daemon().name("closing").start(task));
    await(closing, "close");
    regions.forEach(region -> await(region.released(), "release of a region"));
    until("nothing is held here", () -> here.use().equals(NOTHING));
    until("nothing is held there", () -> there.use().equals(NOTHING));
    arena.close();
  }

  /**
   * Posts a batch again and again, several at a time, until one does not complete: whoever breaks
   * something off finds others on their way, however late it comes to that.
   */
  static final class Flow {
    private final Queue<TransferHandle> handles = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<TransferEnd> broken = new CompletableFuture<>();
    private final Supplier<TransferHandle> post;

    Flow(int atOnce, Supplier<TransferHandle> post) {
      this.post = post;
      for (int i = 0; i < atOnce; i++) {
        next();
      }
    }

    private void next() {
      if (broken.isDone()) {
        return;
      }
      try {
        TransferHandle handle = post.get();
        handles.add(handle);
        var _ = handle.ended().thenAccept(this::ended);
      } catch (RuntimeException refused) {
        broken.completeExceptionally(refused);
      }
    }

    private void ended(TransferEnd end) {
      if (end.completed()) {
        next();
      } else {
        broken.complete(end);
      }
    }
  }

  /** Waits until a batch of a flow has not completed and all are quiet, and returns its end. */
  TransferEnd end(Flow flow) {
    TransferEnd end = await(flow.broken, "end of what is posted again and again");
    flow.handles.forEach(handle -> await(handle.quiet(), "being quiet"));
    return end;
  }

  static final TransportUse NOTHING = new TransportUse(0, 0, 0, 0, 0);

  /** Hears, and remembers. */
  static final class Ears implements GrantListener {
    final Queue<byte[]> messages = new ConcurrentLinkedQueue<>();
    final Queue<PagodaException> losses = new ConcurrentLinkedQueue<>();
    final CompletableFuture<End> end = new CompletableFuture<>();
    final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final Runnable inspection;

    Ears() {
      this(() -> {});
    }

    /** Looks at memory whenever it is told something. */
    Ears(Runnable inspection) {
      this.inspection = inspection;
    }

    @Override
    public void notified(Peer peer, byte[] message) {
      try {
        inspection.run();
        assertEquals("here", peer.name());
        assertTrue(!end.isDone(), "told something after the end");
      } catch (AssertionError e) {
        failures.add(e);
      }
      messages.add(message);
    }

    @Override
    public void lost(Peer peer, PagodaException cause) {
      losses.add(cause);
    }

    @Override
    public void ended(End why) {
      if (!end.complete(why)) {
        failures.add(new AssertionError("ended twice"));
      }
    }

    void check() {
      failures.forEach(failure -> {
        throw new AssertionError("in a listener", failure);
      });
    }
  }
}
