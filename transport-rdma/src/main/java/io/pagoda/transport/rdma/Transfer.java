package io.pagoda.transport.rdma;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.transport.MemoryPlace;
import io.pagoda.spi.transport.Notification;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.RemoteBatch.Direction;
import io.pagoda.spi.transport.Road;
import io.pagoda.spi.transport.TransferEnd;
import io.pagoda.spi.transport.TransferHandle;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;

/** A batch on its way, written as work requests as there is room for them. */
final class Transfer implements TransferHandle, Work {
  private final RdmaLink link;
  private final RemoteBatch batch;
  private final long id;
  private final List<RdmaRegion> regions;
  private final Registration[] locals;
  private final int pieceBytes;
  private final long began = System.nanoTime();
  private final CompletableFuture<TransferEnd> ended = new CompletableFuture<>();
  private final CompletableFuture<Void> quiet = new CompletableFuture<>();
  private @Nullable ScheduledFuture<?> deadline;
  private @Nullable Lease lease;
  private int range;
  private long skip;
  private long moved;
  private int outstanding;
  private int flushing;
  private boolean telling;
  private boolean broken;
  private boolean still;
  private @Nullable TransferEnd end;

  Transfer(RdmaLink link, RemoteBatch batch, long id, List<RdmaRegion> regions, int pieceBytes) {
    this.link = link;
    this.batch = batch;
    this.id = id;
    this.regions = regions;
    this.pieceBytes = pieceBytes;
    locals = regions.stream().map(RdmaRegion::registration).toArray(Registration[]::new);
  }

  RemoteBatch batch() {
    return batch;
  }

  long id() {
    return id;
  }

  /** Ends it after a time, unless it ends before. */
  void within(long nanos) {
    ScheduledFuture<?> timer = link.timers().in(nanos, () -> expire(nanos));
    boolean late;
    synchronized (this) {
      deadline = timer;
      late = end != null;
    }
    if (late) {
      Timers.cancel(timer);
    }
  }

  /** The peer has said where its windows are. */
  void start(Lease granted) {
    boolean late;
    synchronized (this) {
      late = still;
      lease = late ? null : granted;
    }
    if (late) {
      link.leases().left(granted, this);
      return;
    }
    granted.check(batch)
        .ifPresentOrElse(why -> end(new TransferEnd.Failed(why)), () -> link.offer(this));
  }

  @Override
  public int opcode() {
    return batch.direction() == Direction.READ ? Abi.READ : Abi.WRITE;
  }

  @Override
  public synchronized boolean more() {
    return end == null && range < batch.size();
  }

  @Override
  public synchronized int fill(WorkRing ring, int most, long bytes) {
    Lease from = lease;
    if (end != null || from == null) {
      return 0;
    }
    int count = 0;
    long filled = 0;
    while (range < batch.size() && count < most && filled < bytes) {
      filled += one(ring, count++, from);
    }
    outstanding += count > 0 ? 1 : 0;
    return count;
  }

  /** Writes one request, of as many ranges as follow each other on both sides. */
  private long one(WorkRing ring, int index, Lease from) {
    Registration local = locals[batch.localRegion(range)];
    long here = batch.localOffset(range) + skip;
    int window = batch.remoteWindow(range);
    long there = batch.remoteOffset(range) + skip;
    long most = Math.min(pieceBytes, Math.min(local.within(here), from.within(there)));
    long length = 0;
    while (true) {
      long part = Math.min(most - length, batch.length(range) - skip);
      length += part;
      skip += part;
      if (skip < batch.length(range)) {
        break;
      }
      boolean joins = length < most && follows(range);
      range++;
      skip = 0;
      if (!joins) {
        break;
      }
    }
    ring.set(
        index, local.address() + here, local.lkey(here), (int) length, from.address(window) + there,
        from.rkey(window, there));
    return length;
  }

  private boolean follows(int at) {
    int next = at + 1;
    return next < batch.size()
        && batch.localRegion(next) == batch.localRegion(at)
        && batch.remoteWindow(next) == batch.remoteWindow(at)
        && batch.localOffset(next) == batch.localOffset(at) + batch.length(at)
        && batch.remoteOffset(next) == batch.remoteOffset(at) + batch.length(at);
  }

