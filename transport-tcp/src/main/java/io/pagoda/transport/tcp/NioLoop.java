package io.pagoda.transport.tcp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.Channel;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** A loop over Java's own selector: for every system, and without native code of ours. */
final class NioLoop implements Loop {
  private final Selector selector;
  private final Tasks tasks = new Tasks();
  private final Timers timers = new Timers(this::wake);
  private final long spinNanos;
  private final Thread thread;
  private volatile boolean stopping;
  private long busy;

  /** What happens to a channel: attached to its key. */
  interface Ready {
    /** Something has happened. */
    void ready(SelectionKey key);
  }

  NioLoop(String name, Duration spin) throws IOException {
    spinNanos = spin.toNanos();
    selector = Selector.open();
    thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
    thread.start();
  }

  private void run() {
    busy = System.nanoTime();
    while (!stopping || !tasks.isEmpty()) {
      tasks.run();
      timers.fire();
      await();
    }
    try {
      List.copyOf(selector.keys()).forEach(key -> close(key.channel()));
      selector.close();
    } catch (IOException e) {
      TcpTransport.LOG.log(Level.WARNING, "A selector was not closed", e);
    }
  }

  private void await() {
    try {
      while (System.nanoTime() - busy < spinNanos && tasks.isEmpty()) {
        if (selector.selectNow(NioLoop::dispatch) > 0) {
          busy = System.nanoTime();
          return;
        }
        Thread.onSpinWait();
      }
      if (tasks.sleep()) {
        sleep();
      } else {
        selector.selectNow(NioLoop::dispatch);
      }
      tasks.awake();
      busy = System.nanoTime();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot wait for sockets", e);
    }
  }

  private void sleep() throws IOException {
    long nanos = stopping ? 0 : timers.untilFirst();
    if (nanos == 0) {
      selector.selectNow(NioLoop::dispatch);
    } else {
      selector.select(NioLoop::dispatch, nanos < 0 ? 0 : (nanos + 999_999) / 1_000_000);
    }
  }

  private static void dispatch(SelectionKey key) {
    if (key.attachment() instanceof Ready user) {
      Tasks.guarded(() -> user.ready(key));
    }
  }

  @Override
  public void execute(Runnable task) {
    if (tasks.add(task)) {
      selector.wakeup();
    }
  }

  private void wake() {
    if (!here() && tasks.wakes()) {
      selector.wakeup();
    }
  }

  @Override
  public boolean here() {
    return Thread.currentThread().equals(thread);
  }

  @Override
  public Timers timers() {
    return timers;
  }

  @Override
  public Listener listen(InetSocketAddress address, Consumer<Wire> taker) throws IOException {
    ServerSocketChannel channel = ServerSocketChannel.open();
    try {
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      channel.bind(address, 1024);
      channel.configureBlocking(false);
      InetSocketAddress bound = (InetSocketAddress) channel.getLocalAddress();
      execute(() -> watch(channel, taker));
      return new NioListener(this, channel, bound);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw new IOException("cannot listen at %s: %s".formatted(address, e.getMessage()), e);
    }
  }

  private void watch(ServerSocketChannel channel, Consumer<Wire> taker) {
    try {
      Ready user = _ -> take(channel, taker);
      channel.register(selector, SelectionKey.OP_ACCEPT, user);
    } catch (IOException | ClosedSelectorException e) {
      TcpTransport.LOG.log(Level.WARNING, "Nothing listens any more", e);
    }
  }

  private void take(ServerSocketChannel channel, Consumer<Wire> taker) {
    try {
      SocketChannel taken = channel.accept();
      if (taken != null) {
        taker.accept(wire(taken));
      }
    } catch (IOException e) {
      TcpTransport.LOG.log(Level.WARNING, "A connection was not taken: {0}", e.getMessage());
    }
  }

  private NioWire wire(SocketChannel channel) throws IOException {
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    SelectionKey key = channel.keyFor(selector);
    SelectionKey own = key == null ? channel.register(selector, 0) : key.interestOps(0);
    return new NioWire(channel, own);
  }

  @Override
  public void connect(InetSocketAddress address, long nanos, Connected taker) {
    execute(() -> {
      try {
        SocketChannel channel = SocketChannel.open();
        channel.configureBlocking(false);
        Connect connect = new Connect(timers, nanos, address, taker, () -> close(channel));
        Ready user = _ -> connected(channel, address, connect);
        channel.register(selector, SelectionKey.OP_CONNECT, user);
        if (channel.connect(address)) {
          connected(channel, address, connect);
        }
      } catch (IOException e) {
        taker.failed(e);
      }
    });
  }

  private static void close(Channel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      TcpTransport.LOG.log(Level.WARNING, "A socket was not closed", e);
    }
  }

  private void connected(SocketChannel channel, InetSocketAddress address, Connect connect) {
    try {
      channel.finishConnect();
      connect.made(wire(channel));
    } catch (IOException e) {
      connect.failed(
          new IOException("cannot connect to %s: %s".formatted(address, e.getMessage()), e));
    }
  }

  @Override
  public void stop() {
    stopping = true;
    execute(() -> {});
    try {
      thread.join();
    } catch (InterruptedException _) {
      TcpTransport.LOG.log(Level.DEBUG, "Interrupted while a loop of the transport ended");
      Thread.currentThread().interrupt();
    }
  }
}
