package io.pagoda.tck;

import static io.pagoda.tck.TransportTrial.BOTH;
import static io.pagoda.tck.TransportTrial.isFilled;
import static io.pagoda.tck.TransportTrial.told;
import static io.pagoda.tck.TransportTrial.whole;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantListener.End;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.Notification;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.RemoteBatch.Direction;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.TransportException;
import io.pagoda.spi.transport.TransportException.Why;
import io.pagoda.spi.transport.Window;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A peer touches what a grant gives it, while it does, and nothing else. */
public interface TransportGrantContract extends TransportUnderTest {
  /** A token that nobody gave is worth nothing, also for messages. */
  @Test
  default void refusesATokenThatWasNotGiven() {
    try (var trial = new TransportTrial(this)) {
      var ears = new TransportTrial.Ears();
      MemorySegment target = trial.memory(100);
      target.fill((byte) 1);
      GrantMetadata right = told(trial.grant(target, BOTH, ears));
      byte[] token = right.token();
      token[GrantMetadata.TOKEN_BYTES - 1] ^= 1;
      Region local = trial.local(trial.memory(100));
      local.memory().fill((byte) 2);
      for (Direction direction : Direction.values()) {
        var _ = trial.fails(
            whole(direction, local, forged(right, token, 100, right.rights()))
                .thenTell(new Notification(new byte[1])));
      }
      isFilled(target, (byte) 1, "memory of the peer");
      assertEquals(0, ears.messages.size());
      trial.moves(whole(Direction.READ, local, right));
    }
  }

  /** A peer that makes itself a larger window gets nothing of it. */
  @Test
  default void refusesWhatIsOutsideOfAWindow() {
    try (var trial = new TransportTrial(this)) {
      MemorySegment all = trial.memory(300);
      all.fill((byte) 1);
      Window window = new Window(trial.remote(all), 100, 100);
      Grant grant = trial.there()
          .grant(new GrantTerms(List.of(window), BOTH, TransportTrial.LONG, 0), GrantListener.NONE);
      GrantMetadata larger = forged(told(grant), told(grant).token(), 1_000, BOTH);
      Region local = trial.local(trial.memory(1_000));
      local.memory().fill((byte) 2);
      long[][] ranges = {{100, 1}, {0, 101}, {99, 2}, {1, 100}, {500, 1}};
      for (long[] range : ranges) {
        for (Direction direction : Direction.values()) {
          long[] at = {0, range[0]};
          var _ = trial
              .fails(new RemoteBatch(direction, local, at, larger, at, new long[] {1, range[1]}));
        }
      }
      isFilled(all, (byte) 1, "memory of the peer");
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> trial.post(
              new RemoteBatch(
                  Direction.READ, local, new long[1], told(grant), new long[] {1},
                  new long[] {100})));
    }
  }

  /** Reading is not writing. */
  @Test
  default void refusesWhatTheGrantIsNotFor() {
    try (var trial = new TransportTrial(this)) {
      MemorySegment memory = trial.memory(50);
      memory.fill((byte) 3);
      Region local = trial.local(trial.memory(50));
      GrantMetadata reads = told(trial.grant(memory, Set.of(Right.READ), GrantListener.NONE));
      GrantMetadata writes = told(trial.grant(memory, Set.of(Right.WRITE), GrantListener.NONE));
      assertThrows(
          IllegalArgumentException.class, () -> trial.post(whole(Direction.WRITE, local, reads)));
      var _ = trial.fails(whole(Direction.WRITE, local, forged(reads, reads.token(), 50, BOTH)));
      var _ = trial.fails(whole(Direction.READ, local, forged(writes, writes.token(), 50, BOTH)));
      isFilled(memory, (byte) 3, "memory of the peer");
    }
  }

  private static GrantMetadata forged(
      GrantMetadata like, byte[] token, long bytes, Set<Right> rights) {
    return new GrantMetadata(
        like.transport(), like.generation(), token, rights, like.expiry(), new long[] {bytes},
        like.keys());
  }

  /** A grant ends with its lifetime, by itself. */
  @Test
  default void endsAGrantWithItsLifetime() {
    try (var trial = new TransportTrial(this)) {
      var ears = new TransportTrial.Ears();
      Window window = Window.of(trial.remote(trial.memory(10)));
      Grant grant = trial.there()
          .grant(new GrantTerms(List.of(window), BOTH, Duration.ofMillis(50), 0), ears);
      Region local = trial.local(trial.memory(10));
      assertEquals(End.EXPIRED, trial.await(ears.end, "expiry"));
      assertEquals(Why.EXPIRED, why(trial.fails(whole(Direction.READ, local, told(grant)))));
      trial.await(grant.revoke(), "fence");
      ears.check();
    }
  }

  private static Why why(PagodaException failure) {
    if (failure instanceof TransportException known) {
      return known.why();
    }
    throw new AssertionError("It does not say why for programs", failure);
  }

  /** A grant for some batches is for no more, however many ranges and messages they have. */
  @Test
  default void countsUses() {
    try (var trial = new TransportTrial(this)) {
      var ears = new TransportTrial.Ears();
      Window window = Window.of(trial.remote(trial.memory(8 << 20)));
      Grant grant =
          trial.there().grant(new GrantTerms(List.of(window), BOTH, TransportTrial.LONG, 2), ears);
      Region local = trial.local(trial.memory(8 << 20));
      RemoteBatch batch =
          whole(Direction.READ, local, told(grant)).thenTell(new Notification(new byte[1]));
      trial.moves(batch);
      trial.moves(batch);
      assertEquals(Why.USED_UP, why(trial.fails(batch)));
      assertEquals(2, ears.messages.size());
      trial.await(grant.revoke(), "fence");
      assertEquals(Why.USED_UP, why(trial.fails(batch)), "also when it has ended");
    }
  }

  /** What is revoked is refused, and those that there are beside it are not. */
  @Test
  default void refusesARevokedGrant() {
    try (var trial = new TransportTrial(this)) {
      var ears = new TransportTrial.Ears();
      MemorySegment memory = trial.memory(100);
      Grant grant = trial.grant(memory, BOTH, ears);
      Grant other = trial.grant(memory, BOTH, GrantListener.NONE);
      Region local = trial.local(trial.memory(100));
      trial.moves(whole(Direction.READ, local, told(grant)));
      trial.await(grant.revoke(), "fence");
      assertEquals(End.REVOKED, trial.await(ears.end, "end"));
      assertEquals(Why.NO_GRANT, why(trial.fails(whole(Direction.READ, local, told(grant)))));
      trial.await(grant.revoke(), "fence at the second call");
      grant.close();
      trial.moves(whole(Direction.WRITE, local, told(other)));
      ears.check();
    }
  }

  /** Tokens are all different, and say nothing of each other. */
  @Test
  default void givesEveryGrantItsOwnToken() {
    try (var trial = new TransportTrial(this)) {
      MemorySegment memory = trial.memory(16);
      long different =
          Stream.generate(() -> trial.grant(memory, BOTH, GrantListener.NONE).metadata().token())
              .limit(200)
              .map(Arrays::hashCode)
              .distinct()
              .count();
      assertTrue(different > 190, () -> "only " + different + " different tokens");
      assertEquals(1, trial.there().use().registrations());
    }
  }
}
