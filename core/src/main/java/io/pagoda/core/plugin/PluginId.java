package io.pagoda.core.plugin;

import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Version;

/**
 * Which plugin: the name and version of its root module.
 *
 * @param name the module's name
 * @param version the module's version
 */
public record PluginId(String name, String version) {
  static PluginId of(ModuleDescriptor module) {
    return new PluginId(module.name(), module.rawVersion().orElse("(no version)"));
  }

  /** {@return whether {@code words} are its name, or its name and its version} */
  public boolean isCalled(String words) {
    return words.equals(name) || words.equals(toString());
  }

  /** {@return what orders its versions; one that is no version of a module is the earliest} */
  public Version order() {
    try {
      return Version.parse(version);
    } catch (IllegalArgumentException _) {
      return Version.parse("0");
    }
  }

  @Override
  public String toString() {
    return name + ' ' + version;
  }
}
