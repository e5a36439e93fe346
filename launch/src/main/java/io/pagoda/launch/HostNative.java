package io.pagoda.launch;

/** Grants the host the right to call native code: to use it, and to grant it to plugins. */
final class HostNative {
  private HostNative() {}

  /** Passes this module's right, which {@code --enable-native-access} gives it, on to the host. */
  @SuppressWarnings("restricted")
  static void grant(ModuleLayer.Controller host) {
    host.layer().modules().forEach(host::enableNativeAccess);
  }
}
