package io.pagoda.tck;

import static io.pagoda.tck.TransportTrial.BOTH;
import static io.pagoda.tck.TransportTrial.beginning;
import static io.pagoda.tck.TransportTrial.told;
import static io.pagoda.tck.TransportTrial.whole;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import io.pagoda.spi.transport.Capabilities;
import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.PeerMetadata;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.RemoteBatch.Direction;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.TransferEnd;
import io.pagoda.spi.transport.TransferHandle;
import io.pagoda.spi.transport.Transport;
import io.pagoda.spi.transport.Window;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Links come and go; what is posted on them ends, whatever happens to them. */
public interface TransportLifeContract extends TransportUnderTest {
  /** A transport says what it is, and how bytes go. */
  @Test
  default void saysWhatItIs() {
    try (var trial = new TransportTrial(this)) {
      Capabilities capabilities = trial.here().capabilities();
      assertEquals(
          Capabilities.Feature.values().length,
          capabilities.features().size() + capabilities.missing().size());
      assertEquals(trial.here().type(), trial.link().path().transport());
      assertEquals(trial.here().type(), trial.endpoint().metadata().transport());
      assertEquals("there", trial.link().peer().name());
      assertEquals(trial.there().generation(), trial.link().peer().generation());
      assertNotEquals(trial.here().generation(), trial.there().generation());
      assertTrue(trial.link().alive());
      Duration small = trial.link().estimate(Direction.READ, 1, 1).time();
      Duration large = trial.link().estimate(Direction.READ, 1, 1L << 30).time();
      assertTrue(small.isPositive() && large.compareTo(small) > 0, small + " and " + large);
    }
  }

  /** When the peer is closed, everything on its links ends, and both sides know. */
  @Test
  default void endsEverythingWhenThePeerGoesAway() {
    try (var trial = new TransportTrial(this)) {
      Grant grant = trial.grant(trial.memory(32 << 20), BOTH, GrantListener.NONE);
      Region local = trial.local(trial.memory(32 << 20));
      TransferHandle first = trial.post(beginning(Direction.READ, local, told(grant)));
      List<TransportTrial.Flow> both = Arrays.stream(Direction.values())
          .map(direction -> whole(direction, local, told(grant)))
          .map(batch -> new TransportTrial.Flow(10, () -> trial.post(batch)))
          .toList();
      trial.await(first.ended(), "the first end");
      trial.there().close();
      PagodaException why = trial.await(trial.link().lost(), "loss");
      assertFalse(String.valueOf(why.getMessage()).isEmpty());
      both.forEach(one -> assertInstanceOf(TransferEnd.Failed.class, trial.end(one)));
      assertFalse(trial.link().alive());
      var _ = trial.fails(whole(Direction.READ, local, told(grant)));
    }
  }

  /** The granting side hears once of a peer that goes away in the midst of something. */
  @Test
  default void tellsOfAPeerThatIsLost() {
    try (var trial = new TransportTrial(this)) {
      var ears = new TransportTrial.Ears();
      Grant grant = trial.grant(trial.memory(64 << 20), BOTH, ears);
      breaksOff(trial, grant);
      trial.until("the loss is heard of", () -> ears.losses.size() == 1);
      trial.moves(whole(Direction.READ, trial.local(trial.memory(100)), told(grant)));
      assertEquals(1, ears.losses.size());
    }
  }

  /** A link that is closed when nothing is on it is no loss. */
  @Test
  default void tellsOfNoLossWhereALinkIsClosed() {
    try (var trial = new TransportTrial(this)) {
      var ears = new TransportTrial.Ears();
      Grant grant = trial.grant(trial.memory(1 << 20), BOTH, ears);
      RemoteBatch batch = whole(Direction.READ, trial.local(trial.memory(1 << 20)), told(grant));
      long before = trial.there().use().bufferBytes();
      Link second = trial.connect();
      trial.await(second.post(batch, patience()).quiet(), "an end");
      second.close();
      trial.until("the link is gone", () -> trial.there().use().bufferBytes() <= before);
      trial.moves(batch);
      assertEquals(List.of(), List.copyOf(ears.losses));
    }
  }

