package io.pagoda.core.space;

import io.pagoda.spi.eviction.Evictable;
import io.pagoda.spi.eviction.EvictionPolicy;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A plugin's policy, until it fails for the first time: it is named in the log, and the least
 * recently used goes first from then on, so that no slot is lost by its fault.
 *
 * <p><b>Threads.</b> Confined.
 */
final class GuardedPolicy implements EvictionPolicy {
  private static final System.Logger LOG = System.getLogger(GuardedPolicy.class.getName());

  private final String tier;
  private final int slots;
  private final IntPredicate holds;
  private EvictionPolicy policy;
  private boolean failed;

  /**
   * Guards a policy that holds no slot yet.
   *
   * @param tier what its tier is called
   * @param policy the plugin's
   * @param slots how many slots the tier has
   * @param holds whether a slot has been admitted, and not removed; or is just being, either way
   */
  GuardedPolicy(String tier, EvictionPolicy policy, int slots, IntPredicate holds) {
    this.tier = tier;
    this.policy = policy;
    this.slots = slots;
    this.holds = holds;
  }

  @Override
  public void admitted(int slot, long identity, int depth) {
    try {
      policy.admitted(slot, identity, depth);
    } catch (RuntimeException | Error e) {
      replace("threw " + e, e);
      policy.touched(slot);
    }
  }

  @Override
  public void touched(int slot) {
    try {
      policy.touched(slot);
    } catch (RuntimeException | Error e) {
      replace("threw " + e, e);
      policy.touched(slot);
    }
  }

  @Override
  public void removed(int slot) {
    try {
      policy.removed(slot);
    } catch (RuntimeException | Error e) {
      replace("threw " + e, e);
      policy.removed(slot);
    }
  }

  @Override
  public int coldest(Evictable evictable) {
    try {
      int slot = policy.coldest(evictable);
      boolean given = slot >= 0 && slot < slots && holds.test(slot);
      if (slot == NONE || (given && evictable.test(slot))) {
        return slot;
      }
      String wrong = given ? "which may not go now" : "which it was not given";
      replace("named slot %d, %s".formatted(slot, wrong), null);
    } catch (RuntimeException | Error e) {
      replace("threw " + e, e);
    }
    return policy.coldest(evictable);
  }

  private void replace(String fault, @Nullable Throwable thrown) {
    if (failed) {
      throw new IllegalStateException("The engine's own order failed: it " + fault, thrown);
    }
    failed = true;
    LOG.log(
        System.Logger.Level.ERROR,
        "The eviction policy %s of tier '%s' %s: the least recently used goes first from now on"
            .formatted(policy.getClass().getName(), tier, fault),
        thrown);
    policy = new LruPolicy(slots);
    for (int slot = 0; slot < slots; slot++) {
      if (holds.test(slot)) {
        policy.admitted(slot, 0, 0);
      }
    }
  }
}
