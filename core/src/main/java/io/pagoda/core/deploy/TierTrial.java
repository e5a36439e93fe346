package io.pagoda.core.deploy;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.plugin.Lease;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.Host;
import io.pagoda.spi.tier.Keyed;
import io.pagoda.spi.tier.Recoverable;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierProvider;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * One tier of a configuration, opened by itself as often as wanted, to try it. What is stored then
 * goes where the configuration says, so a tier that has blocks of a store is refused.
 */
public final class TierTrial implements Supplier<StorageTier>, AutoCloseable {
  private static final Recoverable.SealShape SHAPE = new Recoverable.SealShape(1, 1);

  private final TierPlan plan;
  private final Lease<TierProvider> lease;
  private final ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
  private final Host host;
  private final AtomicInteger kept = new AtomicInteger();
  private boolean keyed;

  private TierTrial(TierPlan plan, long blockBytes, Plugins plugins) {
    this.plan = plan;
    this.lease = plugins.lease(TierProvider.class, plan.type(), plan.where());
    this.host = new LentHost(plan.name(), blockBytes, lease.within(blocking));
  }

  /**
   * Prepares to try a tier.
   *
   * @param config whose; the plugins' defaults are put beneath it
   * @param plugins who can open it
   * @param name what the tier is called
   * @throws PagodaException if there is none of this name, it cannot be opened, or it is not to be
   *     tried
   */
  public static TierTrial of(PagodaConfig config, Plugins plugins, String name) {
    Blueprint blueprint =
        Blueprint.read(config.withDefaults(plugins.defaults()).settings(), plugins);
    List<String> names = blueprint.tiers().stream().map(TierPlan::name).toList();
    TierPlan plan = blueprint.tiers()
        .stream()
        .filter(tier -> tier.name().equals(name))
        .findFirst()
        .orElseThrow(() -> refusal("no tier is called '%s'; there are %s", name, names));
    var trial = new TierTrial(plan, blueprint.blockBytes().orElseThrow(), plugins);
    try {
      trial.refuseWhatIsNotToBeTried();
      return trial;
    } catch (RuntimeException e) {
      trial.close();
      throw e;
    }
  }

  private static PagodaException refusal(String message, Object... arguments) {
    return new PagodaException(Fault.PERMANENT, message.formatted(arguments));
  }

  private void refuseWhatIsNotToBeTried() {
    try (StorageTier tier = get()) {
      plan.settings().refuseUnknown();
      keyed = tier.ability(Keyed.class).isPresent();
      if (kept.get() > 0) {
        throw refusal(
            "tier '%s' has %d blocks of a store, which a trial would overwrite: let it be "
                + "somewhere else for the time, with --set or another configuration",
            plan.name(), kept.get());
      }
    }
  }

  /** {@return whether it keeps blocks by key, in a place that others share} */
  public boolean keyed() {
    return keyed;
  }

  /** Opens the tier. The caller closes it. */
  @Override
  public StorageTier get() {
    StorageTier tier = lease.call(provider -> provider.open(plan.settings(), host));
    tier.ability(Recoverable.class)
        .ifPresent(keeper -> keeper.recover(SHAPE, (_, _, _, _, _) -> kept.incrementAndGet()));
    return tier;
  }

  /** Ends the trial. Every tier that it opened was closed before. */
  @Override
  public void close() {
    blocking.close();
    lease.close();
  }

  /** {@return what is tried, and who provides it} */
  @Override
  public String toString() {
    return "%s (%s, %s)".formatted(plan.name(), plan.type(), lease);
  }
}
