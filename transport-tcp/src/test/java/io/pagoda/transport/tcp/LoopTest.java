package io.pagoda.transport.tcp;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A loop whose kernel object is taken away, and what is said how often. */
class LoopTest {
  private static CompletableFuture<Wire> connected(Loop loop, ServerSocket to) {
    CompletableFuture<Wire> wire = new CompletableFuture<>();
    var address = (InetSocketAddress) to.getLocalSocketAddress();
    var _ = loop.connect(address, 30_000_000_000L, new Loop.Connected() {
      @Override
      public void wire(Wire made) {
        wire.complete(made);
      }

      @Override
      public void failed(IOException why) {
        if (!wire.completeExceptionally(why)) {
          throw new AssertionError("told twice", why);
        }
      }
    });
    return wire;
  }

  private record Ears(CompletableFuture<IOException> broken) implements Wire.User {
    @Override
    public void readable() {
      // Nothing is sent.
    }

    @Override
    public void writable() {
      // Nothing is sent.
    }

    @Override
    public void broken(IOException why) {
      broken.complete(why);
    }

    @Override
    public void closed() {
      // As it should be.
    }
  }

  @ParameterizedTest
  @EnumSource(names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
  void tellsEverybodyThatNothingWillBeHeard(Backend backend) throws Exception {
    assumeTrue(backend.missing().isEmpty(), () -> backend + ": " + backend.missing());
    LoopThread loop = (LoopThread) backend.choose().backend().open("told", Duration.ZERO);
    try (ServerSocket peer = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Wire wire = connected(loop, peer).get(60, SECONDS);
      var ears = new Ears(new CompletableFuture<>());
      loop.execute(() -> wire.user(ears));
      loop.execute(() -> loop.failAll(new IOException("as this test says")));
      assertEquals("as this test says", ears.broken.get(60, SECONDS).getMessage());
      loop.execute(wire::close);
    } finally {
      loop.stop();
    }
    assertFalse(loop.offer(() -> {}));
  }

  /** Fails at its first connections, each time elsewhere, and takes the fifth. */
  private record Clumsy(
      Loop loop, AtomicInteger asked, BlockingQueue<Wire> taken) implements Loop.Taker {
    @Override
    public Loop next() {
      return switch (asked.incrementAndGet()) {
        case 1 -> throw new IllegalStateException("not this one, as this test says");
        case 2 -> throw new StackOverflowError("not this one either, as this test says");
        default -> loop;
      };
    }

    @Override
    public void take(Loop ignored, Wire wire) {
      switch (asked.get()) {
        case 3 -> throw new IllegalStateException("nor this one, as this test says");
        case 4 -> throw new OutOfMemoryError("nor this one, as this test says");
        default -> taken.add(wire);
      }
    }
  }

  /** The socket of one that is not taken is closed, and the next one is taken. */
  @ParameterizedTest
  @EnumSource(names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
  void whateverGoesWrongWithOneConnectionTheNextIsTaken(Backend backend) throws Exception {
    assumeTrue(backend.missing().isEmpty(), () -> backend + ": " + backend.missing());
    Loop loop = backend.choose().backend().open("clumsy", Duration.ZERO);
    var clumsy = new Clumsy(loop, new AtomicInteger(), new LinkedBlockingQueue<>());
    try {
      var listener =
          loop.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), clumsy);
      for (int i = 0; i < 4; i++) {
        try (Socket one = connected(listener)) {
          assertEquals(-1, one.getInputStream().read(), "connection " + i + " is closed");
        }
      }
      try (Socket last = connected(listener)) {
        Wire wire = Objects.requireNonNull(clumsy.taken.poll(60, SECONDS));
        loop.execute(wire::close);
        assertEquals(-1, last.getInputStream().read());
      }
      listener.close();
    } finally {
      loop.stop();
    }
  }

  private static Socket connected(Loop.Listener to) throws IOException {
    Socket socket = new Socket(to.address().getAddress(), to.address().getPort());
    socket.setSoTimeout(60_000);
    return socket;
  }

  /** Cannot wait for anything. */
  private static final class Lame extends LoopThread {
    private final CompletableFuture<IOException> failed = new CompletableFuture<>();

    Lame() {
      super("lame", Duration.ofNanos(20_000));
      start();
    }

    @Override
    int poll(long nanos) throws IOException {
      throw new IOException("errno 9");
    }

    @Override
    void interrupt() {
      // It never waits.
    }

    @Override
    void failAll(IOException why) {
      failed.complete(why);
    }

    @Override
    void release() {
      // It has nothing.
    }

    @Override
    void connect(Connect connect) throws IOException {
      checkWorks();
    }

    @Override
    public Listener listen(InetSocketAddress address, Taker taker) throws IOException {
      checkWorks();
      throw new AssertionError("it does not work");
    }
  }

  @Test
  void cutsOffEverythingWhenItCannotWait() throws Exception {
    Lame loop = new Lame();
    try (ServerSocket peer = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      IOException why = loop.failed.get(60, SECONDS);
      assertTrue(why.toString().contains("errno 9"), why::toString);
      var refused =
          assertThrows(ExecutionException.class, () -> connected(loop, peer).get(60, SECONDS));
      assertTrue(refused.toString().contains("cannot wait for sockets"), refused::toString);
      CompletableFuture<Void> later = new CompletableFuture<>();
      loop.timers().set(new Timed() {
        @Override
        void fire() {
          later.complete(null);
        }
      }, 1_000_000);
      later.get(60, SECONDS);
    } finally {
      loop.stop();
    }
    assertFalse(loop.offer(() -> {}));
  }

  @Test
  void saysSeldomWhatHappensOften() {
    var seldom = new Seldom();
    long now = System.nanoTime();
    assertEquals(0, seldom.due(now));
    for (int i = 0; i < 1_000; i++) {
      assertEquals(-1, seldom.due(now + i));
    }
    assertEquals(1_000, seldom.due(now + 11_000_000_000L));
    assertEquals(-1, seldom.due(now + 12_000_000_000L));
  }
}
