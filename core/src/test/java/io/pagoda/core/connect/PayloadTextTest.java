package io.pagoda.core.connect;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.pagoda.ConnectorException;
import io.pagoda.ConnectorException.Trouble;
import io.pagoda.Device;
import io.pagoda.OperationKind;
import io.pagoda.RdmaMetadata;
import io.pagoda.RemoteDescriptor;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.PeerMetadata;
import io.pagoda.spi.transport.Right;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** C5: metadata comes back as it went, and what a stranger sends is refused for little. */
class PayloadTextTest {
  private static final byte[] SECRET = "sixteen characters".getBytes(StandardCharsets.UTF_8);
  private static final PayloadText SIGNED = new PayloadText(new Seal(Optional.of(SECRET)));
  private static final PayloadText OPEN = new PayloadText(new Seal(Optional.empty()));
  private static final UUID GENERATION = new UUID(5, 6);

  private static GrantMetadata grant(int windows) {
    long[] bytes = new long[windows];
    Arrays.fill(bytes, 4096);
    return new GrantMetadata(
        "tcp", GENERATION, new byte[16], Set.of(Right.READ), Instant.ofEpochMilli(7), bytes,
        new byte[0]);
  }

  private static Payload payload(int count) {
    List<RemoteDescriptor> descriptors = IntStream.range(0, count)
        .mapToObj(
            i -> new RemoteDescriptor(i % 2 == 0 ? Device.CPU : Device.cuda(3), 99L + i, 1L + i))
        .toList();
    PeerMetadata peer = new PeerMetadata("tcp", "b", GENERATION, "127.0.0.1:7", Map.of());
    return new Payload(
        OperationKind.READ, new UUID(1, 2), Instant.ofEpochMilli(12345), 3, true, descriptors,
        new Random(9).ints(count).toArray(), List.of(new Offer(peer, grant(count), grant(1))));
  }

  private static void assertSame(Payload expected, Payload found) {
    assertEquals(expected.descriptors(), found.descriptors());
    assertEquals(expected.offers(), found.offers());
    assertEquals(expected.key(), found.key());
    assertEquals(expected.expiry(), found.expiry());
    assertEquals(expected.uses(), found.uses());
    assertArrayEquals(expected.checksums(), found.checksums());
  }

