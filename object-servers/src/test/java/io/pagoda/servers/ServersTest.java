package io.pagoda.servers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every server starts, keeps what it is given, dies, and comes back. */
class ServersTest {
  @TempDir private Path directory;

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  @ParameterizedTest
  @EnumSource(ServerKind.class)
  void servesAndComesBack(ServerKind kind) throws IOException {
    boolean slow = kind != ServerKind.S3PROXY;
    Assumptions.assumeTrue(
        !slow || Boolean.getBoolean("pagoda.test.servers"), "mvn -P s3-servers starts " + kind);
    kind.missing().ifPresent(why -> Assumptions.abort(kind + ": " + why));
    try (S3Server server = kind.start(directory)) {
      server.createBucket("first");
      server.createBucket("first");
      keeps(new Requests(server.endpoint()));
      var secure = new Requests(server.secureEndpoint(), server.certificate());
      secure.put("first", "by/tls", bytes(1000));
      assertArrayEquals(bytes(1000), secure.get("first", "by/tls").orElseThrow());
      server.kill();
      assertFalse(ServerProcess.listens(server.endpoint().getPort()));
      assertThrows(
          ConnectException.class, () -> new Requests(server.endpoint()).get("first", "a/1"));
      server.restart();
      comesBack(new Requests(server.endpoint()));
    }
  }

  private static void keeps(Requests requests) throws IOException {
    requests.put("first", "a/1", bytes(300_000));
    requests.put("first", "a/2", bytes(10));
    assertTrue(requests.list("first").containsAll(List.of("a/1", "a/2")));
    requests.delete("first", "a/2");
    requests.delete("first", "a/2");
    assertEquals(Optional.empty(), requests.get("first", "a/2"));
    assertThrows(IOException.class, () -> requests.put("none", "a/1", bytes(1)));
  }

  private static void comesBack(Requests requests) throws IOException {
    assertArrayEquals(bytes(300_000), requests.get("first", "a/1").orElseThrow());
    assertEquals(Optional.empty(), requests.get("first", "a/2"));
  }
}
