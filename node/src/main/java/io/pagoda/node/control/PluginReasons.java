package io.pagoda.node.control;

import io.pagoda.core.plugin.Contract;
import io.pagoda.core.plugin.Found;
import io.pagoda.core.plugin.Loaded;
import io.pagoda.core.plugin.Offer;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.core.plugin.Refused;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Why a type, or what a plugin provides, can be had, or why not. */
public final class PluginReasons {
  private final Plugins plugins;
  private final String what;
  private final List<String> lines = new ArrayList<>();
  private final boolean all;

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

  /**
   * Looks for reasons.
   *
   * @param plugins who could provide it
   * @param what a type, or a plugin by its name, or that of its directory or jar
   */
  public PluginReasons(Plugins plugins, String what) {
    this.plugins = plugins;
    this.what = what;
    List<Found> meant = plugins.found().stream().filter(this::isMeant).toList();
    Set<Wanted> wanted = new LinkedHashSet<>();
    meant.forEach(found -> wanted(found).forEach(wanted::add));
    meant.forEach(this::tellRefusal);
    if (meant.isEmpty()) {
      wanted.add(new Wanted(Contract.TIER, what));
    }
    long had = wanted.stream().filter(this::told).count();
    this.all = had > 0 && had == wanted.size();
  }

  /** {@return a line for each} */
  public List<String> lines() {
    return List.copyOf(lines);
  }

  /** {@return whether all of it can be had} */
  public boolean all() {
    return all;
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
      lines.add("%s is refused: %s".formatted(where, reason));
    }
  }

  /** Tells of one thing, and returns whether it can be had. */
  private boolean told(Wanted wanted) {
    Optional<String> refusal =
        plugins.refusal(wanted.contract(), wanted.type(), "asked for by hand");
    lines.add(
        refusal.orElseGet(
            () -> "%s '%s' can be had, from %s".formatted(
                wanted.contract(), wanted.type(),
                plugins.provider(wanted.contract(), wanted.type()))));
    return refusal.isEmpty();
  }
}
