package io.pagoda.core;

import io.pagoda.core.index.BlockIndex;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntPredicate;

/** Compares what an engine knows with what is written down in the tiers that outlive it. */
record RevivalAudit(BlockIndex index, List<SimulatedTier> colder, int depth) {
  /**
   * Compares what the engine knows with what the media do, found out another way.
   *
   * @return how many blocks came back
   */
  long checkRevived() {
    long revived = 0;
    List<Map<Long, Integer>> latest = colder.stream().map(RevivalAudit::latest).toList();
    for (int tier = 1; tier <= colder.size(); tier++) {
      for (var block : latest.get(tier - 1).entrySet()) {
        Records.Entry entry = entry(tier, block.getValue());
        int hottest = hottest(latest, block.getKey());
        boolean right =
            tier == hottest || alike(entry, entry(hottest, slot(latest, hottest, entry.low())));
        int found = index.find(entry.high(), entry.low());
        boolean expected = right && reaches(latest, entry.low());
        require(
            expected == (found != BlockIndex.NONE && index.slot(found, tier) == block.getValue()),
            "block %d of tier %d: %s".formatted(entry.low(), tier, entry));
        revived += expected ? 1 : 0;
      }
    }
    return revived;
  }

  private static boolean alike(Records.Entry one, Records.Entry other) {
    return Arrays.equals(one.sums(), other.sums()) && one.parentLow() == other.parentLow();
  }

  /** {@return the slot of the latest record of each block} */
  private static Map<Long, Integer> latest(SimulatedTier tier) {
    Map<Long, Integer> latest = new HashMap<>();
    tier.records().ifPresent(records -> {
      for (int slot = 0; slot < records.slots.length; slot++) {
        Records.Entry entry = records.slots[slot];
        if (entry != null) {
          latest.merge(
              entry.low(), slot, (a, b) -> generation(records, a) > generation(records, b) ? a : b);
        }
      }
    });
    return latest;
  }

  private static long generation(Records records, int slot) {
    return Objects.requireNonNull(records.slots[slot]).generation();
  }

  private Records.Entry entry(int tier, int slot) {
    Records records = colder.get(tier - 1).records().orElseThrow();
    return Objects.requireNonNull(records.slots[slot]);
  }

  private static int slot(List<Map<Long, Integer>> latest, int tier, long low) {
    return Objects.requireNonNull(latest.get(tier - 1).get(low));
  }

  private static int hottest(List<Map<Long, Integer>> latest, long low) {
    int tier = 1;
    while (tier <= latest.size() && !latest.get(tier - 1).containsKey(low)) {
      tier++;
    }
    return tier;
  }

  private boolean reaches(List<Map<Long, Integer>> latest, long low) {
    long at = low;
    for (int i = 0; i <= depth; i++) {
      int tier = hottest(latest, at);
      if (tier > latest.size()) {
        return false;
      }
      Records.Entry entry = entry(tier, slot(latest, tier, at));
      if (entry.parentHigh() == 0 && entry.parentLow() == 0) {
        return true;
      }
      at = entry.parentLow();
    }
    return false;
  }

  /** Nothing is on its way: what a lasting tier has, and nothing else, is written down there. */
  void checkRemembered(List<Integer> entries, IntPredicate trusted) {
    for (int tier = 1; tier <= colder.size(); tier++) {
      int number = tier;
      colder.get(tier - 1).records().ifPresent(records -> {
        int ready = 0;
        for (int entry : entries) {
          if (index.ready(entry, number)) {
            Records.Entry known = records.slots[index.slot(entry, number)];
            require(
                known != null && known.low() == index.low(entry) && sealed(entry, known),
                "entry " + entry + " is not written down in tier " + number);
            ready++;
          }
        }
        require(
            ready == records.size() || !trusted.test(number),
            "what was dropped is still written down");
      });
    }
  }

  private boolean sealed(int entry, Records.Entry known) {
    for (int s = 0; s < index.sections(); s++) {
      if (index.checksum(entry, s) != known.sums()[s]) {
        return false;
      }
    }
    return true;
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new AssertionError(message);
    }
  }
}