  private static void refused(PayloadText reader, String json) {
    var e =
        assertThrows(ConnectorException.class, () -> reader.read(RdmaMetadata.parse(json)), json);
    assertEquals(Trouble.METADATA, e.trouble());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 1000, RdmaMetadata.MAX_DESCRIPTORS})
  void comesBack(int count) {
    for (PayloadText text : List.of(SIGNED, OPEN)) {
      Payload written = payload(count);
      RdmaMetadata metadata = text.write(written);
      RdmaMetadata read = RdmaMetadata.parse(metadata.toJson());
      assertEquals(metadata, read);
      assertSame(written, text.read(read));
    }
  }

  @Test
  void readsHexadecimalToo() {
    RdmaMetadata metadata = SIGNED.write(payload(2));
    byte[] packed = Base64.getDecoder().decode(metadata.payload().substring(4));
    RdmaMetadata hex = new RdmaMetadata(
        metadata.descriptors(), HexFormat.of().formatHex(packed), metadata.notificationKey(),
        metadata.kind());
    assertSame(SIGNED.read(metadata), SIGNED.read(RdmaMetadata.parse(hex.toJson())));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`',
      value = {"\"operation_kind\":1|\"operation_kind\":1,\"more\":1",
        "\"operation_kind\":1|\"operation_kind\":1,\"operation_kind\":1",
        "\"operation_kind\":1|\"more\":1", "\"operation_kind\":1|\"operation_kind\":0",
        "\"operation_kind\":1|\"operation_kind\":2", "\"operation_kind\":1|\"operation_kind\":3",
        "\"operation_kind\":1|\"operation_kind\":-1",
        "\"operation_kind\":1|\"operation_kind\":\"1\"", ",\"operation_kind\":1|",
        "\"size\":1|\"size\":-1", "\"size\":1|\"size\":0",
        "\"size\":1|\"size\":99999999999999999999", "\"size\":1|\"size\":2", "\"ptr\":99|\"ptr\":0",
        "\"ptr\":99|\"ptr\":98", "\"ptr\":99,|", "\"cpu\"|\"gpu0x\"", "\"cpu\"|\"cudafoo\"",
        "\"cpu\"|\"cuda:x\"", "\"cpu\"|\"cuda\"", "\"cpu\"|\"cp\\u0075\"", "00000002|00000003",
        "b64:|", "b64:|b65:", "{\"desc|[{\"desc"})
  void refusesOtherFields(String from, String to) {
    String json = SIGNED.write(payload(1)).toJson();
    assertTrue(json.contains(from), json);
    refused(SIGNED, json.replace(from, to == null ? "" : to));
  }

  /** A compressed stream has a few bits of no meaning before its end: no other flip is read. */
  @Test
  void refusesEveryCutAndEveryFlip() {
    Payload written = payload(1);
    String json = SIGNED.write(written).toJson();
    int meaningless = 0;
    for (int i = 0; i < json.length(); i++) {
      refused(SIGNED, json.substring(0, i));
      refused(SIGNED, json.substring(0, i) + json.substring(i + 1));
      for (int bit : new int[] {1, 2, 16, 32}) {
        char flipped = (char) (json.charAt(i) ^ bit);
        String changed = json.substring(0, i) + flipped + json.substring(i + 1);
        try {
          assertSame(written, SIGNED.read(RdmaMetadata.parse(changed)));
          meaningless++;
        } catch (ConnectorException e) {
          assertEquals(Trouble.METADATA, e.trouble());
        }
      }
    }
    assertTrue(meaningless <= 7, meaningless + " flips were read");
  }

  @Test
  void asksForTheSameSecret() {
    String signed = SIGNED.write(payload(1)).toJson();
    String open = OPEN.write(payload(1)).toJson();
    refused(OPEN, signed);
    refused(SIGNED, open);
    byte[] other = SECRET.clone();
    other[0]++;
    refused(new PayloadText(new Seal(Optional.of(other))), signed);
    assertFalse(SIGNED.toString().contains("sixteen"));
  }

  /** With a digest that fits, no byte makes the reader fail otherwise. */
  @Test
  void readsOrRefusesWhatAnybodySends() {
    Random random = new Random(31);
    Seal seal = OPEN.seal();
    int read = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] changed = payload(2).encode(seal);
      int open = changed.length - Seal.BYTES;
      changed[12 + random.nextInt(open - 13)] = (byte) random.nextInt();
      System.arraycopy(seal.of(changed, open), 0, changed, open, Seal.BYTES);
      try {
        read += Payload.decode(changed, seal).descriptors().isEmpty() ? 0 : 1;
      } catch (ConnectorException e) {
        assertEquals(Trouble.METADATA, e.trouble());
      }
    }
    assertTrue(read > 0, "none was read");
  }

  /** {@return a stream that would be so many times 1 MiB of zeros} */
  private static byte[] bomb(int mebibytes) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (var out = new DeflaterOutputStream(packed, new Deflater(9), 512, true)) {
      out.write(new byte[1 << 20]);
      out.flush();
      int header = packed.size();
      out.write(new byte[1 << 20]);
      out.flush();
      byte[] again = Arrays.copyOfRange(packed.toByteArray(), header, packed.size());
      for (int i = 2; i < mebibytes; i++) {
        packed.writeBytes(again);
      }
      return packed.toByteArray();
    }
  }

  /** 4 GiB in 4 MiB is longer than any text; what is short enough is not inflated to its end. */
  @Test
  void refusesBombsForLittle() throws Exception {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (int mebibytes : new int[] {4096, 2048}) {
      String packed = "b64:" + Base64.getEncoder().encodeToString(bomb(mebibytes));
      RdmaMetadata metadata = SIGNED.write(payload(1));
      String json = metadata.toJson().replace(metadata.payload(), packed);
      refused(SIGNED, metadata.toJson() + "x"); // not the first of its kind
      long before = threads.getThreadAllocatedBytes(Thread.currentThread().threadId());
      long began = threads.getCurrentThreadCpuTime();
      refused(SIGNED, json);
      long millis = (threads.getCurrentThreadCpuTime() - began) / 1_000_000;
      long used = threads.getThreadAllocatedBytes(Thread.currentThread().threadId()) - before;
      System.out
          .printf("%d characters refused in %d ms for %d bytes%n", json.length(), millis, used);
      assertTrue(used < 16 << 20, used + " bytes");
      assertTrue(millis < 1_000, millis + " ms");
    }
  }
}
