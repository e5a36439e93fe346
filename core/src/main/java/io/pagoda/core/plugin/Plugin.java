package io.pagoda.core.plugin;

import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import java.util.Set;

/**
 * A plugin in one of its states. A state holds what it makes possible, so no step can be taken out
 * of turn:
 *
 * <pre>
 *             install             resolve            start            drain
 *  nothing ──────────▶ Installed ────────▶ Resolved ───────▶ Active ────────▶ Draining
 *          ◀────────────────────────────── ◀──────────────────────────────────
 *                     uninstall                            stop
 * </pre>
 *
 * A plugin that drains is active again when it is started. One whose classes stay as long as the
 * process is {@link Kept} when it is stopped, and is not uninstalled. A step that fails leaves the
 * plugin where it was.
 */
sealed interface Plugin {
  /** {@return which plugin this is} */
  PluginId id();

  /** {@return its directory or jar} */
  Path place();

  /** A plugin that has providers, at least for those who use them already. */
  sealed interface Running extends Plugin {
    /** {@return what it goes back to} */
    Resolved resolved();

    /** {@return its providers} */
    Service service();

    @Override
    default PluginId id() {
      return resolved().id();
    }

    @Override
    default Path place() {
      return resolved().place();
    }
  }

  /**
   * Its modules are sound; nothing of it is loaded.
   *
   * @param id which plugin
   * @param place its directory or jar
   * @param modules the names of its modules
   * @param finder where they were found, so that their jars are read once
   */
  record Installed(
      PluginId id, Path place, Set<String> modules, ModuleFinder finder) implements Plugin {}

  /**
   * Its modules have a layer of their own; none of its code has run.
   *
   * @param id which plugin
   * @param place its directory or jar
   * @param layer its modules
   * @param loader the loader of all their classes
   */
  record Resolved(
      PluginId id, Path place, ModuleLayer layer, PluginClassLoader loader) implements Plugin {}

  /**
   * It has served and does not any more, but something outside of Java's reach holds its classes.
   *
   * @param resolved what it was before
   * @param why what holds them
   */
  record Kept(Resolved resolved, String why) implements Plugin {
    @Override
    public PluginId id() {
      return resolved.id();
    }

    @Override
    public Path place() {
      return resolved.place();
    }
  }

  /**
   * Its providers serve.
   *
   * @param resolved what it goes back to
   * @param service its providers
   */
  record Active(Resolved resolved, Service service) implements Running {}

  /**
   * Its providers serve who uses them already, and nobody else.
   *
   * @param resolved what it goes back to
   * @param service its providers
   */
  record Draining(Resolved resolved, Service service) implements Running {}
}
