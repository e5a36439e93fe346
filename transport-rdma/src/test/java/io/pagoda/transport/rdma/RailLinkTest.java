package io.pagoda.transport.rdma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.transport.CostEstimate;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantListener.End;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.MemoryPlace;
import io.pagoda.spi.transport.Peer;
import io.pagoda.spi.transport.PeerMetadata;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.RemoteBatch.Direction;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.Road;
import io.pagoda.spi.transport.TransferHandle;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** One link by several devices, of links that are none. */
class RailLinkTest {
  private static final UUID GENERATION = new UUID(3, 4);
  private static final Peer PEER = new Peer("there", GENERATION, "10.0.0.1:5");
  private final PagodaException cause = new PagodaException(Fault.TRANSIENT, "unplugged");
  private static final Duration SECOND = Duration.ofSeconds(1);

  /** Memory that is somewhere. */
  private record At(MemoryPlace place) implements Region {
    @Override
    public MemorySegment memory() {
      return Arena.ofAuto().allocate(1_000);
    }

    @Override
    public void close() {}

    @Override
    public CompletionStage<Void> released() {
      return new CompletableFuture<>();
    }
  }

  /** Takes batches, and moves none. */
  private static final class Part implements RailLink.Part {
    final List<RemoteBatch> posted = new ArrayList<>();
    final List<String> ended = new ArrayList<>();
    final CompletableFuture<PagodaException> lost = new CompletableFuture<>();
    boolean fails;
    private final String device;

    Part(String device) {
      this.device = device;
    }

    @Override
    public long ahead() {
      return posted.stream().mapToLong(RemoteBatch::bytes).sum();
    }

    @Override
    public void broken(PagodaException why) {
      if (fails) {
        throw new IllegalStateException("it cannot be broken");
      }
      ended.add("broken: " + why.getMessage());
      lost.complete(why);
    }

    @Override
    public CompletableFuture<Void> goodbye() {
      ended.add("goodbye");
      return new CompletableFuture<>();
    }

    @Override
    public void shut(PagodaException why) {
      ended.add("shut");
      lost.complete(why);
    }

    @Override
    public Peer peer() {
      return PEER;
    }

    @Override
    public Road path() {
      return new Road("rdma", device + ", GID 1", "");
    }

    @Override
    public boolean alive() {
      return !lost.isDone();
    }

    @Override
    public CompletionStage<PagodaException> lost() {
      return lost;
    }

    @Override
    public TransferHandle post(RemoteBatch batch, Duration deadline) {
      posted.add(batch);
      return (TransferHandle) Proxy.newProxyInstance(
          TransferHandle.class.getClassLoader(), new Class<?>[] {TransferHandle.class},
          (_, method, _) -> {
            throw new AssertionError(method.getName());
          });
    }

    @Override
    public CostEstimate estimate(Direction direction, int ranges, long bytes) {
      return new CostEstimate(Duration.ofNanos(100 + ahead()), true);
    }

    @Override
    public void close() {
      throw new AssertionError("it is shut");
    }
  }

  private final List<Part> parts = IntStream.range(0, 4).mapToObj(i -> new Part("d" + i)).toList();
  private final List<String> waits = new ArrayList<>();

  private RailLink link() {
    RailChoice choice = new RailChoice(
        List.of("d0", "d1", "d2", "d3"), new PciDistance(Path.of("no"), Path.of("no")));
    return new RailLink(parts, choice, waits::add);
  }

  private static RemoteBatch batch(int bytes) {
    GrantMetadata grant = new GrantMetadata(
        "rdma", GENERATION, new byte[16], Set.of(Right.READ), Instant.EPOCH, new long[] {1_000},
        new byte[0]);
    return new RemoteBatch(
        Direction.READ, new At(MemoryPlace.HOST), new long[1], grant, new long[1],
        new long[] {bytes});
  }

  private List<Integer> posted() {
    return parts.stream().map(part -> part.posted.size()).toList();
  }

  @Test
  void batchesGoByTheDeviceWithTheLeastToMove() {
    RailLink link = link();
    for (int i = 0; i < 8; i++) {
      var _ = link.post(batch(100), SECOND);
    }
    assertEquals(List.of(2, 2, 2, 2), posted());
    parts.get(2).posted.clear();
    assertEquals(Duration.ofNanos(100), link.estimate(Direction.READ, 1, 1).time());
    var _ = link.post(batch(900), SECOND);
    assertEquals(List.of(2, 2, 1, 2), posted());
    for (int i = 0; i < 3; i++) {
      var _ = link.post(batch(100), SECOND);
    }
    assertEquals(List.of(3, 3, 1, 3), posted());
  }

