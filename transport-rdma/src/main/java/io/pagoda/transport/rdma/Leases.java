package io.pagoda.transport.rdma;

import io.pagoda.PagodaException;
import io.pagoda.spi.transport.TransferEnd;
import io.pagoda.transport.rdma.Grants.Token;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a link uses of its peer's grants. Safe for use by many threads. */
final class Leases {
  private final RdmaLink link;
  private final Map<Token, Lease> shared = new HashMap<>();
  private final Map<Integer, Lease> byNumber = new HashMap<>();
  private int last;

  Leases(RdmaLink link) {
    this.link = link;
  }

  /** Lets a batch begin, as soon as the peer has said where its windows are. */
  void begin(Transfer transfer) {
    byte[] token = transfer.batch().grant().token();
    Lease ready = null;
    Message ask = null;
    synchronized (this) {
      Lease known = shared.get(Token.of(token));
      if (known == null) {
        Lease made = new Lease(++last, token);
        shared.put(Token.of(token), made);
        byNumber.put(made.number(), made);
        made.waiting().add(transfer);
        ask = new Message(Message.ENTER, made.number(), token);
      } else if (known.open()) {
        known.users().add(transfer);
        ready = known;
      } else {
        known.waiting().add(transfer);
      }
    }
    if (ask != null) {
      link.send(ask);
    }
    if (ready != null) {
      transfer.start(ready);
    }
  }

  /** The peer grants what was asked for, or a part of that. */
  void granted(Message message) {
    List<Transfer> ready = List.of();
    List<Transfer> others = List.of();
    Lease lease;
    synchronized (this) {
      lease = byNumber.get((int) message.number());
      if (lease == null || lease.open() || !lease.take(message.read())) {
        return;
      }
      ready = new ArrayList<>(lease.waiting());
      lease.waiting().clear();
      if (lease.counted()) {
        shared.remove(Token.of(lease.token()), lease);
        others = List.copyOf(ready.subList(1, ready.size()));
        ready = List.copyOf(ready.subList(0, 1));
      }
      lease.users().addAll(ready);
    }
    for (Transfer one : ready) {
      one.start(lease);
    }
    others.forEach(this::begin);
  }

  /** The peer refuses what was asked for. */
  void refused(Message message) {
    List<Transfer> failed;
    synchronized (this) {
      Lease lease = byNumber.remove((int) message.number());
      if (lease == null) {
        return;
      }
      shared.remove(Token.of(lease.token()), lease);
      failed = List.copyOf(lease.waiting());
    }
    String reason = new String(message.body(), StandardCharsets.UTF_8);
    for (Transfer one : failed) {
      one.end(new TransferEnd.Failed(Status.failure(message.status(), link.subject(), reason)));
    }
  }

  /** The peer takes a grant back. */
  void revoked(Message message) {
    int number = (int) message.number();
    List<Transfer> failed = List.of();
    boolean unused;
    synchronized (this) {
      Lease lease = byNumber.get(number);
      if (lease != null) {
        lease.revoke();
        shared.remove(Token.of(lease.token()), lease);
        failed = List.copyOf(lease.users());
      }
      unused = failed.isEmpty();
      if (unused) {
        byNumber.remove(number);
      }
    }
    if (unused) {
      link.send(new Message(Message.LEAVE, number));
    }
    for (Transfer one : failed) {
      PagodaException why =
          Status.failure(message.status(), link.subject(), Status.NO_GRANT.reason());
      one.revoked(why);
    }
  }

  /** A batch touches nothing any more. */
  void left(@Nullable Lease lease, Transfer transfer) {
    if (lease == null) {
      return;
    }
    boolean leaves = false;
    synchronized (this) {
      lease.users().remove(transfer);
      if (lease.users().isEmpty()) {
        lease.idle();
        leaves = lease.counted() || lease.revoked();
        if (leaves) {
          byNumber.remove(lease.number());
        }
      }
    }
    if (leaves) {
      link.send(new Message(Message.LEAVE, lease.number()));
    }
  }

  /** Gives back what was not used for a while. */
  void tidy(long idleNanos) {
    List<Lease> idle = new ArrayList<>();
    synchronized (this) {
      long now = System.nanoTime();
      for (Lease lease : byNumber.values()) {
        boolean unused = lease.users().isEmpty() && lease.waiting().isEmpty();
        if (lease.open() && unused && now - lease.idleSince() > idleNanos) {
          idle.add(lease);
        }
      }
      for (Lease lease : idle) {
        byNumber.remove(lease.number());
        shared.remove(Token.of(lease.token()), lease);
      }
    }
    idle.forEach(lease -> link.send(new Message(Message.LEAVE, lease.number())));
  }
}
