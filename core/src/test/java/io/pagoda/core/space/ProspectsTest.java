package io.pagoda.core.space;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What is learned of blocks that were used once. */
class ProspectsTest {
  private final Prospects prospects = new Prospects();

  private void seen(int depth, int blocks, int usedAgain) {
    for (int i = 0; i < blocks; i++) {
      prospects.used(0, depth, false);
    }
    for (int i = 0; i < usedAgain; i++) {
      prospects.used(1, depth, false);
    }
  }

  @Test
  void whatNobodyHasSeenIsHopedToBeUsedAgain() {
    assertEquals(1, prospects.chance(0, false));
    assertEquals(1, prospects.chance(1_000_000, false));
  }

  @Test
  void theChanceIsTheShareThatWasUsedAgainAtSuchADepth() {
    seen(5, 100_000, 30_000);
    seen(40, 100_000, 1_000);
    assertEquals(.3, prospects.chance(4, false), .01, "3 to 6 are one depth");
    assertEquals(.01, prospects.chance(50, false), .01);
    assertEquals(1, prospects.chance(0, false), "no block so near the beginning was seen");
  }

  @Test
  void whatARequestEndedWithIsLearnedApart() {
    seen(5, 100_000, 30_000);
    for (int i = 0; i < 10_000; i++) {
      prospects.used(0, 5, true);
    }
    assertTrue(prospects.chance(5, true) < .01);
    assertEquals(.3, prospects.chance(5, false), .01);
    assertEquals(1, prospects.chance(40, true), "none so deep was seen");
  }

  @Test
  void laterUsesSayNothingOfFirstOnes() {
    seen(5, 100_000, 0);
    for (int i = 0; i < 100_000; i++) {
      prospects.used(2, 5, false);
      prospects.used(3, 5, false);
    }
    assertTrue(prospects.chance(5, false) < .01);
  }

  @Test
  void whatWasLearnedOfOtherTimesFades() {
    seen(5, 1 << 18, 0);
    assertTrue(prospects.chance(5, false) < .01);
    for (int i = 0; i < 12 << 18; i++) {
      seen(5, 1, i % 2);
    }
    assertEquals(.5, prospects.chance(5, false), .1);
  }
}
