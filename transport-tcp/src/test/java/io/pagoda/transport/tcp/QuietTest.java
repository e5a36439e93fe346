package io.pagoda.transport.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.RemoteBatch.Direction;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.TransferHandle;
import io.pagoda.spi.transport.Window;
import io.pagoda.tck.Seeded;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A batch is quiet behind its end, also if it is cancelled in the moment in which it is done. */
@ExtendWith(Seeded.class)
class QuietTest {
  private static final int TIMES = 20_000;
  private static final Duration ENOUGH = Duration.ofSeconds(60);
  private static final int FEWEST = 2_000;
  private static final int BYTES = 4_096;
  private static final int MOST_NANOS = 60_000;

  @Test
  @Timeout(600)
  void isQuietBehindItsEnd(Random random) throws Exception {
    AtomicInteger early = new AtomicInteger();
    try (Arena arena = Arena.ofShared();
        TcpTransport here = Rig.of(Backend.AUTO).open("here");
        TcpTransport there = Rig.of(Backend.AUTO).open("there");
        Region own = here.register(arena.allocate(BYTES));
        Region far = there.register(arena.allocate(BYTES));
        Grant grant = there.grant(
            new GrantTerms(Window.of(far), Right.READ, Duration.ofHours(1)), GrantListener.NONE);
        Link link = here.connect(there.listen().metadata(), Peers.PATIENCE)) {
      RemoteBatch batch = new RemoteBatch(
          Direction.READ, own, new long[1], grant.metadata(), new long[1], new long[] {BYTES});
      long until = System.nanoTime() + ENOUGH.toNanos();
      int times = 0;
      for (; times < FEWEST || (times < TIMES && System.nanoTime() - until < 0); times++) {
        TransferHandle handle = link.post(batch, Peers.PATIENCE);
        var _ = handle.quiet().thenRun(() -> {
          if (!handle.ended().toCompletableFuture().isDone()) {
            early.incrementAndGet();
          }
        });
        for (long end = System.nanoTime() + random.nextInt(MOST_NANOS); System.nanoTime() < end;) {
          Thread.onSpinWait();
        }
        var _ = handle.cancel();
        handle.quiet().toCompletableFuture().get(60, TimeUnit.SECONDS);
      }
    }
    assertEquals(0, early.get(), "batches were quiet before they had ended");
  }
}
