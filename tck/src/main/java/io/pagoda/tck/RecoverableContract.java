package io.pagoda.tck;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import io.pagoda.spi.tier.Recoverable.SealShape;
import io.pagoda.spi.tier.StorageTier;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The contract of {@link io.pagoda.spi.tier.Recoverable} as far as a tier keeps it that is closed
 * properly; that it also keeps it when the process or the power ends is for its own tests.
 */
public interface RecoverableContract extends TierUnderTest {
  /** What these tests seal with. */
  SealShape SHAPE = new SealShape(3, 0x1a70_0001_0002L);

  /**
   * Opens the tier of this test, of at least 8 slots: empty at first, and then with what the former
   * one held, which has been closed. It has not been recovered yet.
   */
  @Override
  StorageTier open();

  /** A tier that never held anything hands nothing over. */
  @Test
  default void beginsEmpty() {
    try (var first = new Restart(this, SHAPE)) {
      first.expect(Map.of());
    }
    try (var second = new Restart(this, SHAPE)) {
      second.expect(Map.of());
    }
  }

  /** Every block whose store completed comes back, with its key, its seals and its bytes. */
  @Test
  default void handsOverWhatWasStored() {
    int last;
    try (var first = new Restart(this, SHAPE)) {
      last = first.lastSlot();
      first.store(new int[] {5, 0, 2}, 50, 10, 20);
      first.store(last, 90);
    }
    for (int round = 0; round < 2; round++) {
      try (var next = new Restart(this, SHAPE)) {
        next.expect(Map.of(0, 10L, 2, 20L, 5, 50L, last, 90L));
      }
    }
  }

  /** Of two blocks of one slot only the later comes back. */
  @Test
  default void handsOverTheLastBlockOfASlot() {
    try (var first = new Restart(this, SHAPE)) {
      first.store(1, 10);
      first.store(1, 11);
      first.store(2, 20);
    }
    try (var second = new Restart(this, SHAPE)) {
      second.store(2, 21);
    }
    try (var third = new Restart(this, SHAPE)) {
      third.expect(Map.of(1, 11L, 2, 21L));
    }
  }

  /** Of two blocks with one key the later has the higher generation, also after a restart. */
  @Test
  default void tellsTheLaterOfTwoBlocksByItsGeneration() {
    try (var first = new Restart(this, SHAPE)) {
      first.store(4, 10);
      first.store(3, 10);
    }
    try (var second = new Restart(this, SHAPE)) {
      second.store(6, 10);
    }
    try (var third = new Restart(this, SHAPE)) {
      third.expect(Map.of(4, 10L, 3, 10L, 6, 10L));
      assertTrue(third.generation(4) < third.generation(3), "3 was stored after 4");
      assertTrue(third.generation(3) < third.generation(6), "6 was stored after 3");
    }
  }

  /** A block that was given up does not come back; one that is stored in its slot later does. */
  @Test
  default void doesNotHandOverWhatIsGivenUp() {
    try (var first = new Restart(this, SHAPE)) {
      first.store(new int[] {0, 1, 2}, 10, 20, 30);
      first.keeper().forget(1);
      first.keeper().forget(2);
      first.keeper().forget(7);
      first.store(2, 31);
    }
    try (var second = new Restart(this, SHAPE)) {
      second.expect(Map.of(0, 10L, 2, 31L));
      second.keeper().forget(0);
    }
    try (var third = new Restart(this, SHAPE)) {
      third.expect(Map.of(2, 31L));
    }
  }

  /** When all is given up nothing comes back but what is stored later. */
  @Test
  default void doesNotHandOverWhatWasAllGivenUp() {
    try (var first = new Restart(this, SHAPE)) {
      first.store(new int[] {0, 1, 2}, 10, 20, 30);
      first.forgetAll();
    }
    try (var second = new Restart(this, SHAPE)) {
      second.expect(Map.of());
      second.store(3, 40);
      second.forgetAll();
      second.store(1, 21);
    }
    try (var third = new Restart(this, SHAPE)) {
      third.expect(Map.of(1, 21L));
    }
  }

  /** Blocks that were sealed under another shape are refused, and are not lost by that. */
  @Test
  default void refusesBlocksOfAnotherShape() {
    try (var first = new Restart(this, SHAPE)) {
      first.store(0, 10);
    }
    for (var other : new SealShape[] {new SealShape(3, 7), new SealShape(4, SHAPE.layout())}) {
      assertThrows(PagodaException.class, () -> new Restart(this, other).close(), other::toString);
    }
    try (var second = new Restart(this, SHAPE)) {
      second.expect(Map.of(0, 10L));
    }
  }

  /** Where nothing was sealed, any shape will do. */
  @Test
  default void takesAnotherShapeWhenItHoldsNothing() {
    try (var first = new Restart(this, SHAPE)) {
      first.store(0, 10);
      first.forgetAll();
    }
    var other = new SealShape(1, 7);
    try (var second = new Restart(this, other)) {
      second.expect(Map.of());
      second.store(0, 11);
    }
    try (var third = new Restart(this, other)) {
      third.expect(Map.of(0, 11L));
    }
  }
}
