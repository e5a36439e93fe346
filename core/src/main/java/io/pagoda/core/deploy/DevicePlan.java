package io.pagoda.core.deploy;

import io.pagoda.core.config.Section;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.device.DeviceProvider;
import java.util.Optional;

/**
 * A device to open.
 *
 * @param settings its section, with what its type has in common beneath
 * @param name what it is called
 * @param type who opens it
 * @param optional whether this machine may lack it
 */
record DevicePlan(Section settings, String name, String type, boolean optional) {
  static DevicePlan read(Section root, Section device) {
    String type = device.string("type");
    String name = device.has("name") ? device.string("name") : type;
    boolean optional = device.has("optional") && device.flag("optional");
    Section settings = device.over(root.section("device").partOf(type));
    return new DevicePlan(settings, name, type, optional);
  }

  /** {@return why it is left out, if it may be and this machine lacks it} */
  Optional<String> absence(Plugins plugins) {
    return optional ? plugins.absence(DeviceProvider.class, type, where()) : Optional.empty();
  }

  /** {@return where it stands, for messages} */
  String where() {
    String origin = settings.origin("type");
    return "%s at %s".formatted(settings.name(), origin.substring(0, origin.lastIndexOf(": ")));
  }
}
