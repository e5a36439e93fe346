package io.pagoda.core.deploy;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.core.Drained;
import io.pagoda.core.config.PluginSettings;
import io.pagoda.core.plugin.PluginDirectory;
import io.pagoda.core.plugin.PluginId;
import io.pagoda.core.plugin.Plugins;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/*
 * Somebody may copy into the directory while it is looked at, or replace what is there, or take the
 * whole directory away for a while. So a place is taken up when all of its files have had the same
 * sizes and times at two looks, and let go when it was not there at two; a directory that
 * had several plugins, or was another, and has nothing in it now is not believed. What cannot be
 * done is told once: what cannot be taken up is tried again when it looks otherwise, what cannot be
 * let go at every look.
 */
/**
 * Looks at a directory of plugins now and then, and has those that come there, or are replaced, or
 * go, come and go in a store that serves.
 *
 * <p><b>Threads.</b> Looks by a thread of its own. Closed by any; that waits a minute at most for a
 * step under way.
 *
 * <p><b>Failures.</b> What cannot be done is logged, and the others go on.
 */
public final class PluginWatch implements AutoCloseable {
  private static final Logger LOG = System.getLogger(PluginWatch.class.getPackageName());

  /** How long a drain, or a step while the node ends, is waited for. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private static final Drained CUT = new Drained(0, 0, false);

  private final Plugins plugins;
  private final HotPlugins hot;
  private final PluginDirectory directory;
  private final Duration pause;
  private final Thread thread;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final CompletableFuture<Drained> ending = new CompletableFuture<>();

  /** What each place looked like at the last look. */
  private Map<Path, PlaceLook> seen = Map.of();

  /** What it looked like when it was taken up, or could not be. */
  private final Map<Path, PlaceLook> tried = new HashMap<>();

  /** Those of them that were not there at the last look. */
  private Set<Path> missed = Set.of();

  /** What was told last of each. */
  private final Map<Path, String> told = new HashMap<>();

  /** Which directory it was when something was last there. */
  private Optional<Object> home = Optional.empty();

  /** Looks at nothing yet. */
  PluginWatch(Plugins plugins, HotPlugins hot, PluginSettings settings) {
    this.plugins = plugins;
    this.hot = hot;
    this.directory = new PluginDirectory(settings.directory());
    this.pause = settings.watch();
    this.thread = Thread.ofPlatform().daemon().name("pagoda-plugin-watch").unstarted(this::watch);
  }

  /**
   * Begins to look, if it is to look at all.
   *
   * @param plugins those of a node
   * @param hot takes the steps
   * @param settings where they come and go, and how often to look, if at all
   */
  public static PluginWatch begin(Plugins plugins, HotPlugins hot, PluginSettings settings) {
    var watch = new PluginWatch(plugins, hot, settings);
    if (settings.watch().isPositive()) {
      watch.know();
      watch.thread.start();
    }
    return watch;
  }

  /** What is there now and serves is known. */
  private void know() {
    attempt(directory.directory(), () -> {
      home = PlaceLook.key(directory.directory());
      looks().forEach((place, look) -> {
        if (look.readable() && plugins.at(place).isPresent()) {
          tried.put(place, look);
        }
      });
    });
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
    attempt(directory.directory(), () -> {
      Map<Path, PlaceLook> now = looks();
      due(now).forEach(this::come);
      gone(now.keySet()).forEach(this::gone);
      seen = now;
    });
  }

  private Map<Path, PlaceLook> looks() {
    return directory.places().stream().collect(Collectors.toMap(place -> place, PlaceLook::at));
  }

  /** {@return what looks the same again and is to be taken up, the latest versions first} */
  private List<Path> due(Map<Path, PlaceLook> now) {
    Map<Path, Version> due = new HashMap<>();
    now.forEach((place, look) -> {
      if (look.equals(seen.get(place)) && look.readable() && settled(place, look)) {
        due.put(place, PluginDirectory.id(place).map(PluginId::order).orElse(Version.parse("0")));
      } else if (look.equals(seen.get(place)) && !look.readable()) {
        tell(place, look.files(), null);
      }
    });
    return due.entrySet()
        .stream()
        .sorted(Map.Entry.<Path, Version>comparingByValue().reversed())
        .map(Map.Entry::getKey)
        .toList();
  }

  /** {@return whether a place is to be tried: it looks new, and nobody else has taken it up} */
  private boolean settled(Path place, PlaceLook look) {
    boolean others = !tried.containsKey(place) && plugins.at(place).isPresent();
    return !look.equals(tried.put(place, look)) && !others;
  }

  private void come(Path place) {
    attempt(place, () -> {
      PluginId next = PluginDirectory.content(place).id();
      Optional<PluginId> here = plugins.at(place);
      Optional<PluginId> old = here.filter(this::serves).or(() -> serving(next));
      if (old.isPresent()) {
        replace(old.get(), next, place);
      } else if (here.filter(next::equals).filter(this::kept).isPresent()) {
        hot.start(next.toString());
      } else {
        here.ifPresent(stopped -> hot.uninstall(stopped.toString()));
        serve(place);
      }
      told.remove(place);
      LOG.log(Level.INFO, "{0} has come, from {1}", next, place);
    });
  }

