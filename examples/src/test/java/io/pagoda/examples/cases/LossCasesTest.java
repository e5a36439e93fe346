package io.pagoda.examples.cases;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.ConnectorException.Trouble;
import io.pagoda.ConnectorUse;
import io.pagoda.OperationState;
import io.pagoda.ReadOperation;
import io.pagoda.ReadableOperation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** C7: a process dies in the middle of a transfer, and the other goes on. */
class LossCasesTest {
  private static final long GIB = Side.bySockets() ? 1 << 30 : 32 << 20;
  private static final long DEADLINE_SECONDS = 30;

  @TempDir private static Path directory;

  /** {@return the configuration of a process that its peers find at the same place again} */
  private static String config(Middle middle, String name, int port) {
    return Side.bySockets() ? middle.config(name) : Side.config(name, Side.listening(port));
  }

  private static Middle middle() throws IOException {
    return new Middle().holdAfter(GIB / 2);
  }

  /** Kills a process while bytes are on their way. */
  private static void kill(PeerProcess peer, Middle middle) throws InterruptedException {
    if (Side.bySockets()) {
      middle.awaitHeld();
    }
    peer.kill();
    middle.release();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Test
  void c7SurvivesTheOneThatBegan() throws Exception {
    try (Middle middle = middle();
        Side side = new Side(directory, Side.bySockets() ? middle.config("a") : Side.config("a"));
        PeerProcess peer = PeerProcess.start(directory, Side.config("b"));
        Guarded source = new Guarded(0, GIB)) {
      source.fill(7);
      ConnectorUse before = side.connector().use();
      ReadableOperation exposed =
          side.connector().createReadable(source.descriptors(), Side.MINUTE);
      peer.tell("read c7 %d 60000 %s".formatted(GIB, exposed.metadata().toJson()));
      peer.answer("moving c7");
      kill(peer, middle);
      exposed.ended().toCompletableFuture().get(DEADLINE_SECONDS, TimeUnit.SECONDS);
      String why = Side.errored(Trouble.PEER_LOST, exposed);
      assertTrue(why.contains("lost"), why);
      side.idle(before);
      try (PeerProcess again = PeerProcess.start(directory, Side.config("b"))) {
        ReadableOperation next = side.connector().createReadable(source.descriptors(), Side.MINUTE);
        again.tell("read c7 %d 60000 %s".formatted(GIB, next.metadata().toJson()));
        Side.complete(next);
        again.answer("settled c7");
        assertEquals(".", again.ask("check c7 7"));
      }
    }
  }

  @Test
  void c7SurvivesTheOneThatExposed() throws Exception {
    int port = freePort();
    try (Middle middle = middle();
        Side side = new Side(directory, Side.config("a"));
        PeerProcess peer = PeerProcess.start(directory, config(middle, "b", port));
        Guarded into = new Guarded(4096, GIB)) {
      ConnectorUse before = side.connector().use();
      String stale = peer.exposes("readable old %d 7 2 60000 false".formatted(GIB));
      ReadOperation read = side.read(stale, into);
      while (into.firstByte() == 0 && !read.state().terminal()) {
        Thread.onSpinWait();
      }
      kill(peer, middle);
      read.ended().toCompletableFuture().get(DEADLINE_SECONDS, TimeUnit.SECONDS);
      Side.errored(Trouble.PEER_LOST, read);
      side.idle(before);
      try (PeerProcess again = PeerProcess.start(directory, config(middle, "b", port))) {
        String fresh = again.exposes("readable new %d 8 1 60000 false".formatted(GIB));
        ReadOperation late = side.read(stale, into);
        Side.errored(Trouble.STALE, late);
        assertEquals(OperationState.ERRORED, late.state());
        Side.complete(side.read(fresh, into));
        assertEquals("", into.wrong(8));
      }
    }
  }

  /** Nobody is there at all. */
  @Test
  void c7FindsNobody() throws Exception {
    try (Side side = new Side(directory, Side.config("a"));
        PeerProcess peer = PeerProcess.start(directory, Side.config("b"));
        Guarded into = new Guarded(64, 4096)) {
      String json = peer.exposes("readable gone 4096 7 1 60000 false");
      peer.kill();
      Side.errored(Trouble.UNREACHABLE, side.read(json, into));
      assertTrue(into.untouched());
    }
  }
}
