package io.pagoda.tck;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pagoda.spi.tier.BlockBatch;
import java.util.Arrays;

/** Checks that a tier refuses a batch, both ways, without having moved any of it. */
final class Refusal {
  private static final long[] KEPT = {2_000, 2_001, 2_002};
  private static final int[] SLOTS = {0, 1, 2};

  private final Trial trial;
  private final Class<? extends RuntimeException> how;

  Refusal(Trial trial, Class<? extends RuntimeException> how) {
    this.trial = trial;
    this.how = how;
  }

  /** Makes a batch that no tier may take. */
  @FunctionalInterface
  interface BadBatch {
    /**
     * Makes it.
     *
     * @param memory of four blocks
     * @param keys of slots 0, 1 and 2
     */
    BlockBatch of(HostBlocks memory, long[] keys);
  }

  void of(BadBatch bad) {
    trial.store(SLOTS, KEPT);
    Receipt load = refusesLoad(bad);
    Receipt store = refusesStore(bad);
    trial.expect(SLOTS, KEPT);
    trial.closeTier();
    load.completed(0);
    store.completed(0);
  }

  private Receipt refusesLoad(BadBatch bad) {
    HostBlocks target = trial.memory(4);
    var receipt = new Receipt("a refused load", () -> {});
    assertThrows(how, () -> trial.tier().load(bad.of(target, KEPT), receipt), "load");
    target.check();
    return receipt;
  }

  private Receipt refusesStore(BadBatch bad) {
    HostBlocks source = trial.memory(4);
    long[] others = Arrays.stream(KEPT).map(key -> key + 50).toArray();
    for (int block = 0; block < 4; block++) {
      source.fill(block, 2_050 + block);
    }
    var receipt = new Receipt("a refused store", () -> {});
    assertThrows(how, () -> trial.tier().store(bad.of(source, others), receipt), "store");
    source.check();
    return receipt;
  }
}
