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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a tier of a deployment is opened, perhaps more than once, by the plugin that provides it at
 * the time. When it is closed nothing of the plugin is held here.
 */
final class TierPlace implements AutoCloseable {
  private final Supplier<TierPlan> plans;
  private final TierPlan plan;
  private final Plugins plugins;
  private final Function<Lease<TierProvider>, Host> hosts;
  private @Nullable Lease<TierProvider> lease;
  private @Nullable StorageTier tier;
  private boolean closing;

  /**
   * Opens nothing.
   *
   * @param plan what to open
   * @param plans the same, with the defaults of whoever provides it when it is opened again
   * @param plugins who opens it
   * @param hosts what the tier is lent
   */
  TierPlace(
      TierPlan plan, Supplier<TierPlan> plans, Plugins plugins,
      Function<Lease<TierProvider>, Host> hosts) {
    this.plan = plan;
    this.plans = plans;
    this.plugins = plugins;
    this.hosts = hosts;
  }

  /** Opens the tier, which must not be open. */
  StorageTier open() {
    return open(plan);
  }

  /** Opens it again, with the defaults of the plugin that provides it now. */
  StorageTier openAgain() {
    return open(plans.get());
  }

  private StorageTier open(TierPlan what) {
    Lease<TierProvider> leased = leased();
    try {
      StorageTier opened =
          leased.call(provider -> provider.open(what.settings(), hosts.apply(leased)));
      keep(opened);
      what.settings().refuseUnknown();
      return opened;
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private synchronized Lease<TierProvider> leased() {
    if (lease != null) {
      throw new PagodaException(
          Fault.PERMANENT, "tier '%s' is there%s: take it out first"
              .formatted(plan.name(), closing ? ", and has not ended to close" : ""));
    }
    Lease<TierProvider> taken = plugins.lease(TierProvider.class, plan.type(), plan.where());
    lease = taken;
    return taken;
  }

  private synchronized void keep(StorageTier opened) {
    tier = opened;
  }

  /** {@return whether a plugin that serves now can open the tier} */
  boolean provided() {
    return plugins.absence(TierProvider.class, plan.type(), plan.where()).isEmpty();
  }

  /** {@return by which plugin the tier was opened, if it is open} */
  synchronized Optional<PluginId> plugin() {
    return Optional.ofNullable(lease).map(Lease::plugin);
  }

  /**
   * Closes the tier, if it is open, and lets go of its plugin. A tier may take its time: meanwhile
   * the place answers, and nobody can open it.
   */
  @Override
  public void close() {
    StorageTier opened;
    synchronized (this) {
      if (closing) {
        return;
      }
      closing = true;
      opened = tier;
    }
    try {
      if (opened != null) {
        opened.close();
      }
    } finally {
      letGo();
    }
  }

  private synchronized void letGo() {
    Lease<TierProvider> leased = lease;
    tier = null;
    lease = null;
    closing = false;
    if (leased != null) {
      leased.close();
    }
  }
}
