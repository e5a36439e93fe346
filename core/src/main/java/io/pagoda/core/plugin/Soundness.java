package io.pagoda.core.plugin;

import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires;
import java.lang.module.ModuleReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whether the modules of one plugin go together: no package is in two of them, and none requires
 * itself by way of others. The module system would refuse them too, but not say what to do.
 *
 * @param modules all modules of the plugin
 */
record Soundness(List<ModuleReference> modules) {
  /** Puts them in the order of their names, so that a message is the same every time. */
  Soundness {
    modules = modules.stream().sorted(Comparator.comparing(m -> m.descriptor().name())).toList();
  }

  /** Refuses what does not go together. */
  void check() {
    refuseSplitPackages();
    refuseCycles();
  }

  private void refuseSplitPackages() {
    Map<String, ModuleReference> owners = new HashMap<>();
    for (ModuleReference module : modules) {
      for (String name : module.descriptor().packages()) {
        ModuleReference other = owners.putIfAbsent(name, module);
        if (other != null) {
          throw new PluginException(
              "package %s is in two jars, %s and %s: keep one of them, or make one jar of both"
                  .formatted(name, jar(other), jar(module)));
        }
      }
    }
  }

  private static String jar(ModuleReference module) {
    return module.location()
        .map(location -> Path.of(location).getFileName().toString())
        .orElseGet(() -> module.descriptor().name());
  }

  private void refuseCycles() {
    Map<String, ModuleDescriptor> byName = new HashMap<>();
    modules.forEach(module -> byName.put(module.descriptor().name(), module.descriptor()));
    Set<String> sound = new HashSet<>();
    modules.forEach(m -> follow(m.descriptor(), byName, new ArrayList<>(), sound));
  }

  /** Follows what a module requires, as far as it is not known to be sound yet. */
  private static void follow(
      ModuleDescriptor module, Map<String, ModuleDescriptor> byName, List<String> way,
      Set<String> sound) {
    int before = way.indexOf(module.name());
    if (before >= 0) {
      throw new PluginException(
          "modules %s require each other in a circle: build one of them without the next"
              .formatted(way.subList(before, way.size())));
    }
    if (sound.contains(module.name())) {
      return;
    }
    way.addLast(module.name());
    for (Requires requires : module.requires()) {
      ModuleDescriptor next = byName.get(requires.name());
      if (next != null) {
        follow(next, byName, way, sound);
      }
    }
    way.removeLast();
    sound.add(module.name());
  }
}
