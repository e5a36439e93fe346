package io.pagoda.core.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Addresses of peers, as people write them. */
class PeerAddressTest {
  @Test
  void aHostAndAPort() {
    assertEquals("10.0.0.1", PeerAddress.parse("10.0.0.1:7420").getHostString());
    assertEquals(7420, PeerAddress.parse("node-a:7420").getPort());
    assertEquals("::1", PeerAddress.parse("[::1]:7").getHostString());
  }

  @Test
  void nothingElse() {
    for (String text : List.of("", ":1", "a", "a:", "a:b", "a:-1", "a:65536", "a:1:")) {
      assertThrows(IllegalArgumentException.class, () -> PeerAddress.parse(text), text);
    }
  }
}
