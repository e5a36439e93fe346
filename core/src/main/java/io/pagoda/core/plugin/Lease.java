package io.pagoda.core.plugin;

import io.pagoda.spi.Provider;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * The use of a provider. What was opened through it must be closed before it is; until then its
 * plugin stays in service.
 *
 * <p><b>Threads.</b> Any.
 *
 * @param <P> the provider
 */
public final class Lease<P extends Provider> implements AutoCloseable {
  private final Service service;
  private final P provider;
  private final String user;

  Lease(Service service, P provider, String user) {
    this.service = service;
    this.provider = provider;
    this.user = user;
  }

  String user() {
    return user;
  }

  /** {@return which plugin the provider is of} */
  public PluginId plugin() {
    return service.id();
  }

  /**
   * Calls the provider.
   *
   * @throws PluginException instead of an exception of a class of the plugin's own, or if a class
   *     it needs is missing
   */
  public <T> T call(Function<? super P, ? extends T> action) {
    return service.call(() -> action.apply(provider));
  }

  /** Returns an executor whose tasks run on {@code executor} as the plugin's own code. */
  public Executor within(Executor executor) {
    return task -> executor.execute(() -> service.call(() -> {
      task.run();
      return task;
    }));
  }

  /** Ends the use; a second call does nothing. */
  @Override
  public void close() {
    service.release(this);
  }

  /** {@return the plugin and where it was found} */
  @Override
  public String toString() {
    return service.toString();
  }
}
