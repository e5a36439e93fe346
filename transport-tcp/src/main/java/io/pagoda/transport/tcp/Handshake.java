package io.pagoda.transport.tcp;

import java.lang.foreign.MemorySegment;
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
  static final int NONCE_BYTES = 32;
  static final int PROOF_BYTES = 32;
  static final int LONGEST = 512;
  private static final int LONGEST_NAME = 256;
  private static final int HAS_SECRET = 1;
  private static final int HELLO_FIXED = 104;
  private static final int WELCOME_FIXED = 72;
  private static final String HMAC = "HmacSHA256";
  private static final SecureRandom RANDOM = new SecureRandom();

  private Handshake() {}

  static byte[] random(int bytes) {
    byte[] random = new byte[bytes];
    RANDOM.nextBytes(random);
    return random;
  }

  /**
   * What the connecting side says.
   *
   * @param version of the protocol
   * @param secret whether it has one
   * @param link which link the connection is of
   * @param stripes of how many connections the link is
   * @param generation its own
   * @param expected whom it means to talk to
   * @param name how it calls itself
   */
  record Hello(
      int version, boolean secret, UUID link, int stripes, UUID generation, UUID expected,
      String name) {
    byte[] encode() {
      byte[] text = cut(name);
      ByteBuffer out =
          ByteBuffer.allocate(HELLO_FIXED + text.length).order(ByteOrder.LITTLE_ENDIAN);
      out.putLong(Frame.MAGIC).putInt(version).putInt(secret ? HAS_SECRET : 0);
      id(out, link);
      out.putInt(stripes);
      id(out, generation);
      id(out, expected);
      out.put(random(NONCE_BYTES)).putInt(text.length).put(text);
      return out.array();
    }

    static Optional<Hello> decode(MemorySegment body) {
      ByteBuffer in = body.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
      if (in.remaining() < HELLO_FIXED || in.getLong() != Frame.MAGIC) {
        return Optional.empty();
      }
      int version = in.getInt();
      boolean secret = (in.getInt() & HAS_SECRET) != 0;
      UUID link = id(in);
      int stripes = in.getInt();
      UUID generation = id(in);
      UUID expected = id(in);
      in.position(in.position() + NONCE_BYTES);
      return text(in)
          .map(name -> new Hello(version, secret, link, stripes, generation, expected, name));
    }
  }

  /**
   * What the serving side answers.
   *
   * @param secret whether it has one
   * @param generation its own
   * @param pieceBytes bytes of one piece, at most
   * @param pieces that may be on their way on one connection
   * @param name how it calls itself
   */
  record Welcome(boolean secret, UUID generation, int pieceBytes, int pieces, String name) {
    byte[] encode() {
      byte[] text = cut(name);
      ByteBuffer out =
          ByteBuffer.allocate(WELCOME_FIXED + text.length).order(ByteOrder.LITTLE_ENDIAN);
      out.putInt(Frame.VERSION).putInt(secret ? HAS_SECRET : 0);
      id(out, generation);
      out.put(random(NONCE_BYTES)).putInt(pieceBytes).putInt(Frame.MAX_RANGES).putInt(pieces);
      out.putInt(text.length).put(text);
      return out.array();
    }

    /** {@return what was answered, without the proof behind it} */
    static Optional<Welcome> decode(byte[] body) {
      ByteBuffer in = ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN);
      if (in.remaining() < WELCOME_FIXED || in.getInt() != Frame.VERSION) {
        return Optional.empty();
      }
      boolean secret = (in.getInt() & HAS_SECRET) != 0;
      UUID generation = id(in);
      in.position(in.position() + NONCE_BYTES);
      int pieceBytes = in.getInt();
      int ranges = in.getInt();
      int pieces = in.getInt();
      if (pieceBytes < 1 || ranges != Frame.MAX_RANGES || pieces < 1) {
        return Optional.empty();
      }
      return text(in).map(name -> new Welcome(secret, generation, pieceBytes, pieces, name));
    }
  }

  /**
   * {@return what proves to know the secret; zeros without one}
   *
   * @param binding to the channel that it is said on, so that nobody can pass it on to another
   */
  static byte[] proof(
      Optional<byte[]> secret, String side, byte[] hello, byte[] welcome, byte[] binding) {
    if (secret.isEmpty()) {
      return new byte[PROOF_BYTES];
    }
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(secret.get(), HMAC));
      mac.update(side.getBytes(StandardCharsets.US_ASCII));
      mac.update(hello);
      mac.update(welcome);
      return mac.doFinal(binding);
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("Every JDK has " + HMAC, e);
    }
  }

  static boolean same(byte[] one, byte[] other) {
    return MessageDigest.isEqual(one, other);
  }

  private static byte[] cut(String name) {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    return text.length <= LONGEST_NAME ? text : Arrays.copyOf(text, LONGEST_NAME);
  }

  private static Optional<String> text(ByteBuffer in) {
    int length = in.getInt();
    if (length < 0 || length > LONGEST_NAME || length != in.remaining()) {
      return Optional.empty();
    }
    byte[] text = new byte[length];
    in.get(text);
    return Optional.of(new String(text, StandardCharsets.UTF_8));
  }

  private static void id(ByteBuffer out, UUID id) {
    out.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
  }

  private static UUID id(ByteBuffer in) {
    return new UUID(in.getLong(), in.getLong());
  }
}