  @Test
  void whereAllAreIdleEachHasItsTurn() {
    RailLink link = link();
    for (int i = 0; i < 8; i++) {
      var _ = link.post(batch(100), SECOND);
      assertEquals(1, posted().get(i % 4), "turn " + i);
      parts.forEach(part -> part.posted.clear());
    }
  }

  @Test
  void whoLosesOneLosesAll() {
    RailLink link = link();
    assertTrue(link.alive());
    parts.get(2).broken(cause);
    assertFalse(link.alive());
    assertEquals(cause, link.lost().toCompletableFuture().join());
    parts.forEach(part -> assertTrue(part.ended.contains("broken: unplugged"), part.device));
  }

  @Test
  void whatOneDeviceFailsAtIsDoneByTheOthers() {
    parts.get(1).fails = true;
    RailLink link = link();
    parts.get(0).broken(cause);
    assertFalse(link.alive());
    parts.subList(2, 4)
        .forEach(part -> assertTrue(part.ended.contains("broken: unplugged"), part.device));
  }

  @Test
  void whoeverClosesItSaysGoodbyeByEachDevice() {
    RailLink link = link();
    link.close();
    parts.forEach(part -> assertEquals(List.of("goodbye", "shut"), part.ended));
    assertEquals(List.of("close a link"), waits);
    String why = String.valueOf(link.lost().toCompletableFuture().join().getMessage());
    assertEquals("The link to there at 10.0.0.1:5 was closed here", why);
  }

  @Test
  void itsPathNamesEachDevice() {
    assertEquals(
        "rdma: d0, GID 1, and d1, GID 1, and d2, GID 1, and d3, GID 1", link().path().toString());
  }

  private static PeerMetadata way(String address, Map<String, String> properties) {
    return new PeerMetadata("rdma", "there", GENERATION, address, properties);
  }

  @Test
  void peersAreToldOfEachDeviceAndKnowTheFirstIfTheyKnowOfNone() {
    List<PeerMetadata> ways = List.of(
        way("10.0.0.1:5", Map.of("mtu", "4096")), way("10.1.0.1:6", Map.of("mtu", "1024")),
        way("10.2.0.1:7", Map.of("mtu", "")));
    PeerMetadata told = PeerMetadata.decode(RailEndpoint.joined(ways).encode());
    assertEquals("10.0.0.1:5", told.address());
    assertEquals("4096", told.properties().get("mtu"));
    List<PeerMetadata> read = RailEndpoint.ways(told);
    assertEquals(ways.subList(1, 3), read.subList(1, 3));
    assertEquals(told, read.getFirst());
    assertEquals(1_024, Mtu.told(read.get(1).properties()));
    assertEquals(0, Mtu.told(read.get(2).properties()));
    PeerMetadata one = way("10.0.0.1:5", Map.of("mtu", "4096"));
    assertEquals(List.of(one), RailEndpoint.ways(one));
  }

  @Test
  void aGrantEndsWhenItHasEndedOnEachDevice() {
    List<String> told = new ArrayList<>();
    GrantListener listener = new GrantListener() {
      @Override
      public void lost(Peer peer, PagodaException cause) {
        told.add("lost " + peer.name());
      }

      @Override
      public void ended(End end) {
        told.add("ended " + end);
      }
    };
    RailEars ears = new RailEars(listener, 3);
    ears.lost(PEER, cause);
    ears.ended(End.REVOKED);
    ears.ended(End.REVOKED);
    assertEquals(List.of("lost there"), told);
    ears.ended(End.REVOKED);
    assertEquals(List.of("lost there", "ended REVOKED"), told);
    RailEars none = new RailEars(listener, 1);
    none.mute();
    none.ended(End.REVOKED);
    assertEquals(2, told.size(), "there was no such grant");
  }

  /** Memory of two devices is told apart by whose it is. */
  @Test
  void aRegionIsOneOfEachDevice() {
    try (Arena arena = Arena.ofShared();
        FakeRegistrar first = new FakeRegistrar();
        FakeRegistrar second = new FakeRegistrar()) {
      GpuWay none = new GpuWay.None("no driver", false);
      Regions one = new Regions(first, none, new Rig().settings());
      Regions other = new Regions(second, none, new Rig().settings());
      MemorySegment memory = arena.allocate(64);
      RdmaRegion here = one.register(memory, MemoryPlace.HOST);
      RdmaRegion there = other.register(memory, MemoryPlace.HOST);
      RailRegion both = new RailRegion(List.of(here, there));
      assertEquals(here, RdmaRegion.enter(both, one));
      assertEquals(there, RdmaRegion.enter(both, other));
      both.close();
      assertFalse(both.released().toCompletableFuture().isDone(), "two batches use it");
      here.leave();
      assertFalse(both.released().toCompletableFuture().isDone(), "a batch uses it");
      there.leave();
      assertTrue(both.released().toCompletableFuture().isDone());
    }
  }
}