  private boolean serves(PluginId id) {
    return Set.of("active", "draining").contains(plugins.state(id));
  }

  private boolean kept(PluginId id) {
    return plugins.state(id).equals("kept");
  }

  /** {@return the last version of a plugin that serves} */
  private Optional<PluginId> serving(PluginId next) {
    return plugins.installed()
        .stream()
        .filter(id -> id.name().equals(next.name()) && plugins.state(id).equals("active"))
        .max(Comparator.comparing(PluginId::order));
  }

  private void serve(Path place) {
    PluginId id = hot.install(place);
    try {
      hot.start(id.toString());
    } catch (RuntimeException | Error e) {
      try {
        hot.uninstall(id.toString());
      } catch (RuntimeException | Error more) {
        e.addSuppressed(more);
      }
      throw e;
    }
  }

  private void replace(PluginId old, PluginId next, Path place) {
    if (old.equals(next)) {
      throw refusal(
          "%s serves as it was: put what is new there beside it, as another version", old);
    }
    List<Path> places = directory.places()
        .stream()
        .filter(one -> plugins.at(one).filter(old::equals).isPresent())
        .toList();
    if (!places.isEmpty() && next.order().compareTo(old.order()) <= 0) {
      throw refusal("%s is no later than %s, which serves: remove one of them", next, old);
    }
    hot.update(old.toString(), place);
    places.stream().filter(one -> !one.equals(place)).forEach(one -> clear(old, one));
  }

  private static PagodaException refusal(String message, PluginId... ids) {
    return new PagodaException(Fault.PERMANENT, message.formatted((Object[]) ids));
  }

  /** Takes the files of what was replaced out, lest the next start find two providers of a type. */
  private void clear(PluginId old, Path place) {
    attempt(place, () -> {
      if (plugins.installed().contains(old)) {
        throw refusal("%s stays, stopped: remove its directory before the next start", old);
      }
      directory.uninstall(place);
      tried.remove(place);
    });
  }

  /** {@return what was not there at this look and the last, if that can be believed} */
  private List<Path> gone(Set<Path> there) {
    Set<Path> missing = new TreeSet<>(tried.keySet());
    missing.removeAll(there);
    Optional<Object> key = PlaceLook.key(directory.directory());
    long serving = missing.stream().filter(place -> plugins.at(place).isPresent()).count();
    if (there.isEmpty() && serving > 0 && (serving > 1 || key.isEmpty() || !key.equals(home))) {
      missed = Set.of();
      tell(directory.directory(), "nothing is there any more; what serves goes on", null);
      return List.of();
    }
    home = key;
    told.remove(directory.directory());
    List<Path> gone = missing.stream().filter(missed::contains).toList();
    missed = missing;
    return gone;
  }

  private void gone(Path place) {
    attempt(place, () -> {
      plugins.at(place).ifPresent(id -> {
        leave(id);
        tried.keySet().removeIf(other -> isAnother(other, id)); // it may come in its place
        LOG.log(Level.INFO, "{0} has gone, with {1}", id, place);
      });
      tried.remove(place);
      told.remove(place);
    });
  }

  private boolean isAnother(Path place, PluginId than) {
    return plugins.at(place).isEmpty()
        && PluginDirectory.id(place).filter(id -> id.name().equals(than.name())).isPresent();
  }

  private void leave(PluginId id) {
    String name = id.toString();
    if (serves(id)) {
      Drained drained = hot.drain(name)
          .applyToEither(ending, Function.identity())
          .toCompletableFuture()
          .completeOnTimeout(CUT, PATIENCE.toNanos(), TimeUnit.NANOSECONDS)
          .join();
      LOG.log(Level.INFO, "{0} drained: {1}", id, drained);
      hot.stop(name);
    }
    if (!kept(id)) {
      hot.uninstall(name);
    }
  }

  private void attempt(Path place, Runnable step) {
    try {
      step.run();
    } catch (RuntimeException | Error e) { // whatever it is, the next look is taken
      tell(place, String.valueOf(e.getMessage()), e);
    }
  }

  /** Tells what cannot be done, unless that was told last. */
  private void tell(Path place, String what, @Nullable Throwable e) {
    if (!what.equals(told.put(place, what))) {
      LOG.log(Level.WARNING, "The plugins in %s: %s".formatted(place, what), e);
    }
  }

  /** Looks no more. */
  @Override
  public void close() {
    closed.countDown();
    ending.complete(CUT);
    boolean interrupted = false;
    long end = System.nanoTime() + PATIENCE.toNanos();
    for (long left = PATIENCE.toNanos(); thread.isAlive() && left > 0;) {
      try {
        thread.join(Duration.ofNanos(left));
      } catch (InterruptedException _) {
        interrupted = true;
      }
      left = end - System.nanoTime();
    }
    if (thread.isAlive()) {
      LOG.log(Level.WARNING, "A step with a plugin has not ended within {0}", PATIENCE);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
