package io.pagoda.transport.rdma;

import com.ibm.disni.verbs.RdmaCmId;
import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.Peer;
import io.pagoda.spi.transport.TransportException;
import io.pagoda.spi.transport.TransportException.Why;
import io.pagoda.transport.rdma.Handshake.Greeting;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;

/** A link as the serving side has it: it lets a peer use grants, and moves nothing itself. */
final class Guest implements Queue.Owner, Parties.Member {
  /** A peer that uses more grants at once is cut off. */
  private static final int MOST_LEASES = 65_536;

  /** So many queue pairs can come behind one. */
  private static final int MOST_FURTHER = RdmaSettings.MOST_QUEUE_PAIRS - 1;

  private static final int TABLE_HEADER = 36;
  private static final Peer STRANGER = new Peer("somebody", new UUID(0, 0), "?");

  private final RdmaTransport transport;
  private final RdmaEndpoint endpoint;
  private final Queue queue;
  private final Map<Integer, ServedLease> leases = new HashMap<>();
  private final Set<RdmaGrant> grants = new HashSet<>();
  private final @Nullable ScheduledFuture<?> handshake;
  private @Nullable ScheduledFuture<?> beat;
  private final byte[] ticket = Handshake.random(Handshake.TICKET_BYTES);
  private final List<Guest> further = new ArrayList<>();
  private @Nullable Guest first;
  private byte[] proof = {};
  private volatile Peer peer = STRANGER;
  private volatile Optional<UUID> link = Optional.empty();
  private boolean greeted;
  private boolean member;
  private boolean left;
  private boolean gone;

  /** Takes who wants to connect. */
  Guest(RdmaTransport transport, RdmaEndpoint endpoint, RdmaCmId id, int tag) throws IOException {
    this.transport = transport;
    this.endpoint = endpoint;
    queue = new Queue(transport.device(), id, tag, transport.settings(), this);
    transport.census().buffer(Slots.BYTES);
    long patience = transport.settings().times().handshake().toNanos();
    handshake = transport.timers()
        .in(patience, () -> broken(lost("it did not say in time who it is", Fault.TRANSIENT)));
  }

  Queue queue() {
    return queue;
  }

  Peer peer() {
    return peer;
  }

  /** {@return of which link it is, if the peer has one by several devices} */
  private Optional<Parties.Key> party() {
    return link.map(one -> new Parties.Key(peer.generation(), one));
  }

  @Override
  public boolean serves() {
    return true;
  }

  @Override
  public String subject() {
    return "%s at %s".formatted(peer.name(), peer.address());
  }

  private TransportException lost(String why, Fault fault) {
    return new TransportException(Why.LOST, fault, "Lost %s: %s".formatted(subject(), why));
  }

  @Override
  public void heard(Message message) {
    if (first != null) {
      broken(lost("it says what it may not: " + message.type(), Fault.PERMANENT));
      return;
    }
    if (!member) {
      introduces(message);
      return;
    }
    switch (message.type()) {
      case Message.ENTER -> enter(message);
      case Message.TELL -> tell(message);
      case Message.LEAVE -> leave((int) message.number());
      case Message.BYE -> bye();
      case Message.PING -> {
        // It was heard of.
      }
      default -> broken(lost("it says what it may not: " + message.type(), Fault.PERMANENT));
    }
  }

  private void introduces(Message message) {
    if (message.type() == Message.HELLO && !greeted) {
      greeted = true;
      Greeting.decode(message.read())
          .ifPresentOrElse(
              hello -> greets(hello, message.body()),
              () -> refuse(Status.REFUSED, "it does not speak this protocol"));
    } else if (message.type() == Message.PROOF && greeted) {
      if (Handshake.same(message.body(), proof)) {
        joins();
      } else {
        refuse(Status.REFUSED, "it does not know the secret of this side");
      }
    } else if (message.type() == Message.JOIN && !greeted) {
      greeted = true;
      follows(message.body());
    } else {
      broken(lost("it does not speak this protocol", Fault.PERMANENT));
    }
  }

  /** It is a further queue pair of a peer that is here. */
  private void follows(byte[] shown) {
    Guest known = endpoint.holder(shown).orElse(null);
    if (known == null || !known.takes(this)) {
      refuse(Status.REFUSED, "no link is here that this queue pair could be of");
      return;
    }
    Timers.cancel(handshake);
    peer = known.peer;
    synchronized (this) {
      if (gone) {
        return;
      }
      first = known;
    }
    queue.send(new Message(Message.READY, 0));
  }

