package io.pagoda.transport.rdma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.ByteSize;
import io.pagoda.spi.Settings;
import io.pagoda.spi.SettingsException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is set and cannot be is refused when it is read. */
class RdmaSettingsTest {
  private static final Map<String, Object> NUMBERS = Map.of(
      "gid-index", -1, "queue", 384, "list", 64, "retries", 7, "receiver-retries", 7, "ack-timeout",
      0);

  private static Settings with(int queuePairs, int maxConnections) {
    return with(queuePairs, maxConnections, 1, "", "");
  }

  private static Settings with(
      int queuePairs, int maxConnections, int rails, String listen, String advertise) {
    return (Settings) Proxy.newProxyInstance(
        Settings.class.getClassLoader(), new Class<?>[] {Settings.class},
        (_, method, words) -> switch (method.getName()) {
          case "origin" -> words[0];
          case "choice" -> Provider.FFM;
          case "string" -> switch ((String) words[0]) {
            case "listen" -> listen;
            case "advertise" -> advertise;
            default -> "";
          };
          case "has", "flag" -> false;
          case "duration" -> Duration.ofSeconds(words[0].equals("silence") ? 5 : 1);
          case "bytes" -> new ByteSize(words[0].equals("registration") ? 1L << 30 : 1L << 20);
          case "integer" -> switch ((String) words[0]) {
            case "queue-pairs" -> queuePairs;
            case "max-connections" -> maxConnections;
            case "rails" -> rails;
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

  @Test
  void severalDevicesHaveEachTheirOwnAddress() {
    assertEquals(2, RdmaSettings.from(with(1, 8, 2, ":18515", "")).rails());
    assertEquals(16, RdmaSettings.from(with(1, 8, 16, "", "")).rails());
    for (Settings wrong : List.of(
        with(1, 8, 2, "10.0.0.1:18515", ""), with(1, 8, 2, ":1", "node7"), with(1, 8, 0, "", ""),
        with(1, 8, 17, "", ""))) {
      var refused = assertThrows(SettingsException.class, () -> RdmaSettings.from(wrong));
      assertTrue(
          String.valueOf(refused.getMessage())
              .matches(
                  "(listen|advertise) names one address, and rails = 2 devices.*|rails must.*"),
          refused::toString);
    }
    assertEquals(
        "10.0.0.1:18515", RdmaSettings.from(with(1, 8, 1, "10.0.0.1:18515", "node7")).listen());
  }
}
