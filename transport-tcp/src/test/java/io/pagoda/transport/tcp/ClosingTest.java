package io.pagoda.transport.tcp;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.PeerMetadata;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.TransportUse;
import io.pagoda.spi.transport.Window;
import io.pagoda.tck.Seeded;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A transport is closed while others still use it, and leaves nothing behind. */
@ExtendWith(Seeded.class)
class ClosingTest {
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
  private static final int TURNS = Boolean.getBoolean("pagoda.test.long") ? 60 : 20;
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final TransportUse NOTHING = new TransportUse(0, 0, 0, 0, 0);

  /** Java's channels keep a socket for the process once they are used. */
  @BeforeAll
  static void warm() throws IOException {
    for (Backend backend : usable()) {
      Rig.of(backend).open("warm").close();
    }
    SocketChannel.open().close();
  }

  private static List<Backend> usable() {
    return Arrays.stream(Backend.values()).filter(one -> one.missing().isEmpty()).toList();
  }

  private static long sockets() throws IOException {
    if (!Files.isDirectory(DESCRIPTORS)) {
      return 0;
    }
    try (Stream<Path> all = Files.list(DESCRIPTORS)) {
      return all.filter(ClosingTest::counts).count();
    }
  }

  private static boolean counts(Path descriptor) {
    try {
      String to = Files.readSymbolicLink(descriptor).toString();
      return to.startsWith("socket:") || to.matches("anon_inode:.*(eventpoll|eventfd|io_uring).*");
    } catch (IOException e) {
      return false;
    }
  }

  private static CompletableFuture<Link> connecting(TcpTransport transport, PeerMetadata peer) {
    CompletableFuture<Link> link = new CompletableFuture<>();
    Thread.ofPlatform().daemon().start(() -> {
      try {
        link.complete(transport.connect(peer, LONG));
      } catch (RuntimeException e) {
        link.completeExceptionally(e);
      }
    });
    return link;
  }

  /** Somebody accepts and says nothing, or does not even accept. */
  @ParameterizedTest
  @EnumSource(names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
  void endsWhatConnects(Backend backend) throws Exception {
    long before = sockets();
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      List<Socket> full = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        Socket one = new Socket();
        full.add(one);
        Thread.ofPlatform().daemon().start(() -> connect(one, silent));
      }
      PeerMetadata peer = new PeerMetadata(
          "tcp", "silent", UUID.randomUUID(), "127.0.0.1:" + silent.getLocalPort(), Map.of());
      TcpTransport transport = Rig.of(backend).wide().open("here");
      CompletableFuture<Link> link = connecting(transport, peer);
      Peers.until("it connects", () -> transport.use().links() == 1);
      CompletableFuture<Void> closed = inOwnThread(transport::close);
      closed.get(Peers.PATIENCE.toSeconds(), SECONDS);
      var why = assertThrows(
          ExecutionException.class, () -> link.get(Peers.PATIENCE.toSeconds(), SECONDS));
      assertTrue(why.getCause() instanceof PagodaException, why::toString);
      assertTrue(why.toString().contains("was closed here"), why::toString);
      assertEquals(NOTHING, transport.use());
      for (Socket one : full) {
        one.close();
      }
    }
    Peers.until("no socket is left", () -> unchanged(before));
  }

  private static CompletableFuture<Void> inOwnThread(Runnable task) {
    return CompletableFuture.runAsync(task, one -> Thread.ofPlatform().daemon().start(one));
  }

  private static void connect(Socket socket, ServerSocket to) {
    try {
      socket.connect(to.getLocalSocketAddress());
    } catch (IOException e) {
      // It was closed meanwhile.
    }
  }

  private static boolean unchanged(long before) {
    try {
      return sockets() <= before;
    } catch (IOException e) {
      return false;
    }
  }

  /** Connections come, grants are opened and memory is registered, all while it is closed. */
  @ParameterizedTest
  @EnumSource(names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
  void leavesNothingBehind(Backend backend, Random random) throws Exception {
    long before = sockets();
    for (int i = 0; i < TURNS; i++) {
      try (Arena arena = Arena.ofShared();
          TcpTransport here = Rig.of(backend).open("here")) {
        TcpTransport there = Rig.of(backend).wide().open("there");
        PeerMetadata peer = there.listen().metadata();
        List<CompletableFuture<?>> busy = new ArrayList<>();
        List<Region> regions = new ArrayList<>();
        for (int j = 0; j < 4; j++) {
          busy.add(connecting(here, peer));
          busy.add(connecting(there, peer));
        }
        busy.add(inOwnThread(() -> grants(there, arena, regions)));
        busy.add(inOwnThread(() -> {
          while (true) {
            there.listen();
          }
        }));
        long until = System.nanoTime() + random.nextInt(4_000_000);
        while (System.nanoTime() < until) {
          Thread.onSpinWait();
        }
        inOwnThread(there::close).get(Peers.PATIENCE.toSeconds(), SECONDS);
        for (CompletableFuture<?> one : busy) {
          try {
            one.get(Peers.PATIENCE.toSeconds(), SECONDS);
          } catch (ExecutionException e) {
            Throwable why = e.getCause();
            boolean known = why instanceof PagodaException || why instanceof IllegalStateException;
            assertTrue(known, e::toString);
          }
        }
        for (Region region : regions) {
          region.close();
          region.released().toCompletableFuture().get(Peers.PATIENCE.toSeconds(), SECONDS);
        }
        assertEquals(NOTHING, there.use(), "in turn " + i);
      }
    }
    Peers.until("no socket is left", () -> unchanged(before));
  }

  private static void grants(TcpTransport transport, Arena arena, List<Region> regions) {
    while (true) {
      Region region = transport.register(arena.allocate(8));
      regions.add(region);
      transport.grant(new GrantTerms(Window.of(region), Right.READ, LONG), GrantListener.NONE);
    }
  }
}
