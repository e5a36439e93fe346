package io.pagoda.core.peer;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import io.pagoda.core.connect.HandLink;
import io.pagoda.core.connect.HandTransport;
import io.pagoda.core.peer.Message.Greeting;
import io.pagoda.core.peer.Message.Hello;
import io.pagoda.core.peer.Message.Refusal;
import io.pagoda.core.peer.Message.Welcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a peer that lends may do to whoever asks, and what it may not. */
@Timeout(60)
class SessionTest {
  private static final PeerShape SHAPE = new PeerShape("m", 16, LentWords.BLOCK, 1, 7);
  private static final PeerSettings SETTINGS = new PeerSettings(
      "asker", Optional.empty(), Optional.empty(), Duration.ofSeconds(1), 1, 1,
      Duration.ofSeconds(2));

  private final HandTransport transport = new HandTransport();
  private final Meeting meeting =
      new Meeting(SETTINGS, SHAPE, List.of(transport), Duration.ofSeconds(10));

  /** Lends by hand: welcomes one who asks, and then does what the test says. */
  private CompletableFuture<Void> lend(ServerSocket at, Further further) {
    return CompletableFuture.runAsync(() -> {
      try (Channel asker = new Channel(at.accept())) {
        asker.send(new Hello(Message.VERSION, false, new byte[Message.NONCE_BYTES]));
        assertInstanceOf(Greeting.class, asker.receive(Message.LONGEST_GREETING));
        asker.send(new Welcome("lender", SHAPE, 1_000, transport.listen().metadata()));
        further.with(asker);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }, Thread::startVirtualThread);
  }

  private interface Further {
    void with(Channel asker) throws IOException;
  }

  private static void untilItGoes(Channel asker) {
    assertThrows(IOException.class, () -> {
      while (true) {
        asker.receive(Message.LONGEST_QUESTION);
      }
    });
  }

  @Test
  void whatMayNotComeEndsTheConversation() throws Exception {
    transport.linking(() -> new HandLink(_ -> new CompletableFuture<>()));
    try (ServerSocket at = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      var lent = lend(at, asker -> {
        asker.send(new Refusal("not any more"));
        untilItGoes(asker);
      });
      try (Session session = meeting.with((InetSocketAddress) at.getLocalSocketAddress())) {
        String why = String.valueOf(session.over().get(10, TimeUnit.SECONDS).getMessage());
        assertTrue(why.contains("may not"), why);
      }
      lent.get(10, TimeUnit.SECONDS);
    }
  }

  /** A link whose conversation does not come to be is closed. */
  @Test
  void leavesNoLinkBehind() throws Exception {
    HandLink link = new HandLink(_ -> new CompletableFuture<>()) {
      @Override
      public CompletionStage<PagodaException> lost() {
        throw new IllegalStateException("as this test says");
      }
    };
    transport.linking(() -> link);
    try (ServerSocket at = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      var lent = lend(at, SessionTest::untilItGoes);
      var address = (InetSocketAddress) at.getLocalSocketAddress();
      assertThrows(IllegalStateException.class, () -> meeting.with(address));
      link.closed().get(10, TimeUnit.SECONDS);
      lent.get(10, TimeUnit.SECONDS);
    }
  }
}