  private void breaksOff(TransportTrial trial, Grant grant) {
    try (Transport third = open("here");
        Region region = third.register(trial.memory(64 << 20))) {
      Link link = third.connect(trial.endpoint().metadata(), patience());
      RemoteBatch batch = whole(Direction.WRITE, region, told(grant));
      var _ = new TransportTrial.Flow(10, () -> link.post(batch, patience()));
      trial.until("something comes", () -> trial.there().use().transfers() > 0);
      link.close();
    }
  }

  /** Closing a link ends what is on it. */
  @Test
  default void endsEverythingWhenALinkIsClosed() {
    try (var trial = new TransportTrial(this)) {
      Grant grant = trial.grant(trial.memory(32 << 20), BOTH, GrantListener.NONE);
      Region local = trial.local(trial.memory(32 << 20));
      RemoteBatch batch = whole(Direction.WRITE, local, told(grant));
      Link second = trial.connect();
      List<TransferHandle> handles = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        handles.add(second.post(batch, patience()));
      }
      second.close();
      second.close();
      handles.forEach(handle -> assertTrue(handle.quiet().toCompletableFuture().isDone()));
      assertFalse(second.alive());
      assertTrue(second.lost().toCompletableFuture().isDone());
      assertThrows(IllegalStateException.class, () -> second.post(batch, patience()));
      trial.moves(batch);
    }
  }

  /** Misuse is refused at once, and holds nothing. */
  @Test
  default void refusesMisuse() {
    try (var trial = new TransportTrial(this)) {
      Grant grant = trial.grant(trial.memory(100), BOTH, GrantListener.NONE);
      Region local = trial.local(trial.memory(100));
      Region foreign = trial.remote(trial.memory(100));
      RemoteBatch batch = whole(Direction.READ, local, told(grant));
      assertThrows(
          IllegalArgumentException.class,
          () -> trial.post(whole(Direction.READ, foreign, told(grant))));
      assertThrows(IllegalArgumentException.class, () -> trial.link().post(batch, Duration.ZERO));
      local.close();
      assertThrows(IllegalStateException.class, () -> trial.post(batch));
      assertThrows(
          IllegalArgumentException.class,
          () -> trial.here().register(MemorySegment.ofArray(new byte[10])));
      assertEquals(0, trial.here().use().transfers());
    }
  }

  /** Who was restarted is another one. */
  @Test
  default void refusesMetadataOfAnEarlierStart() {
    try (var trial = new TransportTrial(this)) {
      PeerMetadata now = trial.endpoint().metadata();
      PeerMetadata earlier = new PeerMetadata(
          now.transport(), now.name(), UUID.randomUUID(), now.address(), now.properties());
      assertThrows(PagodaException.class, () -> trial.here().connect(earlier, patience()));
      trial.connect().close();
    }
  }

  /** Connecting ends at its deadline, or before. */
  @Test
  default void doesNotWaitForAPeerThatIsNotThere() {
    try (var trial = new TransportTrial(this)) {
      PeerMetadata gone;
      try (Transport third = open("third")) {
        gone = third.listen().metadata();
      }
      assertThrows(PagodaException.class, () -> trial.here().connect(gone, patience()));
    }
  }

  /** A peer that comes back is linked anew, and old grants are worth nothing there. */
  @Test
  default void linksAPeerThatCameBack() {
    try (var trial = new TransportTrial(this)) {
      Region local = trial.local(trial.memory(10));
      for (int i = 0; i < 3; i++) {
        readsOfAnother(trial, local);
      }
    }
  }

  private void readsOfAnother(TransportTrial trial, Region local) {
    try (Transport third = open("third");
        Region region = third.register(trial.memory(10));
        Grant grant = third.grant(
            new GrantTerms(Window.of(region), Right.READ, Duration.ofMinutes(1)),
            GrantListener.NONE);
        Link link = trial.here().connect(third.listen().metadata(), patience())) {
      RemoteBatch batch = whole(Direction.READ, local, told(grant));
      trial.moves(link.post(batch, patience()), batch);
      assertThrows(IllegalArgumentException.class, () -> trial.post(batch));
    }
  }

  /** After closing, nothing is taken. */
  @Test
  default void takesNothingOnceClosed() {
    Transport transport = open("here");
    transport.close();
    transport.close();
    assertThrows(IllegalStateException.class, transport::listen);
    try (var arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(8);
      assertThrows(IllegalStateException.class, () -> transport.register(memory));
    }
  }
}
