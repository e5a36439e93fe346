package io.pagoda.remote.objects;

import io.pagoda.spi.Settings;
import io.pagoda.spi.SettingsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What blocks are encrypted with: AES-256 in GCM, a random nonce of 96 bits for each object, from
 * which those of its blocks are counted.
 *
 * <p><b>Threads.</b> Any.
 */
public final class Secret {
  static final int NONCE_BYTES = 12;
  static final int TAG_BYTES = 16;
  private static final int KEY_BYTES = 32;

  private final SecretKeySpec key;
  private final long number;
  private final SecureRandom random = new SecureRandom();

  Secret(byte[] key) {
    this.key = new SecretKeySpec(key, "AES");
    MessageDigest digest = ObjectShape.sha256();
    digest.update("pagoda-encryption".getBytes(StandardCharsets.US_ASCII));
    // 0 stands for no encryption.
    this.number = ByteBuffer.wrap(digest.digest(key)).getLong() | 1;
  }

  /** Reads the key that settings name, if they name one. */
  static Optional<Secret> from(Settings settings) {
    boolean file = settings.has("encryption-key-file");
    boolean variable = settings.has("encryption-key-variable");
    if (file && variable) {
      throw new SettingsException(
          settings.origin("encryption-key-file")
              + ": give either encryption-key-file or encryption-key-variable");
    }
    if (file) {
      Path path = settings.path("encryption-key-file");
      return Optional.of(of(read(settings, path), settings.origin("encryption-key-file")));
    }
    return variable
        ? Optional.of(of(variable(settings), settings.origin("encryption-key-variable")))
        : Optional.empty();
  }

  private static String read(Settings settings, Path path) {
    try {
      return Files.readString(path, StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new SettingsException(
          "%s: the key cannot be read: %s".formatted(settings.origin("encryption-key-file"), e), e);
    }
  }

  private static String variable(Settings settings) {
    String name = settings.string("encryption-key-variable");
    String value = System.getenv(name);
    if (value == null) {
      throw new SettingsException(
          "%s: the environment has no %s"
              .formatted(settings.origin("encryption-key-variable"), name));
    }
    return value;
  }

  static Secret of(String digits, String origin) {
    try {
      byte[] key = HexFormat.of().parseHex(digits.strip());
      if (key.length == KEY_BYTES) {
        return new Secret(key);
      }
    } catch (IllegalArgumentException _) {
      // The digits are not told to anybody.
      return notOne(origin);
    }
    return notOne(origin);
  }

  private static Secret notOne(String origin) {
    throw new SettingsException(
        origin + ": a key is 64 hexadecimal digits, as `openssl rand -hex 32` makes them");
  }

  /** {@return a number that identifies the key and tells nothing of it} */
  long number() {
    return number;
  }

  /**
   * Returns the nonce of a block: its last four bytes, most significant first, are those of the
   * object's and the block's position, added without a carry out of them. So no two blocks of an
   * object have the same.
   *
   * @param first the object's, which its first block has
   * @param index the position of the block
   */
  static byte[] nonce(byte[] first, int index) {
    byte[] nonce = first.clone();
    ByteBuffer words = ByteBuffer.wrap(nonce);
    words.putInt(NONCE_BYTES - Integer.BYTES, words.getInt(NONCE_BYTES - Integer.BYTES) + index);
    return nonce;
  }

  /** {@return a new nonce} */
  byte[] nonce() {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    return nonce;
  }

  /**
   * Encrypts from position to limit, and adds a tag.
   *
   * @param about what is verified with it but not encrypted
   */
  int encrypt(byte[] nonce, byte[] about, ByteBuffer from, ByteBuffer into) {
    try {
      return cipher(Cipher.ENCRYPT_MODE, nonce, about).doFinal(from, into);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("A block cannot be encrypted", e);
    }
  }

  /** Decrypts from position to limit; false if that is not what was encrypted. */
  boolean decrypt(byte[] nonce, byte[] about, ByteBuffer from, ByteBuffer into) {
    try {
      cipher(Cipher.DECRYPT_MODE, nonce, about).doFinal(from, into);
      return true;
    } catch (AEADBadTagException _) {
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("A block cannot be decrypted", e);
    }
  }

  private Cipher cipher(int mode, byte[] nonce, byte[] about) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(8 * TAG_BYTES, nonce));
    cipher.updateAAD(about);
    return cipher;
  }

  @Override
  public String toString() {
    return "a key";
  }
}
