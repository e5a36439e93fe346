package io.pagoda.tier.ssd;

import io.pagoda.spi.Availability;
import io.pagoda.spi.Host;
import io.pagoda.spi.Settings;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierProvider;
import io.pagoda.spi.tier.TierSpec;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Opens tiers of type {@code ssd}. */
public final class SsdTierProvider implements TierProvider {
  /** Called by {@link java.util.ServiceLoader}. */
  public SsdTierProvider() {}

  @Override
  public String type() {
    return "ssd";
  }

  @Override
  public Availability availability() {
    String system = System.getProperty("os.name", "");
    if (!system.toLowerCase(Locale.ROOT).contains("linux")) {
      return new Availability.Unavailable("needs Linux, and this is " + system);
    }
    return Engine.ringMissing()
        .<Availability>map(
            why -> new Availability.Limited("file channels instead of io_uring: " + why))
        .orElse(Availability.READY);
  }

  @Override
  public StorageTier open(Settings settings, Host host) {
    SsdSettings ssd = SsdSettings.from(settings, host.blockBytes());
    IoShape shape = IoShape.of(ssd, settings);
    return SsdTier.open(ssd, shape, host.name(), UnaryOperator.identity());
  }

  @Override
  public Optional<TierSpec> preview(Settings settings, Host host) {
    SsdSettings ssd = SsdSettings.from(settings, host.blockBytes());
    IoShape _ = IoShape.of(ssd, settings);
    return Optional.of(ssd.spec());
  }
}
