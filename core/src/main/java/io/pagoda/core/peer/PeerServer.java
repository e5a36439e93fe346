package io.pagoda.core.peer;

import io.pagoda.BlockKeys;
import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.transport.Endpoint;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.Transport;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Lends blocks of this store's host memory to other stores.
 *
 * <p><b>Threads.</b> Opened and closed by one thread at a time.
 *
 * <p><b>Memory.</b> The lender's memory is registered with every transport until this is closed;
 * what peers make it keep is bounded.
 *
 * <p><b>Failures.</b> Whatever a peer does ends its own conversation at most, and with it what was
 * lent to it.
 */
public final class PeerServer implements AutoCloseable {
  static final Logger LOG = System.getLogger(PeerServer.class.getPackageName());

  /** How many may be here at once that have not yet proved who they are. */
  private static final int MOST_STRANGERS = 32;

  /** How many complaints may wait; those that are more are not looked at. */
  private static final int MOST_DOUBTS = 64;

  /** How often it is looked who keeps this side waiting, in milliseconds. */
  private static final long WATCH_MILLIS = 250;

  private final PeerSettings settings;
  private final PeerShape shape;
  private final Lender lender;
  private final ServerSocket socket;
  private final Map<String, Served> transports = new LinkedHashMap<>();
  private final Set<Guest> guests = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final ExecutorService doubts = new ThreadPoolExecutor(
      1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MOST_DOUBTS),
      Thread.ofVirtual().name("pagoda-peer-doubts").factory(),
      new ThreadPoolExecutor.DiscardPolicy());
  private final CountDownLatch closed = new CountDownLatch(1);
  private final LongAdder lent = new LongAdder();
  private final LongAdder refused = new LongAdder();

  /**
   * A transport that peers read by.
   *
   * @param transport itself
   * @param endpoint where they connect
   * @param region what is lent
   */
  record Served(Transport transport, Endpoint endpoint, Region region) {}

  private PeerServer(
      PeerSettings settings, PeerShape shape, Lender lender, ServerSocket socket,
      List<Transport> transports) {
    this.settings = settings;
    this.shape = shape;
    this.lender = lender;
    this.socket = socket;
    for (Transport transport : transports) {
      Region region = transport.register(lender.memory());
      this.transports.put(transport.type(), new Served(transport, transport.listen(), region));
    }
  }

  /**
   * Begins to lend.
   *
   * @param settings how; says where
   * @param shape of the store's blocks
   * @param lender whose blocks
   * @param transports by which peers may read, preferred first; closed after this
   * @throws PagodaException if nobody can be listened to there
   */
  public static PeerServer open(
      PeerSettings settings, PeerShape shape, Lender lender, List<Transport> transports) {
    InetSocketAddress at = settings.listen().orElseThrow();
    try {
      ServerSocket socket = new ServerSocket();
      try {
        socket.bind(at);
        return over(socket, settings, shape, lender, transports);
      } catch (IOException | RuntimeException e) {
        socket.close();
        throw e;
      }
    } catch (IOException e) {
      throw new PagodaException(
          Fault.PERMANENT,
          "Cannot take peers at %s: %s. Set pagoda.peers.listen to an address of this machine"
              .formatted(at, e.getMessage()),
          e);
    }
  }

  /** {@return one at a socket that is bound, which is closed with it} */
  static PeerServer over(
      ServerSocket socket, PeerSettings settings, PeerShape shape, Lender lender,
      List<Transport> transports) {
    PeerServer server = new PeerServer(settings, shape, lender, socket, transports);
    server.threads.execute(server::serve);
    server.threads.execute(server::watch);
    return server;
  }

  /** {@return where peers ask} */
  public InetSocketAddress address() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  /** {@return how many blocks were lent since it was opened} */
  public long lent() {
    return lent.sum();
  }

  /** {@return how many peers were not let in} */
  public long refused() {
    return refused.sum();
  }

  /** {@return how many blocks are pinned for peers} */
  public int pinned() {
    return lender.lent();
  }

  /** {@return how many loans have not ended} */
  public int loans() {
    return guests.stream().mapToInt(Guest::loans).sum();
  }

  PeerSettings settings() {
    return settings;
  }

  PeerShape shape() {
    return shape;
  }

  Lender lender() {
    return lender;
  }

  LongAdder lentCount() {
    return lent;
  }

  /** Has blocks looked at that a peer found wrong, later. */
  void doubt(BlockKeys keys) {
    if (keys.size() > 0) {
      doubts.execute(() -> lender.doubt(keys));
    }
  }

  private void serve() {
    boolean well = true;
    while (!socket.isClosed()) {
      try {
        take(socket.accept());
        well = true;
      } catch (IOException | RuntimeException | Error e) { // others will come
        if (well && !socket.isClosed()) {
          LOG.log(Level.WARNING, "Peers cannot be taken for now: {0}", e.getMessage());
        }
        well = false;
        ended();
      }
    }
  }

  /** Ends conversations that stand still in the middle of something. */
  private void watch() {
    while (!ended()) {
      guests.stream().filter(Guest::overdue).forEach(Guest::close);
    }
  }

  /** Waits a moment; returns whether this is closed. */
  private boolean ended() {
    try {
      return closed.await(WATCH_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      return true;
    }
  }

  /** {@return whether no more peers have proved who they are than may ask} */
  boolean admits() {
    return guests.stream().filter(guest -> guest.known() && !guest.closed()).count() <= settings
        .guests();
  }

  /** Of too many strangers, the one that came first goes. */
  private void makeRoom() {
    List<Guest> strangers =
        guests.stream().filter(guest -> !guest.known() && !guest.closed()).toList();
    if (strangers.size() >= MOST_STRANGERS) {
      refused.increment();
      strangers.stream().min(Comparator.comparingLong(Guest::born)).ifPresent(Guest::close);
    }
  }

  private void take(Socket peer) throws IOException {
    makeRoom();
    try {
      Guest guest = new Guest(this, new Channel(peer));
      guests.add(guest);
      if (socket.isClosed()) {
        guest.close(); // it came while this was being closed
      }
      threads.execute(guest);
    } catch (IOException | RuntimeException | Error e) {
      peer.close();
      throw e;
    }
  }

  /** {@return the first of these transports that is here too} */
  Optional<Served> common(List<String> types) {
    return types.stream()
        .flatMap(type -> Optional.ofNullable(transports.get(type)).stream())
        .findFirst();
  }

  List<String> types() {
    return List.copyOf(transports.keySet());
  }

  void refused(Guest guest, String why) {
    refused.increment();
    LOG.log(Level.WARNING, "The peer {0} was refused: {1}", guest, why);
  }

  void left(Guest guest) {
    guests.remove(guest);
  }

  /** Takes no more peers, and ends what was lent: returns when nobody reads it any more. */
  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      LOG.log(Level.WARNING, "The port of peers cannot be closed: {0}", e.getMessage());
    }
    closed.countDown();
    guests.forEach(Guest::close);
    threads.close();
    doubts.shutdownNow();
    doubts.close();
    List<Region> regions = new ArrayList<>();
    transports.values().forEach(served -> {
      served.endpoint.close();
      served.region.close();
      regions.add(served.region);
    });
    regions.forEach(region -> region.released().toCompletableFuture().join());
  }
}
