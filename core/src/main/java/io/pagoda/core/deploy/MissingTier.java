package io.pagoda.core.deploy;

import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.tier.TierProvider;
import java.util.Optional;

/**
 * A tier that a configuration calls optional and this machine lacks.
 *
 * @param name what it is called
 * @param type who would open it
 * @param where its place in the configuration
 * @param reason why it cannot be had
 */
public record MissingTier(String name, String type, String where, String reason) {
  static Optional<MissingTier> of(TierPlan tier, Plugins plugins) {
    if (!tier.optional()) {
      return Optional.empty();
    }
    return plugins.absence(TierProvider.class, tier.type(), tier.where())
        .map(reason -> new MissingTier(tier.name(), tier.type(), tier.where(), reason));
  }

  /** {@return what an operator should know of it, in a sentence} */
  @Override
  public String toString() {
    return "the optional tier '%s' is left out: %s".formatted(name, reason);
  }
}
