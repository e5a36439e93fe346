package io.pagoda.core.plugin;

import io.pagoda.core.config.Reference;
import io.pagoda.spi.Availability;
import io.pagoda.spi.Finding;
import io.pagoda.spi.Provider;
import io.pagoda.spi.Settings;
import io.pagoda.spi.SettingsException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The providers of one plugin, and who uses them.
 *
 * <p><b>Threads.</b> Any.
 */
final class Service {
  private final PluginId id;
  private final String where;
  private final Border border;
  private final List<Named> providers;
  private final Optional<Reference> defaults;
  private final Set<Lease<?>> leases = ConcurrentHashMap.newKeySet();

  /**
   * A provider and one of the contracts it keeps.
   *
   * @param contract which
   * @param type the word that selects it
   * @param provider who answers to it
   */
  private record Named(Contract contract, String type, Provider provider) {}

  /**
   * Creates a service.
   *
   * @param id who serves
   * @param where it was found, for messages
   * @param border what calls to it cross
   * @param providers at least one, all of one module
   */
  Service(PluginId id, String where, Border border, List<Provider> providers) {
    this.id = id;
    this.where = where;
    this.border = border;
    this.providers = border.call(() -> named(providers));
    this.defaults = defaults(providers.getFirst().getClass().getModule());
  }

  private static List<Named> named(List<Provider> providers) {
    Map<String, Named> named = new LinkedHashMap<>();
    for (Provider provider : providers) {
      String type =
          Objects.requireNonNull(provider.type(), () -> provider.getClass() + " has no type");
      for (Contract contract : Contract.of(provider)) {
        Named twin = named.putIfAbsent(contract.section(type), new Named(contract, type, provider));
        if (twin != null && !twin.provider.getClass().equals(provider.getClass())) {
          throw new PluginException(
              "%s '%s' is provided twice, by %s and %s"
                  .formatted(contract, type, twin.provider.getClass(), provider.getClass()));
        }
      }
    }
    return List.copyOf(named.values());
  }

  private Optional<Reference> defaults(Module module) {
    List<String> sections = providers.stream().map(p -> p.contract.section(p.type)).toList();
    return Reference.in(module, sections);
  }

  PluginId id() {
    return id;
  }

  /** {@return the defaults of its module} */
  Stream<Reference> defaults() {
    return defaults.stream();
  }

  /** {@return who it is and where it was found} */
  @Override
  public String toString() {
    return id + " in " + where;
  }

  Loaded listing() {
    return new Loaded(where, id, providers.stream().map(this::offer).toList());
  }

  private Offer offer(Named named) {
    return new Offer(named.contract, named.type, availability(named.provider));
  }

  private Availability availability(Provider provider) {
    try {
      return call(provider::availability);
    } catch (RuntimeException e) {
      return new Availability.Unavailable("it failed to tell: " + e);
    }
  }

  /** Has its providers of a contract look at this machine. */
  Stream<Examined> examine(Contract contract, Function<String, ? extends Settings> settings) {
    return providers.stream()
        .filter(named -> named.contract == contract)
        .map(
            named -> new Examined(
                named.type, availability(named.provider),
                findings(named.provider, settings.apply(named.type))));
  }

  private List<Finding> findings(Provider provider, Settings settings) {
    try {
      return call(() -> provider.examine(settings));
    } catch (SettingsException e) {
      return List.of(new Finding(id.toString(), "settings", String.valueOf(e.getMessage()), true));
    } catch (RuntimeException e) {
      return List.of(new Finding(id.toString(), "examination", "it failed: " + e, true));
    }
  }

  Stream<String> types(Contract contract) {
    return providers.stream().filter(named -> named.contract == contract).map(Named::type);
  }

  /**
   * Lends the provider of {@code type}.
   *
   * @throws PluginException if this machine cannot run it
   */
  <P extends Provider> Lease<P> lease(Class<P> service, String type, String user) {
    Contract contract = Contract.of(service);
    unavailable(contract, type, user).ifPresent(complaint -> {
      throw new PluginException(complaint);
    });
    Provider provider = provider(contract, type);
    var lease = new Lease<>(this, service.cast(provider), user);
    leases.add(lease);
    return lease;
  }

  /** {@return why this machine cannot run the provider of {@code type}, if it cannot} */
  Optional<String> unavailable(Contract contract, String type, String user) {
    return availability(provider(contract, type)) instanceof Availability.Unavailable(String reason)
        ? Optional.of(
            "%s '%s' (%s; %s) cannot run on this machine: %s"
                .formatted(contract, type, user, this, reason))
        : Optional.empty();
  }

  private Provider provider(Contract contract, String type) {
    return providers.stream()
        .filter(named -> named.contract == contract && named.type.equals(type))
        .findFirst()
        .orElseThrow().provider;
  }

  /** {@return why its classes stay when it is stopped, if they do} */
  Optional<String> permanence() {
    return call(
        () -> providers.stream()
            .flatMap(named -> named.provider.permanence().stream())
            .findFirst());
  }

  void release(Lease<?> lease) {
    leases.remove(lease);
  }

  void refuseStopping() {
    List<String> users = leases.stream().map(Lease::user).sorted().toList();
    if (!users.isEmpty()) {
      throw new PluginException("%s is in use by %s: close them first".formatted(id, users));
    }
  }

  /** Calls into the plugin; see {@link Border}. */
  <T> T call(Supplier<T> action) {
    return border.call(action);
  }
}
