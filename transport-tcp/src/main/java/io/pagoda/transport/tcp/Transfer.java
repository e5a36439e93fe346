package io.pagoda.transport.tcp;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.transport.Notification;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.Road;
import io.pagoda.spi.transport.TransferEnd;
import io.pagoda.spi.transport.TransferHandle;
import io.pagoda.spi.transport.TransportException;
import io.pagoda.spi.transport.TransportException.Why;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A batch on its way, cut into pieces as connections have room for them. */
final class Transfer implements TransferHandle {
  private static final byte[] NOTHING = {};

  private final TcpLink link;
  private final RemoteBatch batch;
  private final long id;
  private final byte[] token;
  private final List<TcpRegion> regions;
  private final long began = System.nanoTime();
  private final CompletableFuture<TransferEnd> ended = new CompletableFuture<>();
  private final CompletableFuture<Void> quiet = new CompletableFuture<>();
  private final Timed deadline;
  private final Timed unanswered = new Timed() {
    @Override
    void fire() {
      cutOff();
    }
  };
  private int range;
  private long skip;
  private long moved;
  private int outstanding;
  private boolean told;
  private @Nullable TransferEnd end;
  private boolean still;

  Transfer(TcpLink link, RemoteBatch batch, long id, List<TcpRegion> regions, long nanos) {
    this.link = link;
    this.batch = batch;
    this.id = id;
    this.regions = regions;
    token = batch.grant().token();
    deadline = new Timed() {
      @Override
      void fire() {
        expire(nanos);
      }
    };
  }

  RemoteBatch batch() {
    return batch;
  }

  long id() {
    return id;
  }

  byte[] token() {
    return token;
  }

  boolean checked() {
    return link.checked();
  }

  byte[] message() {
    return batch.notification().map(Notification::message).orElse(NOTHING);
  }

  Timed deadline() {
    return deadline;
  }

  /** {@return whether there is another piece to cut} */
  synchronized boolean more() {
    return end == null && (range < batch.size() || tellsNow());
  }

  private boolean tellsNow() {
    return moved == batch.bytes() && batch.notification().isPresent() && !told;
  }

  /** {@return the next piece, which will be {@link #over}; {@code null} if there is none} */
  synchronized @Nullable Piece cut(int mostBytes, long pieceId) {
    if (end != null) {
      return null;
    }
    if (range == batch.size()) {
      if (!tellsNow()) {
        return null;
      }
      told = true;
      outstanding++;
      return new Piece(this, pieceId, new Piece.Cursor(range, 0), 0, 0, 0);
    }
    Piece.Cursor from = new Piece.Cursor(range, skip);
    long bytes = 0;
    long last = 0;
    int count = 0;
    while (range < batch.size() && bytes < mostBytes && count < Frame.MAX_RANGES) {
      long left = batch.length(range) - skip;
      last = Math.min(left, mostBytes - bytes);
      bytes += last;
      count++;
      if (last < left) {
        skip += last;
        break;
      }
      range++;
      skip = 0;
    }
    outstanding++;
    return new Piece(this, pieceId, from, count, last, bytes);
  }

  /** A piece is over. */
  void over(Piece piece, @Nullable PagodaException failure) {
    boolean tellNow = false;
    synchronized (this) {
      outstanding--;
      if (failure == null) {
        moved += piece.bytes();
        tellNow = end == null && tellsNow();
      }
    }
    if (failure != null) {
      end(new TransferEnd.Failed(failure));
    } else if (tellNow) {
      link.again(this);
    } else {
      completeIfDone();
    }
    settle();
  }

  private void completeIfDone() {
    boolean done;
    synchronized (this) {
      boolean allTold = batch.notification().isEmpty() || told;
      done = moved == batch.bytes() && allTold && outstanding == 0;
    }
    if (done) {
      end(new TransferEnd.Completed(batch.bytes()));
    }
  }

  /** Ends the batch, unless it has ended. */
  void end(TransferEnd how) {
    boolean waits;
    synchronized (this) {
      // The peer may have heard of it already.
      boolean late = told && how instanceof TransferEnd.Cancelled;
      if (end != null || late) {
        return;
      }
      end = how;
      waits = outstanding > 0;
    }
    link.ended(this, how, System.nanoTime() - began);
    if (waits) {
      link.timers().set(unanswered, link.home().settings().silence().toNanos());
    }
    ended.complete(how);
    settle();
  }

  private void settle() {
    synchronized (this) {
      if (!ended.isDone() || outstanding > 0 || still) { // whoever ends it settles it, too
        return;
      }
      still = true;
    }
    link.timers().remove(unanswered);
    regions.forEach(TcpRegion::leave);
    link.quiet();
    quiet.complete(null);
  }

  /** The peer lives, and does not answer what it was asked for. */
  private void cutOff() {
    synchronized (this) {
      if (still) {
        return;
      }
    }
    link.fail(
        new TransportException(
            Why.LOST, Fault.TRANSIENT,
            "Cut off %s: it did not bring to an end what had begun of a batch that has ended: %s"
                .formatted(link.subject(), batch)));
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
    end(new TransferEnd.Cancelled());
    return quiet();
  }

  @Override
  public Road path() {
    return link.path();
  }
}
