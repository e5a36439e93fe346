package io.pagoda.core.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.core.config.Reference;
import io.pagoda.spi.Availability;
import io.pagoda.spi.eviction.EvictionPolicyProvider;
import io.pagoda.spi.tier.TierProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginsTest {
  /** The tier that core itself provides, as messages tell it. */
  private static final String OWN = "peer (%s in module path)"
      .formatted(Plugins.class.getModule().getDescriptor().toNameAndVersion().replace('@', ' '));

  private static final String PROVIDER = "com/acme/tape/TapeTierProvider.java";
  private static final String REFERENCE = "pagoda.tier.tape { blocks = 10 }";

  @TempDir Path work;

  private Path directory() throws IOException {
    return Files.createDirectories(work.resolve("plugins"));
  }

  private static List<Found> inDirectory(Plugins plugins) {
    return plugins.found().stream().filter(found -> !found.where().equals("module path")).toList();
  }

  @Test
  void listsWhatTheModulePathProvides() {
    try (Plugins plugins = Plugins.onModulePath()) {
      Loaded core = plugins.found()
          .stream()
          .map(Loaded.class::cast)
          .filter(loaded -> loaded.id().name().equals("io.pagoda.core"))
          .findFirst()
          .orElseThrow();
      assertEquals("module path", core.where());
      assertEquals(
          List.of(
              new Offer(Contract.TIER, "peer", Availability.READY),
              new Offer(Contract.EVICTION, "lru", Availability.READY)),
          core.offers());
      assertEquals(List.of("lru"), plugins.types(EvictionPolicyProvider.class));
    }
  }

  @Test
  void listsWhatADirectoryProvidesAndWhatItCannot() throws IOException {
    Path broken = Files.createDirectory(directory().resolve("broken"));
    Files.writeString(broken.resolve("tape.jar"), "this is no archive");
    Path empty = Files.createDirectory(directory().resolve("empty"));
    Path throwing = directory().resolve("throwing");
    JarBuilder.tape(work, "3.0.0")
        .change(PROVIDER, "return \"tape\";", "throw new IllegalStateException(\"no reel\");")
        .into(throwing, "tape.jar");
    Path constructing = directory().resolve("constructing");
    JarBuilder.tape(work, "4.0.0")
        .change(PROVIDER, "Provider() {}", "Provider() { throw new Error(\"no motor\"); }")
        .into(constructing, "tape.jar");
    Path jar = JarBuilder.tape(work, "1.0.0").into(directory(), "tape.jar");
    Files.createDirectory(directory().resolve(".hidden"));
    Files.writeString(directory().resolve("README"), "no plugin");
    try (Plugins plugins = Plugins.in(directory())) {
      List<Found> found = inDirectory(plugins);
      assertEquals(
          new Loaded(
              jar.toString(), new PluginId("com.acme.tape", "1.0.0"),
              List.of(new Offer(Contract.TIER, "tape", Availability.READY))),
          found.getFirst());
      assertEquals(
          List.of(broken, constructing, empty, throwing).stream().map(Path::toString).toList(),
          found.stream().skip(1).map(Found::where).toList());
      assertTrue(found.get(1) instanceof Refused(_, String why) && why.contains("unreadable"));
      assertTrue(
          found.get(2) instanceof Refused(_, String why) && why.contains("Error: no motor"),
          found.get(2)::toString);
      assertEquals(
          new Refused(throwing.toString(), "java.lang.IllegalStateException: no reel"),
          found.get(4));
    }
  }

  @Test
  void anAbsentDirectoryHoldsNothing() {
    Path none = work.resolve("none");
    try (Plugins plugins = Plugins.in(none)) {
      assertEquals(List.of(), inDirectory(plugins));
      var e = assertThrows(
          PluginException.class, () -> plugins.lease(TierProvider.class, "ssd", "a test"));
      assertEquals(
          "no tier of type 'ssd' (a test); available: %s. Put its plugin's directory under "
              .formatted(OWN) + none + ", which does not exist",
          e.getMessage());
    }
  }

  @Test
  void anUnknownTypeIsMetWithWhatThereIs() throws IOException {
    Path place = directory().resolve("tier-tape");
    JarBuilder.tape(work, "1.0.0").into(place, "tape.jar");
    Path empty = Files.createDirectory(directory().resolve("tier-ssd"));
    try (Plugins plugins = Plugins.in(directory())) {
      var e = assertThrows(
          PluginException.class,
          () -> plugins.lease(TierProvider.class, "ssd", "pagoda.tiers[1] at demo.conf:12"));
      assertEquals(
          "no tier of type 'ssd' (pagoda.tiers[1] at demo.conf:12); available: "
              + "%s, tape (com.acme.tape 1.0.0 in %s); not loaded: %s: ".formatted(
                  OWN, place, empty)
              + "there is no jar in it: put the plugin's there, or remove it"
              + ". Put its plugin's directory under " + directory(),
          e.getMessage());
    }
  }

  @Test
  void withNoPluginsAnUnknownTypeSaysSo() {
    try (Plugins plugins = Plugins.onModulePath()) {
      var e = assertThrows(
          PluginException.class, () -> plugins.lease(TierProvider.class, "ssd", "a test"));
      assertEquals("no tier of type 'ssd' (a test); available: " + OWN, e.getMessage());
    }
  }

  @Test
  void anUnavailableProviderTellsItsReason() throws IOException {
    Path place = directory().resolve("tape");
    JarBuilder.tape(work, "1.0.0")
        .change(PROVIDER, "Availability.READY", "new Availability.Unavailable(\"no drive here\")")
        .into(place, "tape.jar");
    try (Plugins plugins = Plugins.in(directory())) {
      var e = assertThrows(
          PluginException.class, () -> plugins.lease(TierProvider.class, "tape", "a test"));
      assertEquals(
          "tier 'tape' (a test; com.acme.tape 1.0.0 in " + place + ") cannot run on this machine: "
              + "no drive here",
          e.getMessage());
      assertEquals(
          List.of(new Offer(Contract.TIER, "tape", new Availability.Unavailable("no drive here"))),
          ((Loaded) inDirectory(plugins).getFirst()).offers());
    }
  }

  @Test
  void aProviderThatCannotTellIsUnavailable() throws IOException {
    JarBuilder.tape(work, "1.0.0")
        .change(
            PROVIDER, "return Availability.READY", "throw new UnsatisfiedLinkError(\"libtape\")")
        .into(directory().resolve("tape"), "tape.jar");
    try (Plugins plugins = Plugins.in(directory())) {
      var e = assertThrows(
          PluginException.class, () -> plugins.lease(TierProvider.class, "tape", "a test"));
      assertTrue(String.valueOf(e.getMessage()).contains("libtape"), e.getMessage());
    }
  }

  @Test
  void itsDefaultsAreFound() throws IOException {
    JarBuilder.tape(work, "1.0.0")
        .resource("reference.conf", REFERENCE)
        .into(directory().resolve("tape"), "tape.jar");
    try (Plugins plugins = Plugins.in(directory())) {
      assertEquals(List.of(new Reference("com.acme.tape", REFERENCE)), plugins.defaults());
    }
  }

  @Test
  void itsDefaultsMaySetNothingElse() throws IOException {
    Path place = directory().resolve("tape");
    JarBuilder.tape(work, "1.0.0")
        .resource("reference.conf", REFERENCE + "\nqueue-depth = 512")
        .into(place, "tape.jar");
    try (Plugins plugins = Plugins.in(directory())) {
      assertEquals(
          List.of(
              new Refused(
                  place.toString(),
                  "reference.conf of com.acme.tape:2: a module sets what its own parts read, "
                      + "[pagoda.tier.tape], but not queue-depth")),
          inDirectory(plugins));
      assertEquals(List.of(), plugins.defaults());
    }
  }

  @Test
  void itsDefaultsMustParse() throws IOException {
    JarBuilder.tape(work, "1.0.0")
        .resource("reference.conf", "pagoda { tier")
        .into(directory().resolve("tape"), "tape.jar");
    try (Plugins plugins = Plugins.in(directory())) {
      assertTrue(
          inDirectory(plugins).getFirst() instanceof Refused(_, String why)
              && why.startsWith("reference.conf of com.acme.tape: 1: "));
    }
  }

  @Test
  void oneTypeIsProvidedOnce() throws IOException {
    JarBuilder.tape(work, "1.0.0")
        .module(
            "com.acme.tape", "",
            "provides io.pagoda.spi.tier.TierProvider with com.acme.tape.TapeTierProvider, "
                + "com.acme.tape.OtherProvider;")
        .source(
            "com/acme/tape/OtherProvider.java",
            TapeSource.PROVIDER.replace("TapeTierProvider", "OtherProvider"))
        .into(directory().resolve("tape"), "tape.jar");
    try (Plugins plugins = Plugins.in(directory())) {
      assertTrue(
          inDirectory(plugins).getFirst() instanceof Refused(_, String why)
              && why.startsWith("tier 'tape' is provided twice, by class com.acme.tape."));
    }
  }
}
