package io.pagoda.transport.tcp;

import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.Road;
import io.pagoda.spi.transport.TransferEnd;
import io.pagoda.spi.transport.TransferHandle;
import io.pagoda.spi.transport.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;

/** Transports that break a promise about how batches end, or what is left of them. */
final class LiarsOfEnds {
  private LiarsOfEnds() {}

  /** Lies about each batch. */
  abstract static class OfBatches extends Liars.Honest {
    @Override
    public Duration patience() {
      return Duration.ofSeconds(2);
    }

    @Override
    public Transport open(String name) {
      return new Liars.Liar(Rig.of(Backend.AUTO).open(name)) {
        @Override
        TransferHandle post(Link link, RemoteBatch batch, Duration deadline) {
          return posted(link, batch, deadline);
        }
      };
    }

    abstract TransferHandle posted(Link link, RemoteBatch batch, Duration deadline);
  }

  /** Never says that a batch has ended. */
  static final class NeverEnds extends OfBatches {
    @Override
    TransferHandle posted(Link link, RemoteBatch batch, Duration deadline) {
      return new LyingHandle(link.post(batch, deadline)) {
        @Override
        public CompletionStage<TransferEnd> ended() {
          return new CompletableFuture<>();
        }
      };
    }
  }

  /** Leaves a range out, and says that all have arrived. */
  static final class ShortAsWhole extends OfBatches {
    @Override
    TransferHandle posted(Link link, RemoteBatch batch, Duration deadline) {
      if (batch.size() == 1) {
        return link.post(batch, deadline);
      }
      return new LyingHandle(
          link.post(AlmostTheBatch.of(batch).without(batch.size() / 2), deadline)) {
        @Override
        public CompletionStage<TransferEnd> ended() {
          return super.ended().thenApply(_ -> new TransferEnd.Completed(batch.bytes()));
        }
      };
    }
  }

  /** Says that all has arrived before anything is sent: nobody's luck hides that. */
  static final class EndsTooSoon extends OfBatches {
    @Override
    TransferHandle posted(Link link, RemoteBatch batch, Duration deadline) {
      return new NeverSent(link.path(), new TransferEnd.Completed(batch.bytes()));
    }
  }

  private record NeverSent(Road path, TransferEnd end) implements TransferHandle {
    @Override
    public CompletionStage<TransferEnd> ended() {
      return CompletableFuture.completedFuture(end);
    }

    @Override
    public CompletionStage<Void> quiet() {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Void> cancel() {
      return CompletableFuture.completedFuture(null);
    }
  }

  /** Brings two ranges to each other's places. */
  static final class SwapsRanges extends OfBatches {
    @Override
    TransferHandle posted(Link link, RemoteBatch batch, Duration deadline) {
      return link
          .post(batch.size() == 1 ? batch : AlmostTheBatch.of(batch).swapped(0, 2), deadline);
    }
  }

  /** Writes one byte more than a range has. */
  static final class WritesBehindARange extends OfBatches {
    @Override
    TransferHandle posted(Link link, RemoteBatch batch, Duration deadline) {
      return new LyingHandle(link.post(batch, deadline)) {
        @Override
        public CompletionStage<TransferEnd> ended() {
          return super.ended().thenApply(end -> {
            MemorySegment memory = batch.regions().get(batch.localRegion(0)).memory();
            long behind = batch.localOffset(0) + batch.length(0);
            if (behind < memory.byteSize()) {
              memory.set(ValueLayout.JAVA_BYTE, behind, (byte) 1);
            }
            return end;
          });
        }
      };
    }
  }

  /** Keeps the memory of what was cancelled, and writes to it for as long as it is there. */
  static final class KeepsMemory extends OfBatches {
    /** It is looked at for seconds then, in which whoever spoils it has its turn. */
    @Override
    public boolean thorough() {
      return true;
    }

    @Override
    TransferHandle posted(Link link, RemoteBatch batch, Duration deadline) {
      return new LyingHandle(link.post(batch, deadline)) {
        @Override
        public CompletionStage<Void> cancel() {
          MemorySegment memory = batch.regions().getFirst().memory();
          return super.cancel()
              .thenRun(() -> Thread.ofPlatform().daemon().start(() -> spoil(memory)));
        }
      };
    }

    private static void spoil(MemorySegment memory) {
      while (memory.scope().isAlive()) {
        try {
          memory.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
        } catch (IllegalStateException freed) {
          return;
        }
        LockSupport.parkNanos(100_000);
      }
    }
  }

  /** Throws where a batch of a link that is lost should end as failed. */
  static final class ThrowsWhatShouldEnd extends OfBatches {
    @Override
    TransferHandle posted(Link link, RemoteBatch batch, Duration deadline) {
      if (!link.alive()) {
        throw new IllegalStateException("the link is lost");
      }
      return link.post(batch, deadline);
    }
  }

  /** Leaves a socket open with each start. */
  static final class LeavesASocket extends Liars.Honest implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private final List<ServerSocketChannel> left = new ArrayList<>();

    @Override
    public Duration patience() {
      return PATIENCE;
    }

    @Override
    public Transport open(String name) {
      try {
        left.add(ServerSocketChannel.open());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return super.open(name);
    }

    @AfterEach
    @Override
    public void close() throws IOException {
      for (ServerSocketChannel one : left) {
        one.close();
      }
    }
  }

  /** Leaves a thread running with each start. */
  static final class LeavesAThread extends Liars.Honest implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private final CountDownLatch over = new CountDownLatch(1);

    @Override
    public Duration patience() {
      return PATIENCE;
    }

    @Override
    public Transport open(String name) {
      Thread.ofPlatform().daemon().start(() -> {
        try {
          over.await();
        } catch (InterruptedException _) {
          // then it ends as well
        }
      });
      return super.open(name);
    }

    @AfterEach
    @Override
    public void close() {
      over.countDown();
    }
  }
}
