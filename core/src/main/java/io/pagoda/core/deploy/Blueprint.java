package io.pagoda.core.deploy;

import io.pagoda.ByteSize;
import io.pagoda.core.EngineSettings;
import io.pagoda.core.config.Section;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.SettingsException;
import io.pagoda.spi.eviction.EvictionPolicyProvider;
import io.pagoda.spi.tier.TierProvider;
import io.pagoda.spi.transport.TransportProvider;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * All of a configuration but what belongs to plugins, read and checked before anything is opened.
 *
 * @param root everything
 * @param model whose KV cache it is
 * @param blockBytes bytes of every block
 * @param tiers hottest first
 * @param roads how blocks move between them
 * @param engine how the engine behaves
 */
record Blueprint(
    Section root, ModelSettings model, long blockBytes, List<TierPlan> tiers, Roads roads,
    EngineSettings engine) {

  /**
   * A tier to open.
   *
   * @param settings its section, with what its type has in common beneath
   * @param name what it is called
   * @param type who opens it
   * @param policy who advises it, by type
   */
  record TierPlan(Section settings, String name, String type, String policy) {
    /** {@return where it stands, for messages} */
    String where() {
      String origin = settings.origin("type");
      String file = origin.substring(0, origin.lastIndexOf(": "));
      return "%s at %s".formatted(settings.name(), file);
    }
  }

  static Blueprint read(Section root, Plugins plugins) {
    Section engine = root.section("engine");
    Section model = root.section("model");
    root.section("plugins").path("directory");
    knowTypes(root.section("tier"), plugins.types(TierProvider.class));
    knowTypes(root.section("transport"), plugins.types(TransportProvider.class));
    knowTypes(root.section("eviction"), plugins.types(EvictionPolicyProvider.class));
    var blueprint = new Blueprint(
        root, checked(root, "model", () -> ModelSettings.from(model)), blockBytes(root),
        tiers(root), Roads.from(root.section("graph")),
        checked(root, "engine", () -> engine(engine)));
    root.refuseUnknown();
    return blueprint;
  }

  private static void knowTypes(Section section, List<String> types) {
    types.forEach(section::has);
  }

  private static long blockBytes(Section root) {
    ByteSize size = root.bytes("block-bytes");
    if (size.bytes() == 0) {
      throw new SettingsException(root.origin("block-bytes") + " must be more than 0 bytes");
    }
    return size.bytes();
  }

  private static EngineSettings engine(Section engine) {
    return new EngineSettings(
        engine.duration("pin-timeout"), engine.duration("job-timeout"),
        engine.integer("copy-threads"));
  }

  private static List<TierPlan> tiers(Section root) {
    Set<String> names = new HashSet<>();
    List<TierPlan> tiers = root.elements("tiers").stream().map(tier -> tier(root, tier)).toList();
    for (TierPlan tier : tiers) {
      if (!names.add(tier.name)) {
        throw new SettingsException(
            "%s: another tier is called '%s' already"
                .formatted(tier.settings.origin("name"), tier.name));
      }
    }
    if (tiers.isEmpty()) {
      throw new SettingsException(
          root.origin("tiers")
              + " is empty: name at least one tier, such as { type = cpu, capacity = 1GiB }");
    }
    return tiers;
  }

  private static TierPlan tier(Section root, Section tier) {
    String type = tier.string("type");
    String name = tier.has("name") ? tier.string("name") : type;
    String policy =
        tier.has("eviction") ? tier.string("eviction") : root.section("eviction").string("policy");
    Section settings = tier.over(root.section("tier").partOf(type));
    return new TierPlan(settings, name, type, policy);
  }

  /** Says where the section stands that a record finds fault with. */
  static <T> T checked(Section section, String key, Supplier<T> reader) {
    try {
      return reader.get();
    } catch (IllegalArgumentException e) {
      throw new SettingsException(section.origin(key) + ": " + e.getMessage(), e);
    }
  }
}
