package io.pagoda.transport.rdma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.ByteSize;
import io.pagoda.spi.Settings;
import io.pagoda.spi.SettingsException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is set and cannot be is refused when it is read. */
class RdmaSettingsTest {
  private static final Map<String, Object> NUMBERS = Map.of(
      "gid-index", -1, "queue", 384, "list", 64, "retries", 7, "receiver-retries", 7, "ack-timeout",
      0);

  private static Settings with(int queuePairs, int maxConnections) {
    return (Settings) Proxy.newProxyInstance(
        Settings.class.getClassLoader(), new Class<?>[] {Settings.class},
        (_, method, words) -> switch (method.getName()) {
          case "origin" -> words[0];
          case "choice" -> Provider.FFM;
          case "string" -> "";
          case "has", "flag" -> false;
          case "duration" -> Duration.ofSeconds(words[0].equals("silence") ? 5 : 1);
          case "bytes" -> new ByteSize(words[0].equals("registration") ? 1L << 30 : 1L << 20);
          case "integer" -> switch ((String) words[0]) {
            case "queue-pairs" -> queuePairs;
            case "max-connections" -> maxConnections;
            default -> NUMBERS.get(words[0]);
          };
          default -> throw new AssertionError(method.getName());
        });
  }

  @Test
  void aLinkHasNoMoreQueuePairsThanThereMayBe() {
    assertEquals(8, RdmaSettings.from(with(8, 8)).queuePairs());
    var refused = assertThrows(SettingsException.class, () -> RdmaSettings.from(with(9, 8)));
    assertTrue(
        String.valueOf(refused.getMessage()).startsWith("queue-pairs must be at most max-connect"),
        refused::toString);
  }
}
