package io.pagoda.core.peer;

import io.pagoda.spi.Host;
import io.pagoda.spi.Settings;
import io.pagoda.spi.SettingsException;
import io.pagoda.spi.tier.Medium;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierProvider;
import io.pagoda.spi.tier.TierSpec;
import java.util.Optional;

/** Opens tiers of peers, which only the engine itself can: they need its transports. */
public final class PeerTierProvider implements TierProvider {
  /** The word for it. */
  public static final String TYPE = "peer";

  /** Created to be asked for its type. */
  public PeerTierProvider() {}

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public StorageTier open(Settings settings, Host host) {
    if (host instanceof PeerHost peers) {
      return new PeerTier(spec(settings, host), peers, PeerTierSettings.from(settings));
    }
    throw new SettingsException(
        settings.origin("type") + ": peers are asked by stores, and this is none");
  }

  @Override
  public Optional<TierSpec> preview(Settings settings, Host host) {
    PeerTierSettings.from(settings);
    return Optional.of(spec(settings, host));
  }

  private static TierSpec spec(Settings settings, Host host) {
    return new TierSpec(
        Medium.PEER, positive(settings, "blocks"), host.blockBytes(), 1,
        positive(settings, "batches"));
  }

  private static int positive(Settings settings, String key) {
    int value = settings.integer(key);
    if (value < 1) {
      throw new SettingsException(
          "%s must be more than 0, not %d".formatted(settings.origin(key), value));
    }
    return value;
  }
}
