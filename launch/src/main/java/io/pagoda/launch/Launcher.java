package io.pagoda.launch;

import java.lang.module.Configuration;
import java.lang.module.FindException;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.lang.module.ResolutionException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Puts the host into a layer above the one that the JVM started with, and calls its {@code main}.
 *
 * <p>The system property {@code pagoda.home} says where the distribution is; every jar in its
 * {@code lib/host} becomes a module of the host.
 */
public final class Launcher {
  private static final String HOME = "pagoda.home";
  private static final String NODE = "io.pagoda.node";

  private Launcher() {}

  /**
   * Starts the host.
   *
   * @throws Throwable what its {@code main} throws, or why there is none
   */
  public static void main(String[] args) throws Throwable {
    ModuleLayer.Controller host = layer(jars());
    HostNative.grant(host);
    Class<?> node = node(host);
    Thread.currentThread().setContextClassLoader(node.getClassLoader());
    try {
      node.getMethod("main", String[].class).invoke(null, (Object) args);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static Path jars() {
    Path jars = Path.of(System.getProperty(HOME, ""), "lib", "host");
    if (Files.isDirectory(jars)) {
      return jars;
    }
    throw new IllegalStateException(
        "no host to start: %s is no directory; set -D%s to where Pagoda is".formatted(jars, HOME));
  }

  /** Every module is a root: nobody requires the automatic ones, or a plugin that lies there. */
  private static ModuleLayer.Controller layer(Path jars) {
    ModuleLayer boot = ModuleLayer.boot();
    ModuleFinder host = ModuleFinder.of(jars);
    try {
      var names = host.findAll()
          .stream()
          .map(ModuleReference::descriptor)
          .map(module -> module.name())
          .collect(Collectors.toSet());
      Configuration modules = boot.configuration().resolve(ModuleFinder.of(), host, names);
      return ModuleLayer
          .defineModulesWithOneLoader(modules, List.of(boot), ClassLoader.getSystemClassLoader());
    } catch (FindException | ResolutionException | LayerInstantiationException e) {
      throw new IllegalStateException(
          "the host in %s does not load: %s".formatted(jars, e.getMessage()), e);
    }
  }

  /** {@return the class where the host begins, which only this module may call} */
  private static Class<?> node(ModuleLayer.Controller host) {
    Module module = host.layer().findModule(NODE).orElseThrow();
    host.addExports(module, NODE, Launcher.class.getModule());
    return Class.forName(module, NODE + ".Main");
  }
}
