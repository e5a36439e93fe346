package io.pagoda.core.communicate;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.core.connect.ClumsySocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where workers come stays open, whatever goes wrong with one of them. */
@Timeout(60)
class RendezvousTest {
  private static Rendezvous over(ServerSocket socket) {
    return new Rendezvous(socket, new Secret(Optional.empty()), Duration.ofSeconds(10), _ -> {
      throw new IllegalArgumentException("nobody is let in");
    });
  }

  /** Not at once: it would do nothing else. */
  @Test
  void looksAgainNowAndThen() throws Exception {
    long begun = System.nanoTime();
    try (ClumsySocket socket = new ClumsySocket(Integer.MAX_VALUE);
        Rendezvous _ = over(socket)) {
      while (socket.asked() < 4 && System.nanoTime() - begun < 20_000_000_000L) {
        Thread.onSpinWait();
      }
      assertTrue(socket.asked() >= 4, "it is not asked again");
      long took = System.nanoTime() - begun;
      assertTrue(took > 500_000_000L, "it was asked four times in " + took + " ns");
    }
  }

  @Test
  void takesWhoComesNext() throws Exception {
    try (ClumsySocket socket = new ClumsySocket(4);
        Rendezvous _ = over(socket);
        Socket worker = new Socket()) {
      worker.connect((InetSocketAddress) socket.getLocalSocketAddress());
      worker.setSoTimeout(20_000);
      assertTrue(worker.getInputStream().read() >= 0, "it says hello");
    }
  }
}
