package io.pagoda.node;

import io.pagoda.core.config.Overrides;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options that say which store. */
final class StoreOptions {
  private static final String SSD_DIRECTORY = "pagoda.tier.ssd.directory";

  @Option(names = "--config", paramLabel = "FILE") private Optional<Path> file = Optional.empty();

  @Option(names = "--tier", paramLabel = "TYPE=BLOCKS") private List<String> tiers = List.of();

  @Option(names = "--block-bytes", paramLabel = "SIZE") private Optional<String> blockBytes =
      Optional.empty();

  @Option(names = "--policy", paramLabel = "NAME") private Optional<String> policy =
      Optional.empty();

  @Option(names = "--set", paramLabel = "KEY=VALUE") private Map<String, String> settings =
      new LinkedHashMap<>();

  /** {@return the configuration file, if there is one} */
  Optional<Path> file() {
    return file;
  }

  /**
   * Returns what the command line sets over the file. Without a file, what goes to disk goes to a
   * temporary directory, unless a setting says where.
   */
  Overrides overrides(ScratchDirectory scratch) {
    boolean onDisk = tiers.stream().anyMatch(tier -> tier.startsWith("ssd="));
    return onDisk ? overridesOnDisk(scratch) : overrides();
  }

  /** {@return whether nothing is said of the store} */
  boolean none() {
    return file.isEmpty()
        && tiers.isEmpty()
        && blockBytes.isEmpty()
        && policy.isEmpty()
        && settings.isEmpty();
  }

  /**
   * Returns the configuration file, or else one with what a trace says of its store. If tiers are
   * named here, what it says of roads between others does not count.
   *
   * @param config what is below {@code pagoda}, as an object
   * @param scratch where to write it
   */
  Path fileOr(String config, ScratchDirectory scratch) throws IOException {
    if (file.isPresent()) {
      return file.get();
    }
    String roads = tiers.isEmpty() ? "" : "pagoda.graph.edges = []\n";
    return Files
        .writeString(scratch.path().resolve("traced.conf"), "pagoda " + config + "\n" + roads);
  }

  /**
   * Returns what the command line sets over the file. Without a file, what goes to disk goes to a
   * temporary directory, unless a setting says where.
   */
  Overrides overridesOnDisk(ScratchDirectory scratch) {
    return file.isEmpty() && !settings.containsKey(SSD_DIRECTORY)
        ? overrides().set(SSD_DIRECTORY, scratch.path().resolve("ssd").toString())
        : overrides();
  }

  /** {@return what the command line sets over the file} */
  Overrides overrides() {
    Overrides overrides = Overrides.NONE;
    for (String tier : tiers) {
      overrides = overrides.tier(tier);
    }
    if (blockBytes.isPresent()) {
      overrides = overrides.blockBytes(blockBytes.get());
    }
    if (policy.isPresent()) {
      overrides = overrides.policy(policy.get());
    }
    for (var setting : settings.entrySet()) {
      overrides = overrides.set(setting.getKey(), setting.getValue());
    }
    return overrides;
  }
}
