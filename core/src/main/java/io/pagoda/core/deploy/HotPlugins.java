package io.pagoda.core.deploy;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.core.Drained;
import io.pagoda.core.plugin.PluginId;
import io.pagoda.core.plugin.Plugins;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Plugins that come, are replaced and go while a store serves, with the tiers that are theirs. They
 * are called by their name, or their name and version.
 *
 * <p><b>Threads.</b> Any; one change at a time.
 *
 * <p><b>Failures.</b> A change either is made, or is undone and says why; but the blocks of a tier
 * that was taken out are forgotten.
 */
public final class HotPlugins {
  private static final Logger LOG = System.getLogger(HotPlugins.class.getPackageName());

  private final Plugins plugins;
  private final Deployment deployment;
  private final Duration patience;

  /**
   * Changes nothing yet.
   *
   * @param plugins who comes and goes
   * @param deployment what they serve
   * @param patience how long a tier may take to end what it does
   */
  public HotPlugins(Plugins plugins, Deployment deployment, Duration patience) {
    this.plugins = plugins;
    this.deployment = deployment;
    this.patience = patience;
  }

  /**
   * Makes a plugin known and looks at its modules; none of its code runs.
   *
   * @param place its directory or jar
   */
  public synchronized PluginId install(Path place) {
    PluginId id = plugins.install(place);
    try {
      plugins.resolve(id);
    } catch (RuntimeException | Error e) {
      plugins.uninstall(id);
      throw e;
    }
    return id;
  }

  /**
   * Puts a plugin into service, and the tiers back in that were taken out and are of its types. One
   * that drains does so no more.
   */
  public synchronized PluginId start(String name) {
    PluginId id = plugins.called(name);
    boolean drained = plugins.state(id).equals("draining");
    List<String> without = missing();
    plugins.start(id);
    try {
      tiersOf(id).forEach(deployment::keep);
      attach(missing().stream().filter(tier -> !without.contains(tier)).toList());
    } catch (RuntimeException | Error e) {
      undoing(e, () -> {
        plugins.drain(id);
        if (!drained) {
          detach(tiersOf(id));
          plugins.stop(id);
        }
      });
      throw e;
    }
    return id;
  }

  /** Takes steps back after a failure, which stays what is told. */
  private static void undoing(Throwable failure, Runnable steps) {
    try {
      steps.run();
    } catch (RuntimeException | Error e) {
      failure.addSuppressed(e);
    }
  }

  /** {@return the tiers that were taken out, and that somebody provides} */
  private List<String> missing() {
    return deployment.changeable()
        .entrySet()
        .stream()
        .filter(tier -> tier.getValue().isEmpty() && deployment.provided(tier.getKey()))
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * Lets a plugin open no more tiers, and has the blocks of those that it has go to the next ones.
   * Of one that drains already, those go that stayed.
   *
   * @return completes when each block was moved, or could not be, with how many were not
   */
  public synchronized CompletionStage<Drained> drain(String name) {
    PluginId id = plugins.called(name);
    if (!plugins.state(id).equals("draining")) {
      plugins.drain(id);
    }
    CompletionStage<Drained> all = CompletableFuture.completedStage(new Drained(0, 0, true));
    for (String tier : tiersOf(id)) {
      all = all.thenCombine(deployment.drain(tier), Drained::and);
    }
    return all;
  }

  /** Takes the tiers of a plugin out, and stops it. */
  public synchronized PluginId stop(String name) {
    PluginId id = plugins.called(name);
    boolean active = plugins.state(id).equals("active");
    if (active) {
      plugins.drain(id);
    }
    try {
      detach(tiersOf(id));
      plugins.stop(id);
    } catch (RuntimeException | Error e) {
      if (active) {
        undoing(e, () -> {
          plugins.start(id);
          attach(missing());
        });
      }
      throw e;
    }
    return id;
  }

  /** Forgets a plugin, which is stopped. */
  public synchronized PluginId uninstall(String name) {
    PluginId id = plugins.called(name);
    plugins.uninstall(id);
    return id;
  }

  /**
   * Puts another version of a plugin in the place of one, and has its tiers opened by that. The old
   * one is forgotten, unless its classes stay: then it is stopped.
   *
   * @param name the name of the plugin, or its name and version
   * @param place the directory or jar of the other version
   * @return the other version
   */
  public synchronized PluginId update(String name, Path place) {
    PluginId old = plugins.called(name);
    PluginId next = plugins.update(old, place);
    try {
      List<String> tiers = tiersOf(old);
      detach(tiers);
      attach(tiers);
      plugins.stop(old);
    } catch (RuntimeException | Error e) {
      undoing(e, () -> withdraw(next));
      undoing(e, () -> {
        plugins.start(old);
        attach(missing());
      });
      throw e;
    }
    if (plugins.permanence(old).isEmpty()) {
      plugins.uninstall(old);
    }
    return next;
  }

  private void withdraw(PluginId next) {
    detach(tiersOf(next));
    plugins.stop(next);
    plugins.uninstall(next);
  }

  private List<String> tiersOf(PluginId plugin) {
    return deployment.changeable()
        .entrySet()
        .stream()
        .filter(tier -> tier.getValue().filter(plugin::equals).isPresent())
        .map(Map.Entry::getKey)
        .toList();
  }

  private void attach(List<String> tiers) {
    tiers.forEach(deployment::attach);
  }

  /** Opens a tier anew that left when that was given up already, if its plugin serves still. */
  private synchronized void comeBack(String tier) {
    try {
      if (missing().contains(tier)) {
        deployment.attach(tier);
      }
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "Tier '%s' left late, and cannot be had again".formatted(tier), e);
    }
  }

  private void detach(List<String> tiers) {
    for (String tier : tiers) {
      CompletableFuture<Void> gone = deployment.detach(tier).toCompletableFuture();
      try {
        gone.copy().orTimeout(patience.toNanos(), TimeUnit.NANOSECONDS).join();
      } catch (CompletionException e) {
        var _ = gone.thenRunAsync(() -> comeBack(tier), Thread::startVirtualThread);
        throw new PagodaException(
            Fault.PERMANENT,
            e.getCause() instanceof TimeoutException
                ? ("tier '%s' was not taken out within %s; it leaves when it has answered, and"
                    + " is opened anew").formatted(tier, patience)
                : "tier '%s' was not taken out: %s".formatted(tier, e.getCause()),
            e);
      }
    }
  }
}
