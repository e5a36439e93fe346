package io.pagoda.core.deploy;

import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.config.Section;
import io.pagoda.core.plugin.Lease;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.eviction.EvictionPolicy;
import io.pagoda.spi.eviction.EvictionPolicyProvider;
import java.util.List;

/**
 * Eviction policies by name, with the settings that a configuration gives them, and no store.
 *
 * <p><b>Threads.</b> Any; each policy is of one.
 */
public final class Policies implements AutoCloseable {
  /** Names no policy, but whichever is the best that there is. */
  static final String AUTO = "auto";

  /** What learns from what it sees; plugins bring it. */
  private static final String LEARNS = "adaptive";

  /** What is there in any case. */
  private static final String PLAIN = "lru";

  private final Owned owned = new Owned();
  private final Plugins plugins;
  private final Section settings;

  /**
   * Creates them.
   *
   * @param config whose section {@code pagoda.eviction} counts
   * @param plugins who has them; closed after these
   */
  public Policies(PagodaConfig config, Plugins plugins) {
    this.plugins = plugins;
    this.settings = config.withDefaults(plugins.defaults()).settings().section("eviction");
  }

  /** {@return what {@code auto} stands for where there are such plugins} */
  static String standard(Plugins plugins) {
    return plugins.types(EvictionPolicyProvider.class).contains(LEARNS) ? LEARNS : PLAIN;
  }

  /** {@return the names of all policies} */
  public List<String> names() {
    return plugins.types(EvictionPolicyProvider.class);
  }

  /**
   * Creates a policy for a tier that is empty.
   *
   * @throws io.pagoda.core.plugin.PluginException if there is none of that name
   * @throws io.pagoda.spi.SettingsException if its settings are wrong
   */
  public synchronized EvictionPolicy create(String name, int slots) {
    Lease<EvictionPolicyProvider> lease =
        owned.own(plugins.lease(EvictionPolicyProvider.class, name, "for a simulation"));
    Section own = settings.partOf(name);
    EvictionPolicy policy = lease.call(provider -> provider.create(own, slots));
    own.refuseUnknown();
    return policy;
  }

  @Override
  public void close() {
    owned.close();
  }
}
