package io.pagoda.transport.rdma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A device is taken away under load. The last of all tests, in a process that has not used it: a
 * software device waits for whoever has.
 */
@Timeout(150)
class DeviceGoneIT {
  private static final int DEADLINE_SECONDS = 40;

  @Test
  void aDeviceThatIsTakenAwayEndsEverythingAndComesBack() throws Exception {
    try (DeviceProcess child =
        DeviceProcess.start(List.of(), "load", Integer.toString(DEADLINE_SECONDS))) {
      assertTrue(child.next("wrote").startsWith("Completed"));
      Process removing = rdma("link", "del", "rxe0");
      String[] failed = child.next("failed").split(" ", 2);
      assertTrue(Long.parseLong(failed[0]) < DEADLINE_SECONDS * 1_000L, failed[0]);
      assertTrue(failed[1].contains("the device was removed"), failed[1]);
      String refused = child.next("refused");
      assertTrue(refused.contains("rxe0 was removed"), refused);
      assertTrue(child.next("now").startsWith("Unavailable"));
      assertEquals("", child.next("closed"));
      assertTrue(child.exits());
      assertTrue(removing.waitFor(60, TimeUnit.SECONDS), "nothing holds it any more");
      assertEquals(0, removing.exitValue());
    }
    assertEquals(0, rdma("link", "add", "rxe0", "type", "rxe", "netdev", "eth0").waitFor());
    try (DeviceProcess child = DeviceProcess.start(List.of(), "load", "60")) {
      assertTrue(child.next("wrote").startsWith("Completed"), "and it works again");
    }
  }

  private static Process rdma(String... words) throws IOException {
    List<String> line = new java.util.ArrayList<>(List.of("rdma"));
    line.addAll(List.of(words));
    return new ProcessBuilder(line).inheritIO().start();
  }
}
