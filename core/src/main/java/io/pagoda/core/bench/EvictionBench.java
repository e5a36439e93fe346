package io.pagoda.core.bench;

import io.pagoda.spi.eviction.Evictable;
import io.pagoda.spi.eviction.EvictionPolicy;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * What a policy costs for each block that is used, in a full tier of prefixes of 16 blocks: those
 * of a prefix that is there, picked anywhere, and those of one that takes the place of others,
 * which are asked for, removed and admitted one by one. One thread, warm, medians; what it costs to
 * pick prefixes and to answer which blocks may go is included.
 */
public final class EvictionBench {
  private static final int PREFIX = 16;
  private static final int REQUESTS = 64;
  private static final int SAMPLES = 400;

  /** How many prefixes there may be for each whole one that there is room for: one block each. */
  private static final int MOST_SHRUNK = PREFIX;

  private final int slots;
  private final Stopwatch stopwatch;

  /**
   * Creates the benchmark.
   *
   * @param slots how many slots the tier has, at least 4,096
   */
  public EvictionBench(int slots) {
    if (slots < 4_096) {
      throw new IllegalArgumentException("At least 4,096 slots are measured, not " + slots);
    }
    this.slots = slots / PREFIX * PREFIX;
    this.stopwatch = new Stopwatch(SAMPLES, SAMPLES);
  }

  /** {@return how many slots the tier has: a multiple of 16} */
  public int slots() {
    return slots;
  }

  /**
   * Measures a policy.
   *
   * @param name what it is called
   * @param policy for {@link #slots} slots, all empty
   */
  public List<Measurement> run(String name, EvictionPolicy policy) {
    var tier = new Tier(policy, slots);
    tier.fill();
    // What nobody uses again would all be of one kind, and what everybody does as well.
    for (int i = 0; i < 2 * slots / PREFIX; i++) {
      tier.use();
      tier.replace();
    }
    Map<String, Object> params = Map.of("policy", name, "slots", slots);
    return List.of(
        perBlock(stopwatch.time("eviction.use", params, () -> times(tier::use))),
        perBlock(stopwatch.time("eviction.replace", params, () -> times(tier::replace))));
  }

  private static long times(Runnable request) {
    for (int i = 0; i < REQUESTS; i++) {
      request.run();
    }
    return REQUESTS;
  }

  private static Measurement perBlock(Measurement all) {
    double blocks = REQUESTS * PREFIX;
    return new Measurement(
        all.name(), all.params(), all.p50() / blocks, all.p99() / blocks, all.unit(),
        all.allocatedBytes() / blocks);
  }

  /** Prefixes in slots, which shrink from their ends. */
  private static final class Tier {
    private final EvictionPolicy policy;
    private final Evictable leaves;
    private final Slots others = _ -> evicted();
    private final SplittableRandom random = new SplittableRandom(11);
    private final int[] prefix;
    private final int[] depth;
    private final int[] slotsOf;
    private final byte[] size;
    private final int[] spare;
    private int spares;
    private int filled;
    private long lastIdentity;

    Tier(EvictionPolicy policy, int slots) {
      this.policy = policy;
      prefix = new int[slots];
      depth = new int[slots];
      size = new byte[MOST_SHRUNK * slots / PREFIX];
      slotsOf = new int[size.length * PREFIX];
      spare = new int[size.length];
      for (int i = 0; i < size.length; i++) {
        spare[spares++] = i;
      }
      leaves = slot -> depth[slot] + 1 == size[prefix[slot]];
    }

    void fill() {
      while (filled < prefix.length) {
        int first = filled;
        filled += PREFIX;
        admit(i -> first + i);
      }
    }

    /** Uses a whole prefix. */
    void use() {
      int of = prefix[random.nextInt(prefix.length)];
      while (size[of] < PREFIX) {
        of = prefix[random.nextInt(prefix.length)];
      }
      touch(of);
    }

    private void touch(int of) {
      for (int i = PREFIX - 1; i >= 0; i--) {
        policy.touched(slotsOf[of * PREFIX + i]);
      }
    }

    /** Puts a new prefix where others were. */
    void replace() {
      admit(others);
    }

    private int evicted() {
      int slot = policy.coldest(leaves);
      policy.removed(slot);
      int of = prefix[slot];
      size[of]--;
      if (size[of] == 0) {
        spare[spares++] = of;
      }
      return slot;
    }

    /** Tells which slot the next block gets. */
    @FunctionalInterface
    private interface Slots {
      int of(int block);
    }

    private void admit(Slots from) {
      int to = spare[--spares];
      for (int i = 0; i < PREFIX; i++) {
        slotsOf[to * PREFIX + i] = from.of(i);
      }
      for (int i = 0; i < PREFIX; i++) {
        int slot = slotsOf[to * PREFIX + i];
        prefix[slot] = to;
        depth[slot] = i;
        policy.admitted(slot, ++lastIdentity * 0x9e37_79b9_7f4a_7c15L, i);
      }
      size[to] = PREFIX;
      touch(to);
    }
  }
}
