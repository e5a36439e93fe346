package io.pagoda.core.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.core.config.PluginSettings;
import io.pagoda.spi.tier.TierProvider;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plugins beside each other, and one in the place of another. */
class PluginUpdateTest {
  private static final String PROVIDER = "com/acme/tape/TapeTierProvider.java";

  @TempDir Path work;

  private final Plugins plugins = Plugins.onModulePath();

  private Path placed(JarBuilder plugin, String directory) {
    Path place = work.resolve(directory);
    plugin.into(place, "plugin.jar");
    return place;
  }

  private PluginId started(Path place) {
    PluginId id = plugins.install(place);
    plugins.resolve(id);
    plugins.start(id);
    return id;
  }

  private Lease<TierProvider> lease() {
    return plugins.lease(TierProvider.class, "tape", "a test");
  }

  private static String version(Lease<TierProvider> lease) {
    return lease
        .call(provider -> provider.getClass().getModule().getDescriptor().rawVersion().orElse(""));
  }

  private static void refused(String expected, Runnable step) {
    assertEquals(expected, assertThrows(PluginException.class, step::run).getMessage());
  }

  @Test
  void whatDrainsServesItsUsersAndNobodyElse() {
    PluginId id = started(placed(JarBuilder.tape(work, "1.0.0"), "tape"));
    Lease<TierProvider> before = lease();
    plugins.drain(id);
    refused("com.acme.tape 1.0.0 is draining, not active", () -> plugins.drain(id));
    assertEquals("tape", before.call(TierProvider::type));
    assertThrows(PluginException.class, this::lease);
    refused("com.acme.tape 1.0.0 is draining: stop it first", () -> plugins.uninstall(id));
    refused("com.acme.tape 1.0.0 is in use by [a test]: close them first", () -> plugins.stop(id));
    plugins.start(id);
    lease().close();
    plugins.drain(id);
    before.close();
    plugins.stop(id);
    plugins.uninstall(id);
  }

  @Test
  void onlyWhatIsActiveDrains() {
    PluginId id = plugins.install(placed(JarBuilder.tape(work, "1.0.0"), "tape"));
    refused("com.acme.tape 1.0.0 is installed, not active", () -> plugins.drain(id));
  }

  @Test
  void anUpdateServesWhoAsksFromThenOn() {
    PluginId one = started(placed(JarBuilder.tape(work, "1.0.0"), "one"));
    Lease<TierProvider> first = lease();
    PluginId two = plugins.update(one, placed(JarBuilder.tape(work, "2.0.0"), "two"));
    assertEquals("1.0.0", version(first));
    try (Lease<TierProvider> second = lease()) {
      assertEquals("2.0.0", version(second));
    }
    first.close();
    plugins.stop(one);
    plugins.uninstall(one);
    assertEquals("com.acme.tape 2.0.0", two.toString());
  }

  @Test
  void anUpdateThatFailsChangesNothing() {
    PluginId one = started(placed(JarBuilder.tape(work, "1.0.0"), "one"));
    Path throwing = placed(
        JarBuilder.tape(work, "2.0.0")
            .change(PROVIDER, "return \"tape\";", "throw new IllegalStateException(\"no reel\");"),
        "throwing");
    assertThrows(IllegalStateException.class, () -> plugins.update(one, throwing));
    Path other = placed(JarBuilder.plugin(work, "reel", "2.0.0"), "other");
    refused(
        "com.acme.reel 2.0.0 is no version of com.acme.tape: install it instead",
        () -> plugins.update(one, other));
    Path same = placed(JarBuilder.tape(work, "1.0.0"), "same");
    refused(
        "com.acme.tape 1.0.0 is in " + work.resolve("one") + " already",
        () -> plugins.update(one, same));
    try (Lease<TierProvider> lease = lease()) {
      assertEquals("1.0.0", version(lease));
    }
    assertEquals(
        "com.acme.tape 2.0.0",
        plugins.install(placed(JarBuilder.tape(work, "2.0.0"), "next")).toString());
  }

  @Test
  void theClassesOfEachVersionGoWhenItIsReplaced() throws InterruptedException {
    PluginId id = started(placed(JarBuilder.tape(work, "0.0.0"), "tape-0"));
    var queue = new ReferenceQueue<ClassLoader>();
    var loaders = new ArrayList<WeakReference<ClassLoader>>();
    for (int version = 1; version <= 3; version++) {
      loaders.add(loader(queue));
      PluginId old = id;
      id = plugins.update(old, placed(JarBuilder.tape(work, version + ".0.0"), "tape-" + version));
      plugins.stop(old);
      plugins.uninstall(old);
    }
    for (int gone = 0; gone < loaders.size(); gone++) {
      assertTrue(collected(queue), "a class loader is still reachable");
    }
    assertEquals("3.0.0", version(lease()));
  }

