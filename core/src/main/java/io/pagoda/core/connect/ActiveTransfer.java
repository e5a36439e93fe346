package io.pagoda.core.connect;

import io.pagoda.ActiveOperation;
import io.pagoda.Connection;
import io.pagoda.ConnectorException;
import io.pagoda.ConnectorException.Trouble;
import io.pagoda.Descriptor;
import io.pagoda.Fault;
import io.pagoda.OperationEnd;
import io.pagoda.OperationKind;
import io.pagoda.OperationState;
import io.pagoda.PagodaException;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.Road;
import io.pagoda.spi.transport.TransferEnd;
import io.pagoda.spi.transport.TransferHandle;
import io.pagoda.spi.transport.TransportException;
import io.pagoda.spi.transport.TransportException.Why;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Bytes on their way between memory here and memory that a peer has exposed. */
abstract sealed class ActiveTransfer implements ActiveOperation permits Reading, Writing {
  private final Plan plan;
  private final PeerConnection connection;
  private final Local local;
  private final Roster roster;
  private final Executor executor;
  private final Life life;
  private final CompletableFuture<@Nullable Void> quiet = new CompletableFuture<>();
  private final long began = System.nanoTime();
  private @Nullable TransferHandle handle;

  /** Whether every byte has arrived, and is only to be copied on. */
  private boolean landing;

  private volatile boolean connecting;

  /**
   * Creates it; {@link #start} follows.
   *
   * @param plan what to do
   * @param connection to the peer
   * @param local the plan's memory here, which it will close
   * @param roster which it leaves when it has settled
   * @param executor where it may block
   */
  ActiveTransfer(
      Plan plan, PeerConnection connection, Local local, Roster roster, Executor executor) {
    this.plan = plan;
    this.connection = connection;
    this.local = local;
    this.roster = roster;
    this.executor = executor;
    life = new Life(executor);
  }

  /** Posts it: at once, if the connection is there and no copy comes first. */
  final void start() {
    var _ = quiet.runAfterBoth(life.ended(), this::release);
    if (plan.chosen().staged()) {
      life.unlessWithin(left(), this::late);
    }
    connect();
  }

  private ConnectorException uncopied(Throwable failure) {
    Throwable cause = bare(failure);
    Fault fault = cause instanceof PagodaException known ? known.fault() : Fault.PERMANENT;
    return new ConnectorException(
        Trouble.FAILED, fault,
        "%s: its bytes cannot be copied %s the device: %s".formatted(
            plan, kind() == OperationKind.READ ? "to" : "from",
            cause instanceof PagodaException ? cause.getMessage() : cause),
        cause);
  }

  private static Throwable bare(Throwable failure) {
    Throwable cause = failure.getCause();
    return failure instanceof CompletionException && cause != null ? cause : failure;
  }

  private void connect() {
    Optional<Link> link = connection.link();
    if (link.isPresent()) {
      open(link.get());
      return;
    }
    connecting = true;
    var _ = connection.opened()
        .copy()
        .orTimeout(left().toNanos(), TimeUnit.NANOSECONDS)
        .whenCompleteAsync(this::connected, executor);
  }

  private Duration left() {
    return plan.terms().deadline().minusNanos(System.nanoTime() - began);
  }

  private void connected(@Nullable Link link, @Nullable Throwable failure) {
    connecting = false;
    if (link != null) {
      open(link);
    } else if (failure != null) {
      unreachable(bare(failure));
      quiet.complete(null);
    }
  }

  private void unreachable(Throwable failure) {
    if (failure instanceof TimeoutException) {
      end(Told.What.EXPIRED, expired("its connection was not open"));
    } else if (failure instanceof PagodaException known) {
      life.end(OperationEnd.errored(Troubles.of(plan.toString(), known)));
    } else {
      life.end(OperationEnd.errored(failed("it cannot connect: " + failure, failure)));
    }
  }

  /** A peer that cannot be reached keeps no memory from others. */
  private void open(Link link) {
    var _ = local.open().whenComplete((_, failure) -> opened(link, failure));
  }

  private void opened(Link link, @Nullable Throwable failure) {
    if (failure == null) {
      post(link);
    } else {
      end(Told.What.FAILED, uncopied(failure));
      quiet.complete(null);
    }
  }

  private void post(Link link) {
    TransferHandle posted;
    synchronized (this) {
      if (life.state().terminal()) {
        return;
      }
      posted = posted(link);
      handle = posted;
    }
    if (posted == null) {
      quiet.complete(null);
      return;
    }
    var _ = posted.ended().thenAccept(this::over);
    var _ = posted.quiet().thenRun(() -> quiet.complete(null));
  }

  /** {@return the batch, posted; {@code null} if it has ended instead} */
  private @Nullable TransferHandle posted(Link link) {
    Duration left = left();
    if (!left.isPositive()) {
      end(Told.What.EXPIRED, expired("it had not begun"));
      return null;
    }
    try {
      TransferHandle posted = link.post(plan.batch(local), left);
      life.begin();
      return posted;
    } catch (RuntimeException e) {
      life.end(OperationEnd.errored(failed("it cannot be posted: " + e.getMessage(), e)));
      return null;
    }
  }

  private ConnectorException expired(String why) {
    return new ConnectorException(
        Trouble.EXPIRED, Fault.TRANSIENT, "%s: after %d ms, %s. Give it longer, or ask for less"
            .formatted(plan, plan.terms().deadline().toMillis(), why));
  }