  @Override
  public void done(long bytes) {
    boolean all;
    Lease used;
    synchronized (this) {
      if (broken) {
        return;
      }
      outstanding--;
      moved += bytes;
      all = end == null && moved == batch.bytes();
      used = lease;
    }
    if (all && used != null) {
      flush(used, used.flushed(batch));
    }
    settle();
  }

  /** All is at the peer's device: what is behind it there has to have it, too. */
  private void flush(Lease used, int[] windows) {
    synchronized (this) {
      if (broken) {
        return;
      }
      flushing = windows.length;
      outstanding += flushing;
    }
    for (int window : windows) {
      link.flush(this, new FlushRead.From(used.address(window), used.flushKey(window)));
    }
    if (windows.length == 0) {
      arrived();
    }
  }

  /** What was written is where the peer's GPU sees it. */
  void flushed() {
    boolean all;
    synchronized (this) {
      if (broken) {
        return;
      }
      outstanding--;
      all = --flushing == 0;
    }
    if (all) {
      arrived();
    }
    settle();
  }

  /** All has arrived: the peer is told, if that is wanted. */
  private void arrived() {
    boolean tells;
    synchronized (this) {
      if (broken || end != null) {
        return;
      }
      tells = batch.notification().isPresent();
      if (tells) {
        telling = true;
        outstanding++;
      }
    }
    if (tells) {
      link.tell(this);
    } else {
      end(new TransferEnd.Completed(batch.bytes()));
    }
  }

  byte[] message() {
    return batch.notification().map(Notification::message).orElseThrow();
  }

  synchronized int leaseNumber() {
    return lease == null ? 0 : lease.number();
  }

  /** The peer has heard the notification, or has not let it be heard. */
  void told(int status) {
    synchronized (this) {
      if (broken) {
        return;
      }
      telling = false;
      outstanding--;
    }
    end(
        status == 0
            ? new TransferEnd.Completed(batch.bytes())
            : new TransferEnd.Failed(
                Status.failure(status, link.subject(), Status.NO_GRANT.reason())));
    settle();
  }

  /** Ends the batch, unless it has ended. */
  void end(TransferEnd how) {
    synchronized (this) {
      if (end != null) {
        return;
      }
      end = how;
    }
    Timers.cancel(deadline);
    link.ended(this, how, System.nanoTime() - began);
    ended.complete(how);
    settle();
  }

  /** The grant was taken back: a batch that has moved everything hears whether that was told. */
  void revoked(PagodaException why) {
    boolean late;
    synchronized (this) {
      late = telling;
    }
    if (!late) {
      end(new TransferEnd.Failed(why));
    }
  }

  /** The link is no more: nothing touches anything for it. */
  void broken(PagodaException why) {
    synchronized (this) {
      broken = true;
      outstanding = 0;
    }
    end(new TransferEnd.Failed(why));
    settle();
  }

  private void settle() {
    Lease used;
    synchronized (this) {
      if (!ended.isDone() || outstanding > 0 || still) { // whoever ends it settles it, too
        return;
      }
      still = true;
      used = lease;
    }
    link.leases().left(used, this);
    regions.forEach(RdmaRegion::leave);
    link.quiet(this);
    quiet.complete(null);
  }

  private void expire(long nanos) {
    long bytes;
    synchronized (this) {
      bytes = moved;
    }
    end(
        new TransferEnd.Expired(
            new PagodaException(
                Fault.TRANSIENT,
                "%s from %s: after %d ms, %d bytes had been moved. Give it longer, or ask for less"
                    .formatted(batch, link.peer().name(), nanos / 1_000_000, bytes))));
  }

  @Override
  public CompletionStage<TransferEnd> ended() {
    return ended.minimalCompletionStage();
  }

  @Override
  public CompletionStage<Void> quiet() {
    return quiet.minimalCompletionStage();
  }

  @Override
  public CompletionStage<Void> cancel() {
    boolean late;
    synchronized (this) {
      late = telling; // the peer may have heard of it already
    }
    if (!late) {
      end(new TransferEnd.Cancelled());
    }
    return quiet();
  }

  @Override
  public Road path() {
    Road road = link.path();
    return regions.stream().anyMatch(one -> one.place() instanceof MemoryPlace.OfDevice)
        ? new Road(
            road.transport(), road.detail() + ", memory of the GPU " + link.gpus(), road.instead())
        : road;
  }
}
