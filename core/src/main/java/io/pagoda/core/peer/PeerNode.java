package io.pagoda.core.peer;

import io.pagoda.PagodaException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A peer that the configuration names. A thread keeps up the conversation with it: one that is over
 * is begun again, after a while that grows with each failure.
 *
 * <p><b>Threads.</b> Any; no method waits.
 */
final class PeerNode implements AutoCloseable {
  private final String name;
  private final InetSocketAddress address;
  private final Meeting meeting;
  private final Pauses pauses;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Consumer<PeerNode> gone;
  private final CompletableFuture<@Nullable Void> tried = new CompletableFuture<>();
  private volatile @Nullable Session session;
  private volatile String trouble = "not met yet";

  /** Belongs to the thread that keeps up the conversation. */
  private String told = "";

  /**
   * How long to wait after a failure.
   *
   * @param least after the first
   * @param most after many
   */
  record Pauses(Duration least, Duration most) {}

  /**
   * Meets nobody until {@link #begin}.
   *
   * @param gone told each time a conversation is over; then there is none
   */
  PeerNode(PeerTierSettings.Node node, Meeting meeting, Pauses pauses, Consumer<PeerNode> gone) {
    this.name = node.name();
    this.address = node.address();
    this.meeting = meeting;
    this.pauses = pauses;
    this.gone = gone;
  }

  /** Begins to keep up the conversation. */
  void begin() {
    Thread.ofVirtual().name("pagoda-peer-" + name).start(this::keep);
  }

  private void keep() {
    Duration pause = pauses.least;
    while (closed.getCount() > 0) {
      boolean met = meet();
      pause = met ? pauses.least : pause;
      if (await(pause)) {
        return;
      }
      Duration longer = pause.multipliedBy(2);
      pause = longer.compareTo(pauses.most) > 0 ? pauses.most : longer;
    }
  }

  private boolean await(Duration pause) {
    try {
      return closed.await(pause.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException _) {
      return true;
    }
  }

  /** Converses until that is over; returns whether it came to that at all. */
  private boolean meet() {
    try (Session met = meeting.with(address)) {
      session = met;
      if (closed.getCount() == 0) { // whoever closed this may not have seen the session
        return true;
      }
      trouble = "";
      told = "";
      PeerServer.LOG.log(Level.INFO, "The peer {0} is there, by {1}", this, met.path());
      tried.complete(null);
      trouble = String.valueOf(met.over().join().getMessage());
      return true;
    } catch (RuntimeException e) { // whatever it is, the next meeting may go better
      trouble = e instanceof PagodaException ? String.valueOf(e.getMessage()) : e.toString();
      return false;
    } finally {
      boolean wasThere = session != null;
      session = null;
      if (wasThere) {
        gone.accept(this);
      }
      tried.complete(null);
      tell();
    }
  }

  /** Logs why the peer is not there, once for each reason. */
  private void tell() {
    if (closed.getCount() > 0 && !trouble.equals(told)) {
      PeerServer.LOG.log(Level.WARNING, "The peer {0} is a miss for now: {1}", this, trouble);
      told = trouble;
    }
  }

  /** {@return completes when it was tried once to meet the peer} */
  CompletableFuture<@Nullable Void> tried() {
    return tried;
  }

  /** {@return the conversation, unless there is none now} */
  Optional<Session> session() {
    return Optional.ofNullable(session);
  }

  /** {@return why there is no conversation; empty if there is one} */
  String trouble() {
    return trouble;
  }

  InetSocketAddress address() {
    return address;
  }

  String name() {
    return name;
  }

  @Override
  public void close() {
    closed.countDown();
    session().ifPresent(Session::close);
  }

  @Override
  public String toString() {
    return "%s (%s:%d)".formatted(name, address.getHostString(), address.getPort());
  }
}
