package io.pagoda.transport.tcp;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** Certificates of an authority and of another one, made by the JDK's own tool. */
final class Keys {
  private static final String PASSWORD = "changeit";
  private static final String HERE = "san=ip:127.0.0.1,dns:localhost";

  /** Each that is trusted. */
  static final PeerNames ANYBODY = new PeerNames(List.of());

  private final Path directory;
  private final KeyStore store;

  private Keys(Path directory, KeyStore store) {
    this.directory = directory;
    this.store = store;
  }

  private static final class Once {
    static final Keys KEYS = make();
  }

  static Keys get() {
    return Once.KEYS;
  }

  private static Keys make() {
    try {
      Path directory = Files.createTempDirectory("pagoda-keys");
      Path file = directory.resolve("all.p12");
      tool(file, "ca", "-ext", "bc:c");
      tool(file, "node", "-signer", "ca", "-ext", HERE);
      tool(file, "elsewhere", "-signer", "ca", "-ext", "san=dns:elsewhere.example");
      tool(file, "old", "-signer", "ca", "-ext", HERE, "-startdate", "-10d", "-validity", "2");
      tool(file, "other-ca", "-ext", "bc:c");
      tool(file, "stranger", "-signer", "other-ca", "-ext", HERE);
      KeyStore store = KeyStore.getInstance("PKCS12");
      try (InputStream in = Files.newInputStream(file)) {
        store.load(in, PASSWORD.toCharArray());
      }
      return new Keys(directory, store);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void tool(Path store, String name, String... further)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair",
            "-J-XX:TieredStopAtLevel=1", "-alias", name, "-keyalg", "EC", "-groupname", "secp256r1",
            "-dname", "CN=" + name, "-keystore", store.toString(), "-storepass", PASSWORD));
    command.addAll(Arrays.asList(further));
    Process made = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (made.waitFor() != 0) {
      throw new IOException("keytool: " + said);
    }
  }

  private Path write(String name, String kind, List<byte[]> parts) throws IOException {
    StringBuilder text = new StringBuilder();
    for (byte[] part : parts) {
      text.append("-----BEGIN ").append(kind).append("-----\n");
      text.append(Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(part));
      text.append("\n-----END ").append(kind).append("-----\n");
    }
    return Files.writeString(directory.resolve(name), text);
  }

  Path certificates(String name) throws IOException {
    try {
      List<byte[]> parts = new ArrayList<>();
      for (Certificate one : store.getCertificateChain(name)) {
        parts.add(one.getEncoded());
      }
      return write(name + ".crt", "CERTIFICATE", parts);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  Path key(String name) throws IOException {
    try {
      byte[] key = store.getKey(name, PASSWORD.toCharArray()).getEncoded();
      return write(name + ".key", "PRIVATE KEY", List.of(key));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  Tls tls(Optional<Tls.Identity> identity, String authority, Tls.Rules rules) throws IOException {
    var sources = new Tls.Sources(identity, certificates(authority));
    return new Tls(sources, rules, Duration.ofSeconds(1));
  }

  Tls.Identity identity(String name) throws IOException {
    return new Tls.Identity(certificates(name), key(name));
  }

  /** {@return what somebody has who is {@code name} and trusts {@code authority}} */
  Tls tls(String name, String authority) {
    try {
      var identity = identity(name);
      return tls(Optional.of(identity), authority, new Tls.Rules(true, true, ANYBODY));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@return what somebody has who is nobody} */
  Tls nobody() {
    try {
      return tls(Optional.empty(), "ca", new Tls.Rules(true, true, ANYBODY));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@return what everybody has who belongs together} */
  Tls node() {
    return tls("node", "ca");
  }
}
