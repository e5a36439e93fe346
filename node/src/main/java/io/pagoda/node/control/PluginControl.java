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
import java.nio.file.Path;
import java.util.List;

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
      directory().uninstall(id.toString());
      return List.of("uninstalled " + id);
    }
    return List.of("%s is %s".formatted(id, plugins.state(id)));
  }

  /** What lies among the plugins already was put there while the node did not look. */
  private List<String> install(Path from) {
    if (settings.directory().toAbsolutePath().equals(from.getParent())) {
      return List.of("installed %s in %s".formatted(hot.install(from), from));
    }
    PluginContent content = directory().install(from);
    try {
      return List.of("installed %s in %s".formatted(hot.install(content.place()), content.place()));
    } catch (RuntimeException | Error e) {
      directory().uninstall(content.id().toString());
      throw e;
    }
  }

  private List<String> update(String name, Path from) {
    PluginId old = plugins.called(name);
    PluginContent content = directory().install(from);
    try {
      PluginId next = hot.update(old.toString(), content.place());
      boolean gone = !plugins.installed().contains(old);
      if (gone) {
        directory().uninstall(old.toString());
      }
      return List.of(
          "%s is %s; %s %s".formatted(
              next, plugins.state(next), old,
              gone ? "is gone" : "stays, stopped: remove its directory before the next start"));
    } catch (RuntimeException | Error e) {
      directory().uninstall(content.id().toString());
      throw e;
    }
  }
}
