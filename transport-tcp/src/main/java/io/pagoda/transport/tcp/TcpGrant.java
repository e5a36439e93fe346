package io.pagoda.transport.tcp;

import io.pagoda.PagodaException;
import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantListener.End;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.Peer;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.Window;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** What peers may read and write, and who does just now. */
final class TcpGrant implements Grant {
  private final Grants grants;
  private final GrantMetadata metadata;
  private final GrantTerms terms;
  private final List<TcpRegion> regions;
  private final GrantListener listener;
  private final CompletableFuture<Void> fenced = new CompletableFuture<>();
  private final Object telling = new Object();
  private final Map<ServerConnection, Integer> active = new HashMap<>();
  private final Set<Session> sessions = new HashSet<>();
  /** Whether a batch has told the listener, which is the last thing that it does. */
  private final Map<Use, Boolean> used = new HashMap<>();
  private final Timed expiry = new Timed() {
    @Override
    void fire() {
      end(End.EXPIRED);
    }
  };
  private final Timed cutting = new Timed() {
    @Override
    void fire() {
      cutOff();
    }
  };
  private @Nullable End end;
  /** Guarded by {@link #telling}: that the listener hears nothing more. */
  private boolean told;

  /** One batch of one link. */
  private record Use(UUID link, long transfer) {}

  TcpGrant(
      Grants grants, GrantMetadata metadata, GrantTerms terms, List<TcpRegion> regions,
      GrantListener listener) {
    this.grants = grants;
    this.metadata = metadata;
    this.terms = terms;
    this.regions = regions;
    this.listener = listener;
  }

  @Override
  public GrantMetadata metadata() {
    return metadata;
  }

  Timed expiry() {
    return expiry;
  }

  MemorySegment memory(int window) {
    return terms.windows().get(window).region().memory();
  }

  /** {@return where a stretch of a window is in its memory, or −1 if it is not in the window} */
  long within(int window, long offset, long bytes) {
    if (window < 0 || window >= terms.windows().size()) {
      return -1;
    }
    Window opened = terms.windows().get(window);
    boolean inside = offset >= 0 && bytes > 0 && bytes <= opened.bytes() - offset;
    return inside ? opened.offset() + offset : -1;
  }

  boolean allows(Right right) {
    return terms.rights().contains(right);
  }

  /**
   * Begins a piece of a batch, if it may; {@link #leave} follows if the answer is DONE.
   *
   * @param tells whether it is the message behind all others
   */
  Status enter(ServerConnection connection, long transfer, boolean tells) {
    look();
    return enterInTime(connection, transfer, tells);
  }

  /** Ends the grant if its time is over, whatever timers say. */
  void look() {
    if (grants.late(metadata)) {
      end(End.EXPIRED);
    }
  }

  private synchronized Status enterInTime(
      ServerConnection connection, long transfer, boolean tells) {
    if (end != null) {
      return ending(end);
    }
    if (terms.uses() > 0 && !use(new Use(connection.session().link(), transfer), tells)) {
      return Status.USED_UP;
    }
    if (sessions.add(connection.session())) {
      connection.session().uses(this);
    }
    active.merge(connection, 1, Integer::sum);
    return Status.DONE;
  }

  private Status ending(End why) {
    if (terms.uses() > 0 && used.size() == terms.uses()) {
      return Status.USED_UP;
    }
    return why == End.EXPIRED ? Status.EXPIRED : Status.NO_GRANT;
  }

  private boolean use(Use use, boolean tells) {
    Boolean over = used.get(use);
    if (over == null ? used.size() >= terms.uses() : over) {
      return false;
    }
    used.put(use, tells);
    return true;
  }

  /** Ends a piece: nothing touches its memory any more. */
  void leave(ServerConnection connection) {
    boolean last;
    synchronized (this) {
      active.computeIfPresent(connection, (_, count) -> count == 1 ? null : count - 1);
      last = active.isEmpty() && end != null;
    }
    if (last) {
      finish();
    }
  }

  @Override
  public CompletionStage<Void> revoke() {
    end(End.REVOKED);
    return fenced.minimalCompletionStage();
  }

  /** Lets go of its regions: nobody has ever heard of it. */
  void drop() {
    regions.forEach(TcpRegion::leave);
  }

  private void end(End why) {
    boolean idle;
    Status status;
    synchronized (this) {
      if (end != null) {
        return;
      }
      end = why;
      idle = active.isEmpty();
      status = ending(why);
    }
    grants.forget(this, status, cutting, idle);
    if (idle) {
      finish();
    }
  }

  /** The peers did not go on with what they had begun. */
  private void cutOff() {
    List<ServerConnection> slow;
    synchronized (this) {
      slow = List.copyOf(active.keySet());
    }
    slow.forEach(ServerConnection::cutOff);
  }

  private void finish() {
    grants.finished(this, cutting);
    List<Session> users;
    End why;
    synchronized (this) {
      users = List.copyOf(sessions);
      sessions.clear();
      why = end;
    }
    users.forEach(session -> session.forget(this));
    regions.forEach(TcpRegion::leave);
    synchronized (telling) {
      if (why != null) {
        guarded(() -> listener.ended(why));
      }
      told = true;
    }
    fenced.complete(null);
  }

  /** {@return whether the listener was told} */
  boolean tell(Peer peer, byte[] message) {
    synchronized (telling) {
      synchronized (this) {
        if (end != null) {
          return false;
        }
      }
      guarded(() -> listener.notified(peer, message));
      return true;
    }
  }

  /** A peer is gone that had used the grant. */
  void lost(Session session, PagodaException cause) {
    left(session);
    synchronized (telling) {
      if (!told) {
        guarded(() -> listener.lost(session.peer(), cause));
      }
    }
  }

  /** A peer has closed its link. */
  synchronized void left(Session session) {
    sessions.remove(session);
  }

  private static void guarded(Runnable call) {
    try {
      call.run();
    } catch (RuntimeException | Error e) {
      TcpTransport.LOG.log(Level.WARNING, "A listener of a grant threw, which it must not", e);
    }
  }
}
