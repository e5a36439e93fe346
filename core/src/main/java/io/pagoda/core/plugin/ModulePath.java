package io.pagoda.core.plugin;

import io.pagoda.spi.Provider;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The plugins among the modules that the process started with. They serve as long as it does.
 *
 * @param services who serves
 * @param refused who cannot
 */
record ModulePath(List<Service> services, List<Refused> refused) {
  private static final String WHERE = "module path";

  /** Finds the plugins in {@code host}, and lets the providers of {@code given} serve too. */
  static ModulePath of(ModuleLayer host, List<Provider> given) {
    Map<Module, List<Supplier<Provider>>> byModule = new LinkedHashMap<>();
    Contract.declaredIn(host)
        .forEach(declared -> in(byModule, declared.type().getModule()).add(declared::get));
    given.forEach(provider -> in(byModule, provider.getClass().getModule()).add(() -> provider));
    var path = new ModulePath(new ArrayList<>(), new ArrayList<>());
    byModule.forEach(path::add);
    return path;
  }

  private static <T> List<T> in(Map<Module, List<T>> byModule, Module module) {
    return byModule.computeIfAbsent(module, _ -> new ArrayList<>());
  }

  private void add(Module module, List<Supplier<Provider>> providers) {
    PluginId id = id(module);
    Border border = new Border(id + " in " + WHERE, module.getClassLoader());
    try {
      List<Provider> created = border.call(() -> providers.stream().map(Supplier::get).toList());
      services.add(new Service(id, WHERE, border, created));
    } catch (RuntimeException e) { // whatever a plugin throws, the others are not hindered
      refused.add(Refused.because(border.plugin(), e));
    }
  }

  private static PluginId id(Module module) {
    return module.isNamed()
        ? PluginId.of(module.getDescriptor())
        : new PluginId("(class path)", "");
  }
}
