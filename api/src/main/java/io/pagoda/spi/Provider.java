package io.pagoda.spi;

import java.util.List;
import java.util.Optional;

/**
 * Opens one kind of pluggable part. Found with {@link java.util.ServiceLoader}; implemented by
 * plugins, which name it in {@code module-info.java} and export nothing.
 *
 * <p>The defaults of its settings are in {@code reference.conf}, at the root of its module, under
 * the contract and the type: {@code pagoda.tier.ssd}, {@code pagoda.transport.tcp}, {@code
 * pagoda.eviction.lru}. A configuration file may set them there too, for every part of that type.
 *
 * <p>A provider holds no state and its constructor does nothing: it is created to be asked for its
 * {@link #type}, whether or not a part of it is ever opened.
 */
public interface Provider {
  /** {@return the word that selects this provider in a configuration, such as {@code "ssd"}} */
  String type();

  /**
   * Tells whether this machine can run the part, without opening it: a missing driver, device or
   * permission is an answer here, not an exception.
   */
  default Availability availability() {
    return Availability.READY;
  }

  /**
   * Looks at what of this machine matters to the part, for an operator: also, and above all, where
   * it cannot run it. It may take a second or two, and nothing is left open.
   *
   * @param settings as a part of this type has them that says nothing itself
   */
  default List<Finding> examine(Settings settings) {
    return List.of();
  }

  /**
   * Tells why the plugin's classes stay for as long as the process, if they do once it has served:
   * a native library, for one, may keep references to them. Such a plugin can be drained and
   * stopped, and is not removed from a process that runs.
   */
  default Optional<String> permanence() {
    return Optional.empty();
  }
}
