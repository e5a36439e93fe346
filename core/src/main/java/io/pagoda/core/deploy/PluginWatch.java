package io.pagoda.core.deploy;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.core.config.PluginSettings;
import io.pagoda.core.plugin.PluginDirectory;
import io.pagoda.core.plugin.PluginException;
import io.pagoda.core.plugin.PluginId;
import io.pagoda.core.plugin.Plugins;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/*
 * Somebody may copy into the directory while it is looked at. So a place is taken up when all of
 * its files have had the same sizes and times at two looks, and its jars can be read; what cannot
 * be taken up is told once, and tried again when it looks otherwise.
 */
/**
 * Looks at a directory of plugins now and then, and has those that come there, or are replaced, or
 * go, come and go in a store that serves.
 *
 * <p><b>Threads.</b> Looks by a thread of its own. Closed by any; that waits for a step under way.
 *
 * <p><b>Failures.</b> What cannot be done is logged, and the others go on.
 */
public final class PluginWatch implements AutoCloseable {
  private static final Logger LOG = System.getLogger(PluginWatch.class.getPackageName());

  private final Plugins plugins;
  private final HotPlugins hot;
  private final PluginDirectory directory;
  private final Duration pause;
  private final Thread thread;
  private final CountDownLatch closed = new CountDownLatch(1);

  /** What each place looked like at the last look. */
  private Map<Path, String> seen = new HashMap<>();

  /** What it looked like when it was taken up, or could not be. */
  private final Map<Path, String> tried = new HashMap<>();

  /** Looks at nothing yet. What is there now and serves is known. */
  PluginWatch(Plugins plugins, HotPlugins hot, PluginSettings settings) {
    this.plugins = plugins;
    this.hot = hot;
    this.directory = new PluginDirectory(settings.directory());
    this.pause = settings.watch();
    this.thread = Thread.ofPlatform().daemon().name("pagoda-plugin-watch").unstarted(this::watch);
    looks().forEach((place, look) -> plugins.at(place).ifPresent(_ -> tried.put(place, look)));
  }

  /**
   * Begins to look.
   *
   * @param plugins those of a node
   * @param hot takes the steps
   * @param settings where they come and go, and how often to look, if at all
   */
  public static PluginWatch begin(Plugins plugins, HotPlugins hot, PluginSettings settings) {
    var watch = new PluginWatch(plugins, hot, settings);
    if (settings.watch().isPositive()) {
      watch.thread.start();
    }
    return watch;
  }

  private void watch() {
    try {
      while (!closed.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
        look();
      }
    } catch (InterruptedException e) {
      LOG.log(Level.WARNING, "The directory of plugins is watched no more", e);
    }
  }

  /** Looks once. */
  void look() {
    try {
      Map<Path, String> now = looks();
      Set<Path> gone = new HashSet<>(tried.keySet());
      gone.removeAll(now.keySet());
      gone.forEach(this::gone);
      now.forEach((place, look) -> {
        if (look.equals(seen.get(place))) {
          settled(place, look);
        }
      });
      seen = now;
    } catch (PluginException | UncheckedIOException e) { // who copies or deletes is faster
      LOG.log(Level.DEBUG, "what came into the directory of plugins cannot be looked at yet", e);
    }
  }

  /** Takes a place up that looks the same again, unless it did so before, or others have. */
  private void settled(Path place, String look) {
    boolean others = !tried.containsKey(place) && plugins.at(place).isPresent();
    if (!look.equals(tried.put(place, look)) && !others) {
      come(place);
    }
  }

  private Map<Path, String> looks() {
    return directory.places().stream().collect(Collectors.toMap(place -> place, PluginWatch::look));
  }

  private static String look(Path place) {
    try (Stream<Path> files = Files.walk(place)) {
      return files.sorted().map(PluginWatch::entry).collect(Collectors.joining("\n"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String entry(Path file) {
    try {
      var attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return "%s %d %s".formatted(file, attributes.size(), attributes.lastModifiedTime());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void come(Path place) {
    attempt(place, () -> {
      PluginId next = directory.content(place.getFileName().toString()).id();
      Optional<PluginId> old = plugins.at(place).or(() -> serving(next));
      if (old.isEmpty()) {
        hot.install(place);
        hot.start(next.toString());
      } else if (old.get().equals(next)) {
        throw new PagodaException(
            Fault.PERMANENT,
            "%s serves as it was: put what is new there beside it, as another version"
                .formatted(next));
      } else {
        hot.update(old.get().toString(), place);
      }
      LOG.log(Level.INFO, "{0} has come, from {1}", next, place);
    });
  }

  /** {@return the version of a plugin that serves} */
  private Optional<PluginId> serving(PluginId next) {
    List<PluginId> versions = plugins.installed()
        .stream()
        .filter(id -> id.name().equals(next.name()) && plugins.state(id).equals("active"))
        .toList();
    return versions.stream().findFirst();
  }

  private void gone(Path place) {
    tried.remove(place);
    plugins.at(place).ifPresent(id -> attempt(place, () -> {
      if (!Set.of("resolved", "kept").contains(plugins.state(id))) {
        hot.stop(id.toString());
      }
      hot.uninstall(id.toString());
      LOG.log(Level.INFO, "{0} has gone, with {1}", id, place);
    }));
  }

  private static void attempt(Path place, Runnable step) {
    try {
      step.run();
    } catch (RuntimeException | LinkageError e) {
      LOG.log(Level.WARNING, "The plugin in %s: %s".formatted(place, e.getMessage()), e);
    }
  }

  /** Looks no more. */
  @Override
  public void close() {
    closed.countDown();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
