package io.pagoda.remote.objects;

import io.pagoda.remote.objects.Whereabouts.Place;
import org.jspecify.annotations.Nullable;

/**
 * A prefix that is looked up, and where its groups end: the last block of a group names its object,
 * if the group is one, and is an object itself if it is not. So where there is an object for the
 * end, there is the group.
 *
 * @param keys for each block the upper and then the lower 64 bits of its key
 * @param depth how many blocks of the prefix come before the first of these
 * @param size how many blocks a group has
 */
record Groups(long[] keys, int depth, int size) {
  /** {@return how many blocks are looked up} */
  int blocks() {
    return keys.length / 2;
  }

  long high(int block) {
    return keys[2 * block];
  }

  long low(int block) {
    return keys[2 * block + 1];
  }

  /** {@return the last block of the group that a block is in, which may not be looked up} */
  int endOf(int block) {
    return block + size - 1 - (depth + block) % size;
  }

  /** {@return how many groups end before a block} */
  int endsBefore(int block) {
    return (depth + block) / size - depth / size;
  }

  /** {@return the block that group number {@code group} of these ends with} */
  int end(int group) {
    return (depth / size + group + 1) * size - 1 - depth;
  }

  /**
   * Takes note of where blocks are likely to be that were found: with the end of their group,
   * unless that is known to be alone.
   */
  void assume(int found, Whereabouts whereabouts) {
    for (int from = 0; from < found; from = endOf(from) + 1) {
      int end = endOf(from);
      if (end < found) {
        @Nullable Place its = whereabouts.of(high(end), low(end));
        boolean together = its == null || its.blocks() > 1;
        for (int block = from; together && block <= end; block++) {
          whereabouts.assume(
              high(block), low(block), new Place(high(end), low(end), end - block, size, false));
        }
      }
    }
  }
}
