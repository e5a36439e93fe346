package io.pagoda.core.plugin;

import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleReference;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the files of a plugin say of it, with nothing of it loaded.
 *
 * @param id its module's name and version
 * @param place its directory or jar
 * @param api the version of the api that it was compiled against
 * @param contracts what it provides
 * @param modules all its modules, by name
 */
public record PluginContent(
    PluginId id, Path place, String api, Set<Contract> contracts, List<Part> modules) {
  /**
   * One jar.
   *
   * @param module its module's name and version
   * @param jar the name of its file
   * @param automatic whether its name is all that makes it a module
   */
  public record Part(PluginId module, String jar, boolean automatic) {
    private static Part of(ModuleReference reference) {
      ModuleDescriptor module = reference.descriptor();
      String jar =
          reference.location().map(at -> Path.of(at).getFileName().toString()).orElse("(none)");
      return new Part(PluginId.of(module), jar, module.isAutomatic());
    }
  }

  /** Copies the parts. */
  public PluginContent {
    contracts = Set.copyOf(contracts);
    modules = List.copyOf(modules);
  }

  static PluginContent of(Path place, ModuleDescriptor root, List<ModuleReference> found) {
    List<Part> parts = found.stream()
        .map(Part::of)
        .sorted(Comparator.comparing(part -> part.module().name()))
        .toList();
    Set<Contract> contracts = Contract.in(root).collect(Collectors.toSet());
    return new PluginContent(
        PluginId.of(root), place, ApiVersion.compiledInto(root).toString(), contracts, parts);
  }
}
