package io.pagoda.transport.rdma;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What both sides say before anything else. Each proves that it knows the secret by signing all
 * that was said, with a nonce of the other side in it.
 */
final class Handshake {
  static final int VERSION = 3;
  static final int PROOF_BYTES = 32;
  static final int TICKET_BYTES = 16;
  private static final long MAGIC = ByteBuffer.wrap("PAGARDM1".getBytes(StandardCharsets.US_ASCII))
      .order(ByteOrder.LITTLE_ENDIAN)
      .getLong();
  private static final int NONCE_BYTES = 32;
  private static final int FIXED = 88;
  private static final int ID_BYTES = 16;
  private static final int LONGEST_NAME = 256;
  private static final int HAS_SECRET = 1;
  private static final String HMAC = "HmacSHA256";
  private static final SecureRandom RANDOM = new SecureRandom();

  private Handshake() {}

  static byte[] random(int bytes) {
    byte[] random = new byte[bytes];
    RANDOM.nextBytes(random);
    return random;
  }

  /**
   * What a side says of itself.
   *
   * @param secret whether it has one
   * @param messageBytes how long what it is told may be, its header included
   * @param generation its own
   * @param expected whom it means to talk to
   * @param name how it calls itself
   * @param link which of its links it is, where that has connections by several devices
   */
  record Greeting(
      int version, boolean secret, int messageBytes, UUID generation, UUID expected, String name,
      Optional<UUID> link) {
    byte[] encode() {
      byte[] text = name.getBytes(StandardCharsets.UTF_8);
      text = text.length <= LONGEST_NAME ? text : Arrays.copyOf(text, LONGEST_NAME);
      ByteBuffer out = ByteBuffer.allocate(FIXED + text.length + (link.isPresent() ? ID_BYTES : 0))
          .order(ByteOrder.LITTLE_ENDIAN);
      out.putLong(MAGIC).putInt(version).putInt(secret ? HAS_SECRET : 0).putInt(messageBytes);
      id(out, generation);
      id(out, expected);
      out.put(random(NONCE_BYTES)).putInt(text.length).put(text);
      link.ifPresent(one -> id(out, one));
      return out.array();
    }

    static Optional<Greeting> decode(ByteBuffer in) {
      if (in.remaining() < FIXED || in.getLong() != MAGIC) {
        return Optional.empty();
      }
      int version = in.getInt();
      boolean secret = (in.getInt() & HAS_SECRET) != 0;
      int messageBytes = in.getInt();
      UUID generation = new UUID(in.getLong(), in.getLong());
      UUID expected = new UUID(in.getLong(), in.getLong());
      in.position(in.position() + NONCE_BYTES);
      int length = in.getInt();
      if (length < 0 || length > LONGEST_NAME || length > in.remaining()) {
        return Optional.empty();
      }
      byte[] text = new byte[length];
      in.get(text);
      Optional<UUID> link = in.remaining() < ID_BYTES
          ? Optional.empty()
          : Optional.of(new UUID(in.getLong(), in.getLong()));
      return Optional.of(
          new Greeting(
              version, secret, messageBytes, generation, expected,
              new String(text, StandardCharsets.UTF_8), link));
    }

    private static void id(ByteBuffer out, UUID id) {
      out.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
    }
  }

  /** {@return what proves to know the secret; zeros without one} */
  static byte[] proof(Optional<byte[]> secret, String side, byte[] hello, byte[] welcome) {
    if (secret.isEmpty()) {
      return new byte[PROOF_BYTES];
    }
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(secret.get(), HMAC));
      mac.update(side.getBytes(StandardCharsets.US_ASCII));
      mac.update(hello);
      return mac.doFinal(welcome);
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("Every JDK has " + HMAC, e);
    }
  }

  static boolean same(byte[] one, byte[] other) {
    return MessageDigest.isEqual(one, other);
  }

  static byte[] joined(byte[] one, byte[] other) {
    byte[] both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }
}
