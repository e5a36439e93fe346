package io.pagoda.transport.tcp;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pagoda.PagodaException;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.Notification;
import io.pagoda.spi.transport.PeerMetadata;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.RemoteBatch.Direction;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.TransferEnd;
import io.pagoda.spi.transport.Window;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Peers that say well-formed frames when these may not come; and listeners that throw. */
class HostileTest {
  private static final Duration PATIENCE = Peers.PATIENCE;
  private static final Rig OPEN = Rig.of(Backend.AUTO);
  private static final UUID GENERATION = UUID.randomUUID();
  private static final long BATCH = 16 << 20;
  private static final int WINDOW = 8;
  private static final byte[] NOTHING = {};

  private interface Talk {
    void with(Socket peer) throws IOException;
  }

  /** Serves one connection by hand, until {@code over}. */
  private static PeerMetadata serve(ServerSocket at, CompletableFuture<Void> over, Talk talk) {
    Thread.ofPlatform().daemon().start(() -> {
      try (Socket peer = at.accept()) {
        talk.with(peer);
        over.join();
      } catch (IOException e) {
        over.completeExceptionally(e);
      }
    });
    return new PeerMetadata(
        "tcp", "hostile", GENERATION, "127.0.0.1:" + at.getLocalPort(), Map.of());
  }