  private ConnectorException failed(String why, @Nullable Throwable cause) {
    Trouble trouble = connection.alive() ? Trouble.FAILED : Trouble.PEER_LOST;
    return new ConnectorException(trouble, Fault.TRANSIENT, plan + ": " + why, cause);
  }

  private void over(TransferEnd how) {
    switch (how) {
      case TransferEnd.Completed completed -> arrived(completed.bytes());
      case TransferEnd.Failed failed -> failed(failed.cause());
      case TransferEnd.Expired expired ->
        end(Told.What.EXPIRED, expired(String.valueOf(expired.cause().getMessage())));
      case TransferEnd.Cancelled _ -> cancelled();
    }
  }

  private void failed(PagodaException cause) {
    if (cause instanceof TransportException told && told.why() == Why.USED_UP) {
      // It is none of those that the peer counts, and must not end theirs.
      life.end(OperationEnd.errored(refined(cause)));
    } else {
      end(Told.What.FAILED, refined(cause));
    }
  }

  /** A grant that has ended when it should have says less than we know. */
  private ConnectorException refined(PagodaException cause) {
    ConnectorException known = Troubles.of(plan.toString(), cause);
    boolean late =
        known.trouble() == Trouble.REFUSED && Instant.now().isAfter(plan.payload().expiry());
    return late
        ? new ConnectorException(
            Trouble.EXPIRED, Fault.PERMANENT,
            "%s: it has expired, at %s. Ask the peer for another"
                .formatted(plan, plan.payload().expiry()),
            cause)
        : known;
  }

  private void arrived(long bytes) {
    if (!plan.tellsLater()) {
      life.end(OperationEnd.complete(bytes));
      return;
    }
    if (plan.chosen().staged()) {
      synchronized (this) {
        landing = true;
      }
      if (!left().isPositive()) { // and nobody else will notice
        late();
      }
    }
    executor.execute(() -> compare(bytes));
  }

  private void compare(long bytes) {
    OptionalInt wrong;
    try {
      wrong =
          plan.comparesHere() ? local.differing(plan.payload().checksums()) : OptionalInt.empty();
    } catch (CancellationException _) {
      return; // it was called off, or came too late
    }
    if (wrong.isPresent()) {
      Descriptor bad = plan.local().get(wrong.getAsInt());
      end(
          Told.What.CORRUPT,
          new ConnectorException(
              Trouble.CORRUPT, Fault.TRANSIENT,
              "%s: descriptor %d, %s, arrived with other bytes than were exposed"
                  .formatted(plan, wrong.getAsInt(), bad)));
    } else if (!life.state().terminal()) {
      var _ = local.land().whenComplete((_, failure) -> landed(bytes, failure));
    }
  }

  private void landed(long bytes, @Nullable Throwable failure) {
    if (failure != null) {
      end(Told.What.FAILED, uncopied(failure));
      return;
    }
    synchronized (this) {
      landing = false; // who calls it off now, or finds it late, comes too late
      if (life.state().terminal()) {
        return; // and the peer has been told so
      }
    }
    var told = connection.tell(plan.offer(), plan.done(local));
    roster.await(told);
    var _ = told.toCompletableFuture()
        .copy()
        .completeOnTimeout(true, Math.max(0, left().toNanos()), TimeUnit.NANOSECONDS)
        .thenRun(() -> life.end(OperationEnd.complete(bytes)));
  }

  private void end(Told.What what, ConnectorException cause) {
    if (life.end(OperationEnd.errored(cause))) {
      tell(what, String.valueOf(cause.getMessage()));
    }
  }

  private void cancelled() {
    if (life.end(OperationEnd.cancelled())) {
      tell(Told.What.CANCELLED, "");
    }
  }

  private void tell(Told.What what, String why) {
    roster.await(connection.tell(plan.offer(), Told.ended(what, plan.payload().key(), why)));
  }

  private void release() {
    var _ = local.close().thenRun(() -> {
      roster.leave(this);
      life.settle();
    });
  }

  final Plan plan() {
    return plan;
  }

  @Override
  public final OperationKind kind() {
    return plan.kind();
  }

  @Override
  public final OperationState state() {
    return life.state();
  }

  @Override
  public final CompletionStage<OperationEnd> ended() {
    return life.ended();
  }

  @Override
  public final CompletionStage<OperationEnd> settled() {
    return life.settled();
  }

  @Override
  public final CompletionStage<Boolean> cancel() {
    TransferHandle running = stop(this::cancelled);
    if (running != null) {
      var _ = running.cancel();
    }
    return life.cancelled();
  }

  /** A transfer that runs has the same deadline, and sees to it itself. */
  private void late() {
    var _ = stop(() -> end(Told.What.EXPIRED, expired(waiting())));
  }

  private String waiting() {
    return connecting ? "its connection was not open" : local.waiting();
  }

  /** Ends it, unless a transfer runs, which is returned. */
  private synchronized @Nullable TransferHandle stop(Runnable end) {
    if (handle == null || landing) {
      end.run();
    }
    if (handle == null) {
      quiet.complete(null);
    }
    return landing ? null : handle;
  }

  @Override
  public final Connection connection() {
    return connection;
  }

  @Override
  public final Road path() {
    Road way = connection.path();
    Road road = plan.chosen().staged()
        ? new Road(way.transport(), "staged through host memory, " + way.detail(), way.instead())
        : way;
    String instead = plan.chosen().instead();
    return instead.isEmpty() ? road : road.because(instead);
  }
}
