package io.pagoda.node.bench;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.core.StageTimes;
import io.pagoda.core.config.Overrides;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.deploy.Deployment;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.device.Device;
import io.pagoda.spi.device.DeviceProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A store whose hub a device has pinned, as often as it is set differently, and beside that a view
 * of the same device that copies plainly: for what is compared with, and for bytes that are looked
 * at.
 */
final class GpuStore implements AutoCloseable {
  private static final String TYPE = "cuda";

  private final Deployment deployment;

  private final List<Device> devices;

  private GpuStore(Deployment deployment) {
    this.deployment = deployment;
    this.devices = deployment.devices();
  }

  /**
   * How a device copies.
   *
   * @param path a path of {@code pagoda.device.cuda}
   * @param ctas how many thread blocks its kernel has
   */
  record Setting(String path, int ctas) {}

  /**
   * Finds plugins, one set for all stores: a native library is one class loader's at a time.
   *
   * @throws PagodaException if no plugin brings such a device, or this machine has none
   */
  static Plugins plugins() {
    Plugins plugins = Plugins.in(PagodaConfig.load(Optional.empty(), Overrides.NONE).plugins());
    Optional<String> absence = plugins.absence(DeviceProvider.class, TYPE, "bench tier --tier gpu");
    if (absence.isPresent()) {
      plugins.close();
      throw new PagodaException(Fault.PERMANENT, absence.get());
    }
    return plugins;
  }

  /**
   * Opens a store, and waits until its hub is pinned.
   *
   * @param plugins who opens its parts
   * @param file the configuration whose settings of tiers and devices hold, if any
   * @param settings of each device that is measured; all are the same GPU
   * @param hub bytes of the hub
   * @param model what is said of blocks
   * @param scratch where a configuration is written
   */
  static GpuStore open(
      Plugins plugins, Optional<Path> file, List<Setting> settings, long hub, String model,
      Path scratch) {
    Path written = write(file, settings, hub, model, scratch);
    PagodaConfig config = PagodaConfig.load(Optional.of(written), Overrides.NONE);
    var store = new GpuStore(Deployment.open(config, plugins, StageTimes.NONE));
    try {
      store.awaitPinned();
      return store;
    } catch (RuntimeException failed) {
      store.close();
      throw failed;
    }
  }

  private static Path write(
      Optional<Path> file, List<Setting> settings, long hub, String model, Path scratch) {
    String include =
        file.map(path -> "include required(file(\"%s\"))%n".formatted(path.toAbsolutePath()))
            .orElse("");
    String text = include + """
        pagoda {
          %s
          tiers = [{ type = cpu, capacity = %dB }]
          graph.edges = []
          eviction.policy = lru
          devices = [
            %s
            { name = plain, type = cuda, path = plain, staging = 0MiB, calibrate = false }
          ]
        }
        """.formatted(model, hub, measured(settings));
    try {
      return Files.writeString(scratch.resolve("gpu.conf"), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String measured(List<Setting> settings) {
    return settings.stream()
        .map(
            setting -> "{ name = %s, type = cuda, path = %s, transfer-ctas = %d }"
                .formatted(setting.path, setting.path, setting.ctas))
        .collect(Collectors.joining("\n    "));
  }

  private void awaitPinned() {
    for (Device device : devices) {
      long pinned = device.pin(hub()).toCompletableFuture().join();
      if (pinned < hub().byteSize()) {
        throw new PagodaException(
            Fault.PERMANENT, "Only %d of %d bytes of the hub are pinned: see pagoda doctor gpu"
                .formatted(pinned, hub().byteSize()));
      }
    }
  }

  Deployment deployment() {
    return deployment;
  }

  /** {@return the devices that are measured, which are one GPU} */
  List<Device> devices() {
    return devices.subList(0, devices.size() - 1);
  }

  /** {@return the first device that is measured} */
  Device device() {
    return devices.getFirst();
  }

  /** {@return the same one, copying plainly} */
  Device plain() {
    return devices.getLast();
  }

  MemorySegment hub() {
    return deployment.graph().hubMemory().memory();
  }

  @Override
  public void close() {
    deployment.close();
  }
}
