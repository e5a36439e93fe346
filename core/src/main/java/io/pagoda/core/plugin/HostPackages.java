package io.pagoda.core.plugin;

import java.lang.module.Configuration;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ResolvedModule;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a plugin sees of its host's packages.
 *
 * @param loaders who loads each package that it reads
 * @param hidden the packages that are the host's alone
 */
record HostPackages(Map<String, ClassLoader> loaders, Set<String> hidden) {
  /** Copies the parts. */
  HostPackages {
    loaders = Map.copyOf(loaders);
    hidden = Set.copyOf(hidden);
  }

  /** Tells what {@code plugin}, not yet in a layer, will see of {@code host}. */
  static HostPackages of(ModuleLayer host, Configuration plugin, PluginRules rules) {
    Map<String, ClassLoader> loaders = new HashMap<>();
    for (ResolvedModule module : plugin.modules()) {
      for (ResolvedModule read : module.reads()) {
        if (!plugin.equals(read.configuration()) && rules.visible(read.name())) {
          Optional.ofNullable(host.findLoader(read.name()))
              .ifPresent(loader -> exports(read, module).forEach(p -> loaders.put(p, loader)));
        }
      }
    }
    return new HostPackages(loaders, hidden(host, rules));
  }

  private static Set<String> exports(ResolvedModule read, ResolvedModule to) {
    Set<String> packages = new HashSet<>();
    for (ModuleDescriptor.Exports exports : read.reference().descriptor().exports()) {
      if (!exports.isQualified() || exports.targets().contains(to.name())) {
        packages.add(exports.source());
      }
    }
    return packages;
  }

  private static Set<String> hidden(ModuleLayer host, PluginRules rules) {
    Set<String> packages = new HashSet<>();
    host.modules()
        .stream()
        .filter(module -> !rules.visible(module.getName()))
        .forEach(module -> packages.addAll(module.getPackages()));
    return packages;
  }

  Class<?> load(String packageName, String className, ClassLoader platform)
      throws ClassNotFoundException {
    if (hidden.contains(packageName)) {
      throw new ClassNotFoundException(className + " is its host's own");
    }
    return loaders.getOrDefault(packageName, platform).loadClass(className);
  }
}
