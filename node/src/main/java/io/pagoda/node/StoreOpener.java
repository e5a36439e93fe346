package io.pagoda.node;

import io.pagoda.core.StageTimes;
import io.pagoda.core.config.Overrides;
import java.nio.file.Path;
import java.util.Optional;

/** Opens the store that a configuration describes. */
@FunctionalInterface
interface StoreOpener {
  /**
   * Opens a store.
   *
   * @param file the configuration file, if any
   * @param overrides what the command line says
   * @param times told how long each stage takes
   */
  OpenStore open(Optional<Path> file, Overrides overrides, StageTimes times);
}
