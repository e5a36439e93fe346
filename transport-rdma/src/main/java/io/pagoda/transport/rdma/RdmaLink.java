package io.pagoda.transport.rdma;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.transport.CostEstimate;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.Peer;
import io.pagoda.spi.transport.PeerMetadata;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.Road;
import io.pagoda.spi.transport.TransferEnd;
import io.pagoda.spi.transport.TransferHandle;
import io.pagoda.spi.transport.TransportException;
import io.pagoda.spi.transport.TransportException.Why;
import io.pagoda.transport.rdma.Handshake.Greeting;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A link of the connecting side: queue pairs, on which whoever posts does so itself. */
final class RdmaLink implements RailLink.Part, Dial.Caller, Transfer.Carrier {
  private static final long PARTING_MILLIS = 1_000;

  private final RdmaTransport transport;
  private final Peer peer;
  private final InetSocketAddress address;
  private volatile Road road;
  private final Dial dial;
  private final Strands strands = new Strands();
  private final int mtu;
  private final Duration deadline;
  private final byte[] hello;
  private final Leases leases = new Leases(this);
  private final Set<Transfer> live = ConcurrentHashMap.newKeySet();
  private final Map<Long, Transfer> tells = new ConcurrentHashMap<>();
  /** Completes when the device touches nothing for it any more. */
  private final CompletableFuture<Void> torn = new CompletableFuture<>();

  private final CompletableFuture<PagodaException> lost = new CompletableFuture<>();
  private final CompletableFuture<RdmaLink> opening = new CompletableFuture<>();
  private final Costs costs = new Costs();
  private final AtomicLong ids = new AtomicLong();
  private final AtomicLong aheadBytes = new AtomicLong();
  private @Nullable ScheduledFuture<?> beat;
  private boolean ready;
  private boolean gone;
  private volatile boolean closed;

  /**
   * Prepares it.
   *
   * @param of which link by several devices it is a part of, if it is
   * @param address of the peer: all its queue pairs go to this one, whatever names become meanwhile
   */
  RdmaLink(
      RdmaTransport transport, PeerMetadata peer, Optional<UUID> of, InetSocketAddress address,
      Duration deadline) throws IOException {
    this.transport = transport;
    this.address = address;
    this.peer = new Peer(peer.name(), peer.generation(), peer.address());
    road = new Road(RdmaTransport.TYPE, "not connected", "");
    this.deadline = deadline;
    mtu = Mtu.told(peer.properties());
    hello = transport.greeting(peer.generation(), of).encode();
    dial = new Dial(transport, this, mtu, deadline);
  }

  /** Begins to connect. */
  void connect() throws IOException {
    dial.connect(address);
  }

  /** {@return completes when the link is there, or will not be} */
  CompletableFuture<RdmaLink> opening() {
    return opening;
  }

  @Override
  public void established() {
    send(new Message(Message.HELLO, 0, hello));
  }

  @Override
  public boolean opened() {
    return opening.isDone();
  }

  @Override
  public void heard(Message message) {
    if (!ready) {
      introduces(message);
      return;
    }
    switch (message.type()) {
      case Message.GRANTED -> granted(message);
      case Message.REFUSED -> leases.refused(message);
      case Message.REVOKE -> leases.revoked(message);
      case Message.TOLD -> {
        Transfer told = tells.remove(message.number());
        if (told != null) {
          told.told(message.status());
        }
      }
      case Message.PING -> {
        // It was heard of.
      }
      default -> broken(
          new TransportException(
              Why.LOST, Fault.PERMANENT,
              "%s says what it may not: %d".formatted(subject(), message.type())));
    }
  }

  private void granted(Message message) {
    try {
      leases.granted(message);
    } catch (IllegalArgumentException | java.nio.BufferUnderflowException e) {
      broken(
          new TransportException(
              Why.LOST, Fault.PERMANENT,
              "%s grants nothing that can be: %s".formatted(subject(), e.getMessage()), e));
    }
  }

  private void introduces(Message message) {
    switch (message.type()) {
      case Message.WELCOME -> welcomed(message.body());
      case Message.READY -> {
        ready = true;
        beat = transport.timers()
            .each(
                transport.settings().times().heartbeat(),
                new Beat(new Heartbeat(queue(), transport, this::broken, this::subject)));
        extend(message.body());
      }
      case Message.REFUSED -> broken(
          Status.failure(
              message.status(), subject(), new String(message.body(), StandardCharsets.UTF_8)));
      default -> refused("it does not speak this protocol");
    }
  }

