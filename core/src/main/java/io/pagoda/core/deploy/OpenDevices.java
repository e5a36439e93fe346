package io.pagoda.core.deploy;

import io.pagoda.core.plugin.Lease;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.Host;
import io.pagoda.spi.device.Device;
import io.pagoda.spi.device.DeviceProvider;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Opens devices.
 *
 * @param plugins who opens them
 * @param owned takes each as soon as it is open
 * @param blockBytes bytes of the blocks that they will copy
 */
record OpenDevices(Plugins plugins, Owned owned, long blockBytes) {
  private static final Logger LOG = System.getLogger(OpenDevices.class.getPackageName());

  /** {@return those that this machine has} */
  List<Device> open(List<DevicePlan> plans) {
    ExecutorService blocking = owned.own(Executors.newVirtualThreadPerTaskExecutor());
    List<Device> devices = new ArrayList<>();
    for (DevicePlan plan : plans) {
      Optional<String> absence = plan.absence(plugins);
      if (absence.isPresent()) {
        LOG.log(
            Level.INFO, "The optional device ''{0}'' is left out: {1}", plan.name(), absence.get());
      } else {
        devices.add(device(plan, blocking));
      }
    }
    return devices;
  }

  private Device device(DevicePlan plan, ExecutorService blocking) {
    Lease<DeviceProvider> lease =
        owned.own(plugins.lease(DeviceProvider.class, plan.type(), plan.where()));
    Host host = new LentHost(plan.name(), blockBytes, lease.within(blocking));
    Device device = owned.own(lease.call(provider -> provider.open(plan.settings(), host)));
    plan.settings().refuseUnknown();
    return device;
  }
}
