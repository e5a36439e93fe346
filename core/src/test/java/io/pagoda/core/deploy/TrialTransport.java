package io.pagoda.core.deploy;

import io.pagoda.spi.Host;
import io.pagoda.spi.Settings;
import io.pagoda.spi.SettingsException;
import io.pagoda.spi.transport.Transport;
import io.pagoda.spi.transport.TransportProvider;

/** Has its settings checked, and opens nothing. */
final class TrialTransport implements TransportProvider {
  private static final long LEAST = 16;

  @Override
  public String type() {
    return "trial";
  }

  @Override
  public boolean check(Settings settings) {
    boolean sized = settings.has("size");
    if (sized && settings.bytes("size").bytes() < LEAST) {
      throw new SettingsException(settings.origin("size") + " is too small");
    }
    return !settings.has("part") || patient(settings.section("part"));
  }

  private static boolean patient(Settings part) {
    return !part.has("patience") || !part.duration("patience").isNegative();
  }

  @Override
  public Transport open(Settings settings, Host host) {
    throw new AssertionError("a check opens nothing");
  }
}
