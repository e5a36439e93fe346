package io.pagoda.core.connect;

import io.pagoda.PagodaException;
import io.pagoda.spi.transport.CostEstimate;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.Peer;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.Road;
import io.pagoda.spi.transport.TransferEnd;
import io.pagoda.spi.transport.TransferHandle;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** A link over which batches end as a test says. */
public class HandLink implements Link {
  private final Function<RemoteBatch, CompletableFuture<TransferEnd>> ends;
  private final List<RemoteBatch> posted = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();

  /** Creates one that asks how each batch ends. */
  public HandLink(Function<RemoteBatch, CompletableFuture<TransferEnd>> ends) {
    this.ends = ends;
  }

  /** {@return what was posted} */
  List<RemoteBatch> posted() {
    return posted;
  }

  /** {@return completes when it was closed} */
  public CompletableFuture<Void> closed() {
    return closed;
  }

  @Override
  public Peer peer() {
    return new Peer("far", new UUID(1, 2), "nowhere");
  }

  @Override
  public Road path() {
    return new Road("by-hand", "nothing moves", "");
  }

  @Override
  public boolean alive() {
    return !closed.isDone();
  }

  @Override
  public CompletionStage<PagodaException> lost() {
    return new CompletableFuture<>();
  }

  @Override
  public TransferHandle post(RemoteBatch batch, Duration deadline) {
    posted.add(batch);
    CompletableFuture<TransferEnd> ended = ends.apply(batch);
    return new TransferHandle() {
      @Override
      public CompletionStage<TransferEnd> ended() {
        return ended;
      }

      @Override
      public CompletionStage<Void> quiet() {
        return ended.thenAccept(_ -> {});
      }

      @Override
      public CompletionStage<Void> cancel() {
        ended.complete(new TransferEnd.Cancelled());
        return quiet();
      }

      @Override
      public Road path() {
        return HandLink.this.path();
      }
    };
  }

  @Override
  public CostEstimate estimate(RemoteBatch.Direction direction, int ranges, long bytes) {
    return new CostEstimate(Duration.ZERO, false);
  }

  @Override
  public void close() {
    closed.complete(null);
  }
}
