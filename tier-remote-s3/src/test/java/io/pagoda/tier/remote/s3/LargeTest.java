package io.pagoda.tier.remote.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.tier.BatchResult;
import io.pagoda.tier.remote.s3.Server.Kind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Large objects are written in parts and read in several requests at once. */
@Timeout(300)
class LargeTest {
  private static final long BLOCK = (16 << 20) + 5;

  private final Server server = new Server();

  @AfterEach
  void stop() {
    server.close();
  }

  private long asked(String word) {
    return server.log.stream().filter(line -> line.contains(word)).count();
  }

  @Test
  void writesInPartsAndReadsInStretches() {
    try (Node node = new Node(Rig.tier(server, BLOCK, Rig.calm()))) {
      assertEquals(BatchResult.COMPLETE, node.store(1));
      assertEquals(4, asked("partNumber="));
      server.log.clear();
      assertEquals(BatchResult.COMPLETE, node.load(1));
      assertEquals(4, asked("GET /blocks/test"));
    }
  }

  @Test
  void goesOnAfterFaultsOfParts() {
    try (Node node = new Node(Rig.tier(server, BLOCK))) {
      server.faults.add(new Server.Fault("PUT", Kind.STATUS, 500));
      server.faults.add(new Server.Fault("PUT", Kind.SILENT, 0));
      assertEquals(BatchResult.COMPLETE, node.store(1));
      server.faults.add(new Server.Fault("GET", Kind.CUT, 1_000_000));
      server.faults.add(new Server.Fault("GET", Kind.CORRUPT, 1_000_000));
      assertEquals(BatchResult.COMPLETE, node.load(1));
      assertTrue(server.faults.isEmpty());
    }
  }

  @Test
  void givesUpPartsOfAnObjectThatCannotBeWritten() {
    try (Node node = new Node(Rig.tier(server, BLOCK, Rig.calm()))) {
      for (int i = 0; i < 4; i++) {
        server.faults.add(new Server.Fault("PUT", Kind.STATUS, 400));
      }
      assertInstanceOf(BatchResult.Failed.class, node.store(1));
      assertEquals(1, asked("DELETE"));
      assertTrue(server.objects.isEmpty());
    }
  }
}
