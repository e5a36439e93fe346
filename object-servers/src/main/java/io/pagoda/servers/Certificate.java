package io.pagoda.servers;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * A certificate of {@code 127.0.0.1} and {@code localhost} that signs itself, made by keytool.
 *
 * @param store key and certificate, PKCS 12
 * @param chain the certificate, PEM
 * @param key its private key, PEM
 */
record Certificate(Path store, Path chain, Path key) {
  /** The password of the store. */
  static final String PASSWORD = "changeit";

  private static final String ALIAS = "server";
  private static final int LINE = 64;

  /** Makes one in a directory, or finds the one that is there. */
  static Certificate in(Path directory) throws IOException {
    var certificate = new Certificate(
        directory.resolve("tls.p12"), directory.resolve("tls.crt"), directory.resolve("tls.key"));
    if (Files.notExists(certificate.store)) {
      Command.run(Map.of(), keytool(certificate.store));
      certificate.export();
    }
    return certificate;
  }

  private static List<String> keytool(Path store) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair",
        "-alias", ALIAS, "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=127.0.0.1",
        "-ext", "san=ip:127.0.0.1,dns:localhost", "-validity", "30", "-storetype", "PKCS12",
        "-storepass", PASSWORD, "-keystore", store.toString());
  }

  private void export() throws IOException {
    try (InputStream in = Files.newInputStream(store)) {
      KeyStore keys = KeyStore.getInstance("PKCS12");
      keys.load(in, PASSWORD.toCharArray());
      write(chain, "CERTIFICATE", keys.getCertificate(ALIAS).getEncoded());
      write(key, "PRIVATE KEY", keys.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IOException("keytool left no usable key in " + store, e);
    }
  }

  private static void write(Path file, String what, byte[] encoded) throws IOException {
    String lines = Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encodeToString(encoded);
    Files.writeString(
        file, "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(what, lines, what));
  }
}
