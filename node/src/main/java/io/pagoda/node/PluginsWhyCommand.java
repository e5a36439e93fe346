package io.pagoda.node;

import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.plugin.Contract;
import io.pagoda.core.plugin.Found;
import io.pagoda.core.plugin.Loaded;
import io.pagoda.core.plugin.Offer;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.core.plugin.Refused;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Tells why a type, or what a plugin provides, can be had here, or why not. */
@Command(name = "why")
final class PluginsWhyCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private StoreOptions store = new StoreOptions();
  @Parameters(descriptionKey = "WHAT", paramLabel = "WHAT") private String what = "";

  /**
   * What somebody may want.
   *
   * @param contract what it is
   * @param type the word that selects it
   */
  private record Wanted(Contract contract, String type) {
    static Wanted of(Offer offer) {
      return new Wanted(offer.contract(), offer.type());
    }
  }

  PluginsWhyCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    PagodaConfig config = PagodaConfig.load(store.file(), store.overrides());
    try (Plugins plugins = Plugins.in(config.plugins())) {
      List<Found> meant = plugins.found().stream().filter(this::isMeant).toList();
      Set<Wanted> wanted = new LinkedHashSet<>();
      meant.forEach(found -> wanted(found).forEach(wanted::add));
      meant.forEach(this::tellRefusal);
      if (meant.isEmpty()) {
        wanted.add(new Wanted(Contract.TIER, what));
      }
      boolean all = !wanted.isEmpty();
      for (Wanted one : wanted) {
        all &= told(plugins, one);
      }
      return all ? ExitCode.OK : ExitCode.CONFIGURATION;
    }
  }

  private boolean isMeant(Found found) {
    return switch (found) {
      case Refused refused -> isAt(refused);
      case Loaded loaded -> isAt(loaded)
          || loaded.id().isCalled(what)
          || loaded.offers().stream().anyMatch(offer -> offer.type().equals(what));
    };
  }

  private boolean isAt(Found found) {
    return Path.of(found.where()).getFileName().toString().equals(what);
  }

  /** {@return of a plugin that was named all that it provides; else the type that was named} */
  private Stream<Wanted> wanted(Found found) {
    return switch (found) {
      case Refused _ -> Stream.empty();
      case Loaded loaded -> loaded.offers()
          .stream()
          .filter(offer -> isAt(loaded) || loaded.id().isCalled(what) || offer.type().equals(what))
          .map(Wanted::of);
    };
  }

  private void tellRefusal(Found found) {
    if (found instanceof Refused(String where, String reason)) {
      terminal.out().printf("%s is refused: %s%n", where, reason);
    }
  }

  /** Tells of one thing, and returns whether it can be had. */
  private boolean told(Plugins plugins, Wanted wanted) {
    Optional<String> refusal =
        plugins.refusal(wanted.contract(), wanted.type(), "asked for by hand");
    terminal.out()
        .println(
            refusal.orElseGet(
                () -> "%s '%s' can be had, from %s".formatted(
                    wanted.contract(), wanted.type(),
                    plugins.provider(wanted.contract(), wanted.type()))));
    return refusal.isEmpty();
  }
}
