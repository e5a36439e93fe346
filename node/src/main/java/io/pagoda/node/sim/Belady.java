package io.pagoda.node.sim;

import io.pagoda.BlockKeys;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;

/*
 * Belady, "A study of replacement algorithms for a virtual-storage computer" (1966): what is used
 * again the latest goes first, and what would go at once is not taken in. That is optimal for
 * blocks by themselves. Hits here are those of prefixes, so who of those goes first that are used
 * again by one request makes a difference.
 */
/** What a cache would hit that knows the future, as a line to compare others with. */
public final class Belady {
  private static final int NEVER = Integer.MAX_VALUE;
  private static final int ABSENT = -1;

  private final int[][] requests;
  private final int[] nextUse;
  private final int blocks;

  /** Who goes first of blocks that are used again by the same request. */
  public enum Ties {
    /** The first of the prefix: of published tables. */
    HEAD_FIRST,
    /** The last of the prefix: the better line. */
    LEAF_FIRST
  }

  /** Prepares a trace. */
  public Belady(SimTrace trace) {
    Map<Long, Integer> numbers = new HashMap<>();
    requests = trace.requests().stream().map(keys -> numbered(keys, numbers)).toArray(int[][]::new);
    blocks = numbers.size();
    nextUse = uses(requests, blocks);
  }

  private static int[] numbered(BlockKeys keys, Map<Long, Integer> numbers) {
    int[] ids = new int[keys.size()];
    Arrays.setAll(ids, i -> numbers.computeIfAbsent(keys.low(i), _ -> numbers.size()));
    return ids;
  }

  /** For each reference in turn, the number of the request that uses its block next. */
  private static int[] uses(int[][] requests, int blocks) {
    int[] next = new int[Arrays.stream(requests).mapToInt(ids -> ids.length).sum()];
    int[] later = new int[blocks];
    Arrays.fill(later, NEVER);
    int at = next.length;
    for (int request = requests.length - 1; request >= 0; request--) {
      for (int i = requests[request].length - 1; i >= 0; i--) {
        next[--at] = later[requests[request][i]];
        later[requests[request][i]] = request;
      }
    }
    return next;
  }

  /** {@return the share of references that hit in a cache of {@code capacity} blocks} */
  public double hitRatio(int capacity, Ties ties) {
    long hits = 0;
    int at = 0;
    long[] held = new long[blocks];
    Arrays.fill(held, ABSENT);
    NavigableSet<Long> order = new TreeSet<>();
    for (int[] ids : requests) {
      int matched = 0;
      while (matched < ids.length && held[ids[matched]] != ABSENT) {
        matched++;
      }
      hits += matched;
      for (int id : ids) {
        use(id, nextUse[at++], capacity, ties, held, order);
      }
    }
    return (double) hits / nextUse.length;
  }

  private void use(
      int id, int next, int capacity, Ties ties, long[] held, NavigableSet<Long> order) {
    long place = ((long) next << 32) | (ties == Ties.LEAF_FIRST ? id : NEVER - id);
    if (held[id] != ABSENT) {
      order.remove(held[id]);
    } else if (order.size() == capacity) {
      long last = order.last();
      if (last >>> 32 < next || (last >>> 32 == next && ties == Ties.LEAF_FIRST)) {
        return;
      }
      order.pollLast();
      int low = (int) last;
      held[ties == Ties.LEAF_FIRST ? low : NEVER - low] = ABSENT;
    }
    held[id] = place;
    order.add(place);
  }

  /** {@return what it is called} */
  public static List<String> names() {
    return List.of("belady", "belady-leaf");
  }
}
