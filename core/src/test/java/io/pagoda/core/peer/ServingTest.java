package io.pagoda.core.peer;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.pagoda.core.connect.ClumsySocket;
import io.pagoda.core.peer.Message.Hello;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whoever lends goes on, whatever goes wrong with one who comes to ask. */
@Timeout(60)
class ServingTest {
  @Test
  void takesWhoComesNext() throws Exception {
    try (ClumsySocket at = new ClumsySocket(3)) {
      var settings = new PeerSettings(
          "lender", Optional.of((InetSocketAddress) at.getLocalSocketAddress()), Optional.empty(),
          Duration.ofSeconds(10), 1, 2, Duration.ofSeconds(2));
      var shape = new PeerShape("m", 16, LentWords.BLOCK, 1, 7);
      try (
          PeerServer server = PeerServer
              .over(at, settings, shape, new LentWords(), List.of(new GrantsByHand().transport()));
          Socket peer = new Socket(server.address().getAddress(), server.address().getPort())) {
        peer.setSoTimeout(20_000);
        assertInstanceOf(Hello.class, new Channel(peer).receive(Message.LONGEST_GREETING));
      }
    }
  }
}
