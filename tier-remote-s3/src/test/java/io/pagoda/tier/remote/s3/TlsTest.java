package io.pagoda.tier.remote.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import io.pagoda.remote.objects.ObjectSettings.OnUnreachable;
import io.pagoda.remote.objects.ObjectTier;
import io.pagoda.remote.s3.AccessKey;
import io.pagoda.remote.s3.BucketSettings;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.tier.remote.s3.Server.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Blocks go through TLS, to a server whose certificate somebody trusted has signed. */
@Timeout(300)
class TlsTest {
  private static final Duration STALL = Duration.ofSeconds(3);
  private static final long BLOCK = 3_000_001;
  private static final String WORD = "changeit";

  @TempDir private Path directory;
  private Server server = new Server();

  @BeforeEach
  void start() throws IOException, GeneralSecurityException, InterruptedException {
    keytool(
        "-genkeypair", "-alias", "a", "-keyalg", "EC", "-dname", "CN=127.0.0.1", "-ext",
        "SAN=IP:127.0.0.1", "-storetype", "PKCS12");
    keytool("-exportcert", "-alias", "a", "-rfc", "-file", directory.resolve("ca.pem").toString());
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(directory.resolve("keys"))) {
      store.load(in, WORD.toCharArray());
    }
    var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, WORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    server.close();
    server = new Server(Optional.of(context));
  }

  private void keytool(String... words) throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(words));
    command.addAll(List.of("-keystore", directory.resolve("keys").toString(), "-storepass", WORD));
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertTrue(process.waitFor(120, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private ObjectTier tier(Optional<Path> authorities) {
    var settings = new BucketSettings(
        Optional.of(URI.create(server.endpoint())), "us-east-1", "blocks", true,
        Optional.of(new AccessKey("user", "secret", "")), authorities, Duration.ofSeconds(10),
        Duration.ofSeconds(10));
    return ObjectTier.open(
        Rig.objects(BLOCK, Rig.patience(STALL), OnUnreachable.REFUSE), Rig.host(BLOCK),
        S3Bucket.open(settings, Rig::start));
  }

  @Test
  void movesBlocks() {
    try (Node node = new Node(tier(Optional.of(directory.resolve("ca.pem"))))) {
      assertEquals(BatchResult.COMPLETE, node.store(1, 2, 3));
      assertEquals(BatchResult.COMPLETE, node.load(3, 1, 2));
      assertEquals(3, node.find(1, 2, 3, 4));
      server.faults.add(new Server.Fault("GET", Kind.CUT, 1_000_000));
      server.faults.add(new Server.Fault("GET", Kind.STALL, 1_000_000));
      assertEquals(BatchResult.COMPLETE, node.load(2));
    }
  }

  @Test
  void trustsNobodyElse() {
    var refused = assertThrows(PagodaException.class, () -> new Node(tier(Optional.empty())));
    assertTrue(String.valueOf(refused.getMessage()).contains("SSL"), refused::getMessage);
  }

  @Test
  void namesAFileWithoutCertificates() {
    var refused =
        assertThrows(PagodaException.class, () -> tier(Optional.of(directory.resolve("keys"))));
    assertTrue(
        String.valueOf(refused.getMessage()).contains("certificate-authorities"),
        refused::getMessage);
  }
}
