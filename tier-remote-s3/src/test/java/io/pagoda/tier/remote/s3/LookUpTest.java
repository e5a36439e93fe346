package io.pagoda.tier.remote.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A look-up is a few bounded bursts of requests, whatever is there. */
@Timeout(300)
class LookUpTest {
  private static final int BLOCKS = 4096;
  private static final long BLOCK = 64;

  private final Server server = new Server();

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void findsTheEndOfALongPrefixInFewRequests() {
    long[] names = LongStream.rangeClosed(1, BLOCKS).toArray();
    try (Node writer = new Node(Rig.tier(server, BLOCK, Rig.calm()))) {
      for (int there : new int[] {0, 1, BLOCKS / 2, 4095, BLOCKS}) {
        for (int from = server.objects.size(); from < there; from += 64) {
          writer.store(LongStream.rangeClosed(from + 1, Math.min(there, from + 64)).toArray());
        }
        assertEquals(there, server.objects.size());
        try (Node node = new Node(Rig.tier(server, BLOCK, Rig.calm()))) {
          int before = server.requests.get();
          assertEquals(there, node.find(names));
          int asked = server.requests.get() - before;
          assertTrue(asked <= 2 * 64 + 1, () -> asked + " requests, there are " + there);
          int again = server.requests.get();
          assertEquals(there, node.find(names));
          int more = server.requests.get() - again;
          assertTrue(there < BLOCKS || more == 0, () -> more + " requests for what is known");
        }
      }
    }
  }
}
