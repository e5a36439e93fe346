package io.pagoda.transport.rdma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.tck.Seeded;
import io.pagoda.transport.rdma.Handshake.Greeting;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a stranger says is read as what it is, or as nothing. */
@ExtendWith(Seeded.class)
class MessageTest {
  @Test
  void aMessageIsReadAsItWasSaid(Random random) {
    ByteBuffer slot = ByteBuffer.allocate(Message.SLOT_BYTES);
    for (int bytes : new int[] {0, 1, 1_000, Message.MAX_BODY_BYTES}) {
      byte[] body = new byte[bytes];
      random.nextBytes(body);
      Message said = new Message(Message.TELL, 3, random.nextLong(), body);
      assertEquals(Optional.of(said), Message.decode(slot, said.encode(slot, 3)));
    }
  }

  @Test
  void whatIsNoMessageIsNone(Random random) {
    ByteBuffer slot = ByteBuffer.allocate(Message.SLOT_BYTES);
    Message said = new Message(Message.ENTER, 7, new byte[16]);
    int length = said.encode(slot, 3);
    for (int bytes = 0; bytes < length; bytes++) {
      assertEquals(Optional.empty(), Message.decode(slot, bytes), "cut to " + bytes);
    }
    assertEquals(Optional.empty(), Message.decode(slot, length + 1));
    int read = 0;
    for (int i = 0; i < 100_000; i++) {
      byte[] noise = new byte[random.nextInt(64)];
      random.nextBytes(noise);
      slot.put(0, noise);
      read += Message.decode(slot, noise.length).isPresent() ? 1 : 0;
    }
    assertTrue(read < 10, read + " of noise");
  }

  @Test
  void aGreetingIsReadAsItWasSaidAndNoiseIsNone(Random random) {
    Greeting said = new Greeting(
        1, true, 4_711, UUID.randomUUID(), UUID.randomUUID(), "a name with an ä in it",
        Optional.empty());
    byte[] bytes = said.encode();
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(Optional.of(said), Greeting.decode(in));
    for (int length = 0; length < bytes.length; length++) {
      ByteBuffer cut = ByteBuffer.wrap(bytes, 0, length).order(ByteOrder.LITTLE_ENDIAN);
      assertEquals(Optional.empty(), Greeting.decode(cut), "cut to " + length);
    }
    Greeting ofSeveral = new Greeting(
        1, false, 5, UUID.randomUUID(), UUID.randomUUID(), "b", Optional.of(UUID.randomUUID()));
    assertEquals(
        Optional.of(ofSeveral),
        Greeting.decode(ByteBuffer.wrap(ofSeveral.encode()).order(ByteOrder.LITTLE_ENDIAN)));
    for (int i = 0; i < 10_000; i++) {
      byte[] changed = bytes.clone();
      changed[84 + random.nextInt(4)] = (byte) random.nextInt();
      var _ = Greeting.decode(ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN));
    }
  }

  @Test
  void aProofIsOfTheSecretAndOfAllThatWasSaid() {
    Optional<byte[]> secret = Optional.of(new byte[] {1, 2, 3});
    byte[] proof = Handshake.proof(secret, "a", new byte[] {1}, new byte[] {2});
    assertTrue(Handshake.same(proof, Handshake.proof(secret, "a", new byte[] {1}, new byte[] {2})));
    assertTrue(
        !Handshake.same(proof, Handshake.proof(secret, "b", new byte[] {1}, new byte[] {2})));
    assertTrue(
        !Handshake.same(proof, Handshake.proof(secret, "a", new byte[] {3}, new byte[] {2})));
    assertTrue(
        !Handshake.same(proof, Handshake.proof(secret, "a", new byte[] {1}, new byte[] {3})));
    Optional<byte[]> other = Optional.of(new byte[] {1, 2, 4});
    assertTrue(!Handshake.same(proof, Handshake.proof(other, "a", new byte[] {1}, new byte[] {2})));
  }
}