  /** {@return whether it is a member that has given a ticket to its peer} */
  boolean gave(byte[] shown) {
    synchronized (this) {
      return member && !gone && Handshake.same(ticket, shown);
    }
  }

  /** Lets another queue pair end with this one. */
  private synchronized boolean takes(Guest other) {
    return member && !gone && further.size() < MOST_FURTHER && further.add(other);
  }

  private void greets(Greeting hello, byte[] said) {
    RdmaSettings settings = transport.settings();
    peer = new Peer(hello.name(), hello.generation(), endpoint.addressOf(queue.id()));
    link = hello.link();
    if (hello.version() != Handshake.VERSION) {
      refuse(Status.REFUSED, "this side speaks version " + Handshake.VERSION);
    } else if (!hello.expected().equals(transport.generation())) {
      refuse(Status.STALE, Status.STALE.reason());
    } else if (hello.secret() != settings.secret().isPresent()) {
      refuse(Status.REFUSED, "one side has a secret-file, and the other has none");
    } else if (hello.messageBytes() != Message.SLOT_BYTES) {
      refuse(Status.REFUSED, "messages are of another length there");
    } else {
      byte[] welcome = transport.greeting(hello.generation(), Optional.empty()).encode();
      byte[] mine = Handshake.proof(settings.secret(), "pagoda server", said, welcome);
      proof = Handshake.proof(settings.secret(), "pagoda client", said, welcome);
      queue.send(new Message(Message.WELCOME, 0, Handshake.joined(mine, welcome)));
    }
  }

  private void refuse(Status status, String reason) {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    var _ = queue.sendLast(new Message(Message.REFUSED, status.code(), 0, text))
        .thenRun(() -> broken(lost(reason, Fault.PERMANENT)));
    endpoint.refused(() -> "Refused %s: %s".formatted(subject(), reason));
  }

  private void joins() {
    Timers.cancel(handshake);
    boolean late;
    synchronized (this) {
      if (gone) {
        return;
      }
      late = party().isPresent() && !transport.parties().join(party().get(), this);
      if (!late) {
        member = true;
        transport.census().link(1);
        beat = transport.timers()
            .each(
                transport.settings().times().heartbeat(),
                new Heartbeat(queue, transport, this::broken, this::subject));
      }
    }
    if (late) {
      broken(lost("another device of its link is lost", Fault.TRANSIENT));
    } else {
      queue.send(new Message(Message.READY, 0, ticket));
    }
  }

  private void enter(Message message) {
    int number = (int) message.number();
    byte[] body = message.body();
    if (body.length != GrantMetadata.TOKEN_BYTES) {
      broken(lost("it asks for a grant without a token", Fault.PERMANENT));
      return;
    }
    RdmaGrant grant = transport.grants().find(body);
    if (grant == null) {
      refused(number, transport.grants().ending(body));
      return;
    }
    ServedLease lease = new ServedLease(grant, this, number);
    Status status = grant.enter(lease, this);
    if (status != Status.DONE) {
      refused(number, status);
      return;
    }
    if (keeps(lease)) {
      granted(grant, number);
    } else {
      grant.leave(lease);
    }
  }

  private boolean keeps(ServedLease lease) {
    synchronized (this) {
      if (!gone
          && leases.size() < MOST_LEASES
          && leases.putIfAbsent(lease.number(), lease) == null) {
        grants.add(lease.grant());
        transport.census().transfer(1);
        return true;
      }
    }
    broken(lost("it uses too many grants at once, or one twice", Fault.PERMANENT));
    return false;
  }

  private void refused(int number, Status status) {
    queue.send(
        new Message(
            Message.REFUSED, status.code(), number,
            status.reason().getBytes(StandardCharsets.UTF_8)));
  }

  private void granted(RdmaGrant grant, int number) {
    byte[] table = grant.table();
    int most = Message.MAX_BODY_BYTES - TABLE_HEADER;
    for (int at = 0; at < table.length; at += most) {
      byte[] part = Arrays.copyOfRange(table, at, Math.min(table.length, at + most));
      ByteBuffer body = ByteBuffer.allocate(TABLE_HEADER + part.length);
      body.order(ByteOrder.LITTLE_ENDIAN)
          .putInt(grant.rights())
          .putInt(grant.counted() ? 1 : 0)
          .putLong(transport.settings().chunkBytes())
          .putLong(transport.device().readable().address())
          .putInt(transport.device().readable().rkeys()[0])
          .putInt(table.length)
          .putInt(at)
          .put(part);
      queue.send(new Message(Message.GRANTED, number, body.array()));
    }
  }

