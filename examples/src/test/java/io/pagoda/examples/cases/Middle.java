package io.pagoda.examples.cases;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Somebody in the midst of the way to a peer, who holds back or changes what goes by. The peer
 * listens at 127.0.0.1, and says that it can be reached at 127.0.0.2, which is here.
 */
final class Middle implements AutoCloseable {
  private static final int BUFFER_BYTES = 64 << 10;

  private final ServerSocket door;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final AtomicLong most = new AtomicLong(Long.MAX_VALUE);
  private final AtomicLong changed = new AtomicLong(-1);
  private final CountDownLatch held = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);

  Middle() throws IOException {
    door = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.2"));
    Thread.ofPlatform().daemon().name("middle").start(this::accept);
  }

  /** {@return the configuration of the peer that is behind it} */
  String config(String name) {
    return Side.config(
        name, "pagoda.transport.tcp { listen = \"127.0.0.1:%d\", advertise = \"127.0.0.2\" }"
            .formatted(door.getLocalPort()));
  }

  /** Holds back what the peer says after so many bytes. */
  Middle holdAfter(long bytes) {
    most.set(bytes);
    return this;
  }

  /** Changes one byte of those that go to the peer. */
  Middle change(long at) {
    changed.set(at);
    return this;
  }

  /** Waits until something is held back. */
  void awaitHeld() throws InterruptedException {
    if (!held.await(60, TimeUnit.SECONDS)) {
      throw new AssertionError("Nothing was held back");
    }
  }

  /** Lets go on what was held back. */
  void release() {
    released.countDown();
  }

  private void accept() {
    try {
      while (true) {
        Socket from = door.accept();
        Socket to = new Socket(InetAddress.getLoopbackAddress(), door.getLocalPort());
        sockets.addAll(List.of(from, to));
        pump(from, to, this::change);
        pump(to, from, this::hold);
      }
    } catch (IOException _) { // it was closed
      release();
    }
  }

  /** Looks at bytes that go by. */
  private interface Look {
    void at(byte[] bytes, int count, long before) throws InterruptedException;
  }

  private static void pump(Socket from, Socket to, Look look) {
    Thread.ofPlatform().daemon().name("middle-pump").start(() -> {
      try (from;
          to) {
        pass(from.getInputStream(), to.getOutputStream(), look);
      } catch (IOException _) { // one of them has closed it
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    });
  }

  private static void pass(InputStream in, OutputStream out, Look look)
      throws IOException, InterruptedException {
    byte[] bytes = new byte[BUFFER_BYTES];
    long before = 0;
    for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
      look.at(bytes, count, before);
      out.write(bytes, 0, count);
      before += count;
    }
  }

  private void change(byte[] bytes, int count, long before) {
    long at = changed.get() - before;
    if (at >= 0 && at < count) {
      bytes[(int) at] ^= 1;
    }
  }

  private void hold(byte[] bytes, int count, long before) throws InterruptedException {
    if (before + count > most.get()) {
      held.countDown();
      released.await();
    }
  }

  @Override
  public void close() throws IOException {
    release();
    door.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
