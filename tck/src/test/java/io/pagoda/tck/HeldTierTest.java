package io.pagoda.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pagoda.spi.tier.BlockBatch;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A held batch moves when it is told to, and not before. */
class HeldTierTest {
  private final MemoryTier memory = new MemoryTier(8, 512);
  private final HeldTier tier = new HeldTier(memory);
  private final Arena arena = Arena.ofShared();
  private final HostBlocks source = new HostBlocks(tier.spec(), 1, arena);
  private final List<String> events = new ArrayList<>();

  @AfterEach
  void close() {
    tier.close();
    arena.close();
  }

  private BlockBatch batch(HostBlocks blocks, int slot) {
    return blocks.batch(new int[] {slot}, new long[] {slot});
  }

  private void store(int slot, long seed) {
    source.fill(0, seed);
    tier.store(batch(source, slot), _ -> events.add("stored " + slot));
    tier.releaseAll();
  }

  private HostBlocks load(int slot) {
    var target = new HostBlocks(tier.spec(), 1, arena);
    tier.load(batch(target, slot), _ -> events.add("loaded " + slot));
    return target;
  }

  @Test
  void movesNothingBeforeItsRelease() {
    store(1, 11);
    HostBlocks target = load(1);
    assertEquals(1, tier.held());
    assertEquals(List.of("stored 1"), events);
    target.check();
    tier.release(0);
    target.expect(0, 11);
    target.check();
    assertEquals(List.of("stored 1", "loaded 1"), events);
  }

  @Test
  void completesInTheOrderOfReleases() {
    for (int slot = 0; slot < 3; slot++) {
      load(slot);
    }
    tier.release(2);
    tier.release(0);
    tier.release(0);
    assertEquals(List.of("loaded 2", "loaded 0", "loaded 1"), events);
    assertThrows(IndexOutOfBoundsException.class, () -> tier.release(0));
  }

  @Test
  void holdsWhatACompletionHandsIn() {
    tier.load(batch(source, 0), _ -> load(5));
    tier.release(0);
    assertEquals(1, tier.held());
    tier.releaseAll();
    assertEquals(List.of("loaded 5"), events);
  }

  @Test
  void refusesMisuseAtOnceAndCloseReleasesTheRest() {
    assertThrows(IndexOutOfBoundsException.class, () -> load(8));
    load(3);
    tier.close();
    assertEquals(List.of("loaded 3"), events);
    assertThrows(IllegalStateException.class, () -> load(3));
    assertEquals(0, tier.held());
  }
}
