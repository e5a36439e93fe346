package io.pagoda.core.deploy;

import io.pagoda.core.config.Section;
import io.pagoda.spi.SettingsException;

/**
 * A tier to open.
 *
 * @param settings its section, with what its type has in common beneath
 * @param name what it is called
 * @param type who opens it
 * @param policy who advises it, by type
 * @param optional whether this machine may lack it
 */
record TierPlan(Section settings, String name, String type, String policy, boolean optional) {
  /**
   * Reads what to open.
   *
   * @param standard who advises a tier that says {@code auto}, or leaves it to what says so
   */
  static TierPlan read(Section root, Section tier, String standard) {
    String type = tier.string("type");
    String name = tier.has("name") ? tier.string("name") : type;
    String named =
        tier.has("eviction") ? tier.string("eviction") : root.section("eviction").string("policy");
    String policy = named.equals(Policies.AUTO) ? standard : named;
    boolean optional = tier.has("optional") && tier.flag("optional");
    if (optional && first(tier)) {
      throw new SettingsException(
          "%s: all bytes pass through the first tier, so no store does without it"
              .formatted(tier.origin("optional")));
    }
    Section settings = tier.over(root.section("tier").partOf(type));
    return new TierPlan(settings, name, type, policy, optional);
  }

  /** {@return whether it is the first of its store} */
  boolean first() {
    return first(settings);
  }

  private static boolean first(Section tier) {
    return tier.name().endsWith("[0]");
  }

  /**
   * {@return the same, with the defaults that its type has there}
   *
   * @param root the configuration
   */
  TierPlan over(Section root) {
    return root.elements("tiers")
        .stream()
        .filter(tier -> tier.name().equals(settings.name()))
        .findFirst()
        .map(tier -> read(root, tier, policy))
        .orElseThrow();
  }

  /** {@return the same with so many slots} */
  TierPlan of(int blocks) {
    return new TierPlan(settings.with("blocks", blocks), name, type, policy, optional);
  }

  /** {@return where it stands, for messages} */
  String where() {
    String origin = settings.origin("type");
    String file = origin.substring(0, origin.lastIndexOf(": "));
    return "%s at %s".formatted(settings.name(), file);
  }

  /** Refuses that it is the first of its store. */
  SettingsException notTheFirst() {
    return new SettingsException(
        "%s: the first tier must be host memory, which '%s' is not; put one of type cpu above it"
            .formatted(settings.origin("type"), type));
  }
}
