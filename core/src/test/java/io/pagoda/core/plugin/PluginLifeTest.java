package io.pagoda.core.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.core.config.Overrides;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.spi.Host;
import io.pagoda.spi.Settings;
import io.pagoda.spi.tier.TierProvider;
import java.io.IOException;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginLifeTest {
  private static final String PROVIDER = "com/acme/tape/TapeTierProvider.java";

  private static final Settings SETTINGS =
      PagodaConfig.load(Optional.empty(), Overrides.NONE).settings();

  /** A host that lends nothing. */
  private record NoHost() implements Host {
    @Override
    public String name() {
      return "none";
    }

    @Override
    public long blockBytes() {
      return 1;
    }

    @Override
    public Executor blocking() {
      return Runnable::run;
    }
  }

  @TempDir Path work;

  private final Plugins plugins = Plugins.onModulePath();

  private PluginId installed(JarBuilder plugin, String directory) {
    Path place = work.resolve(directory);
    plugin.into(place, "tape.jar");
    return plugins.install(place);
  }

  private PluginId started(JarBuilder plugin, String directory) {
    PluginId id = installed(plugin, directory);
    plugins.resolve(id);
    plugins.start(id);
    return id;
  }

  private Lease<TierProvider> lease() {
    return plugins.lease(TierProvider.class, "tape", "a test");
  }

  private static void refused(String expected, Runnable step) {
    assertEquals(expected, assertThrows(PluginException.class, step::run).getMessage());
  }

  @Test
  void aStepOutOfTurnChangesNothing() {
    PluginId id = installed(JarBuilder.tape(work, "1.0.0"), "tape");
    refused("com.acme.tape 1.0.0 is installed, not resolved", () -> plugins.start(id));
    refused("com.acme.tape 1.0.0 is installed, not active", () -> plugins.stop(id));
    plugins.resolve(id);
    refused("com.acme.tape 1.0.0 is resolved, not installed", () -> plugins.resolve(id));
    plugins.start(id);
    refused("com.acme.tape 1.0.0 is active: stop it first", () -> plugins.uninstall(id));
    plugins.stop(id);
    plugins.start(id);
    plugins.stop(id);
    plugins.uninstall(id);
    refused("com.acme.tape 1.0.0 is not installed; installed are []", () -> plugins.uninstall(id));
  }

  @Test
  void aPluginInUseStays() {
    PluginId id = started(JarBuilder.tape(work, "1.0.0"), "tape");
    Lease<TierProvider> lease = lease();
    refused("com.acme.tape 1.0.0 is in use by [a test]: close them first", () -> plugins.stop(id));
    refused("com.acme.tape 1.0.0 is in use by [a test]: close them first", plugins::close);
    assertEquals("tape", lease.call(TierProvider::type));
    lease.close();
    lease.close();
    plugins.close();
    refused("com.acme.tape 1.0.0 is not installed; installed are []", () -> plugins.uninstall(id));
  }

  @Test
  void theSamePluginIsInstalledOnce() {
    installed(JarBuilder.tape(work, "1.0.0"), "tape");
    Path again = work.resolve("again");
    JarBuilder.tape(work, "1.0.0").into(again, "tape.jar");
    refused(
        "com.acme.tape 1.0.0 is in " + work.resolve("tape") + " already",
        () -> plugins.install(again));
  }

  @Test
  void twoVersionsLiveSideBySide() {
    PluginId one = started(JarBuilder.tape(work, "1.0.0"), "tape-1");
    Class<?> first = lease().call(Object::getClass);
    PluginId two = started(JarBuilder.tape(work, "2.0.0"), "tape-2");
    refused(
        "more than one plugin provides tier 'tape' (a test): [com.acme.tape 1.0.0 in "
            + work.resolve("tape-1") + ", com.acme.tape 2.0.0 in " + work.resolve("tape-2")
            + "]; remove all but one, or say which in pagoda.plugins.prefer, such as "
            + "[\"com.acme.tape 2.0.0\"]",
        this::lease);
    assertNotEquals(one, two);
    Plugins others = Plugins.onModulePath();
    PluginId alone = others.install(work.resolve("tape-2"));
    others.resolve(alone);
    others.start(alone);
    try (var lease = others.lease(TierProvider.class, "tape", "a test")) {
      Class<?> second = lease.call(Object::getClass);
      assertEquals(first.getName(), second.getName());
      assertNotEquals(first, second);
      assertEquals("2.0.0", second.getModule().getDescriptor().rawVersion().orElseThrow());
    }
  }

  @Test
  void itsClassesGoWhenItIsUninstalled() throws InterruptedException {
    PluginId id = started(JarBuilder.tape(work, "1.0.0"), "tape");
    var queue = new ReferenceQueue<ClassLoader>();
    WeakReference<ClassLoader> loader = use(queue);
    plugins.stop(id);
    plugins.uninstall(id);
    Reference<? extends ClassLoader> gone = null;
    for (int i = 0; i < 100 && gone == null; i++) {
      System.gc();
      gone = queue.remove(100);
    }
    assertSame(loader, gone, "the plugin's class loader is still reachable");
  }

  private WeakReference<ClassLoader> use(ReferenceQueue<ClassLoader> queue) {
    try (var lease = lease()) {
      assertNotNull(plugins.found());
      return new WeakReference<>(
          lease.call(provider -> provider.getClass().getClassLoader()), queue);
    }
  }

  @Test
  void itsJarsAreClosedWhenItIsUninstalled() throws IOException {
    PluginId id =
        started(JarBuilder.tape(work, "1.0.0").resource("META-INF/label.txt", "A"), "tape");
    Path jar = work.resolve("tape/tape.jar").toRealPath();
    try (var lease = lease()) {
      var url = lease.<ClassLoader>call(provider -> provider.getClass().getClassLoader())
          .getResource("META-INF/label.txt");
      assertNotNull(url);
      url.openStream().close();
    }
    assertTrue(openFiles().contains(jar));
    plugins.stop(id);
    plugins.uninstall(id);
    assertFalse(openFiles().contains(jar));
  }

  private static Set<Path> openFiles() throws IOException {
    Set<Path> files = new HashSet<>();
    try (var descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path descriptor : descriptors) {
        try {
          files.add(Files.readSymbolicLink(descriptor));
        } catch (NoSuchFileException _) {
          // Another thread closed it meanwhile.
        }
      }
    }
    return files;
  }

  @Test
  void anExceptionOfItsOwnIsRetold() {
    started(
        JarBuilder.tape(work, "1.0.0")
            .source(
                "com/acme/tape/Torn.java",
                "package com.acme.tape; class Torn extends io.pagoda.PagodaException {"
                    + " Torn() { super(io.pagoda.Fault.FATAL, \"the tape is torn\"); } }")
            .change(PROVIDER, "StorageTier open", "StorageTier unused")
            .change(
                PROVIDER, "TapeTierProvider() {}",
                "TapeTierProvider() {}"
                    + " @Override public StorageTier open(Settings settings, Host host) {"
                    + " throw new Torn(); }")
            .change(PROVIDER, "@Override\n  public StorageTier unused", "StorageTier unused"),
        "tape");
    var e = assertThrows(
        PluginException.class,
        () -> lease().call(provider -> provider.open(SETTINGS, new NoHost())));
    assertEquals("the tape is torn", e.getMessage());
    assertEquals(io.pagoda.Fault.FATAL, e.fault());
    assertNull(e.getCause());
    assertEquals("com.acme.tape.TapeTierProvider", e.getStackTrace()[0].getClassName());
  }

  @Test
  void aMissingClassIsTold() {
    Path place = work.resolve("tape");
    Path library = JarBuilder.under(work)
        .version("1")
        .source("module-info.java", "module com.acme.spool { exports com.acme.spool; }")
        .source("com/acme/spool/Spool.java", "package com.acme.spool; public class Spool {}")
        .into(work, "spool.jar");
    JarBuilder.tape(work, "1.0.0")
        .module("com.acme.tape", "requires static com.acme.spool;", TapeSource.PROVIDES)
        .change(PROVIDER, "return \"tape\";", "return \"tape\" + new com.acme.spool.Spool();")
        .against(library)
        .into(place, "tape.jar");
    PluginId id = plugins.install(place);
    plugins.resolve(id);
    var e = assertThrows(PluginException.class, () -> plugins.start(id));
    assertTrue(
        String.valueOf(e.getMessage())
            .startsWith(
                "com.acme.tape 1.0.0 in " + place
                    + " does not link: java.lang.NoClassDefFoundError: " + "com/acme/spool/Spool"),
        e.getMessage());
  }

  @Test
  void callsRunWithItsContextClassLoader() {
    started(JarBuilder.tape(work, "1.0.0"), "tape");
    ClassLoader outer = Thread.currentThread().getContextClassLoader();
    ClassLoader own = lease().call(provider -> provider.getClass().getClassLoader());
    assertSame(own, lease().call(_ -> Thread.currentThread().getContextClassLoader()));
    assertThrows(IllegalStateException.class, () -> lease().call(_ -> {
      throw new IllegalStateException();
    }));
    var inTask = new AtomicReference<ClassLoader>();
    lease().within(Runnable::run)
        .execute(() -> inTask.set(Thread.currentThread().getContextClassLoader()));
    assertSame(own, inTask.get());
    assertSame(outer, Thread.currentThread().getContextClassLoader());
  }

  /** A library that has a class of one of the host's own libraries. */
  private static JarBuilder shadow(Path work) {
    return JarBuilder.under(work)
        .source(
            "com/typesafe/config/Config.java",
            "package com.typesafe.config; public class Config { public String toString() {"
                + " return \"-own\"; } }");
  }

  private JarBuilder tapeOn(Path library, String module, String type) {
    return JarBuilder.tape(work, "1.0.0")
        .module("com.acme.tape", "requires " + module + ";", TapeSource.PROVIDES)
        .change(PROVIDER, "return \"tape\";", "return \"tape\" + " + type + ";")
        .against(library);
  }

  @Test
  void itsOwnModulesComeBeforeItsHosts() {
    Path library = shadow(work)
        .source("module-info.java", "module typesafe.config { exports com.typesafe.config; }")
        .into(work.resolve("tape"), "config.jar");
    started(tapeOn(library, "typesafe.config", "new com.typesafe.config.Config()"), "tape");
    assertEquals(List.of("peer", "tape-own"), plugins.types(TierProvider.class));
  }

  @Test
  void aJarThatIsNoModuleServesItAndSeesNothingOfItsHost() {
    Path library = JarBuilder.under(work).source("com/acme/spool/Spool.java", """
        package com.acme.spool;

        public class Spool {
          @Override
          public String toString() {
            try {
              return Class.forName("com.typesafe.config.Config").getName();
            } catch (ClassNotFoundException e) {
              return "-alone";
            }
          }
        }
        """).into(work.resolve("tape"), "spool-1.0.jar");
    started(tapeOn(library, "spool", "new com.acme.spool.Spool()"), "tape");
    assertEquals(List.of("peer", "tape-alone"), plugins.types(TierProvider.class));
  }

  @Test
  void aJarThatIsNoModuleCannotShadowItsHosts() {
    Path library = shadow(work).into(work.resolve("tape"), "config-1.0.jar");
    PluginId id = installed(tapeOn(library, "config", "new com.typesafe.config.Config()"), "tape");
    var e = assertThrows(PluginException.class, () -> plugins.resolve(id));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.startsWith("its modules do not resolve: Module"), message);
    assertTrue(message.contains(" package com.typesafe.config"), message);
    assertTrue(
        message.endsWith(
            " (jars that are no modules read every module of the layer beneath too, and may not "
                + "repeat their packages)"),
        message);
    plugins.uninstall(id);
  }

  @Test
  void itsResourcesAreFound() throws IOException {
    started(JarBuilder.tape(work, "1.0.0").resource("META-INF/label.txt", "side A"), "tape");
    try (var lease = lease()) {
      Class<?> type = lease.call(Object::getClass);
      try (var in = type.getResourceAsStream("/META-INF/label.txt")) {
        assertEquals("side A", in == null ? null : new String(in.readAllBytes(), UTF_8));
      }
      var url = type.getClassLoader().getResource("META-INF/label.txt");
      assertNotNull(url);
      try (var in = url.openStream()) {
        assertEquals("side A", new String(in.readAllBytes(), UTF_8));
      }
      assertNull(type.getResource("/none"));
      assertTrue(
          type.getProtectionDomain().getCodeSource().getLocation().getPath().endsWith("tape.jar"));
    }
  }

  @Test
  void itsNativeLibrariesAreInItsDirectory() throws IOException {
    PluginId id = installed(JarBuilder.tape(work, "1.0.0"), "tape");
    Path library = work.resolve("tape/native").resolve(System.mapLibraryName("reel"));
    Files.createDirectories(library.getParent());
    Files.createFile(library);
    plugins.resolve(id);
    plugins.start(id);
    ClassLoader loader = lease().call(provider -> provider.getClass().getClassLoader());
    var own = (PluginClassLoader) loader;
    assertEquals(library.toString(), own.findLibrary("reel"));
    assertNull(own.findLibrary("spool"));
  }

  @Test
  void itMayCallNativeCodeAsItsHostMay() {
    started(JarBuilder.tape(work, "1.0.0"), "tape");
    Module module = lease().call(provider -> provider.getClass().getModule());
    assertTrue(Plugins.class.getModule().isNativeAccessEnabled());
    assertTrue(module.isNativeAccessEnabled());
  }
}
