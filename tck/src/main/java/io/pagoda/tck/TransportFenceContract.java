package io.pagoda.tck;

import static io.pagoda.tck.TransportTrial.BOTH;
import static io.pagoda.tck.TransportTrial.beginning;
import static io.pagoda.tck.TransportTrial.staysAsItIs;
import static io.pagoda.tck.TransportTrial.told;
import static io.pagoda.tck.TransportTrial.whole;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.Notification;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.RemoteBatch.Direction;
import io.pagoda.spi.transport.TransferEnd;
import io.pagoda.spi.transport.TransferHandle;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** When a fence has completed, nobody touches what was fenced. */
public interface TransportFenceContract extends TransportUnderTest {
  /** Long enough for a transfer to be cut in its midst. */
  long LARGE = 64 << 20;
  /** {@return after how many MiB transfers are cut} */
  private int[] cuts() {
    return thorough() ? new int[] {0, 1, 8, 16, 24} : new int[] {8, 0};
  }

  /** How long memory is looked at that nobody may write to. */
  private Duration observed() {
    return Duration.ofMillis(thorough() ? 400 : 50);
  }

  /** A read that was cancelled writes nothing here any more, whenever that was. */
  @Test
  default void fencesACancelledRead() {
    cancelled(Direction.READ);
  }

  /** A write that was cancelled writes nothing there any more, whenever that was. */
  @Test
  default void fencesACancelledWrite() {
    cancelled(Direction.WRITE);
  }

  private void cancelled(Direction direction) {
    try (var trial = new TransportTrial(this)) {
      MemorySegment here = trial.memory(LARGE);
      MemorySegment there = trial.memory(LARGE);
      Grant grant = trial.grant(there, BOTH, GrantListener.NONE);
      Region local = trial.local(here);
      RemoteBatch batch = whole(direction, local, told(grant));
      MemorySegment target = direction == Direction.READ ? here : there;
      MemorySegment source = direction == Direction.READ ? there : here;
      source.fill((byte) 0x11);
      int cut = 0;
      for (int mebibytes : cuts()) {
        cut += cut(trial, batch, target, mebibytes > 0) ? 1 : 0;
      }
      for (long end = end(); cut == 0 && System.nanoTime() < end;) {
        cut += cut(trial, batch, target, false) ? 1 : 0;
      }
      assertTrue(cut > 0, "every batch had ended before it was cancelled: none was tested");
      trial.moves(batch);
    }
  }

  /** Cancels a batch, and looks at its target; returns whether that was before it had ended. */
  private boolean cut(TransportTrial trial, RemoteBatch batch, MemorySegment target, boolean some) {
    target.fill((byte) 0);
    TransferHandle handle = trial.post(batch);
    trial.until("some bytes come", () -> !some || some(target, handle));
    trial.await(handle.cancel(), "fence");
    boolean cut = trial.end(handle) instanceof TransferEnd.Cancelled;
    staysAsItIs(target, observed());
    return cut;
  }

  /** {@return until when a test tries again that was held up, and so has tested nothing} */
  private long end() {
    return System.nanoTime() + patience().toNanos();
  }

  private static boolean some(MemorySegment target, TransferHandle handle) {
    return target.get(ValueLayout.JAVA_BYTE, 1 << 20) != 0
        || handle.ended().toCompletableFuture().isDone();
  }

  /** Cancelling what has ended changes nothing. */
  @Test
  default void leavesAnEndAsItIs() {
    try (var trial = new TransportTrial(this)) {
      Grant grant = trial.grant(trial.memory(100), BOTH, GrantListener.NONE);
      RemoteBatch batch = whole(Direction.READ, trial.local(trial.memory(100)), told(grant));
      TransferHandle handle = trial.post(batch);
      trial.moves(handle, batch);
      trial.await(handle.cancel(), "fence");
      trial.await(handle.cancel(), "fence at the second call");
      assertEquals(new TransferEnd.Completed(100), trial.end(handle));
    }
  }

