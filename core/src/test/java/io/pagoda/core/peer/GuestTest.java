package io.pagoda.core.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockKey;
import io.pagoda.BlockKeys;
import io.pagoda.core.peer.Message.Ask;
import io.pagoda.core.peer.Message.Greeting;
import io.pagoda.core.peer.Message.Hello;
import io.pagoda.core.peer.Message.Lent;
import io.pagoda.core.peer.Message.Ping;
import io.pagoda.core.peer.Message.Pong;
import io.pagoda.core.peer.Message.Refusal;
import io.pagoda.core.peer.Message.Release;
import io.pagoda.core.peer.Message.Welcome;
import io.pagoda.core.peer.Message.Wrong;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a peer may do to whoever lends, and what it may not. */
@Timeout(120)
class GuestTest {
  private static final PeerShape SHAPE = new PeerShape("m", 16, LentWords.BLOCK, 1, 7);

  private final LentWords lender = new LentWords();
  private final GrantsByHand grants = new GrantsByHand();
  private PeerServer server = opened(Duration.ofSeconds(60));
  private final Deque<Socket> sockets = new ArrayDeque<>();

  private PeerServer opened(Duration silence) {
    return PeerServer.open(
        new PeerSettings(
            "lender", Optional.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
            Optional.empty(), Duration.ofSeconds(10), 1, 2, silence),
        SHAPE, lender, List.of(grants.transport()));
  }

  /** Has one that waits no longer than so that whoever greets it is in time. */
  private void hurry() {
    server.close();
    server = opened(Duration.ofSeconds(5));
  }

  @AfterEach
  void close() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    grants.endAll();
    grants.prompt = true;
    server.close();
  }

  private Socket connected() throws IOException {
    Socket socket = new Socket(server.address().getAddress(), server.address().getPort());
    sockets.add(socket);
    return socket;
  }

  private static Message greeted(Channel channel) throws IOException {
    assertInstanceOf(Hello.class, channel.receive(Message.LONGEST_GREETING));
    channel.send(
        new Greeting(
            Message.VERSION, new byte[Message.NONCE_BYTES], new byte[Message.PROOF_BYTES], "asker",
            SHAPE, List.of(GrantsByHand.TYPE)));
    return channel.receive(Message.LONGEST_ANSWER);
  }

  private Channel guest() throws IOException {
    Channel channel = new Channel(connected());
    assertInstanceOf(Welcome.class, greeted(channel));
    return channel;
  }

  private static BlockKeys keys(long... low) {
    return BlockKeys.of(Arrays.stream(low).mapToObj(l -> new BlockKey(1, l)).toList());
  }

  private static Lent asked(Channel guest, long id, long... low) throws IOException {
    guest.send(new Ask(id, 5000, keys(low)));
    return assertInstanceOf(Lent.class, guest.receive(Message.LONGEST_ANSWER));
  }

  /** Everything said before is heard when this returns. */
  private static void heard(Channel guest) throws IOException {
    guest.send(new Ping(9));
    assertInstanceOf(Pong.class, guest.receive(Message.LONGEST_ANSWER));
  }

  private static void await(String what, BooleanSupplier so) {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!so.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, what);
      Thread.onSpinWait();
    }
  }

  /** A loan ends with its grant, even if the conversation fails between the two. */
  @Test
  void whatFailsAfterTheGrantDoesNotTakePinsBack() throws IOException {
    grants.silentAbout = true;
    grants.prompt = false;
    Channel guest = guest();
    guest.send(new Ask(1, 5000, keys(1)));
    assertThrows(IOException.class, () -> guest.receive(Message.LONGEST_ANSWER));
    await("the grant is revoked", () -> grants.revoked() == 1);
    assertEquals(1, lender.lent(), "its windows are open still");
    grants.endAll();
    await("it is given back", () -> lender.lent() == 0);
  }

  @Test
  void aNumberIsUsedOnce() throws IOException {
    grants.prompt = false;
    Channel guest = guest();
    asked(guest, 1, 1);
    guest.send(new Release(1));
    guest.send(new Ask(1, 5000, keys(2)));
    assertThrows(IOException.class, () -> guest.receive(Message.LONGEST_ANSWER));
    assertEquals(1, grants.granted());
    grants.endAll();
    await("it is given back", () -> lender.lent() == 0 && server.loans() == 0);
  }

  @Test
  void aRecallIsHeardAlsoBeforeTheGrant() throws IOException {
    lender.recalls = true;
    Channel guest = guest();
    asked(guest, 1, 1);
    assertEquals(1, grants.revoked());
    assertEquals(0, lender.lent());
  }

  @Test
  void onlyOfWhatWasLentItMayBeSaidThatItIsWrong() throws IOException {
    Channel guest = guest();
    asked(guest, 1, 1, 2);
    guest.send(new Release(1));
    guest.send(new Wrong(keys(2, 3, 4)));
    guest.send(new Wrong(keys(2)));
    guest.send(new Wrong(keys(1)));
    heard(guest);
    await("the last is looked at", () -> lender.doubted.contains(new BlockKey(1, 1)));
    assertEquals(List.of(new BlockKey(1, 2), new BlockKey(1, 1)), List.copyOf(lender.doubted));
  }

  /** To look at blocks takes long; the conversation goes on. */
  @Test
  void doubtsHoldNobodyUp() throws IOException {
    Channel guest = guest();
    asked(guest, 1, 1);
    lender.thinking.lock();
    try {
      guest.send(new Wrong(keys(1)));
      heard(guest);
      assertTrue(lender.doubted.isEmpty());
    } finally {
      lender.thinking.unlock();
    }
    await("it is looked at", () -> !lender.doubted.isEmpty());
  }

  /** A byte now and then is not a greeting. */
  @Test
  void whoGreetsTooSlowlyGoes() throws IOException {
    hurry();
    Socket socket = connected();
    new Channel(socket).receive(Message.LONGEST_GREETING);
    socket.getOutputStream().write(new byte[] {100, 0, 0, 0, 2});
    assertFalse(drips(socket), "it was let drip");
  }

  @Test
  void whoIsKnownSpeaksInTimeToo() throws IOException {
    hurry();
    Socket socket = connected();
    greeted(new Channel(socket));
    socket.getOutputStream().write(new byte[] {100, 0, 0, 0, 7});
    assertFalse(drips(socket), "it was let drip");
  }

  /** Says a byte each fifth of a second, for twelve seconds; returns whether all were taken. */
  private static boolean drips(Socket socket) throws IOException {
    socket.setSoTimeout(200);
    for (int bytes = 0; bytes < 60; bytes++) {
      try {
        socket.getOutputStream().write(1);
        if (socket.getInputStream().read() < 0) {
          return false;
        }
      } catch (SocketTimeoutException _) {
        // it is there still: the next byte
      } catch (IOException _) {
        return false; // it has hung up
      }
    }
    return true;
  }

  @Test
  void whoNeverReadsGoes() throws IOException {
    hurry();
    Channel guest = guest();
    assertThrows(IOException.class, () -> {
      while (true) {
        guest.send(new Ping(1));
      }
    });
  }

  @Test
  void strangersGiveWay() throws IOException {
    for (int i = 0; i < 200; i++) {
      connected();
    }
    heard(guest());
    Channel last = guest();
    Refusal refusal = assertInstanceOf(Refusal.class, greeted(new Channel(connected())));
    assertTrue(refusal.why().contains("peers.guests"), refusal.why());
    heard(last);
    assertFalse(server.refused() == 0);
  }
}