  /** Connects what queue pairs there are to be behind the first. */
  private void extend(byte[] ticket) {
    if (transport.settings().queuePairs() == 1) {
      open();
      return;
    }
    try {
      strands.connect(transport, this, ticket, address, mtu, deadline);
    } catch (IOException e) {
      broken(
          new TransportException(
              Why.UNREACHABLE, Fault.TRANSIENT,
              "No further queue pair to %s: %s".formatted(subject(), e.getMessage()), e));
    }
  }

  /** One more queue pair is there. */
  void joined() {
    if (strands.joined()) {
      open();
    }
  }

  private void open() {
    strands.open(queue());
    road = transport.road(queue());
    opening.complete(this);
  }

  /** A heartbeat that also gives back what is not used. */
  private final class Beat implements Runnable {
    private final Heartbeat heart;

    Beat(Heartbeat heart) {
      this.heart = heart;
    }

    @Override
    public void run() {
      heart.run();
      leases.tidy(transport.settings().times().heartbeat().toNanos());
    }
  }

  private void refused(String why) {
    broken(
        new TransportException(
            Why.REFUSED, Fault.PERMANENT, "%s is not connected: %s".formatted(subject(), why)));
  }

  private void welcomed(byte[] body) {
    if (body.length < Handshake.PROOF_BYTES) {
      refused("it does not speak this protocol");
      return;
    }
    byte[] proof = Arrays.copyOf(body, Handshake.PROOF_BYTES);
    byte[] welcome = Arrays.copyOfRange(body, Handshake.PROOF_BYTES, body.length);
    Greeting other =
        Greeting.decode(ByteBuffer.wrap(welcome).order(ByteOrder.LITTLE_ENDIAN)).orElse(null);
    java.util.Optional<byte[]> secret = transport.settings().secret();
    if (other == null || other.version() != Handshake.VERSION) {
      refused("it does not speak this protocol");
    } else if (!other.generation().equals(peer.generation())) {
      refused(Status.STALE.reason());
    } else if (!Handshake.same(proof, Handshake.proof(secret, "pagoda server", hello, welcome))) {
      refused("it does not know the secret of this side");
    } else {
      send(new Message(Message.PROOF, 0, Handshake.proof(secret, "pagoda client", hello, welcome)));
    }
  }

  private Queue queue() {
    Queue made = dial.queue();
    if (made == null) {
      throw new IllegalStateException("There is no queue pair yet");
    }
    return made;
  }

  void send(Message message) {
    Queue made = dial.queue();
    if (made != null) {
      made.send(message);
    }
  }

  @Override
  public void offer(Transfer transfer) {
    if (!strands.offer(transfer, transfer.id())) {
      transfer.broken(cause());
    }
  }

  @Override
  public void flush(Transfer transfer, FlushRead.From from) {
    Runnable done = () -> {
      transport.census().flush();
      transfer.flushed();
    };
    if (!strands.queue(from.queue()).flush(from, done)) {
      transfer.broken(cause());
    }
  }

  /** {@return how packets of the first queue pair go, as its device says} */
  Optional<QueuePath> queuePath() throws IOException {
    return queue().path();
  }

  /** {@return its queue pairs, once it is open} */
  List<Queue> queues() {
    return strands.queues();
  }

  @Override
  public String gpus() {
    return transport.device().gpus().text();
  }

  @Override
  public void tell(Transfer transfer) {
    byte[] message = transfer.message();
    ByteBuffer body =
        ByteBuffer.allocate(Long.BYTES + message.length).order(ByteOrder.LITTLE_ENDIAN);
    body.putLong(transfer.id()).put(message);
    tells.put(transfer.id(), transfer);
    send(new Message(Message.TELL, transfer.leaseNumber(), body.array()));
  }

  @Override
  public Timers timers() {
    return transport.timers();
  }

