package io.pagoda.tier.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** An error that the driver does not recover from, in a process of its own. */
@OnGpu
class CudaFailureTest {
  @Test
  void aDeviceThatFailsForGoodIsRetiredAndTheStoreGoesOn() throws Exception {
    try (Child child = Child.run(BadKernel.class)) {
      assertEquals("4", child.after("put").strip());
      assertEquals("4", child.after("before").strip());
      assertEquals("700", child.after("ruined"), "CUDA_ERROR_ILLEGAL_ADDRESS");
      String first = child.after("first");
      assertTrue(first.matches("0 .*GPU-[-0-9a-f]+.*CUDA_ERROR_ILLEGAL_ADDRESS.*"), first);
      assertTrue(first.contains("cu"), "the call: " + first);
      String second = child.after("second");
      assertTrue(second.matches("0 .*GPU-[-0-9a-f]+.* is retired until .*"), second);
      assertEquals("4", child.after("others").strip());
      child.after("closed");
      assertEquals(0, child.end(), child::toString);
    }
  }
}
