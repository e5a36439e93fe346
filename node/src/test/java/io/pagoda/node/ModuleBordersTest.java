package io.pagoda.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.lang.module.ModuleDescriptor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Which module may see which: read from the descriptors of the whole build. */
class ModuleBordersTest {
  private static final Map<String, ModuleDescriptor> MODULES = SourceTree.classes()
      .entrySet()
      .stream()
      .collect(Collectors.toMap(Map.Entry::getKey, e -> SourceTree.module(e.getValue())));

  @Test
  void findsTheBuild() {
    assertTrue(MODULES.keySet().containsAll(Set.of("api", "core", "node")), MODULES.toString());
  }

  @TestFactory
  Stream<DynamicTest> isNamedAfterItsFolder() {
    return MODULES.entrySet()
        .stream()
        .map(
            e -> dynamicTest(
                e.getKey(), () -> assertEquals(
                    "io.pagoda." + e.getKey().replace('-', '.'), e.getValue().name())));
  }

  @Test
  void apiRequiresNothing() {
    assertEquals(Set.of("java.base"), required(module("api")));
  }

  @Test
  void coreRequiresTheApiAlone() {
    assertEquals(List.of("io.pagoda.api"), ours(module("core")));
  }

  /** What it requires is in the layer that plugins are put upon. */
  @Test
  void launchRequiresTheApiAlone() {
    assertEquals(Set.of("java.base", "io.pagoda.api"), required(module("launch")));
  }

  @TestFactory
  Stream<DynamicTest> pluginRequiresTheApiAlone() {
    return eachPlugin(plugin -> {
      assertTrue(ours(plugin).contains("io.pagoda.api"));
      assertTrue(
          ours(plugin).stream().noneMatch(ModuleBordersTest::isHostOrPlugin),
          () -> plugin.name() + " requires " + ours(plugin));
    });
  }

  @TestFactory
  Stream<DynamicTest> pluginShowsOnlyItsProviders() {
    return eachPlugin(plugin -> {
      assertEquals(Set.of(), plugin.exports());
      assertEquals(Set.of(), plugin.opens());
      assertTrue(
          plugin.provides().stream().anyMatch(p -> p.service().startsWith("io.pagoda.spi.")),
          () -> plugin.name() + " provides no service of io.pagoda.spi");
    });
  }

  @TestFactory
  Stream<DynamicTest> pluginIsInTheDistribution() {
    return MODULES.entrySet()
        .stream()
        .filter(e -> isPlugin(e.getValue().name()))
        .map(e -> dynamicTest(e.getKey(), () -> {
          String pom = SourceTree.text(e.getKey() + "/pom.xml");
          assertTrue(pom.contains("<pagoda.dist.skip>false</pagoda.dist.skip>"), pom);
          String artefact = "<artifactId>pagoda-%s</artifactId>".formatted(e.getKey());
          assertTrue(
              SourceTree.text("node/pom.xml").contains(artefact),
              "whoever builds the distribution, with -pl node -am, does not build " + artefact);
          assertTrue(SourceTree.text("bom/pom.xml").contains(artefact), "not in bom: " + artefact);
        }));
  }

  private static Stream<DynamicTest> eachPlugin(Consumer<ModuleDescriptor> rule) {
    return MODULES.values()
        .stream()
        .filter(module -> isPlugin(module.name()))
        .map(plugin -> dynamicTest(plugin.name(), () -> rule.accept(plugin)));
  }

  private static ModuleDescriptor module(String folder) {
    return Objects.requireNonNull(MODULES.get(folder), folder);
  }

  private static boolean isPlugin(String module) {
    return Stream.of("tier", "transport", "eviction")
        .anyMatch(kind -> module.startsWith("io.pagoda." + kind + "."));
  }

  private static boolean isHostOrPlugin(String module) {
    return isPlugin(module)
        || Set.of("io.pagoda.core", "io.pagoda.launch", "io.pagoda.node", "io.pagoda.tck")
            .contains(module);
  }

  /** {@return what a module needs at run time} */
  private static Set<String> required(ModuleDescriptor module) {
    return module.requires()
        .stream()
        .filter(r -> !r.modifiers().contains(ModuleDescriptor.Requires.Modifier.STATIC))
        .map(ModuleDescriptor.Requires::name)
        .collect(Collectors.toSet());
  }

  private static List<String> ours(ModuleDescriptor module) {
    return required(module).stream()
        .filter(name -> name.startsWith("io.pagoda."))
        .sorted()
        .toList();
  }
}
