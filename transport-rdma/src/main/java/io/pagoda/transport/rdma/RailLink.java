package io.pagoda.transport.rdma;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.transport.CostEstimate;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.Peer;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.Road;
import io.pagoda.spi.transport.TransferHandle;
import io.pagoda.spi.transport.TransportException;
import io.pagoda.spi.transport.TransportException.Why;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * A link by several devices: each batch goes by one of them, and whoever loses one loses all. Safe
 * for use by many threads.
 */
final class RailLink implements Link {
  private final List<? extends Part> parts;
  private final RailChoice choice;
  private final Consumer<String> mayWait;
  private final CompletableFuture<PagodaException> lost = new CompletableFuture<>();
  private final AtomicInteger turn = new AtomicInteger();
  private volatile boolean closing;

  /** A link by one device. */
  interface Part extends Link {
    /** {@return bytes of its batches that have not ended} */
    long ahead();

    /** Ends it, for a reason; from any thread. */
    void broken(PagodaException why);

    /** Says goodbye, if it can, and takes no more batches; completes when the peer has that. */
    CompletableFuture<Void> goodbye();

    /** Closes it, having said goodbye; waits. */
    void shut(PagodaException why);
  }

  /**
   * Joins links.
   *
   * @param mayWait throws if this thread may not wait for what it is told
   */
  RailLink(List<? extends Part> parts, RailChoice choice, Consumer<String> mayWait) {
    this.parts = parts;
    this.choice = choice;
    this.mayWait = mayWait;
    for (Part part : parts) {
      var _ = part.lost().thenAccept(this::ends);
    }
  }

  /** {@return the link of each device} */
  List<? extends Part> parts() {
    return parts;
  }

  private void ends(PagodaException why) {
    if (!closing) {
      lost.complete(why);
      parts.forEach(part -> Completions.guarded(() -> part.broken(why)));
    }
  }

  @Override
  public Peer peer() {
    return parts.getFirst().peer();
  }

  @Override
  public Road path() {
    Road first = parts.getFirst().path();
    String details =
        parts.stream().map(part -> part.path().detail()).collect(Collectors.joining(", and "));
    return new Road(first.transport(), details, first.instead());
  }

  @Override
  public boolean alive() {
    return !lost.isDone();
  }

  @Override
  public CompletionStage<PagodaException> lost() {
    return lost.minimalCompletionStage();
  }

  @Override
  public TransferHandle post(RemoteBatch batch, Duration deadline) {
    int rail = choice
        .of(batch.regions(), parts.size(), one -> parts.get(one).ahead(), turn.getAndIncrement());
    return parts.get(rail).post(batch, deadline);
  }

  @Override
  public CostEstimate estimate(RemoteBatch.Direction direction, int ranges, long bytes) {
    return parts.stream()
        .map(part -> part.estimate(direction, ranges, bytes))
        .min(Comparator.comparing(CostEstimate::time))
        .orElseThrow();
  }

  /** Closes it: when this returns, nothing touches anything for it. */
  void shut(PagodaException why) {
    closing = true;
    try {
      for (Part part : parts) { // all, before any is waited for
        Completions.guarded(() -> {
          var _ = part.goodbye();
        });
      }
      parts.forEach(part -> Completions.guarded(() -> part.shut(why)));
    } finally {
      lost.complete(why);
    }
  }

  @Override
  public void close() {
    mayWait.accept("close a link");
    shut(
        new TransportException(
            Why.LOST, Fault.PERMANENT,
            "The link to %s at %s was closed here".formatted(peer().name(), peer().address())));
  }
}
