package io.pagoda.core.communicate;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What two sides prove themselves by, and hide a grant with: HMAC-SHA256 and AES-GCM under a secret
 * that both know. Without one nothing is proved and nothing is hidden, and a checksum is left.
 *
 * @param key the secret
 */
record Secret(Optional<byte[]> key) {
  /** Bytes of a proof. */
  static final int PROOF_BYTES = 32;

  private static final String MAC = "HmacSHA256";
  private static final int TAG_BITS = 128;

  /** Every conversation has a key of its own, under which one message is hidden. */
  private static final byte[] ONLY_VECTOR = new byte[12];

  /** {@return what shows that somebody who knows the secret has said {@code parts}} */
  byte[] proof(byte[]... parts) {
    try {
      if (key.isEmpty()) {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        Arrays.stream(parts).forEach(digest::update);
        return digest.digest();
      }
      Mac mac = Mac.getInstance(MAC);
      mac.init(new SecretKeySpec(key.get(), MAC));
      Arrays.stream(parts).forEach(mac::update);
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }

  /** {@return whether a proof is of {@code parts}} */
  boolean proves(byte[] proof, byte[]... parts) {
    return MessageDigest.isEqual(proof, proof(parts));
  }

  /** {@return a message that only who knows the secret and saw the conversation can read} */
  byte[] hide(byte[] conversation, byte[] message) throws GeneralSecurityException {
    return key.isEmpty() ? message : cipher(Cipher.ENCRYPT_MODE, conversation).doFinal(message);
  }

  /** {@return what was hidden, if it is as it was} */
  byte[] show(byte[] conversation, byte[] hidden) throws GeneralSecurityException {
    return key.isEmpty() ? hidden : cipher(Cipher.DECRYPT_MODE, conversation).doFinal(hidden);
  }

  private Cipher cipher(int mode, byte[] conversation) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    SecretKeySpec once = new SecretKeySpec(proof(new byte[] {'k'}, conversation), "AES");
    cipher.init(mode, once, new GCMParameterSpec(TAG_BITS, ONLY_VECTOR));
    return cipher;
  }

  /** Tells nobody the secret. */
  @Override
  public String toString() {
    return key.isPresent() ? "secret" : "no secret";
  }
}
