package io.pagoda.core.bench;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RevivalBenchTest {
  /** The bar is a second, on a machine with nothing else to do. */
  @Test
  void aMillionBlocksAreKnownAgainInSeconds() {
    Measurement found = new RevivalBench(1_000_000, 512, 1).run();
    assertTrue(new RevivalBench(1_000, 10, 32).run().p50() > 0);
    assertTrue(found.p50() < 15e9, "too slow: " + found);
  }
}
