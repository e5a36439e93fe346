package io.pagoda.spi.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** Metadata comes back as it went, and strangers' bytes are refused. */
class MetadataTest {
  private static final PeerMetadata PEER = new PeerMetadata(
      "tcp", "prefill-7", new UUID(3, -4), "10.0.0.1:7070", Map.of("b", "2", "a", "ä"));

  private static GrantMetadata grant(int windows) {
    long[] bytes = new long[windows];
    Arrays.setAll(bytes, i -> 1L + i * 5_000_000_000L);
    byte[] token = new byte[GrantMetadata.TOKEN_BYTES];
    new Random(7).nextBytes(token);
    return new GrantMetadata(
        "tcp", new UUID(1, 2), token, EnumSet.of(Right.WRITE), Instant.ofEpochMilli(1_234_567),
        bytes, new byte[] {1, 2, 3});
  }

  @Test
  void peersComeBack() {
    assertEquals(PEER, PeerMetadata.decode(PEER.encode()));
  }

  @Test
  void grantsComeBack() {
    for (int windows : new int[] {1, 2, 1_000, 65_536}) {
      GrantMetadata grant = grant(windows);
      GrantMetadata back = GrantMetadata.decode(grant.encode());
      assertEquals(grant, back);
      assertEquals(grant.windowBytes(windows - 1), back.windowBytes(windows - 1));
      assertEquals(grant.rights(), back.rights());
    }
  }

  @Test
  void refusesEveryCut() {
    byte[] encoded = grant(3).encode();
    for (int length = 0; length < encoded.length; length++) {
      byte[] cut = Arrays.copyOf(encoded, length);
      assertThrows(PagodaException.class, () -> GrantMetadata.decode(cut));
    }
  }

  @Test
  void refusesEveryFlippedByte() {
    byte[] encoded = PEER.encode();
    for (int i = 0; i < encoded.length; i++) {
      byte[] flipped = encoded.clone();
      flipped[i] ^= 0x10;
      assertThrows(PagodaException.class, () -> PeerMetadata.decode(flipped));
    }
  }

  /** Also with a checksum that fits, no byte makes a reader fail otherwise or read too much. */
  @Test
  void refusesOrReadsWhatAnybodySends() {
    Random random = new Random(20);
    int read = 0;
    for (int i = 0; i < 200_000; i++) {
      byte[] changed = i % 2 == 0 ? grant(2).encode() : PEER.encode();
      int at = MetadataWriter.HEADER_BYTES + random.nextInt(changed.length - 16);
      changed[at] = (byte) random.nextInt();
      CRC32C crc = new CRC32C();
      crc.update(changed, 0, changed.length - 4);
      ByteBuffer.wrap(changed)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putInt(changed.length - 4, (int) crc.getValue());
      try {
        Object metadata = i % 2 == 0 ? GrantMetadata.decode(changed) : PeerMetadata.decode(changed);
        read += metadata.toString().isEmpty() ? 0 : 1;
      } catch (PagodaException refused) {
        assertTrue(refused.toString().contains("This is not"), refused::toString);
      }
    }
    assertTrue(read > 0, "none was read");
  }

  @Test
  void tellsNobodyTheToken() {
    GrantMetadata grant = grant(1);
    byte[] token = grant.token();
    String hex = String.format("%02x%02x", token[0], token[1]);
    assertTrue(!grant.toString().contains(hex), grant.toString());
  }
}
