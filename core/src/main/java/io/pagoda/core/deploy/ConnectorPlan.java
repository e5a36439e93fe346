package io.pagoda.core.deploy;

import io.pagoda.OperationTerms;
import io.pagoda.core.config.Section;
import io.pagoda.core.connect.ConnectorSettings;
import io.pagoda.spi.SettingsException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** What a configuration says of connectors; the rest is what communicators have like them. */
final class ConnectorPlan {
  private ConnectorPlan() {}

  static ConnectorSettings settings(Section root) {
    Section section = root.section("connector");
    return new ConnectorSettings(
        name(section), OperationTerms.within(time(section, "deadline")), section.flag("fallback"),
        time(section, "connect-timeout"), SecretFile.read(section, "secret-file"),
        section.strings("devices"));
  }

  /** {@return how much host memory memory of devices may be staged through, in bytes} */
  static long staging(Section root) {
    return root.section("connector").bytes("staging").bytes();
  }

  static Duration time(Section section, String key) {
    Duration time = section.duration(key);
    if (!time.isPositive()) {
      throw new SettingsException(
          "%s must be longer than zero, not %s".formatted(section.origin(key), time));
    }
    return time;
  }

  static String name(Section section) {
    String name = section.string("name");
    return name.isEmpty() ? ownName() : name;
  }

  private static String ownName() {
    String number = Long.toHexString(ThreadLocalRandom.current().nextLong());
    try {
      return InetAddress.getLocalHost().getHostName() + "-" + number;
    } catch (UnknownHostException _) { // then it has no name
      return "host-" + number;
    }
  }
}
