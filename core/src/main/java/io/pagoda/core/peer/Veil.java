package io.pagoda.core.peer;

import io.pagoda.core.peer.Message.Greeting;
import io.pagoda.core.peer.Message.Hello;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/*
 * Every conversation has a key of its own, of both nonces; every message a vector of its own, of
 * its direction and number. A message that was changed, repeated or left out is not opened.
 */
/**
 * Hides what is said after the greeting by AES-GCM, under a secret that both sides know.
 *
 * <p><b>Threads.</b> One at a time for each direction.
 */
final class Veil {
  private static final String MAC = "HmacSHA256";
  private static final int TAG_BITS = 128;

  private final SecretKeySpec key;
  private final int own;
  private long sent;
  private long received;

  private Veil(SecretKeySpec key, boolean asks) {
    this.key = key;
    this.own = asks ? 1 : 0;
  }

  /** {@return the veil of a conversation; nothing without a secret} */
  static Optional<Veil> of(Optional<byte[]> secret, Hello hello, Greeting greeting, boolean asks) {
    return secret.map(
        known -> new Veil(
            new SecretKeySpec(mac(known, "pagoda peer veil", hello, greeting), "AES"), asks));
  }

  /** {@return what shows that whoever greets knows the secret; zeros without one} */
  static byte[] proof(Optional<byte[]> secret, Hello hello, Greeting greeting) {
    return secret.map(known -> mac(known, "pagoda peer asks", hello, greeting))
        .orElseGet(() -> new byte[Message.PROOF_BYTES]);
  }

  private static byte[] mac(byte[] secret, String purpose, Hello hello, Greeting greeting) {
    MessageWriter all = new MessageWriter().text(purpose, Message.LONGEST_NAME);
    all.bytes(hello.body()).plain(greeting.nonce());
    greeting.proved(all);
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(new SecretKeySpec(secret, MAC));
      return mac.doFinal(all.end());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java has " + MAC, e);
    }
  }

  byte[] hide(int type, byte[] body) throws GeneralSecurityException {
    return cipher(Cipher.ENCRYPT_MODE, type, own, sent++).doFinal(body);
  }

  byte[] show(int type, byte[] hidden) throws GeneralSecurityException {
    return cipher(Cipher.DECRYPT_MODE, type, 1 - own, received++).doFinal(hidden);
  }

  private Cipher cipher(int mode, int type, int direction, long number)
      throws GeneralSecurityException {
    byte[] vector = ByteBuffer.allocate(12).putInt(direction).putLong(number).array();
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, vector));
    cipher.updateAAD(new byte[] {(byte) type});
    return cipher;
  }
}
