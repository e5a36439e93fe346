package io.pagoda.core.peer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockKeys;
import io.pagoda.PagodaException;
import io.pagoda.spi.transport.PeerMetadata;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What peers say is read as it was said, and nothing else is read at all. */
class MessageTest {
  private static final PeerShape SHAPE = new PeerShape("m", 16, 65_536, 2, 0x1234_5678_9abcL);
  private static final BlockKeys KEYS = BlockKeys.ofWords(new long[] {1, 2, 3, -4});
  private static final byte[] NONCE = bytes(Message.NONCE_BYTES, 3);

  private static final List<Message> ALL = List.of(
      new Message.Hello(1, true, NONCE),
      new Message.Greeting(
          1, NONCE, bytes(Message.PROOF_BYTES, 9), "näme", SHAPE, List.of("rdma", "tcp")),
      new Message.Welcome(
          "lender", SHAPE, 10_000,
          new PeerMetadata("tcp", "lender", new UUID(5, 6), "127.0.0.1:1", Map.of("a", "b"))),
      new Message.Refusal("why not"), new Message.Look(7, KEYS), new Message.Found(7, 2),
      new Message.Ask(8, 1500, KEYS),
      new Message.Lent(8, new byte[] {0, 1}, new int[] {11, -12}, bytes(100, 1)),
      new Message.Release(8), new Message.Wrong(KEYS), new Message.Ping(9), new Message.Pong(9),
      new Message.Sample(10, 64), new Message.Some(10, KEYS));

  private static byte[] bytes(int count, int step) {
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) (i * step);
    }
    return bytes;
  }

  @Test
  void whatWasSaidIsRead() {
    for (Message message : ALL) {
      byte[] body = message.body();
      Message read = Message.read(message.type(), body);
      assertEquals(message.getClass(), read.getClass());
      assertEquals(message.type(), read.type());
      assertArrayEquals(body, read.body());
    }
    for (int i = 0; i < ALL.size(); i++) {
      assertEquals(i + 1, ALL.get(i).type(), "as docs/peer-format.md numbers them");
    }
  }

  @Test
  void whatIsCutShortOrTooLongIsRefused() {
    for (Message message : ALL) {
      byte[] body = message.body();
      for (int length = 0; length < body.length; length++) {
        byte[] cut = Arrays.copyOf(body, length);
        assertThrows(PagodaException.class, () -> Message.read(message.type(), cut));
      }
      byte[] longer = Arrays.copyOf(body, body.length + 1);
      assertThrows(PagodaException.class, () -> Message.read(message.type(), longer));
    }
  }

  @Test
  void lengthsThatLieReserveNothing() {
    byte[] body = new Message.Look(7, KEYS).body();
    Arrays.fill(body, 8, 12, (byte) 0x7f);
    assertThrows(PagodaException.class, () -> Message.read(5, body));
    Arrays.fill(body, 8, 12, (byte) 0xff);
    assertThrows(PagodaException.class, () -> Message.read(5, body));
  }

  /** Hostile bytes end in a message or in its refusal. */
  @Test
  void hostileBytesAreRefusedInWords() {
    long seed = Long.getLong("pagoda.seed", 1);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 200_000; i++) {
      Message message = ALL.get(random.nextInt(ALL.size()));
      byte[] body = random.nextInt(4) == 0 ? random(random) : message.body();
      for (int changes = random.nextInt(4); changes > 0 && body.length > 0; changes--) {
        body[random.nextInt(body.length)] = (byte) random.nextInt();
      }
      try {
        int type = random.nextInt(8) == 0 ? random.nextInt(20) : message.type();
        Message read = Message.read(type, body);
        assertEquals(type, read.type());
      } catch (PagodaException e) {
        String why = String.valueOf(e.getMessage());
        assertTrue(
            why.contains("cannot be understood") || why.startsWith("This is not peer metadata"),
            () -> "seed " + seed + ": " + why);
      }
    }
  }

  private static byte[] random(SplittableRandom random) {
    byte[] bytes = new byte[random.nextInt(300)];
    random.nextBytes(bytes);
    return bytes;
  }

  @Test
  void onlyWhoKnowsTheSecretReads() throws GeneralSecurityException {
    var hello = new Message.Hello(1, true, NONCE);
    var greeting = (Message.Greeting) ALL.get(1);
    Optional<byte[]> secret = Optional.of(bytes(20, 7));
    Veil asks = Veil.of(secret, hello, greeting, true).orElseThrow();
    Veil lends = Veil.of(secret, hello, greeting, false).orElseThrow();
    byte[] first = asks.hide(5, NONCE);
    byte[] second = asks.hide(5, NONCE);
    assertFalse(Arrays.equals(first, second));
    assertArrayEquals(NONCE, lends.show(5, first));
    assertThrows(GeneralSecurityException.class, () -> lends.show(6, second), "another type");
    Veil again = Veil.of(secret, hello, greeting, false).orElseThrow();
    assertThrows(GeneralSecurityException.class, () -> again.show(5, second), "left one out");
    Veil other = Veil.of(Optional.of(bytes(20, 8)), hello, greeting, false).orElseThrow();
    assertThrows(GeneralSecurityException.class, () -> other.show(5, first), "another secret");
    byte[] back = lends.hide(5, NONCE);
    assertFalse(Arrays.equals(first, back));
    assertArrayEquals(NONCE, asks.show(5, back));
  }
}
