package io.pagoda.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stands between a client and a server that speaks plain HTTP, passes requests on, and does to them
 * what a {@link Script} says. It counts what it passes.
 *
 * <p><b>Threads.</b> Any.
 */
public final class FaultProxy implements AutoCloseable {
  private final InetSocketAddress server;
  private final int port;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicLong connections = new AtomicLong();
  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong bytesUp = new AtomicLong();
  private final AtomicLong bytesDown = new AtomicLong();
  private volatile CountDownLatch closed = new CountDownLatch(1);
  private volatile Door door;
  private volatile Script script = Script.always(Fault.NONE);
  private volatile boolean blackHole;

  /**
   * Opens one, which passes everything on.
   *
   * @param endpoint of the server, such as {@code http://127.0.0.1:4711}
   */
  public FaultProxy(URI endpoint) throws IOException {
    this.server = new InetSocketAddress(endpoint.getHost(), endpoint.getPort());
    this.port = ServerProcess.freePort();
    this.door = listen(port);
  }

  /** Where clients are let in, and what completes when it is shut. */
  private record Door(ServerSocket socket, CompletableFuture<Void> shut) {
    void close() throws IOException {
      socket.close();
      // The system listens until the thread that accepts has noticed.
      shut.join();
    }
  }

  /**
   * What has passed.
   *
   * @param connections that were accepted
   * @param requests whose heads have come
   * @param bytesUp of bodies, passed to the server
   * @param bytesDown of bodies, passed to clients
   */
  public record Counts(long connections, long requests, long bytesUp, long bytesDown) {
    /** {@return what has passed since} */
    public Counts minus(Counts before) {
      return new Counts(
          connections - before.connections, requests - before.requests, bytesUp - before.bytesUp,
          bytesDown - before.bytesDown);
    }
  }

  private Door listen(int at) throws IOException {
    var socket = new ServerSocket();
    socket.setReuseAddress(true);
    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), at), 1024);
    return new Door(socket, CompletableFuture.runAsync(() -> accept(socket), threads));
  }

  private void accept(ServerSocket from) {
    try {
      while (true) {
        Socket client = from.accept();
        connections.incrementAndGet();
        track(client);
        threads.execute(() -> new ProxiedConnection(this, client).run());
      }
    } catch (IOException e) {
      // It was closed: nobody is let in any more.
    }
  }

  /** {@return where clients connect to} */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** Says what happens to requests from now on. */
  public void script(Script next) {
    script = next;
  }

  /** {@return what has passed so far} */
  public Counts counts() {
    return new Counts(connections.get(), requests.get(), bytesUp.get(), bytesDown.get());
  }

  /** Lets nobody in and resets what is connected: the server's machine is there, the server not. */
  public void refuse() throws IOException {
    door.close();
    drop();
  }

  /** Lets clients connect, and passes nothing on: requests that have begun stall too. */
  public void blackHole() throws IOException {
    blackHole = true;
    drop();
  }

  /** Ends {@link #refuse} and {@link #blackHole}, and whatever stalls. */
  public void open() throws IOException {
    blackHole = false;
    drop();
    if (door.socket.isClosed()) {
      door = listen(port);
    }
  }

  private void drop() {
    CountDownLatch before = closed;
    closed = new CountDownLatch(1);
    sockets.forEach(FaultProxy::reset);
    before.countDown();
  }

  /** Ends every connection. */
  @Override
  public void close() {
    try {
      door.close();
      closed.countDown();
      sockets.forEach(FaultProxy::reset);
      threads.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends a connection with a reset. */
  static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      // It has ended already.
    }
  }

  Socket connect() throws IOException {
    var socket = new Socket(server.getAddress(), server.getPort());
    track(socket);
    return socket;
  }

  private void track(Socket socket) throws IOException {
    sockets.add(socket);
    socket.setTcpNoDelay(true);
    if (closed.getCount() == 0) {
      reset(socket);
    }
  }

  void forget(Socket socket) throws IOException {
    sockets.remove(socket);
    socket.close();
  }

  Fault fault(HttpHead head) {
    var asked =
        new Script.Asked(requests.getAndIncrement(), head.word(0), head.word(1), head.headers());
    return script.fault(asked);
  }

  boolean swallows() {
    return blackHole;
  }

  CountDownLatch closed() {
    return closed;
  }

  BodyPump pump(Fault fault, Fault.Way way) {
    AtomicLong count = way == Fault.Way.UP ? bytesUp : bytesDown;
    return new BodyPump(fault, way, closed, count::addAndGet);
  }
}
