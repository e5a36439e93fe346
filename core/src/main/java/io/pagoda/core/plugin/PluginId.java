package io.pagoda.core.plugin;

import java.lang.module.ModuleDescriptor;

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

  @Override
  public String toString() {
    return name + ' ' + version;
  }
}
