package io.pagoda.core.deploy;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.core.plugin.Lease;
import io.pagoda.core.plugin.PluginId;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.Host;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierProvider;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where a tier of a deployment is opened, perhaps more than once, by the plugin that provides it at
 * the time. When it is closed nothing of the plugin is held here.
 */
final class TierPlace implements AutoCloseable {
  private final TierPlan plan;
  private final Plugins plugins;
  private final Function<Lease<TierProvider>, Host> hosts;
  private @Nullable Lease<TierProvider> lease;
  private @Nullable StorageTier tier;

  /**
   * Opens nothing.
   *
   * @param plan what to open
   * @param plugins who opens it
   * @param hosts what the tier is lent
   */
  TierPlace(TierPlan plan, Plugins plugins, Function<Lease<TierProvider>, Host> hosts) {
    this.plan = plan;
    this.plugins = plugins;
    this.hosts = hosts;
  }

  /** Opens the tier, which must not be open. */
  synchronized StorageTier open() {
    if (lease != null) {
      throw new PagodaException(
          Fault.PERMANENT, "tier '%s' is there: take it out first".formatted(plan.name()));
    }
    var leased = plugins.lease(TierProvider.class, plan.type(), plan.where());
    lease = leased;
    try {
      StorageTier opened =
          leased.call(provider -> provider.open(plan.settings(), hosts.apply(leased)));
      tier = opened;
      plan.settings().refuseUnknown();
      return opened;
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** {@return whether a plugin that serves now can open the tier} */
  boolean provided() {
    return plugins.absence(TierProvider.class, plan.type(), plan.where()).isEmpty();
  }

  /** {@return by which plugin the tier was opened, if it is open} */
  synchronized Optional<PluginId> plugin() {
    return Optional.ofNullable(lease).map(Lease::plugin);
  }

  /** Closes the tier, if it is open, and lets go of its plugin. */
  @Override
  public synchronized void close() {
    StorageTier opened = tier;
    Lease<TierProvider> leased = lease;
    tier = null;
    lease = null;
    try {
      if (opened != null) {
        opened.close();
      }
    } finally {
      if (leased != null) {
        leased.close();
      }
    }
  }
}