  private WeakReference<ClassLoader> loader(ReferenceQueue<ClassLoader> queue) {
    try (var lease = lease()) {
      return new WeakReference<>(
          lease.call(provider -> provider.getClass().getClassLoader()), queue);
    }
  }

  private static boolean collected(ReferenceQueue<ClassLoader> queue) throws InterruptedException {
    for (int i = 0; i < 100; i++) {
      System.gc();
      if (queue.remove(100) != null) {
        return true;
      }
    }
    return false;
  }

  @Test
  void theConfigurationChoosesAmongTwoVersions() {
    Path directory = work.resolve("plugins");
    JarBuilder.tape(work, "1.0.0").into(directory.resolve("a"), "tape.jar");
    JarBuilder.tape(work, "2.0.0").into(directory.resolve("b"), "tape.jar");
    for (String version : List.of("1.0.0", "2.0.0")) {
      var prefer = List.of("com.acme.reel", "com.acme.tape", "com.acme.tape " + version);
      try (Plugins found = Plugins.in(new PluginSettings(directory, prefer, List.of("*")));
          var lease = found.lease(TierProvider.class, "tape", "a test")) {
        assertEquals(version, version(lease));
      }
    }
  }

  @Test
  void theConfigurationChoosesAmongTwoPlugins() {
    Path directory = work.resolve("plugins");
    JarBuilder.tape(work, "1.0.0").into(directory.resolve("a"), "tape.jar");
    JarBuilder.plugin(work, "reel", "2.0.0")
        .change("com/acme/reel/TapeTierProvider.java", "\"reel\"", "\"tape\"")
        .into(directory.resolve("b"), "reel.jar");
    var settings = new PluginSettings(directory, List.of("com.acme.reel"), List.of("*"));
    try (Plugins found = Plugins.in(settings);
        var lease = found.lease(TierProvider.class, "tape", "a test")) {
      assertEquals("2.0.0", version(lease));
    }
  }

  @Test
  void nativeCodeIsForThosePluginsThatMay() {
    Path directory = work.resolve("plugins");
    JarBuilder.tape(work, "1.0.0").into(directory.resolve("tape"), "tape.jar");
    JarBuilder.plugin(work, "reel", "1.0.0").into(directory.resolve("reel"), "reel.jar");
    var settings = new PluginSettings(directory, List.of(), List.of("com.acme.reel"));
    try (Plugins found = Plugins.in(settings);
        var tape = found.lease(TierProvider.class, "tape", "a test");
        var reel = found.lease(TierProvider.class, "reel", "a test")) {
      assertEquals(false, tape.call(p -> p.getClass().getModule().isNativeAccessEnabled()));
      assertEquals(true, reel.call(p -> p.getClass().getModule().isNativeAccessEnabled()));
    }
  }

  /** A library of which each plugin brings its own version. */
  private Path spool(String plugin, String text) {
    return JarBuilder.under(work).source("com/acme/spool/Spool.java", """
        package com.acme.spool;

        public final class Spool {
          private static int used;

          public static String use() {
            return "%s-" + ++used;
          }
        }
        """.formatted(text)).into(work.resolve(plugin), "spool-" + text + ".jar");
  }

  private void startedOn(String plugin, Path library) {
    String provider = "com/acme/" + plugin + "/TapeTierProvider.java";
    String name = '"' + plugin + '"';
    started(
        placed(
            JarBuilder.plugin(work, plugin, "1.0.0")
                .change(
                    "module-info.java", "requires io.pagoda.api;",
                    "requires io.pagoda.api; requires spool;")
                .change(provider, "return " + name, "return com.acme.spool.Spool.use() + " + name)
                .against(library),
            plugin));
  }

  /** Jars that are no modules, one name, one package, one class: only the bytes differ. */
  @Test
  void twoVersionsOfALibraryServeTwoPlugins() {
    startedOn("tape", spool("tape", "1.0"));
    startedOn("reel", spool("reel", "2.0"));
    assertEquals(List.of("1.0-1tape", "2.0-1reel", "peer"), plugins.types(TierProvider.class));
    Class<?> one = library("1.0-1tape");
    Class<?> two = library("2.0-1reel");
    assertEquals(one.getName(), two.getName());
    assertNotEquals(one, two);
    assertSame(one, library("1.0-1tape"));
  }

  private Class<?> library(String type) {
    try (var lease = plugins.lease(TierProvider.class, type, "a test")) {
      return lease.call(provider -> {
        try {
          return provider.getClass().getClassLoader().loadClass("com.acme.spool.Spool");
        } catch (ClassNotFoundException e) {
          throw new AssertionError(e);
        }
      });
    }
  }
}
