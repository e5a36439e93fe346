package io.pagoda.core.plugin;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Grants plugins the right to call native code, which the host must have itself. */
final class PluginNative {
  private static final Logger LOG = System.getLogger(PluginNative.class.getPackageName());

  private PluginNative() {}

  /** Passes the host's right on to every module of a plugin, or says why it cannot. */
  @SuppressWarnings("restricted")
  static void grant(ModuleLayer.Controller plugin, String place) {
    Module host = PluginNative.class.getModule();
    if (host.isNativeAccessEnabled()) {
      plugin.layer().modules().forEach(plugin::enableNativeAccess);
    } else {
      LOG.log(
          Level.WARNING, "{0} may not call native code, because its host may not: "
              + "start java with --enable-native-access={1}",
          place, host.getName());
    }
  }
}
