package io.pagoda.transport.tcp;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.transport.CostEstimate;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.Peer;
import io.pagoda.spi.transport.PeerMetadata;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.Road;
import io.pagoda.spi.transport.TransferEnd;
import io.pagoda.spi.transport.TransferHandle;
import io.pagoda.spi.transport.TransportException;
import io.pagoda.spi.transport.TransportException.Why;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A link of the connecting side. Batches wait in one queue, from which every connection that has
 * room takes a piece of the first and puts it last: large ones hold up none behind them.
 */
final class TcpLink implements Link {
  private final TcpTransport transport;
  private final Peer peer;
  private final List<Connect> pending = new CopyOnWriteArrayList<>();
  private final List<ClientConnection> connections = new CopyOnWriteArrayList<>();
  private final ArrayDeque<Transfer> waiting = new ArrayDeque<>();
  private final CompletableFuture<PagodaException> lost = new CompletableFuture<>();
  private final CompletableFuture<TcpLink> opened = new CompletableFuture<>();
  private final CompletableFuture<Void> gone = new CompletableFuture<>();
  private final Costs costs = new Costs();
  private final AtomicLong ids = new AtomicLong();
  private final AtomicInteger live = new AtomicInteger();
  private final int stripes;
  private volatile Road road;
  private int pieceBytes;
  private int ready;
  private int open;
  private int turn;
  private boolean closed;

  TcpLink(TcpTransport transport, PeerMetadata peer) {
    this.transport = transport;
    this.peer = new Peer(peer.name(), peer.generation(), peer.address());
    stripes = transport.settings().connections();
    pieceBytes = transport.settings().pieceBytes();
    open = stripes;
    road = transport.road(stripes, "");
  }

  Home home() {
    return transport;
  }

  /** {@return completes when all connections are there, or one is not} */
  CompletableFuture<TcpLink> opened() {
    return opened;
  }

  /** A connection is being made. */
  void connecting(Connect connect) {
    pending.add(connect);
    if (lost.isDone()) {
      connect.giveUp();
    }
  }

  /** A connection is there; it begins. */
  void add(ClientConnection connection) {
    connections.add(connection);
    connection.begin();
    if (lost.isDone()) {
      connection.shut();
    }
  }

  /** There will be no such connection. */
  void missing(PagodaException why) {
    fail(why);
    fenced();
  }

  /** What the peer takes at once. */
  synchronized void agreed(Handshake.Welcome welcome) {
    pieceBytes = Math.min(pieceBytes, welcome.pieceBytes());
  }

  /**
   * One connection is ready.
   *
   * @param identity whom a certificate says the peer to be; empty if there is none
   */
  void ready(String identity) {
    road = transport.road(stripes, identity);
    boolean all;
    synchronized (this) {
      all = ++ready == stripes;
    }
    if (all) {
      pending.clear();
      opened.complete(this);
    }
  }

  boolean checked() {
    return transport.settings().checksums();
  }

  /** {@return the next piece to send, which will be over; {@code null} if there is none} */
  @Nullable
  Piece next(long pieceId) {
    synchronized (waiting) {
      while (true) {
        Transfer first = waiting.pollFirst();
        if (first == null) {
          return null;
        }
        Piece piece = first.cut(pieceBytes, pieceId);
        if (piece != null) {
          if (first.more()) {
            waiting.addLast(first);
          }
          return piece;
        }
      }
    }
  }

  /** A transfer has another piece. */
  void again(Transfer transfer) {
    synchronized (waiting) {
      waiting.addLast(transfer);
    }
    if (lost.isDone()) {
      dropWaiting(cause());
    } else {
      wake(1);
    }
  }

  /** Has connections take what waits, at most {@code most} of them. */
  private void wake(long most) {
    int first;
    synchronized (waiting) {
      first = turn++;
    }
    int size = connections.size();
    for (int i = 0; i < Math.min(most, size); i++) {
      connections.get(Math.floorMod(first + i, size)).ask();
    }
  }

  @Override
  public TransferHandle post(RemoteBatch batch, Duration deadline) {
    check(batch, deadline);
    Transfer transfer =
        new Transfer(this, batch, ids.incrementAndGet(), enter(batch.regions()), nanos(deadline));
    transport.census().transfer(1);
    live.incrementAndGet();
    timers().set(transfer.deadline(), nanos(deadline));
    again(transfer, batch.bytes() / pieceBytes + batch.size() / Frame.MAX_RANGES + 1);
    return transfer;
  }

  private static long nanos(Duration time) {
    return Grants.nanos(time);
  }

