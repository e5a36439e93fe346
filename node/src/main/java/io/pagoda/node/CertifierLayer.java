package io.pagoda.node;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.core.deploy.Certifier;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;

/** The contracts, and what runs them, in a layer above the host's: no other command needs them. */
final class CertifierLayer {
  private CertifierLayer() {}

  /** Loads the certifier of this distribution. */
  static Certifier certifier() {
    Path jars = Path.of(System.getProperty("pagoda.home", ""), "lib", "certify");
    if (!Files.isDirectory(jars)) {
      throw new PagodaException(
          Fault.PERMANENT,
          "there is no %s, with the contracts that tiers are tried by".formatted(jars));
    }
    ModuleLayer host = CertifierLayer.class.getModule().getLayer();
    return ServiceLoader.load(layer(host, ModuleFinder.of(jars)), Certifier.class)
        .findFirst()
        .orElseThrow(
            () -> new PagodaException(Fault.PERMANENT, "nothing in %s certifies".formatted(jars)));
  }

  private static ModuleLayer layer(ModuleLayer host, ModuleFinder modules) {
    Set<String> names = modules.findAll()
        .stream()
        .map(ModuleReference::descriptor)
        .map(module -> module.name())
        .collect(Collectors.toSet());
    Configuration all = host.configuration().resolve(modules, ModuleFinder.of(), names);
    return ModuleLayer
        .defineModulesWithOneLoader(all, List.of(host), CertifierLayer.class.getClassLoader())
        .layer();
  }
}
