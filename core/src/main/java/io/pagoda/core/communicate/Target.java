package io.pagoda.core.communicate;

import io.pagoda.Fault;
import io.pagoda.KvWrite;
import io.pagoda.PagodaException;
import io.pagoda.spi.transport.Capabilities.Limits;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.Notification;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.TransferEnd;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A worker that decodes, to whose memory this one writes.
 *
 * @param link the way to it
 * @param here what this side holds
 * @param regions the memory that is
 * @param answer what it holds, and the right to write there
 * @param overlap what of it both hold
 * @param limits how much the transport takes at once
 * @param deadline how long a write may take
 */
record Target(
    Link link, Geometry here, List<Region> regions, Answer answer, Overlap overlap, Limits limits,
    Duration deadline) {
  CompletionStage<TransferEnd> write(KvWrite what) {
    List<RemoteBatch> batches = here.ranges(what, answer.geometry(), overlap, limits.rangeBytes())
        .batches(regions, answer.grant(), limits.ranges());
    RemoteBatch last = batches.removeLast().thenTell(new Notification(Told.encode(what)));
    if (batches.isEmpty()) {
      return post(last, deadline);
    }
    // The peer is told with the last of them: it must not overtake the others.
    long begun = System.nanoTime();
    return all(batches).thenCompose(
        end -> end instanceof TransferEnd.Completed moved
            ? last(last, moved, begun)
            : CompletableFuture.completedFuture(end));
  }

  private CompletionStage<TransferEnd> last(
      RemoteBatch last, TransferEnd.Completed moved, long begun) {
    Duration left = deadline.minusNanos(System.nanoTime() - begun);
    return post(last, left.isPositive() ? left : Duration.ofNanos(1)).thenApply(
        end -> end instanceof TransferEnd.Completed more
            ? new TransferEnd.Completed(moved.bytes() + more.bytes())
            : end);
  }

  /** Posts a batch; over a link that was closed meanwhile it fails, as over one that is lost. */
  private CompletionStage<TransferEnd> post(RemoteBatch batch, Duration left) {
    try {
      return link.post(batch, left).ended();
    } catch (IllegalStateException e) {
      return CompletableFuture.completedFuture(
          new TransferEnd.Failed(
              new PagodaException(
                  Fault.TRANSIENT, "Cannot write %s to %s: %s. Connect to it again"
                      .formatted(batch, link.peer().name(), e.getMessage()),
                  e)));
    }
  }

  /** {@return when all have ended: how the first ended that did not complete, or the sum} */
  private CompletionStage<TransferEnd> all(List<RemoteBatch> batches) {
    List<CompletableFuture<TransferEnd>> ends = new ArrayList<>();
    for (RemoteBatch batch : batches) {
      ends.add(post(batch, deadline).toCompletableFuture());
    }
    return CompletableFuture.allOf(ends.toArray(CompletableFuture<?>[]::new))
        .thenApply(_ -> sum(ends.stream().map(CompletableFuture::join).toList()));
  }

  private static TransferEnd sum(List<TransferEnd> ends) {
    long bytes = 0;
    for (TransferEnd end : ends) {
      if (!(end instanceof TransferEnd.Completed completed)) {
        return end;
      }
      bytes += completed.bytes();
    }
    return new TransferEnd.Completed(bytes);
  }
}
