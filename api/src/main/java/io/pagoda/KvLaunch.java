package io.pagoda;

/**
 * One launch of several that run together.
 *
 * @param plan what
 * @param slots where: for {@link KvPlan#tokens}, from the first of them to the last
 * @param options how; their namespace is that of the plan
 */
public record KvLaunch(KvPlan plan, SlotMapping slots, JobOptions options) {
  /** Launches a plan as the store is set to. */
  public KvLaunch(KvPlan plan, SlotMapping slots) {
    this(plan, slots, JobOptions.DEFAULT);
  }
}
