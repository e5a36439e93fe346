package io.pagoda.core.connect;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What shows that metadata is as it was written: HMAC-SHA256 if both sides have a secret, which
 * shows who wrote it too; else SHA-256.
 *
 * @param secret what both sides know
 */
record Seal(Optional<byte[]> secret) {
  /** Bytes of either kind. */
  static final int BYTES = 32;

  private static final String MAC = "HmacSHA256";

  byte kind() {
    return (byte) (secret.isPresent() ? 1 : 0);
  }

  /** {@return the seal of the first {@code length} bytes} */
  byte[] of(byte[] bytes, int length) {
    try {
      if (secret.isEmpty()) {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update(bytes, 0, length);
        return digest.digest();
      }
      Mac mac = Mac.getInstance(MAC);
      mac.init(new SecretKeySpec(secret.get(), MAC));
      mac.update(bytes, 0, length);
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }

  /** Refuses bytes of which the last are not the seal of those before. */
  void check(byte[] sealed) {
    int length = sealed.length - BYTES;
    byte kind = sealed[length - 1];
    if (kind != kind()) {
      throw Troubles.metadata(
          kind() == 1
              ? "it is not signed, and this connector has a secret"
              : "it is signed, and this connector has no secret to compare that with");
    }
    byte[] found = Arrays.copyOfRange(sealed, length, sealed.length);
    if (!MessageDigest.isEqual(of(sealed, length), found)) {
      throw Troubles
          .metadata(kind == 1 ? "it was changed, or signed with another secret" : "it was changed");
    }
  }

  /** Tells nobody the secret. */
  @Override
  public String toString() {
    return secret.isPresent() ? "signed" : "not signed";
  }
}