  @Override
  public TransferHandle post(RemoteBatch batch, Duration deadline) {
    check(batch, deadline);
    Transfer transfer = new Transfer(
        this, batch, ids.incrementAndGet(), enter(batch.regions()),
        transport.settings().pieceBytes());
    transport.census().transfer(1);
    live.add(transfer);
    aheadBytes.addAndGet(batch.bytes());
    transfer.within(Timers.nanos(deadline));
    if (lost.isDone()) {
      transfer.broken(cause());
    } else {
      leases.begin(transfer);
      if (torn.isDone()) {
        transfer.broken(cause());
      }
    }
    return transfer;
  }

  private void check(RemoteBatch batch, Duration deadline) {
    if (closed) {
      throw new IllegalStateException("The link to " + peer.name() + " was closed");
    }
    if (!deadline.isPositive()) {
      throw new IllegalArgumentException("A deadline is longer than zero, not " + deadline);
    }
    GrantMetadata grant = batch.grant();
    if (!grant.transport().equals(RdmaTransport.TYPE)
        || !grant.generation().equals(peer.generation())) {
      throw new IllegalArgumentException(
          "%s is not of the peer %s as it is now: if it was restarted, ask it for another"
              .formatted(grant, peer.name()));
    }
    if (batch.size() > RdmaTransport.MAX_BATCH) {
      throw new IllegalArgumentException(
          "A batch of %d ranges; at most %d".formatted(batch.size(), RdmaTransport.MAX_BATCH));
    }
    if (batch.notification().isPresent()
        && batch.notification().get().message().length > Message.MAX_TOLD_BYTES) {
      throw new IllegalArgumentException(
          "A notification has at most %d bytes".formatted(Message.MAX_TOLD_BYTES));
    }
    batch.checkRemote();
  }

  private List<RdmaRegion> enter(List<Region> regions) {
    List<RdmaRegion> entered = new ArrayList<>(regions.size());
    try {
      for (Region region : regions) {
        entered.add(RdmaRegion.enter(region, transport.regions()));
      }
      return entered;
    } catch (RuntimeException e) {
      entered.forEach(RdmaRegion::leave);
      throw e;
    }
  }

  @Override
  public void ended(Transfer transfer, TransferEnd how, long nanos) {
    if (how.completed()) {
      costs.took(transfer.batch().bytes(), nanos);
    }
  }

  @Override
  public void unused(Lease lease, Transfer transfer) {
    leases.left(lease, transfer);
  }

  @Override
  public void quiet(Transfer transfer, @Nullable Lease lease) {
    leases.left(lease, transfer);
    if (live.remove(transfer)) {
      aheadBytes.addAndGet(-transfer.batch().bytes());
      tells.remove(transfer.id());
      transport.census().transfer(-1);
    }
  }

  @Override
  public void broken(PagodaException why) {
    lost.complete(why);
    synchronized (this) {
      if (gone) {
        return;
      }
      gone = true;
    }
    Timers.cancel(beat);
    try {
      dial.end();
    } finally {
      try {
        strands.end();
      } finally {
        torn.complete(null);
        live.forEach(transfer -> transfer.broken(cause()));
        opening.completeExceptionally(why);
        transport.forget(this);
      }
    }
  }

  @Override
  public void flushed(PagodaException why) {
    transport.breakLater(() -> broken(why));
  }

  /** {@return why the link is lost} */
  PagodaException cause() {
    return lost.getNow(new TransportException(Why.LOST, Fault.TRANSIENT, "Lost " + subject()));
  }

  @Override
  public boolean serves() {
    return false;
  }

  @Override
  public String subject() {
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
    return costs.estimate(bytes + ahead(), ranges);
  }

  @Override
  public long ahead() {
    return aheadBytes.get();
  }

  @Override
  public CompletableFuture<Void> goodbye() {
    closed = true;
    Queue made = dial.queue();
    return live.isEmpty() && ready && made != null && !lost.isDone()
        ? made.sendLast(new Message(Message.BYE, 0))
        : CompletableFuture.completedFuture(null);
  }

  @Override
  public void shut(PagodaException why) {
    var _ = goodbye().completeOnTimeout(null, PARTING_MILLIS, TimeUnit.MILLISECONDS).join();
    broken(why);
    torn.join(); // another thread may be at it
  }

  @Override
  public void close() {
    transport.checkMayWait("close a link");
    shut(
        new TransportException(
            Why.LOST, Fault.PERMANENT, "The link to %s was closed here".formatted(subject())));
  }
}