  /** A batch that was cancelled tells the peer nothing. */
  @Test
  default void tellsNothingOfWhatWasCancelled() {
    try (var trial = new TransportTrial(this)) {
      var ears = new TransportTrial.Ears();
      Grant grant = trial.grant(trial.memory(LARGE), BOTH, ears);
      RemoteBatch batch = whole(Direction.WRITE, trial.local(trial.memory(LARGE)), told(grant))
          .thenTell(new Notification(new byte[1]));
      long end = end();
      long posted = 0;
      long completed = 0;
      do {
        List<TransferHandle> handles = Stream.generate(() -> trial.post(batch)).limit(12).toList();
        handles.forEach(TransferHandle::cancel);
        handles.forEach(handle -> trial.await(handle.quiet(), "fence"));
        posted += handles.size();
        completed += handles.stream().filter(handle -> trial.end(handle).completed()).count();
        assertEquals(completed, ears.messages.size());
      } while (completed == posted && System.nanoTime() < end);
      assertTrue(
          completed < posted, "every batch had ended before it was cancelled: none was tested");
    }
  }

  /** While a peer writes without a pause, a grant is revoked: nothing is written afterwards. */
  @Test
  default void fencesARevokedGrant() {
    try (var trial = new TransportTrial(this)) {
      var ears = new TransportTrial.Ears();
      MemorySegment there = trial.memory(16 << 20);
      Grant grant = trial.grant(there, BOTH, ears);
      Region local = trial.local(trial.memory(16 << 20));
      local.memory().fill((byte) 0x11);
      TransferHandle first = trial.post(beginning(Direction.WRITE, local, told(grant)));
      RemoteBatch batch = whole(Direction.WRITE, local, told(grant));
      var writes = new TransportTrial.Flow(20, () -> trial.post(batch));
      trial.await(first.ended(), "the first end");
      trial.await(grant.revoke(), "fence");
      assertTrue(ears.end.isDone(), "the listener is told before the fence completes");
      staysAsItIs(there, observed());
      assertFalse(trial.end(writes).completed());
      ears.check();
    }
  }

  /** A batch ends at its deadline, and is fenced soon after it. */
  @Test
  default void endsAtTheDeadline() {
    try (var trial = new TransportTrial(this)) {
      MemorySegment here = trial.memory(LARGE);
      Grant grant = trial.grant(trial.memory(LARGE), BOTH, GrantListener.NONE);
      Region local = trial.local(here);
      RemoteBatch batch = whole(Direction.READ, local, told(grant));
      boolean expired = false;
      for (long end = end(); !expired && System.nanoTime() < end;) {
        List<TransferHandle> handles =
            Stream.generate(() -> trial.link().post(batch, Duration.ofMillis(20)))
                .limit(10)
                .toList();
        handles.forEach(trial::end);
        handles.forEach(handle -> trial.await(handle.quiet(), "fence"));
        expired = trial.end(handles.getLast()) instanceof TransferEnd.Expired;
      }
      assertTrue(expired, "every batch had ended before its deadline");
      staysAsItIs(here, observed());
      trial.moves(batch);
    }
  }

  /** A region that was closed is released when the last batch that uses it is quiet. */
  @Test
  default void releasesARegionWhenNothingUsesIt() {
    try (var trial = new TransportTrial(this)) {
      Grant grant = trial.grant(trial.memory(LARGE), BOTH, GrantListener.NONE);
      Region region = trial.local(trial.memory(LARGE));
      Region again = trial.local(region.memory());
      assertEquals(1, trial.here().use().registrations(), "the same memory is registered once");
      TransferHandle handle = trial.post(whole(Direction.WRITE, region, told(grant)));
      region.close();
      region.close();
      if (!handle.quiet().toCompletableFuture().isDone()) {
        trial.await(handle.quiet(), "being quiet");
      }
      trial.await(region.released(), "release");
      assertEquals(1, trial.here().use().registrations(), "another region of it is open");
      assertFalse(again.released().toCompletableFuture().isDone());
      assertTrue(trial.end(handle).completed());
      again.close();
      trial.await(again.released(), "release");
      assertEquals(0, trial.here().use().registrations());
    }
  }

  /** A grant keeps its regions until it has ended. */
  @Test
  default void keepsTheRegionsOfAGrant() {
    try (var trial = new TransportTrial(this)) {
      MemorySegment memory = trial.memory(10);
      Region region = trial.remote(memory);
      Grant grant = trial.grant(memory, BOTH, GrantListener.NONE);
      region.close();
      trial.moves(whole(Direction.READ, trial.local(trial.memory(10)), told(grant)));
      trial.await(grant.revoke(), "fence");
      trial.await(region.released(), "release");
    }
  }
}