  private void again(Transfer transfer, long pieces) {
    synchronized (waiting) {
      waiting.addLast(transfer);
    }
    if (lost.isDone()) {
      dropWaiting(cause());
    } else {
      wake(pieces);
    }
  }

  private void check(RemoteBatch batch, Duration deadline) {
    synchronized (this) {
      if (closed) {
        throw new IllegalStateException("The link to " + peer.name() + " was closed");
      }
    }
    if (!deadline.isPositive()) {
      throw new IllegalArgumentException("A deadline is longer than zero, not " + deadline);
    }
    GrantMetadata grant = batch.grant();
    if (!grant.transport().equals("tcp") || !grant.generation().equals(peer.generation())) {
      throw new IllegalArgumentException(
          "%s is not of the peer %s as it is now: if it was restarted, ask it for another"
              .formatted(grant, peer.name()));
    }
    if (batch.size() > TcpTransport.MAX_BATCH) {
      throw new IllegalArgumentException(
          "A batch of %d ranges; at most %d".formatted(batch.size(), TcpTransport.MAX_BATCH));
    }
    if (batch.notification().isPresent()
        && batch.notification().get().message().length > Frame.MAX_MESSAGE_BYTES) {
      throw new IllegalArgumentException(
          "A notification has at most %d bytes".formatted(Frame.MAX_MESSAGE_BYTES));
    }
    batch.checkRemote();
  }

  private List<TcpRegion> enter(List<Region> regions) {
    List<TcpRegion> entered = new ArrayList<>(regions.size());
    try {
      for (Region region : regions) {
        entered.add(TcpRegion.enter(region, transport.regions()));
      }
      return entered;
    } catch (RuntimeException e) {
      entered.forEach(TcpRegion::leave);
      throw e;
    }
  }

  /** {@return what happens later to transfers} */
  Timers timers() {
    return connections.getFirst().loop.timers();
  }

  /** A transfer has ended. */
  void ended(Transfer transfer, TransferEnd how, long nanos) {
    timers().remove(transfer.deadline());
    if (how.completed()) {
      costs.took(transfer.batch().bytes(), nanos);
    } else {
      synchronized (waiting) {
        waiting.remove(transfer);
      }
    }
  }

  /** A transfer touches nothing any more. */
  void quiet() {
    transport.census().transfer(-1);
    live.decrementAndGet();
  }

  /** The link is lost, or closed: every batch ends. */
  void fail(PagodaException why) {
    if (!lost.complete(why)) {
      return;
    }
    opened.completeExceptionally(why);
    pending.forEach(Connect::giveUp);
    connections.forEach(one -> one.loop.execute(one::shut));
    dropWaiting(why);
  }

  private void dropWaiting(PagodaException why) {
    while (true) {
      Transfer one;
      synchronized (waiting) {
        one = waiting.pollFirst();
      }
      if (one == null) {
        return;
      }
      one.end(new TransferEnd.Failed(why));
    }
  }

  /** {@return why the link is lost} */
  PagodaException cause() {
    return lost.getNow(new TransportException(Why.LOST, Fault.TRANSIENT, "Lost " + subject()));
  }

  /** Nothing touches any memory for one connection any more. */
  void fenced() {
    boolean last;
    synchronized (this) {
      last = --open == 0;
    }
    if (last) {
      dropWaiting(cause());
      transport.forget(this);
      gone.complete(null);
    }
  }

  String subject() {
    return "%s at %s".formatted(peer.name(), peer.address());
  }

  @Override
  public Peer peer() {
    return peer;
  }

  @Override
  public Road path() {
    return road;
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
  public CostEstimate estimate(RemoteBatch.Direction direction, int ranges, long bytes) {
    long ahead;
    synchronized (waiting) {
      ahead = waiting.stream().mapToLong(one -> one.batch().bytes()).sum();
    }
    return costs.estimate(bytes + ahead, ranges);
  }

  /** Begins to close, and waits for nothing. */
  CompletableFuture<Void> shut(PagodaException why) {
    synchronized (this) {
      closed = true;
    }
    boolean idle = live.get() == 0;
    if (lost.complete(why)) {
      opened.completeExceptionally(why);
      pending.forEach(Connect::giveUp);
      dropWaiting(why);
      connections.forEach(one -> one.loop.execute(() -> one.leave(idle)));
    }
    return gone;
  }

  @Override
  public void close() {
    transport.checkMayWait("close a link");
    shut(
        new TransportException(
            Why.LOST, Fault.PERMANENT, "The link to %s was closed here".formatted(subject())))
        .join();
  }
}
