package io.pagoda.core.connect;

import io.pagoda.Device;
import io.pagoda.OperationKind;
import io.pagoda.PagodaException;
import io.pagoda.RdmaMetadata;
import io.pagoda.RemoteDescriptor;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.PeerMetadata;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/**
 * What metadata holds, as docs/connector-metadata.md says.
 *
 * @param kind what the active side may do
 * @param key which operation it is
 * @param expiry when it ends, by the passive side's clock
 * @param uses how many operations it is for
 * @param verified whether checksums are compared
 * @param descriptors the stretches
 * @param checksums of each, if it is to be read and verified; else none
 * @param offers ways to get there
 */
record Payload(
    OperationKind kind, UUID key, Instant expiry, int uses, boolean verified,
    List<RemoteDescriptor> descriptors, int[] checksums, List<Offer> offers) {
  /** No encoding is longer. */
  static final int MAX_BYTES = 2 << 20;

  private static final int MAX_OFFERS = 8;
  private static final byte[] MAGIC = {'P', 'G', 'R', 'M'};
  private static final int VERSION = 1;
  private static final int LENGTH_AT = 8;
  private static final int SHORTEST = 64;

  byte[] encode(Seal seal) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(MAGIC);
    ByteBuffer head = ByteBuffer.allocate(50)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(VERSION)
        .putInt(0)
        .put((byte) kind.code());
    head.put((byte) (verified ? 1 : 0))
        .putLong(key.getMostSignificantBits())
        .putLong(key.getLeastSignificantBits())
        .putLong(expiry.toEpochMilli())
        .putInt(uses)
        .putInt(descriptors.size());
    out.write(head.array(), 0, head.position());
    writeDescriptors(out);
    out.write(offers.size());
    for (Offer offer : offers) {
      part(out, offer.peer().encode());
      part(out, offer.data().encode());
      part(out, offer.control().encode());
    }
    out.write(seal.kind());
    byte[] open = out.toByteArray();
    byte[] all = Arrays.copyOf(open, open.length + Seal.BYTES);
    if (all.length > MAX_BYTES) {
      throw Troubles.shape(
          "metadata of %d bytes is longer than %d: expose fewer stretches at once"
              .formatted(all.length, MAX_BYTES));
    }
    ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).putInt(LENGTH_AT, all.length);
    System.arraycopy(seal.of(all, open.length), 0, all, open.length, Seal.BYTES);
    return all;
  }

  private void writeDescriptors(ByteArrayOutputStream out) {
    for (int i = 0; i < descriptors.size(); i++) {
      RemoteDescriptor one = descriptors.get(i);
      ByteBuffer words = ByteBuffer.allocate(24)
          .order(ByteOrder.LITTLE_ENDIAN)
          .put((byte) one.device().kind().code())
          .putShort((short) one.device().number())
          .putLong(one.address())
          .putLong(one.bytes());
      if (checksums.length > 0) {
        words.putInt(checksums[i]);
      }
      out.write(words.array(), 0, words.position());
    }
  }

  private static void part(ByteArrayOutputStream out, byte[] bytes) {
    out.writeBytes(
        ByteBuffer.allocate(Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(bytes.length)
            .array());
    out.writeBytes(bytes);
  }

  /**
   * Reads what {@link #encode} has written.
   *
   * @throws io.pagoda.ConnectorException if it is not that
   */
  static Payload decode(byte[] encoded, Seal seal) {
    check(encoded.length >= SHORTEST && encoded.length <= MAX_BYTES, "its length cannot be");
    ByteBuffer in = ByteBuffer.wrap(encoded).order(ByteOrder.LITTLE_ENDIAN);
    byte[] magic = new byte[MAGIC.length];
    in.get(magic);
    check(Arrays.equals(magic, MAGIC), "it begins otherwise");
    int version = in.getInt();
    check(version == VERSION, "it is of version %d; this reads %d".formatted(version, VERSION));
    check(in.getInt() == encoded.length, "it is not as long as it says");
    seal.check(encoded);
    in.limit(encoded.length - Seal.BYTES - 1);
    try {
      return decode(in);
    } catch (BufferUnderflowException e) {
      throw Troubles.metadata("it is cut short", e);
    } catch (PagodaException | IllegalArgumentException e) {
      throw Troubles.metadata(String.valueOf(e.getMessage()), e);
    }
  }

  private static Payload decode(ByteBuffer in) {
    int code = in.get();
    check(code == 1 || code == 2, "%d is no kind of operation".formatted(code));
    OperationKind kind = code == 1 ? OperationKind.READ : OperationKind.WRITE;
    boolean verified = in.get() != 0;
    UUID key = new UUID(in.getLong(), in.getLong());
    Instant expiry = Instant.ofEpochMilli(in.getLong());
    int uses = in.getInt();
    int count = in.getInt();
    check(count > 0 && count <= RdmaMetadata.MAX_DESCRIPTORS, "it has too many descriptors");
    int[] checksums = new int[verified && kind == OperationKind.READ ? count : 0];
    List<RemoteDescriptor> descriptors = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      descriptors.add(descriptor(in));
      if (checksums.length > 0) {
        checksums[i] = in.getInt();
      }
    }
    List<Offer> offers = offers(in, count);
    check(!in.hasRemaining(), "it goes on behind its end");
    return new Payload(kind, key, expiry, uses, verified, descriptors, checksums, offers);
  }

  private static RemoteDescriptor descriptor(ByteBuffer in) {
    int code = in.get();
    Device.Kind kind =
        Device.Kind.of(code).orElseThrow(() -> Troubles.metadata(code + " is no kind of memory"));
    Device device = new Device(kind, in.getShort());
    return new RemoteDescriptor(device, in.getLong(), in.getLong());
  }

  private static List<Offer> offers(ByteBuffer in, int windows) {
    int count = in.get();
    check(count > 0 && count <= MAX_OFFERS, "it has no way to get there, or too many");
    List<Offer> offers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Offer offer = new Offer(
          PeerMetadata.decode(part(in)), GrantMetadata.decode(part(in)),
          GrantMetadata.decode(part(in)));
      check(offer.data().windows() == windows, "its grant is of other stretches");
      offers.add(offer);
    }
    return offers;
  }

  private static byte[] part(ByteBuffer in) {
    int length = in.getInt();
    check(length >= 0 && length <= in.remaining(), "it is cut short");
    byte[] part = new byte[length];
    in.get(part);
    return part;
  }

  private static void check(boolean right, String why) {
    if (!right) {
      throw Troubles.metadata(why);
    }
  }
}
