package io.pagoda.core.plugin;

import io.pagoda.core.plugin.Plugin.Installed;
import java.lang.module.FindException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What the modules of a plugin must keep to. They are read, and nothing of them is loaded. */
final class PluginRules {
  private static final String CORE = "io.pagoda.core";
  private static final Set<String> HOSTS_OWN = Set.of(ApiVersion.MODULE, CORE);

  private final ModuleLayer host;

  /** Creates the rules of plugins that {@code host} would be beneath. */
  PluginRules(ModuleLayer host) {
    this.host = host;
  }

  /** {@return the layer of a type's module, which must have one} */
  static ModuleLayer layerOf(Class<?> type) {
    Module module = type.getModule();
    if (module.isNamed()) {
      return module.getLayer();
    }
    throw new PluginException(
        "%s is on the class path: start java with --module-path instead".formatted(type));
  }

  /**
   * Admits the plugin at {@code place}.
   *
   * @throws PluginException saying which rule it breaks
   */
  Installed admit(Path place) {
    ModuleFinder finder = ModuleFinder.of(place);
    List<ModuleReference> found = modulesIn(finder);
    if (found.isEmpty()) {
      throw new PluginException("there is no jar in it: put the plugin's there, or remove it");
    }
    List<ModuleDescriptor> modules = found.stream().map(ModuleReference::descriptor).toList();
    refuseHostsOwn(modules);
    new Soundness(found).check();
    ModuleDescriptor root = root(modules);
    modules.forEach(this::refuseReachingBehindTheApi);
    refuseOtherApi(root);
    refuseMissing(modules);
    return new Installed(PluginId.of(root), place, names(modules), finder);
  }

  private static Set<String> names(List<ModuleDescriptor> modules) {
    return modules.stream()
        .map(ModuleDescriptor::name)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static List<ModuleReference> modulesIn(ModuleFinder finder) {
    try {
      return List.copyOf(finder.findAll());
    } catch (FindException e) {
      String reason = reason(e);
      String advice = reason.startsWith("Two versions of module") ? "; keep one of them" : "";
      throw new PluginException("unreadable: " + reason + advice, e);
    }
  }

  private static String reason(Throwable e) {
    Throwable cause = e.getCause();
    return cause == null ? String.valueOf(e.getMessage()) : e.getMessage() + ": " + cause;
  }

  private static void refuseHostsOwn(List<ModuleDescriptor> modules) {
    Set<String> brought = names(modules);
    brought.retainAll(HOSTS_OWN);
    if (!brought.isEmpty()) {
      throw new PluginException(
          "it brings %s, which must be the host's: remove that jar".formatted(brought));
    }
  }

  private static ModuleDescriptor root(List<ModuleDescriptor> modules) {
    List<ModuleDescriptor> roots =
        modules.stream().filter(module -> !module.isAutomatic() && provides(module)).toList();
    if (roots.size() != 1) {
      throw new PluginException(
          "exactly one module must provide a tier, a transport or an eviction policy in its "
              + "module-info; %s of %s do".formatted(names(roots), names(modules)));
    }
    ModuleDescriptor root = roots.getFirst();
    if (root.rawVersion().isEmpty()) {
      throw new PluginException(
          "module %s has no version: compile it with --module-version".formatted(root.name()));
    }
    return root;
  }

  private static boolean provides(ModuleDescriptor module) {
    return Contract.in(module).findAny().isPresent();
  }

  private void refuseReachingBehindTheApi(ModuleDescriptor module) {
    if (module.requires().stream().anyMatch(requires -> requires.name().equals(CORE))) {
      throw new PluginException(
          "module %s requires %s: of Pagoda, a plugin may require only %s"
              .formatted(module.name(), CORE, ApiVersion.MODULE));
    }
  }

  private void refuseOtherApi(ModuleDescriptor root) {
    ApiVersion needed = ApiVersion.compiledInto(root);
    ApiVersion api = ApiVersion.in(host);
    if (!api.runs(needed)) {
      throw new PluginException(
          "%s was compiled against %s %s and this host has %s: it runs on %s to %d.x".formatted(
              PluginId.of(root), ApiVersion.MODULE, needed, api, needed, needed.major()));
    }
  }

  private void refuseMissing(List<ModuleDescriptor> modules) {
    Set<String> own = names(modules);
    for (ModuleDescriptor module : modules) {
      for (Requires requires : module.requires()) {
        boolean optional = requires.modifiers().contains(Requires.Modifier.STATIC);
        if (!optional && !own.contains(requires.name()) && !visible(requires.name())) {
          throw new PluginException(missing(module.name(), requires.name()));
        }
      }
    }
  }

  /** {@return what a plugin's files say of it, whether it keeps to the rules or not} */
  PluginContent content(Path place) {
    List<ModuleReference> found = modulesIn(ModuleFinder.of(place));
    List<ModuleDescriptor> modules = found.stream().map(ModuleReference::descriptor).toList();
    ModuleDescriptor root = root(modules);
    return PluginContent.of(place, root, found);
  }

  /** Tells whether plugins see a module of their host: the api, and the JDK's. */
  boolean visible(String module) {
    boolean shared = module.equals(ApiVersion.MODULE) || isJdk(module);
    return shared && host.findModule(module).isPresent();
  }

  private static boolean isJdk(String module) {
    return ModuleFinder.ofSystem().find(module).isPresent();
  }

  private static String missing(String module, String required) {
    return isJdk(required)
        ? "module %s requires %s, which this JVM did not start with: add --add-modules %s"
            .formatted(module, required, required)
        : "module %s requires %s: put its jar beside it".formatted(module, required);
  }
}