  /** {@return the body of the next frame that is no sign of life} */
  private static byte[] frame(Socket from) throws IOException {
    while (true) {
      byte[] header = from.getInputStream().readNBytes(Frame.HEADER_BYTES);
      int bytes = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).getInt(4);
      byte[] body = from.getInputStream().readNBytes(bytes);
      if (header[0] != Frame.PING) {
        return body;
      }
    }
  }

  private static void say(Socket to, byte type, byte[] body, long id) throws IOException {
    to.getOutputStream().write(FuzzTest.framed(type, 0, body, id, 0));
  }

  private static void welcome(Socket peer) throws IOException {
    frame(peer);
    byte[] own = new Handshake.Welcome(false, GENERATION, 1 << 20, WINDOW, "hostile").encode();
    byte[] both = Arrays.copyOf(own, own.length + Handshake.PROOF_BYTES);
    say(peer, Frame.WELCOME, both, 0);
    frame(peer);
    say(peer, Frame.END, NOTHING, 0);
  }

  /** Else the memory would be given back while the kernel is still to be given its bytes. */
  @Test
  void doesNotBelieveAnAnswerToWhatWasNotSent() throws IOException {
    CompletableFuture<Void> over = new CompletableFuture<>();
    try (Arena arena = Arena.ofShared();
        ServerSocket at = new ServerSocket();
        TcpTransport here = OPEN.open("here")) {
      at.setReceiveBufferSize(4_096);
      at.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      PeerMetadata peer = serve(at, over, socket -> {
        welcome(socket);
        frame(socket);
        for (int id = 1; id <= WINDOW; id++) {
          say(socket, Frame.END, NOTHING, id);
        }
      });
      GrantMetadata grant = new GrantMetadata(
          "tcp", GENERATION, new byte[Frame.TOKEN_BYTES], Set.of(Right.WRITE), Instant.MAX,
          new long[] {BATCH}, NOTHING);
      Region region = here.register(arena.allocate(BATCH));
      RemoteBatch batch = new RemoteBatch(
          Direction.WRITE, region, new long[1], grant, new long[1], new long[] {BATCH / 2});
      try (Link link = here.connect(peer, PATIENCE)) {
        var moving = link.post(batch, PATIENCE);
        assertFalse(moving.ended().toCompletableFuture().join().completed());
        moving.quiet().toCompletableFuture().join();
        assertFalse(link.alive());
      } finally {
        over.complete(null);
      }
    }
  }

  /** Misuse that checksums notice costs the link, and holds nothing for ever. */
  @Test
  void memoryThatWasFreedTooEarlyHoldsNoGrant() throws Exception {
    Arena freed = Arena.ofShared();
    try (Arena arena = Arena.ofShared();
        TcpTransport there = OPEN.checked().open("there");
        TcpTransport here = OPEN.checked().open("here")) {
      Region granted = there.register(freed.allocate(64));
      var terms = new GrantTerms(Window.of(granted), Right.READ, PATIENCE);
      var grant = there.grant(terms, GrantListener.NONE);
      Region region = here.register(arena.allocate(64));
      RemoteBatch batch = new RemoteBatch(
          Direction.READ, region, new long[1], grant.metadata(), new long[1], new long[] {64});
      try (Link link = here.connect(there.listen().metadata(), PATIENCE)) {
        freed.close();
        assertFalse(link.post(batch, PATIENCE).ended().toCompletableFuture().join().completed());
        grant.revoke().toCompletableFuture().get(PATIENCE.toSeconds(), SECONDS);
      }
    }
  }

  @Test
  void aGrantMayLastForEver() throws Exception {
    try (Arena arena = Arena.ofShared();
        TcpTransport here = OPEN.open("here")) {
      Region region = here.register(arena.allocate(64));
      var terms = new GrantTerms(Window.of(region), Right.READ, Duration.ofSeconds(Long.MAX_VALUE));
      here.grant(terms, GrantListener.NONE).close();
      region.close();
      region.released().toCompletableFuture().get(PATIENCE.toSeconds(), SECONDS);
    }
  }

  /** A peer that shows that it lives, and no more, holds no memory here for ever. */
  @Test
  void doesNotWaitForEverForAnAnswer() throws Exception {
    CompletableFuture<Void> over = new CompletableFuture<>();
    var times = new TcpSettings.Times(
        Duration.ofMillis(100), Duration.ofSeconds(4), PATIENCE, PATIENCE, Duration.ZERO);
    try (Arena arena = Arena.ofShared();
        ServerSocket at = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        TcpTransport here = TcpTransport.open(OPEN.settings(times), "here")) {
      PeerMetadata peer = serve(at, over, socket -> {
        welcome(socket);
        while (!over.isDone()) {
          say(socket, Frame.PING, NOTHING, 0);
        }
      });
      GrantMetadata grant = new GrantMetadata(
          "tcp", GENERATION, new byte[Frame.TOKEN_BYTES], Set.of(Right.READ), Instant.MAX,
          new long[] {BATCH}, NOTHING);
      Region region = here.register(arena.allocate(64));
      RemoteBatch batch =
          new RemoteBatch(Direction.READ, region, new long[1], grant, new long[1], new long[] {64});
      try (Link link = here.connect(peer, PATIENCE)) {
        var moving = link.post(batch, Duration.ofMillis(50));
        moving.quiet().toCompletableFuture().get(PATIENCE.toSeconds(), SECONDS);
        assertFalse(moving.ended().toCompletableFuture().join().completed());
      } finally {
        over.complete(null);
      }
    }
  }

  /** The peer may have heard of the batch: who cancels it is not told that this was in time. */
  @Test
  void aBatchThatIsBeingToldOfIsNotCalledOff() throws Exception {
    CompletableFuture<Void> over = new CompletableFuture<>();
    CompletableFuture<Void> told = new CompletableFuture<>();
    CompletableFuture<Void> cancelled = new CompletableFuture<>();
    try (Arena arena = Arena.ofShared();
        ServerSocket at = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        TcpTransport here = OPEN.open("here")) {
      PeerMetadata peer = serve(at, over, socket -> {
        welcome(socket);
        frame(socket);
        socket.getInputStream().readNBytes(64);
        say(socket, Frame.END, NOTHING, 1);
        frame(socket);
        told.complete(null);
        cancelled.join();
        say(socket, Frame.END, NOTHING, 2);
      });
      GrantMetadata grant = new GrantMetadata(
          "tcp", GENERATION, new byte[Frame.TOKEN_BYTES], Set.of(Right.WRITE), Instant.MAX,
          new long[] {BATCH}, NOTHING);
      Region region = here.register(arena.allocate(64));
      RemoteBatch batch =
          new RemoteBatch(Direction.WRITE, region, new long[1], grant, new long[1], new long[] {64})
              .thenTell(new Notification(NOTHING));
      try (Link link = here.connect(peer, PATIENCE)) {
        var moving = link.post(batch, PATIENCE);
        told.get(PATIENCE.toSeconds(), SECONDS);
        var quiet = moving.cancel().toCompletableFuture();
        assertFalse(quiet.isDone());
        cancelled.complete(null);
        quiet.get(PATIENCE.toSeconds(), SECONDS);
        assertEquals(new TransferEnd.Completed(64), moving.ended().toCompletableFuture().join());
      } finally {
        cancelled.complete(null);
        over.complete(null);
      }
    }
  }

  @Test
  void isNotLinkedToWhoLeavesTheProofOut() throws IOException {
    CompletableFuture<Void> over = new CompletableFuture<>();
    try (ServerSocket at = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        TcpTransport here = OPEN.secret("a secret of some length").open("here")) {
      PeerMetadata peer = serve(at, over, socket -> {
        frame(socket);
        say(socket, Frame.END, NOTHING, 0);
      });
      assertThrows(PagodaException.class, () -> here.connect(peer, PATIENCE));
      over.complete(null);
    }
  }

  private static Socket connect(PeerMetadata to) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(4_096);
    socket.setSoTimeout((int) PATIENCE.toMillis());
    int port = Addresses.parse(to.address(), "the victim").getPort();
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    return socket;
  }

  @Test
  void doesNotGoOnWithWhomItHasRefused() throws IOException {
    try (TcpTransport there = OPEN.open("there");
        Socket socket = connect(there.listen().metadata())) {
      byte[] hello = new Handshake.Hello(
          Frame.VERSION, false, UUID.randomUUID(), 1, GENERATION, GENERATION, "late").encode();
      byte[] one = FuzzTest.framed(Frame.HELLO, 0, hello, 0, 0);
      byte[] two = FuzzTest.framed(Frame.PROOF, 0, new byte[Handshake.PROOF_BYTES], 0, 0);
      byte[] both = Arrays.copyOf(one, one.length + two.length);
      System.arraycopy(two, 0, both, one.length, two.length);
      socket.getOutputStream().write(both);
      byte[] answer = answers(socket);
      assertFalse(answer.length > Frame.HEADER_BYTES + Status.STALE.reason().length());
    }
  }

  private static byte[] answers(Socket socket) throws IOException {
    var all = new ByteArrayOutputStream();
    try {
      socket.getInputStream().transferTo(all);
    } catch (SocketException e) {
      // It was cut off, which is as good.
    }
    return all.toByteArray();
  }

  @Test
  void doesNotKeepAnswersForWhoReadsNone() throws IOException {
    try (TcpTransport there = OPEN.open("there");
        Socket socket = connect(there.listen().metadata())) {
      FuzzTest.greet(socket, there.generation());
      byte[] tell = FuzzTest.framed(Frame.TELL, 0, new byte[Frame.REQUEST_BYTES], 1, 0);
      ByteBuffer many = ByteBuffer.allocate(1_000 * tell.length);
      while (many.hasRemaining()) {
        many.put(tell);
      }
      OutputStream out = socket.getOutputStream();
      assertThrows(IOException.class, () -> {
        for (int i = 0; i < 400; i++) {
          out.write(many.array());
        }
      });
    }
  }

  @Test
  void outlivesAListenerThatThrows() throws Exception {
    CompletableFuture<GrantListener.End> later = new CompletableFuture<>();
    try (Arena arena = Arena.ofShared();
        TcpTransport there = OPEN.open("there")) {
      Region region = there.register(arena.allocate(64));
      there.grant(terms(region, 10), new GrantListener() {
        @Override
        public void ended(End end) {
          throw new AssertionError("as this listener does");
        }
      });
      there.grant(terms(region, 100), new GrantListener() {
        @Override
        public void ended(End end) {
          later.complete(end);
        }
      });
      assertEquals(GrantListener.End.EXPIRED, later.get(PATIENCE.toSeconds(), SECONDS));
      assertEquals(0, there.use().grants());
    }
  }

  private static GrantTerms terms(Region region, int millis) {
    return new GrantTerms(Window.of(region), Right.READ, Duration.ofMillis(millis));
  }
}
