package io.pagoda.core.plugin;

import io.pagoda.core.plugin.Plugin.Installed;
import io.pagoda.core.plugin.Plugin.Resolved;
import java.io.IOException;
import java.lang.module.Configuration;
import java.lang.module.FindException;
import java.lang.module.ModuleFinder;
import java.lang.module.ResolutionException;
import java.util.List;
import java.util.function.Predicate;

/**
 * Gives plugins their layers, above the one that the api is in. In its layer a plugin sees its own
 * modules first, then the api and the JDK. It does not see what else is in the layer beneath; but
 * its jars that are no modules may not repeat that, so the product has nothing else there.
 */
final class PluginLayers {
  private final ModuleLayer host;
  private final PluginRules rules;
  private final Predicate<String> trusted;

  /**
   * Creates the maker of layers.
   *
   * @param host what they stand on
   * @param rules what plugins keep to
   * @param trusted which plugins, by name, may call native code
   */
  PluginLayers(ModuleLayer host, PluginRules rules, Predicate<String> trusted) {
    this.host = host;
    this.rules = rules;
    this.trusted = trusted;
  }

  /**
   * Takes a plugin from installed to resolved.
   *
   * @throws PluginException if its modules do not fit together
   */
  Resolved resolve(Installed plugin) {
    Configuration modules = configuration(plugin);
    var loader =
        new PluginClassLoader(plugin.place(), modules, HostPackages.of(host, modules, rules));
    try {
      var controller = ModuleLayer.defineModules(modules, List.of(host), _ -> loader);
      if (trusted.test(plugin.id().name())) {
        PluginNative.grant(controller, plugin.place().toString());
      }
      return new Resolved(plugin.id(), plugin.place(), controller.layer(), loader);
    } catch (LayerInstantiationException e) {
      throw new PluginException("its modules do not load: " + e.getMessage(), e);
    }
  }

  /** Takes a plugin from resolved to nothing: what is loaded of it goes when nobody uses it. */
  static void dissolve(Resolved plugin) {
    try {
      plugin.loader().close();
    } catch (IOException e) {
      throw new PluginException("%s: cannot close its jars: %s".formatted(plugin.id(), e), e);
    }
  }

  private Configuration configuration(Installed plugin) {
    try {
      return host.configuration().resolve(plugin.finder(), ModuleFinder.of(), plugin.modules());
    } catch (FindException | ResolutionException e) {
      throw new PluginException(
          ("its modules do not resolve: %s (jars that are no modules read every module of the "
              + "layer beneath too, and may not repeat their packages)").formatted(e.getMessage()),
          e);
    }
  }
}