  private void tell(Message message) {
    ServedLease lease;
    synchronized (this) {
      lease = leases.get((int) message.number());
    }
    ByteBuffer body = message.read();
    if (body.remaining() < Long.BYTES) {
      broken(lost("it tells nothing", Fault.PERMANENT));
      return;
    }
    long batch = body.getLong();
    byte[] told = new byte[body.remaining()];
    body.get(told);
    boolean heard = lease != null && lease.tell(told);
    Status status = heard ? Status.DONE : Status.NO_GRANT;
    queue.send(new Message(Message.TOLD, status.code(), batch, new byte[0]));
  }

  private void leave(int number) {
    ServedLease lease;
    synchronized (this) {
      lease = leases.remove(number);
    }
    if (lease != null) {
      transport.census().transfer(-1);
      lease.grant().leave(lease);
    }
  }

  private void bye() {
    synchronized (this) {
      left = true;
    }
    broken(lost("it has closed the link", Fault.PERMANENT));
  }

  void revoke(ServedLease lease, Status why) {
    queue.send(new Message(Message.REVOKE, why.code(), lease.number(), new byte[0]));
  }

  /** A grant has ended. */
  synchronized void forget(RdmaGrant grant) {
    grants.remove(grant);
  }

  /** Hears what happens to the connection. */
  void event(int event, int status) {
    if (event == ConnectionEvents.ESTABLISHED) {
      checkPath();
      return;
    }
    String what = transport.happened(event, status);
    transport.completions().whenEmpty(() -> broken(lost(what, Fault.TRANSIENT)));
  }

  private void checkPath() {
    try {
      transport.device().checkPath(queue);
    } catch (IOException e) {
      broken(lost("its way is not known: " + e.getMessage(), Fault.TRANSIENT));
    } catch (PagodaException e) {
      transport.failed(String.valueOf(e.getMessage()));
      broken(e);
    }
  }

  @Override
  public void flushed(PagodaException why) {
    transport.breakLater(() -> broken(why));
  }

  @Override
  public void breakSoon(PagodaException why) {
    transport.completions().whenEmpty(() -> broken(why));
    transport.breakLater(() -> broken(why)); // whatever its device goes on to tell
  }

  @Override
  public void broken(PagodaException why) {
    List<ServedLease> using;
    List<RdmaGrant> known;
    List<Guest> others;
    boolean wasMember;
    boolean tells;
    synchronized (this) {
      if (gone) {
        return;
      }
      gone = true;
      using = List.copyOf(leases.values());
      known = List.copyOf(grants);
      others = first == null ? List.copyOf(further) : List.of(first);
      leases.clear();
      grants.clear();
      wasMember = member;
      tells = !left;
    }
    Timers.cancel(handshake);
    Timers.cancel(beat);
    queue.destroy();
    transport.completions().remove(queue);
    transport.events().end(queue.id());
    others.forEach(one -> one.broken(why));
    for (ServedLease lease : using) {
      transport.census().transfer(-1);
      lease.grant().leave(lease);
    }
    tell(known.stream().filter(grant -> grant.gone(this)).toList(), wasMember, tells, why);
    if (wasMember && tells) { // its own side may only see that this one has disconnected
      RdmaTransport.LOG
          .log(Level.INFO, "The transport {0}: {1}", transport.name(), why.getMessage());
    }
    transport.census().buffer(-Slots.BYTES);
    transport.census().link(wasMember ? -1 : 0);
    endpoint.gone(this);
  }

  /** Tells listeners that its link is lost, or has that done when all of the link has ended. */
  private void tell(List<RdmaGrant> used, boolean wasMember, boolean tells, PagodaException why) {
    List<RdmaGrant.Loss> losses = tells
        ? used.stream().map(grant -> new RdmaGrant.Loss(grant, peer, why)).toList()
        : List.of();
    if (wasMember && party().isPresent()) {
      transport.parties()
          .ended(party().get(), this, losses, tells ? Optional.of(why) : Optional.empty());
    } else {
      Parties.tell(losses);
    }
  }
}
