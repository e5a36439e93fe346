package io.pagoda.core.plugin;

import java.util.ServiceConfigurationError;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The border between the host and one plugin. It is the one place where the thread's context class
 * loader becomes the plugin's, as libraries expect who look up services there, and where the
 * plugin's own exceptions are retold, since one that is kept would keep all of the plugin's
 * classes.
 *
 * @param plugin who is beyond, for messages
 * @param loader the loader of its classes
 */
record Border(String plugin, ClassLoader loader) {
  /**
   * Calls across the border.
   *
   * @throws PluginException instead of an exception of the plugin's own, or of an error in loading
   *     its classes
   */
  <T> T call(Supplier<T> action) {
    Thread thread = Thread.currentThread();
    ClassLoader outer = thread.getContextClassLoader();
    thread.setContextClassLoader(loader);
    try {
      return action.get();
    } catch (LinkageError | ServiceConfigurationError | RuntimeException e) {
      throw hosts(e);
    } finally {
      thread.setContextClassLoader(outer);
    }
  }

  private RuntimeException hosts(Throwable failure) {
    if (isOwn(failure)) {
      return PluginException.retelling(failure);
    }
    return failure instanceof RuntimeException runtime
        ? runtime
        : new PluginException("%s does not link: %s".formatted(plugin, reason(failure)), failure);
  }

  private static String reason(Throwable failure) {
    Throwable cause = failure.getCause();
    return cause == null ? failure.toString() : failure + ": " + cause;
  }

  private boolean isOwn(Throwable failure) {
    return loader instanceof PluginClassLoader
        && Stream.iterate(failure, e -> e != null, Throwable::getCause)
            .anyMatch(e -> loader.equals(e.getClass().getClassLoader()));
  }
}
