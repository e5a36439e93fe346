package io.pagoda.core.plugin;

import io.pagoda.spi.Provider;
import io.pagoda.spi.device.DeviceProvider;
import io.pagoda.spi.eviction.EvictionPolicyProvider;
import io.pagoda.spi.tier.TierProvider;
import io.pagoda.spi.transport.TransportProvider;
import java.lang.module.ModuleDescriptor;
import java.util.Arrays;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Stream;

/** What a plugin can provide. */
public enum Contract {
  /** A storage tier. */
  TIER("tier", "tier", TierProvider.class),
  /** A device. */
  DEVICE("device", "device", DeviceProvider.class),
  /** A transport. */
  TRANSPORT("transport", "transport", TransportProvider.class),
  /** An eviction policy. */
  EVICTION("eviction policy", "eviction", EvictionPolicyProvider.class);

  private final String words;
  private final String section;
  private final Class<? extends Provider> service;

  Contract(String words, String section, Class<? extends Provider> service) {
    this.words = words;
    this.section = section;
    this.service = service;
  }

  static Contract of(Class<? extends Provider> service) {
    return Arrays.stream(values())
        .filter(contract -> contract.service == service)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("Not a contract: " + service));
  }

  /** {@return the contracts that {@code provider} keeps} */
  static List<Contract> of(Provider provider) {
    return Arrays.stream(values())
        .filter(contract -> contract.service.isInstance(provider))
        .toList();
  }

  /** {@return the contracts that {@code module} says it provides} */
  static Stream<Contract> in(ModuleDescriptor module) {
    return Arrays.stream(values())
        .filter(
            contract -> module.provides()
                .stream()
                .anyMatch(provided -> contract.service.getName().equals(provided.service())));
  }

  /** {@return every provider that modules of {@code layer} and its parents declare} */
  static Stream<ServiceLoader.Provider<? extends Provider>> declaredIn(ModuleLayer layer) {
    return Arrays.stream(values())
        .flatMap(contract -> ServiceLoader.load(layer, contract.service).stream());
  }

  /** {@return where a configuration sets what a type has in common, such as {@code
   * pagoda.tier.ssd}} */
  String section(String type) {
    return "pagoda." + section + '.' + type;
  }

  /** {@return what it is called in a sentence} */
  @Override
  public String toString() {
    return words;
  }
}
