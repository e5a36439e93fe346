package io.pagoda.transport.rdma;

import io.pagoda.PagodaException;
import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantListener.End;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.MemoryPlace;
import io.pagoda.spi.transport.Peer;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.Window;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;

/**
 * The right of peers to some memory here. Its windows are registered for it alone: what a peer was
 * told is worth nothing once the grant has ended, whatever the peer does.
 */
final class RdmaGrant implements Grant {
  private final Grants grants;
  private final GrantMetadata metadata;
  private final GrantTerms terms;
  private final List<RdmaRegion> regions;
  private final List<Lent> windows;
  private final GrantListener listener;
  private final Tally tally;
  private final byte[] table;
  private final Set<ServedLease> active = new HashSet<>();
  private final Set<Guest> guests = new HashSet<>();
  private final CompletableFuture<Void> fenced = new CompletableFuture<>();
  /** Held while the listener hears something: one for all parts of a grant by several devices. */
  private final Object telling;
  private @Nullable ScheduledFuture<?> expiry;
  private @Nullable ScheduledFuture<?> cutting;
  private @Nullable End end;
  private boolean finished;
  private boolean told;

  RdmaGrant(
      Grants grants, GrantMetadata metadata, GrantTerms terms, List<RdmaRegion> regions,
      List<Lent> windows, GrantListener listener, Tally tally) {
    this.grants = grants;
    this.metadata = metadata;
    this.terms = terms;
    this.regions = regions;
    this.windows = windows;
    this.listener = listener;
    this.tally = tally;
    telling = listener instanceof RailEars ? listener : new Object();
    table = encode(windows);
  }

  /**
   * A window as peers have it.
   *
   * @param gpu that has to be flushed behind what is written there; empty: none
   * @param flush of its first byte, to be read for that
   */
  record Lent(Registration registration, String gpu, Optional<Registration> flush) {
    void close() {
      registration.close();
      flush.ifPresent(Registration::close);
    }
  }

  /** Registers windows for peers, all or none. */
  static List<Lent> register(Regions owner, GrantTerms terms) {
    int access = terms.rights().contains(Right.READ) ? Abi.REMOTE_READ : 0;
    if (terms.rights().contains(Right.WRITE)) {
      access |= Abi.REMOTE_WRITE | Abi.LOCAL_WRITE;
    }
    List<Lent> made = new ArrayList<>();
    try {
      for (Window window : terms.windows()) {
        made.add(lend(owner, window, access));
      }
      return made;
    } catch (RuntimeException e) {
      made.forEach(Lent::close);
      throw e;
    }
  }

  private static Lent lend(Regions owner, Window window, int access) {
    MemoryPlace place = window.region().place();
    long address = window.region().memory().address() + window.offset();
    Registration all = owner.register(place, address, window.bytes(), access);
    if (!(place instanceof MemoryPlace.OfDevice gpu) || (access & Abi.REMOTE_WRITE) == 0) {
      return new Lent(all, "", Optional.empty());
    }
    try {
      return new Lent(
          all, gpu.uuid(), Optional.of(owner.register(place, address, 1, Abi.REMOTE_READ)));
    } catch (RuntimeException e) {
      all.close();
      throw e;
    }
  }

  private static byte[] encode(List<Lent> windows) {
    int keys = windows.stream().mapToInt(one -> one.registration().rkeys().length).sum();
    ByteBuffer out = ByteBuffer.allocate(windows.size() * 3 * Long.BYTES + keys * Integer.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN);
    List<String> gpus = new ArrayList<>();
    for (Lent one : windows) {
      out.putLong(one.registration().bytes()).putLong(one.registration().address());
      out.putInt(number(one.gpu(), gpus));
      out.putInt(one.flush().map(flush -> flush.rkeys()[0]).orElse(0));
      for (int key : one.registration().rkeys()) {
        out.putInt(key);
      }
    }
    return out.array();
  }

  /** {@return which of the GPUs, from 1 on; 0 for none} */
  private static int number(String gpu, List<String> known) {
    if (!gpu.isEmpty() && !known.contains(gpu)) {
      known.add(gpu);
    }
    return known.indexOf(gpu) + 1;
  }

