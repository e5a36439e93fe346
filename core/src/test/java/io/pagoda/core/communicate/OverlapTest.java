package io.pagoda.core.communicate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pagoda.KvShard;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OverlapTest {
  /** Every byte of every rank there comes from the one rank here that holds it. */
  @Test
  void ranksOfAllSizesMakeUpWhatTheOthersHold() {
    int[] sizes = {1, 2, 3, 4, 6, 8, 12};
    for (int rows : new int[] {1, 2, 5}) {
      for (int here : sizes) {
        for (int there : sizes) {
          moveAll(rows, here, there);
        }
      }
    }
  }

  private static void moveAll(int rows, int here, int there) {
    int row = 24;
    int[][] moved = new int[there][rows * row / there];
    for (int[] one : moved) {
      Arrays.fill(one, -1);
    }
    for (int from = 0; from < here; from++) {
      for (int to = 0; to < there; to++) {
        long chunk = (long) rows * row / here;
        Optional<Overlap> overlap = Overlap.of(
            chunk, new KvShard(from, here, rows), moved[to].length, new KvShard(to, there, rows));
        if (overlap.isPresent()) {
          move(overlap.get(), chunks(from, here, rows, row), moved[to]);
        }
      }
    }
    for (int to = 0; to < there; to++) {
      assertEquals(
          Arrays.toString(chunks(to, there, rows, row)), Arrays.toString(moved[to]),
          "rows=%d here=%d there=%d to=%d".formatted(rows, here, there, to));
    }
  }

  /** {@return of each byte of a rank's chunk, which of the whole it is} */
  private static int[] chunks(int rank, int ranks, int rows, int row) {
    int each = row / ranks;
    int[] bytes = new int[rows * each];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = i / each * row + rank * each + i % each;
    }
    return bytes;
  }

  private static void move(Overlap overlap, int[] from, int[] to) {
    for (int row = 0; row < overlap.rows(); row++) {
      int start = (int) (overlap.localStart() + row * overlap.localStride());
      int target = (int) (overlap.remoteStart() + row * overlap.remoteStride());
      for (int i = 0; i < overlap.bytes(); i++) {
        assertEquals(-1, to[target + i], "Nothing is moved twice");
        to[target + i] = from[start + i];
      }
    }
  }

  @Test
  void ranksOfOneSizeMoveWholeChunks() {
    var shard = new KvShard(1, 2, 16);
    assertEquals(
        new Overlap(1, 0, 4096, 0, 4096, 4096), Overlap.of(4096, shard, 4096, shard).orElseThrow());
  }

  @Test
  void ranksOfWhichNoneHoldsWhatTheOtherDoesHaveNothingToMove() {
    assertEquals(Optional.empty(), Overlap.of(64, new KvShard(0, 4, 1), 128, new KvShard(1, 2, 1)));
  }

  @Test
  void partsOfDifferentWholesAreRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> Overlap.of(64, new KvShard(0, 4, 1), 64, new KvShard(0, 2, 1)));
    assertThrows(
        IllegalArgumentException.class,
        () -> Overlap.of(64, new KvShard(0, 1, 4), 64, new KvShard(0, 1, 2)));
    assertThrows(
        IllegalArgumentException.class,
        () -> Overlap.of(63, new KvShard(0, 1, 4), 63, new KvShard(0, 1, 4)));
  }
}
