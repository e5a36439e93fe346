package io.pagoda.eviction.classic;

import io.pagoda.spi.eviction.EvictionPolicy;
import java.util.Comparator;

/** Every policy, and beside it the order that it should have, as a comparison of blocks. */
enum Kind {
  FIFO, FILO, MRU, LFU, SLRU_1, SLRU_2, SLRU_5;

  EvictionPolicy create(int slots) {
    return switch (this) {
      case FIFO -> AgePolicy.fifo(slots);
      case FILO -> AgePolicy.filo(slots);
      case MRU -> AgePolicy.mru(slots);
      case LFU -> new LfuPolicy(slots);
      case SLRU_1 -> new SlruPolicy(slots, 1);
      case SLRU_2 -> new SlruPolicy(slots, 2);
      case SLRU_5 -> new SlruPolicy(slots, 5);
    };
  }

  /** {@return the coldest block first} */
  Comparator<Block> order() {
    return switch (this) {
      case FIFO -> Comparator.comparingLong(Block::createdAt);
      case FILO -> Comparator.comparingLong(Block::createdAt).reversed();
      case MRU -> Comparator.comparingLong(Block::usedAt).reversed();
      case LFU -> Comparator.comparingInt(Block::uses).thenComparingLong(Block::usedAt);
      case SLRU_1 -> slru(1);
      case SLRU_2 -> slru(2);
      case SLRU_5 -> slru(5);
    };
  }

  /** The first use of a block is its bringer's. */
  private static Comparator<Block> slru(int threshold) {
    return Comparator.<Block, Boolean>comparing(block -> block.uses() - 1 >= threshold)
        .thenComparingLong(Block::usedAt);
  }

  /** {@return whether a used block takes another place in the order} */
  boolean isByUse() {
    return this != FIFO && this != FILO;
  }

  /** What is known of a block: how often it was used, when it came, when it was used last. */
  record Block(int uses, long createdAt, long usedAt) {
    Block usedAgainAt(long now) {
      return new Block(uses + 1, createdAt, now);
    }
  }
}
