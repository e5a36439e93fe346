package io.pagoda.core.peer;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whoever asks does not wait for a greeting for ever. */
@Timeout(60)
class MeetingTest {
  private static final Duration PATIENCE = Duration.ofMillis(600);

  /** Of a greeting whose bytes come one by one: that many and 256. */
  private static final byte LENGTH = 44;

  private final PeerSettings settings = new PeerSettings(
      "asker", Optional.empty(), Optional.empty(), Duration.ofSeconds(1), 1, 1,
      Duration.ofSeconds(2));
  private final GrantsByHand grants = new GrantsByHand();
  private final Meeting meeting = new Meeting(
      settings, new PeerShape("m", 16, LentWords.BLOCK, 1, 7), List.of(grants.transport()),
      PATIENCE);

  /** Says a byte now and then, each in time, and never comes to an end. */
  private static void dribble(ServerSocket server, CompletableFuture<Void> over) {
    try (Socket socket = server.accept();
        OutputStream out = socket.getOutputStream()) {
      out.write(new byte[] {LENGTH, 1, 0, 0});
      while (!isOver(over)) {
        out.write(1);
      }
    } catch (IOException _) {
      // The asker has hung up, as it should.
    }
  }

  private static boolean isOver(CompletableFuture<Void> over) {
    try {
      over.get(100, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException _) {
      return false;
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aGreetingThatDribblesEndsInTime() throws IOException {
    var over = new CompletableFuture<Void>();
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> dribble(server, over));
      var address = (InetSocketAddress) server.getLocalSocketAddress();
      long start = System.nanoTime();
      var gone = assertThrows(PagodaException.class, () -> meeting.with(address));
      long took = System.nanoTime() - start;
      assertTrue(String.valueOf(gone.getMessage()).contains("it cannot be met"), gone::toString);
      assertTrue(
          took < 20_000_000_000L, "it took " + took + " ns: all of it comes within half a minute");
    } finally {
      over.complete(null);
    }
  }
}