  @Override
  public GrantMetadata metadata() {
    return metadata;
  }

  /** {@return where its windows are: for each its bytes, address, whether and by which key it is
   * flushed, and a key for each chunk} */
  byte[] table() {
    return table;
  }

  int rights() {
    return terms.rights().stream().mapToInt(Right::bit).sum();
  }

  /** {@return whether each batch has to be counted} */
  boolean counted() {
    return terms.uses() > 0;
  }

  void expires(@Nullable ScheduledFuture<?> timer) {
    boolean late;
    synchronized (this) {
      expiry = timer;
      late = end != null;
    }
    if (late) {
      Timers.cancel(timer);
    }
  }

  /** Lets a peer use it, if it may; {@link #leave} follows if the answer is DONE. */
  Status enter(ServedLease lease, Guest guest) {
    if (grants.late(metadata)) {
      end(End.EXPIRED);
    }
    synchronized (this) {
      if (end != null) {
        return ending(end);
      }
      if (!tally.take()) {
        return Status.USED_UP;
      }
      active.add(lease);
      guests.add(guest);
      return Status.DONE;
    }
  }

  private Status ending(End why) {
    if (tally.over()) {
      return Status.USED_UP;
    }
    return why == End.EXPIRED ? Status.EXPIRED : Status.NO_GRANT;
  }

  /** A peer does not use it any more. */
  void leave(ServedLease lease) {
    boolean last;
    synchronized (this) {
      last = active.remove(lease) && active.isEmpty() && end != null;
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

  void end(End why) {
    List<ServedLease> using;
    Status status;
    synchronized (this) {
      if (end != null) {
        return;
      }
      end = why;
      status = ending(why);
      using = List.copyOf(active);
    }
    Timers.cancel(expiry);
    grants.forget(this, status);
    if (using.isEmpty()) {
      finish();
      return;
    }
    synchronized (this) {
      cutting = grants.cutLater(this::finish);
    }
    Status reason = why == End.EXPIRED ? Status.EXPIRED : Status.NO_GRANT;
    using.forEach(lease -> lease.revoke(reason));
  }

  /** Lets go of everything: peers that go on find nothing. */
  private void finish() {
    List<Guest> users;
    End why;
    synchronized (this) {
      if (finished) {
        return;
      }
      finished = true;
      users = List.copyOf(guests);
      guests.clear();
      active.clear();
      why = end;
      Timers.cancel(cutting);
    }
    windows.forEach(Lent::close);
    grants.finished(this);
    users.forEach(guest -> guest.forget(this));
    regions.forEach(RdmaRegion::leave);
    synchronized (telling) {
      if (why != null) {
        guarded(() -> listener.ended(why));
      }
      told = true;
    }
    fenced.complete(null);
  }

  /** Nobody has ever heard of it. */
  void drop() {
    windows.forEach(Lent::close);
    regions.forEach(RdmaRegion::leave);
  }

  /** {@return whether the listener was told: not of who is being lost} */
  boolean tell(Guest guest, byte[] message) {
    synchronized (telling) {
      synchronized (this) {
        if (end != null || !guests.contains(guest)) {
          return false;
        }
      }
      guarded(() -> listener.notified(guest.peer(), message));
      return true;
    }
  }

  /** {@return whether a peer that is gone had used the grant, of which it tells no more} */
  synchronized boolean gone(Guest guest) {
    return guests.remove(guest);
  }

  /** The listener is to hear that a peer is gone which had used the grant. */
  record Loss(RdmaGrant grant, Peer peer, PagodaException cause) implements Parties.Loss {
    @Override
    public Object listener() {
      return grant.telling;
    }

    @Override
    public boolean tell() {
      synchronized (grant.telling) {
        if (grant.told) {
          return false;
        }
        guarded(() -> grant.listener.lost(peer, cause));
        return true;
      }
    }
  }

  private static void guarded(Runnable call) {
    try {
      call.run();
    } catch (RuntimeException | Error e) {
      RdmaTransport.LOG.log(Level.WARNING, "A listener of a grant threw, which it must not", e);
    }
  }
}
