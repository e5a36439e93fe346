package io.pagoda.node.control;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.core.Drained;
import io.pagoda.core.config.PluginSettings;
import io.pagoda.core.deploy.HotPlugins;
import io.pagoda.core.plugin.PluginContent;
import io.pagoda.core.plugin.PluginDirectory;
import io.pagoda.core.plugin.PluginId;
import io.pagoda.core.plugin.Plugins;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a node that runs can be told to do with its plugins: the words of {@code pagoda plugins}.
 *
 * <p><b>Threads.</b> Any.
 *
 * @param plugins those of the node
 * @param hot takes the steps
 * @param settings what is said of plugins, and where they are put in
 */
public record PluginControl(Plugins plugins, HotPlugins hot, PluginSettings settings) {
  private PluginDirectory directory() {
    return new PluginDirectory(settings.directory());
  }

  /** Does what words say; returns what became of it. */
  public List<String> answer(List<String> words) {
    String what = words.getFirst();
    List<String> of = words.subList(1, words.size());
    return switch (what) {
      case "list" -> of.isEmpty() ? list() : wrong(words);
      case "show" -> of.size() == 1 ? show(of.getFirst()) : wrong(words);
      case "why" -> of.size() == 1 ? why(of.getFirst()) : wrong(words);
      case "install" -> of.size() == 1 ? install(Path.of(of.getFirst())) : wrong(words);
      case "update" -> of.size() == 2 ? update(of.getFirst(), Path.of(of.getLast())) : wrong(words);
      case "start", "drain", "stop", "uninstall" ->
        of.size() == 1 ? step(what, of.getFirst()) : wrong(words);
      default -> wrong(words);
    };
  }

  private static List<String> wrong(List<String> words) {
    throw new PagodaException(Fault.PERMANENT, "a node does not understand " + words);
  }

  private List<String> list() {
    return plugins.installed()
        .stream()
        .map(id -> "%-10s %s".formatted(plugins.state(id), id))
        .toList();
  }

  private List<String> show(String name) {
    return new PluginPortrait(plugins, settings).of(directory().content(name));
  }

  private List<String> why(String what) {
    var reasons = new PluginReasons(plugins, what);
    if (!reasons.all()) {
      throw new PagodaException(Fault.PERMANENT, String.join("\n", reasons.lines()));
    }
    return reasons.lines();
  }

  private List<String> step(String what, String name) {
    if (what.equals("drain")) {
      PluginId id = plugins.called(name);
      Drained drained = hot.drain(name).toCompletableFuture().join();
      return List.of("%s is %s: %s".formatted(id, plugins.state(id), drained));
    }
    PluginId id = switch (what) {
      case "start" -> hot.start(name);
      case "stop" -> hot.stop(name);
      default -> hot.uninstall(name);
    };
    if (what.equals("uninstall")) {
      return List.of("uninstalled " + id + left(id).map("; "::concat).orElse(""));
    }
    return List.of("%s is %s".formatted(id, plugins.state(id)));
  }

  /** What lies among the plugins already was put there while the node did not look. */
  private List<String> install(Path from) {
    if (liesThere(from)) {
      Path place = settings.directory().resolve(from.getFileName());
      return List.of("installed %s in %s".formatted(hot.install(place), place));
    }
    PluginContent content = directory().install(from);
    try {
      return List.of("installed %s in %s".formatted(hot.install(content.place()), content.place()));
    } catch (RuntimeException | Error e) {
      takeBack(content, e);
      throw e;
    }
  }

  private boolean liesThere(Path from) {
    Path parent = from.toAbsolutePath().getParent();
    try {
      return parent != null
          && Files.exists(parent)
          && Files.exists(settings.directory())
          && Files.isSameFile(settings.directory(), parent);
    } catch (IOException e) {
      throw new PagodaException(Fault.PERMANENT, "cannot look where %s is".formatted(from), e);
    }
  }

  /**
   * Takes out what was put in for a step that failed, which stays what is told; unless the node has
   * it, which may have looked there.
   */
  private void takeBack(PluginContent content, Throwable failure) {
    try {
      if (plugins.at(content.place()).isEmpty()) {
        directory().uninstall(content.place());
      }
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  /** Takes out the files of what is not in the node any more; returns why they stay, if they do. */
  private Optional<String> left(PluginId gone) {
    try {
      directory().uninstall(gone.toString());
      return Optional.empty();
    } catch (RuntimeException e) {
      return Optional.of("remove its directory before the next start: " + e.getMessage());
    }
  }

  private List<String> update(String name, Path from) {
    PluginId old = plugins.called(name);
    PluginContent content = directory().install(from);
    PluginId next;
    try {
      next = hot.update(old.toString(), content.place());
    } catch (RuntimeException | Error e) {
      takeBack(content, e);
      throw e;
    }
    return List.of("%s is %s; %s".formatted(next, plugins.state(next), farewell(old)));
  }

  private String farewell(PluginId old) {
    return plugins.installed().contains(old)
        ? old + " stays, stopped: remove its directory before the next start"
        : old + " is gone" + left(old).map("; "::concat).orElse("");
  }
}
