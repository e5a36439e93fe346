package io.pagoda.core.plugin;

import io.pagoda.core.config.PluginSettings;
import io.pagoda.core.config.Reference;
import io.pagoda.core.plugin.Plugin.Active;
import io.pagoda.core.plugin.Plugin.Draining;
import io.pagoda.core.plugin.Plugin.Installed;
import io.pagoda.core.plugin.Plugin.Kept;
import io.pagoda.core.plugin.Plugin.Resolved;
import io.pagoda.core.plugin.Plugin.Running;
import io.pagoda.spi.Provider;
import io.pagoda.spi.Settings;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The plugins of one process: those on its module path, which serve for good, and those in a
 * directory, which come and go.
 *
 * <p><b>Threads.</b> Safe for use by many.
 *
 * <p><b>Failures.</b> A step of a plugin's life either completes, or throws {@link PluginException}
 * and leaves the plugin where it was.
 */
public final class Plugins implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Plugins.class.getPackageName());

  private final PluginRules rules;
  private final PluginLayers layers;
  private final Optional<PluginSettings> settings;
  private final ModulePath modulePath;
  private final Map<PluginId, Plugin> plugins = new LinkedHashMap<>();
  private final List<Refused> refused = new ArrayList<>();

  private Plugins(Optional<PluginSettings> settings, List<Provider> given) {
    ModuleLayer host = PluginRules.layerOf(Provider.class);
    this.rules = new PluginRules(host);
    this.settings = settings;
    this.layers = new PluginLayers(
        host, rules, name -> settings.map(known -> known.mayCallNative(name)).orElse(true));
    this.modulePath = ModulePath.of(PluginRules.layerOf(Plugins.class), given);
  }

  /**
   * Finds the plugins on the module path.
   *
   * @param given more providers, of whatever origin
   */
  public static Plugins onModulePath(Provider... given) {
    return new Plugins(Optional.empty(), List.of(given));
  }

  /**
   * Finds the plugins on the module path and in a directory, and starts them. One that cannot serve
   * is {@linkplain #found listed} with the reason, and does not hinder the others.
   *
   * @param directory holds a directory, or one jar, for each plugin; may be absent
   */
  public static Plugins in(Path directory) {
    return in(PluginSettings.of(directory));
  }

  /**
   * As {@link #in(Path)}.
   *
   * @param settings where they are, and which of them are preferred and trusted
   */
  public static Plugins in(PluginSettings settings) {
    return in(settings, _ -> {});
  }

  /**
   * As {@link #in(PluginSettings)}, for who is to {@linkplain #found list} them: each looks at this
   * machine while others are still prepared.
   */
  public static Plugins toList(PluginSettings settings) {
    return in(settings, Service::listing);
  }

  private static Plugins in(PluginSettings settings, Consumer<Service> prepared) {
    Plugins plugins = new Plugins(Optional.of(settings), List.of());
    List<Path> places = new PluginDirectory(settings.directory()).places();
    places.parallelStream()
        .map(place -> plugins.tried(place, prepared))
        .toList()
        .forEach(Runnable::run);
    return plugins;
  }

  /** Prepares a plugin for service; returns what is to be done with it, in the order of places. */
  private Runnable tried(Path place, Consumer<Service> prepared) {
    try {
      Resolved resolved = layers.resolve(rules.admit(place));
      try {
        Active active = active(resolved);
        prepared.accept(active.service());
        return () -> add(active);
      } catch (RuntimeException e) {
        PluginLayers.dissolve(resolved);
        throw e;
      }
    } catch (RuntimeException e) { // whatever a plugin throws, the others are not hindered
      return () -> refuse(place, e);
    }
  }

  private void add(Active plugin) {
    Plugin twin = plugins.putIfAbsent(plugin.id(), plugin);
    if (twin != null) {
      PluginLayers.dissolve(plugin.resolved());
      refuse(plugin.place(), twin(twin));
    }
  }

  private void refuse(Path place, RuntimeException e) {
    LOG.log(Level.DEBUG, "refused " + place, e);
    refused.add(Refused.because(place.toString(), e));
  }

  private static PluginException twin(Plugin twin) {
    return new PluginException("%s is in %s already".formatted(twin.id(), twin.place()));
  }

  /** Takes an installed plugin into service, or forgets it. */
  private void serve(PluginId id) {
    try {
      resolve(id);
      start(id);
    } catch (RuntimeException e) {
      uninstall(id);
      throw e;
    }
  }

  /** Makes a plugin known, by its directory or jar. Nothing of it is loaded. */
  public synchronized PluginId install(Path place) {
    Installed plugin = rules.admit(place);
    Plugin twin = plugins.putIfAbsent(plugin.id(), plugin);
    if (twin != null) {
      throw twin(twin);
    }
    return plugin.id();
  }

  /** Gives an installed plugin a module layer and a class loader. None of its code runs. */
  public synchronized void resolve(PluginId id) {
    step(id, plugin -> switch (plugin) {
      case Installed installed -> layers.resolve(installed);
      case Resolved _,Kept _,Running _ -> throw outOfTurn(plugin, Installed.class);
    });
  }

  /** Puts a resolved plugin, one that was stopped, or one that drains, into service. */
  public synchronized void start(PluginId id) {
    step(id, plugin -> switch (plugin) {
      case Resolved resolved -> active(resolved);
      case Kept(Resolved resolved, String _) -> active(resolved);
      case Draining(Resolved resolved, Service service) -> new Active(resolved, service);
      case Installed _,Active _ -> throw outOfTurn(plugin, Resolved.class);
    });
  }

  /** Lets an active plugin serve who uses it already, and nobody else. */
  public synchronized void drain(PluginId id) {
    step(id, plugin -> switch (plugin) {
      case Active(Resolved resolved, Service service) -> new Draining(resolved, service);
      case Installed _,Resolved _,Kept _,Draining _ -> throw outOfTurn(plugin, Active.class);
    });
  }

  /** Takes a plugin out of service, unless it is in use. */
  public synchronized void stop(PluginId id) {
    step(id, plugin -> switch (plugin) {
      case Running running -> {
        running.service().refuseStopping();
        Resolved resolved = running.resolved();
        yield running.service()
            .permanence()
            .<Plugin>map(why -> new Kept(resolved, why))
            .orElse(resolved);
      }
      case Installed _,Resolved _,Kept _ -> throw outOfTurn(plugin, Active.class);
    });
  }

  /** Forgets a plugin that is out of service; its classes go when nobody uses them any more. */
  public synchronized void uninstall(PluginId id) {
    switch (plugin(id)) {
      case Running running ->
        throw new PluginException("%s is %s: stop it first".formatted(id, name(running)));
      case Kept kept ->
        throw new PluginException("%s stays until the process ends: %s".formatted(id, kept.why()));
      case Resolved resolved -> PluginLayers.dissolve(resolved);
      case Installed _ -> {}
    }
    plugins.remove(id);
  }

  /** {@return why a plugin cannot be uninstalled while the process runs, if it cannot} */
  public synchronized Optional<String> permanence(PluginId id) {
    return switch (plugin(id)) {
      case Running running -> running.service().permanence();
      case Kept kept -> Optional.of(kept.why());
      case Installed _,Resolved _ -> Optional.empty();
    };
  }

  /** {@return the word for the state that a plugin is in, such as {@code "active"}} */
  public synchronized String state(PluginId id) {
    return name(plugin(id));
  }

  /** {@return which plugin was installed from a directory or jar, if one was} */
  public synchronized Optional<PluginId> at(Path place) {
    return plugins.values()
        .stream()
        .filter(plugin -> plugin.place().toAbsolutePath().equals(place.toAbsolutePath()))
        .map(Plugin::id)
        .findFirst();
  }

  /** {@return the plugins that were installed, in their order} */
  public synchronized List<PluginId> installed() {
    return List.copyOf(plugins.keySet());
  }

  /**
   * Puts another version of a plugin into service. Who asks from now on gets the new one; the old
   * one {@linkplain #drain drains}, to be stopped and uninstalled when nobody uses it. If the new
   * one cannot serve, nothing has changed.
   *
   * @param old which plugin, active
   * @param place the directory or jar of the other version
   * @return the other version
   */
  public synchronized PluginId update(PluginId old, Path place) {
    if (!(plugin(old) instanceof Active)) {
      throw outOfTurn(plugin(old), Active.class);
    }
    PluginId next = rules.admit(place).id();
    if (!next.name().equals(old.name())) {
      throw new PluginException(
          "%s is no version of %s: install it instead".formatted(next, old.name()));
    }
    serve(install(place));
    drain(old);
    return next;
  }

  private void step(PluginId id, UnaryOperator<Plugin> step) {
    Plugin plugin = plugin(id);
    Plugin next = step.apply(plugin);
    plugins.put(id, next);
    LOG.log(Level.DEBUG, "{0} in {1} is {2}", id, plugin.place(), name(next));
  }

  private static PluginException outOfTurn(Plugin plugin, Class<? extends Plugin> wanted) {
    return new PluginException(
        "%s is %s, not %s".formatted(plugin.id(), name(plugin), name(wanted)));
  }

  private static String name(Plugin plugin) {
    return name(plugin.getClass());
  }

  private static String name(Class<? extends Plugin> state) {
    return state.getSimpleName().toLowerCase(Locale.ROOT);
  }

  private Plugin plugin(PluginId id) {
    return Optional.ofNullable(plugins.get(id))
        .orElseThrow(
            () -> new PluginException(
                "%s is not installed; installed are %s".formatted(id, plugins.keySet())));
  }

  private static Active active(Resolved plugin) {
    String place = plugin.place().toString();
    Border border = new Border(plugin.id() + " in " + place, plugin.loader());
    List<Provider> own = border.call(() -> providers(plugin.layer()));
    if (own.isEmpty()) {
      throw new PluginException(
          "it provides nothing: a provider is a public class with a public constructor");
    }
    return new Active(plugin, new Service(plugin.id(), place, border, own));
  }

  /** Creates a layer's own providers; those of its parents are the host's. */
  private static List<Provider> providers(ModuleLayer layer) {
    List<Provider> own = new ArrayList<>();
    Contract.declaredIn(layer)
        .filter(declared -> declared.type().getModule().getLayer() == layer)
        .forEach(declared -> own.add(declared.get()));
    return own;
  }

  /**
   * Returns which of the plugins that were installed is called so.
   *
   * @param name its name, or its name and version
   * @throws PluginException if there is none, or more than one
   */
  public synchronized PluginId called(String name) {
    List<PluginId> called = plugins.keySet().stream().filter(id -> id.isCalled(name)).toList();
    if (called.size() != 1) {
      throw new PluginException(
          "%s called '%s'; installed are %s".formatted(
              called.isEmpty() ? "no plugin is" : "several are", name, plugins.keySet()));
    }
    return called.getFirst();
  }

  /** {@return what was found, on the module path first} */
  public synchronized List<Found> found() {
    Stream<Found> loaded = services().map(Service::listing);
    return Stream.of(loaded, modulePath.refused().stream(), refused.stream())
        .<Found>flatMap(part -> part)
        .toList();
  }

  private Stream<Service> services() {
    Stream<Service> active = plugins.values()
        .stream()
        .filter(Active.class::isInstance)
        .map(plugin -> ((Active) plugin).service());
    return Stream.concat(modulePath.services().stream(), active);
  }

  /** {@return the defaults that the modules of all plugins in service bring} */
  public synchronized List<Reference> defaults() {
    return services().flatMap(Service::defaults).toList();
  }

  /** {@return the types of a contract that are in service} */
  public synchronized List<String> types(Class<? extends Provider> service) {
    Contract contract = Contract.of(service);
    return services().flatMap(plugin -> plugin.types(contract)).distinct().sorted().toList();
  }

  /**
   * Tells why a type cannot be had here, if it cannot: nobody provides it, or this machine cannot
   * run it.
   *
   * @param service its contract
   * @param type the word that selects it
   * @param user who asks, for the message
   */
  public synchronized Optional<String> absence(
      Class<? extends Provider> service, String type, String user) {
    Contract contract = Contract.of(service);
    List<Service> serving = serving(contract, type);
    if (serving.isEmpty()) {
      return Optional.of(none(contract, type, user));
    }
    return preferred(serving).orElse(serving.getFirst()).unavailable(contract, type, user);
  }

  private List<Service> serving(Contract contract, String type) {
    return services().filter(plugin -> plugin.types(contract).anyMatch(type::equals)).toList();
  }

  /**
   * Lends a provider.
   *
   * @param service its contract
   * @param type the word that selects it
   * @param user who asks, for messages
   * @throws PluginException if nobody, or more than one, provides the type, or this machine cannot
   *     run it
   */
  public synchronized <P extends Provider> Lease<P> lease(
      Class<P> service, String type, String user) {
    return chosen(Contract.of(service), type, user).lease(service, type, user);
  }

  private Service chosen(Contract contract, String type, String user) {
    List<Service> serving = serving(contract, type);
    if (serving.isEmpty()) {
      throw new PluginException(none(contract, type, user));
    }
    return preferred(serving).orElseThrow(() -> severalProvide(contract, type, user, serving));
  }

  /** {@return why a type of a contract cannot be had here, in the words of a lease of it} */
  public synchronized Optional<String> refusal(Contract contract, String type, String user) {
    try {
      return chosen(contract, type, user).unavailable(contract, type, user);
    } catch (PluginException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** {@return which plugin provides a type of a contract, and where it was found} */
  public synchronized String provider(Contract contract, String type) {
    return chosen(contract, type, "provider").toString();
  }

  /** {@return the only one, or the one that the configuration prefers} */
  private Optional<Service> preferred(List<Service> serving) {
    if (serving.size() == 1) {
      return Optional.of(serving.getFirst());
    }
    return settings.stream()
        .flatMap(known -> known.prefer().stream())
        .map(name -> serving.stream().filter(one -> one.id().isCalled(name)).toList())
        .filter(called -> called.size() == 1)
        .map(List::getFirst)
        .findFirst();
  }

  private static PluginException severalProvide(
      Contract contract, String type, String user, List<Service> serving) {
    return new PluginException(
        ("more than one plugin provides %s '%s' (%s): %s; remove all but one, or say which in "
            + "pagoda.plugins.prefer, such as [\"%s\"]")
            .formatted(contract, type, user, serving, serving.getLast().id()));
  }

  /**
   * Has every provider of a contract look at this machine, whether it can run its parts or not.
   *
   * @param service the contract
   * @param settings what parts of a type have in common
   */
  public synchronized List<Examined> examine(
      Class<? extends Provider> service, Function<String, ? extends Settings> settings) {
    Contract contract = Contract.of(service);
    return services().flatMap(plugin -> plugin.examine(contract, settings)).toList();
  }

  private String none(Contract contract, String type, String user) {
    List<String> available = services()
        .flatMap(plugin -> plugin.types(contract).map(t -> "%s (%s)".formatted(t, plugin)))
        .toList();
    String there = available.isEmpty() ? "none" : String.join(", ", available);
    String advice = settings.map(known -> advice(known.directory())).orElse("");
    return "no %s of type '%s' (%s); available: %s%s%s"
        .formatted(contract, type, user, there, refusals(), advice);
  }

  private static String advice(Path directory) {
    return ". Put its plugin's directory under %s%s"
        .formatted(directory, Files.notExists(directory) ? ", which does not exist" : "");
  }

  private String refusals() {
    return Stream.concat(modulePath.refused().stream(), refused.stream())
        .map(one -> "; not loaded: %s: %s".formatted(one.where(), one.reason()))
        .collect(Collectors.joining());
  }

  /** Stops and uninstalls every plugin of the directory, none of which may be in use. */
  @Override
  public synchronized void close() {
    List<Plugin> all = List.copyOf(plugins.values());
    all.stream().filter(Running.class::isInstance).map(Plugin::id).forEach(this::stop);
    for (Plugin plugin : List.copyOf(plugins.values())) {
      if (plugin instanceof Kept kept) {
        PluginLayers.dissolve(kept.resolved());
        plugins.remove(kept.id());
      } else {
        uninstall(plugin.id());
      }
    }
  }
}
