package io.pagoda.transport.rdma;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.transport.MemoryPlace;
import io.pagoda.spi.transport.Notification;
import io.pagoda.spi.transport.Peer;
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
final class Transfer implements TransferHandle {
  private final Carrier link;
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
  /** The queue pairs that have moved any of it, a bit for each. */
  private long movers;
  private int outstanding;
  private int flushing;
  private boolean telling;
  private boolean broken;
  private boolean still;
  private @Nullable TransferEnd end;

  /** What carries it. */
  interface Carrier {
    /** It can be sent. */
    void offer(Transfer transfer);

    /** Reads a byte behind what a queue pair has written for it; {@link #flushed()} follows. */
    void flush(Transfer transfer, FlushRead.From from);

    /** All of it has arrived, and the peer is to hear of it; {@link #told(int)} follows. */
    void tell(Transfer transfer);

    /** It has ended; told once. */
    void ended(Transfer transfer, TransferEnd how, long nanos);

    /** It touches nothing any more, and so does not need what the peer has said; told once. */
    void quiet(Transfer transfer, @Nullable Lease lease);

    /** A lease has come too late to be used. */
    void unused(Lease lease, Transfer transfer);

    Timers timers();

    /** {@return who the peer is, for people} */
    String subject();

    Peer peer();

    Road path();

    /** {@return by which way memory of GPUs goes} */
    String gpus();
  }

  /** What one queue pair sends of it. */
  private final class Share implements Work {
    private final int queue;

    Share(int queue) {
      this.queue = queue;
    }

    @Override
    public int opcode() {
      return batch.direction() == Direction.READ ? Abi.READ : Abi.WRITE;
    }

    @Override
    public boolean more() {
      return Transfer.this.more();
    }

    @Override
    public int fill(WorkRing ring, int most, long bytes) {
      return Transfer.this.fill(queue, ring, most, bytes);
    }

    @Override
    public void done(long bytes) {
      Transfer.this.done(bytes);
    }
  }

  Transfer(Carrier link, RemoteBatch batch, long id, List<RdmaRegion> regions, int pieceBytes) {
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
      link.unused(granted, this);
      return;
    }
    granted.check(batch)
        .ifPresentOrElse(why -> end(new TransferEnd.Failed(why)), () -> link.offer(this));
  }

  /** {@return what a queue pair of the link sends of it: as many as like take from one batch} */
  Work by(int queue) {
    return new Share(queue);
  }

  private synchronized boolean more() {
    return end == null && range < batch.size();
  }

  private synchronized int fill(int queue, WorkRing ring, int most, long bytes) {
    Lease from = lease;
    if (end != null || from == null) {
      return 0;
    }
    int count = 0;
    long filled = 0;
    while (range < batch.size() && count < most && filled < bytes) {
      filled += one(ring, count++, from);
    }
    if (count > 0) {
      outstanding++;
      movers |= 1L << queue;
    }
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

  private void done(long bytes) {
    boolean all;
    List<FlushRead.From> behind = List.of();
    synchronized (this) {
      if (broken) {
        return;
      }
      outstanding--;
      moved += bytes;
      all = end == null && moved == batch.bytes() && lease != null;
      if (all && lease != null) { // at the peer's device: what is behind it has to have it, too
        behind = lease.behind(batch, movers);
        flushing = behind.size();
        outstanding += flushing; // now, for who ends it meanwhile waits for them
      }
    }
    behind.forEach(one -> link.flush(this, one));
    if (all && behind.isEmpty()) {
      arrived();
    }
    settle();
  }

  /** What one queue pair has written is where the peer's GPU, or its processor, sees it. */
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
      // The peer may have heard of it already.
      boolean late = telling && how instanceof TransferEnd.Cancelled;
      if (end != null || late) {
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
    regions.forEach(RdmaRegion::leave);
    link.quiet(this, used);
    quiet.complete(null);
  }

  /** {@return how many bytes have been moved} */
  synchronized long moved() {
    return moved;
  }

  private void expire(long nanos) {
    long bytes = moved();
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
    end(new TransferEnd.Cancelled());
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
