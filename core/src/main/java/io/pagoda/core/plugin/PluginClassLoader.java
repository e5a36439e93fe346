package io.pagoda.core.plugin;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.Configuration;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.lang.module.ResolvedModule;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSigner;
import java.security.CodeSource;
import java.security.SecureClassLoader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Loads the classes of one plugin: its own packages first, then those it reads of its host, then
 * the platform's. The platform's loader would also load what else is on the module path of the
 * process, if it were let.
 *
 * <p>The loader of {@link ModuleLayer#defineModulesWithOneLoader} would keep jars open until it is
 * collected, and could not find native libraries.
 */
final class PluginClassLoader extends SecureClassLoader implements Closeable {
  static {
    registerAsParallelCapable();
  }

  private final Path place;
  private final Map<String, ResolvedModule> modules = new ConcurrentHashMap<>();
  private final Map<String, ResolvedModule> ownPackages = new ConcurrentHashMap<>();
  private final HostPackages host;
  private final Map<String, ModuleReader> readers = new ConcurrentHashMap<>();

  /** Guards the readers against opening after closing. */
  private final Object life = new Object();

  private boolean closed;

  /**
   * Creates a loader; it opens each jar when it is first needed.
   *
   * @param place the plugin's directory or jar
   * @param plugin the plugin's modules
   * @param host the packages that it sees of its host, and those it must not see
   */
  PluginClassLoader(Path place, Configuration plugin, HostPackages host) {
    super("plugin " + place.getFileName(), ClassLoader.getPlatformClassLoader());
    this.place = place;
    this.host = host;
    for (ResolvedModule module : plugin.modules()) {
      modules.put(module.name(), module);
      module.reference().descriptor().packages().forEach(name -> ownPackages.put(name, module));
    }
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    ResolvedModule own = ownPackages.get(packageOf(name));
    if (own == null) {
      return host.load(packageOf(name), name, getParent());
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded == null ? define(own, name) : loaded;
    }
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    throw new ClassNotFoundException(name + " is not in plugin " + place);
  }

  @Override
  protected @Nullable Class<?> findClass(@Nullable String moduleName, String name) {
    ResolvedModule own = ownPackages.get(packageOf(name));
    if (own == null || !own.name().equals(moduleName)) {
      return null;
    }
    try {
      return loadClass(name, false);
    } catch (ClassNotFoundException _) {
      return null; // what this method says when there is none
    }
  }

  private static String packageOf(String className) {
    return className.substring(0, Math.max(0, className.lastIndexOf('.')));
  }

  private Class<?> define(ResolvedModule module, String name) throws ClassNotFoundException {
    String file = name.replace('.', '/') + ".class";
    try {
      ModuleReader reader = reader(module);
      ByteBuffer bytes =
          reader.read(file).orElseThrow(() -> new ClassNotFoundException(missing(module, file)));
      try {
        return defineClass(name, bytes, source(module.reference()));
      } finally {
        reader.release(bytes);
      }
    } catch (IOException e) {
      throw new ClassNotFoundException(missing(module, file), e);
    }
  }

  private String missing(ResolvedModule module, String file) {
    return "%s is not in module %s of plugin %s".formatted(file, module.name(), place);
  }

  private static CodeSource source(ModuleReference module) throws MalformedURLException {
    URI location = module.location().orElseThrow();
    return new CodeSource(location.toURL(), (CodeSigner[]) null);
  }

  private ModuleReader reader(ResolvedModule module) throws IOException {
    synchronized (life) {
      ModuleReader open = readers.get(module.name());
      if (open != null) {
        return open;
      }
      if (closed) {
        throw new IOException("plugin %s was uninstalled".formatted(place));
      }
      ModuleReader reader = module.reference().open();
      readers.put(module.name(), reader);
      return reader;
    }
  }

  @Override
  protected @Nullable URL findResource(@Nullable String moduleName, String name)
      throws IOException {
    ResolvedModule module = moduleName == null ? null : modules.get(moduleName);
    return module == null ? null : find(module, name).orElse(null);
  }

  @Override
  public @Nullable URL findResource(String name) {
    Enumeration<URL> found = findResources(name);
    return found.hasMoreElements() ? found.nextElement() : null;
  }

  @Override
  public Enumeration<URL> findResources(String name) {
    List<URL> found = new ArrayList<>();
    try {
      for (ResolvedModule module : modules.values()) {
        find(module, name).ifPresent(found::add);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Collections.enumeration(found);
  }

  private Optional<URL> find(ResolvedModule module, String name) throws IOException {
    Optional<URI> uri = reader(module).find(name);
    return uri.isPresent() ? Optional.of(url(uri.get())) : Optional.empty();
  }

  private static URL url(URI uri) throws MalformedURLException {
    return "jar".equals(uri.getScheme()) ? URL.of(uri, UNCACHED) : uri.toURL();
  }

  /** Opens jars anew: the JDK's cache would keep a plugin's jar open for as long as the process. */
  private static final URLStreamHandler UNCACHED = new URLStreamHandler() {
    @Override
    protected URLConnection openConnection(URL url) throws IOException {
      URLConnection connection = URI.create(url.toExternalForm()).toURL().openConnection();
      connection.setUseCaches(false);
      return connection;
    }
  };

  /** Finds a native library in the plugin's own {@code native} directory. */
  @Override
  protected @Nullable String findLibrary(String name) {
    Path library = place.resolve("native").resolve(System.mapLibraryName(name));
    return Files.isRegularFile(library) ? library.toAbsolutePath().toString() : null;
  }

  /** Closes the jars. Classes already loaded go on working. */
  @Override
  public void close() throws IOException {
    synchronized (life) {
      closed = true;
      var failure = new IOException("jars of plugin %s do not close".formatted(place));
      for (ModuleReader reader : readers.values()) {
        try {
          reader.close();
        } catch (IOException e) {
          failure.addSuppressed(e);
        }
      }
      readers.clear();
      if (failure.getSuppressed().length > 0) {
        throw failure;
      }
    }
  }
}
