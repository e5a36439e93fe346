package io.pagoda.transport.tcp;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Files of certificates and keys, as text between lines that say what it is. */
final class Pem {
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]*)-----END PRIVATE KEY-----");
  private static final List<String> KINDS = List.of("EC", "RSA", "EdDSA");

  private Pem() {}

  /** {@return the certificates of a file, in their order; at least one} */
  static List<X509Certificate> certificates(Path file) throws IOException {
    try {
      List<X509Certificate> all = CertificateFactory.getInstance("X.509")
          .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)))
          .stream()
          .map(X509Certificate.class::cast)
          .toList();
      if (all.isEmpty()) {
        throw new IOException("%s has no -----BEGIN CERTIFICATE-----".formatted(file));
      }
      return all;
    } catch (CertificateException e) {
      throw new IOException("%s is no file of certificates: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** {@return the private key of a file, which is not encrypted} */
  static PrivateKey key(Path file) throws IOException {
    Matcher found = KEY.matcher(Files.readString(file, StandardCharsets.US_ASCII));
    if (!found.find()) {
      throw new IOException(
          "%s has no -----BEGIN PRIVATE KEY-----: `openssl pkcs8 -topk8 -nocrypt` makes one of"
              .formatted(file) + " another form");
    }
    try {
      return key(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(found.group(1))));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException("%s: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** {@return whether a key is of a certificate: one verifies what the other has signed} */
  static boolean belong(PrivateKey key, X509Certificate certificate)
      throws GeneralSecurityException {
    String kind = switch (key.getAlgorithm()) {
      case "EC" -> "SHA256withECDSA";
      case "RSA" -> "SHA256withRSA";
      default -> key.getAlgorithm();
    };
    byte[] text = {1, 2, 3};
    Signature signature = Signature.getInstance(kind);
    signature.initSign(key);
    signature.update(text);
    byte[] signed = signature.sign();
    try {
      signature.initVerify(certificate.getPublicKey());
      signature.update(text);
      return signature.verify(signed);
    } catch (InvalidKeyException | SignatureException _) { // of another kind
      return false;
    }
  }

  private static PrivateKey key(PKCS8EncodedKeySpec encoded) throws GeneralSecurityException {
    for (String kind : KINDS) {
      try {
        return KeyFactory.getInstance(kind).generatePrivate(encoded);
      } catch (InvalidKeySpecException _) {
        // It may be of the next kind.
      }
    }
    throw new GeneralSecurityException("the key is of none of these kinds: " + KINDS);
  }
}
