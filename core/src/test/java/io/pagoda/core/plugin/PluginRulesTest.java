package io.pagoda.core.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.core.plugin.Plugin.Installed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginRulesTest {
  private static final String PROVIDER = "com/acme/tape/TapeTierProvider.java";

  private final PluginRules rules = new PluginRules(ModuleLayer.boot());
  private final ApiVersion api = ApiVersion.in(ModuleLayer.boot());

  @TempDir Path work;
  private Path place = Path.of("");

  @BeforeEach
  void makePlace() throws IOException {
    place = Files.createDirectory(work.resolve("tape"));
  }

  private void refused(String expected) {
    var e = assertThrows(PluginException.class, () -> rules.admit(place));
    assertEquals(expected, e.getMessage());
  }

  @Test
  void admitsADirectoryAndAJar() {
    Path jar = JarBuilder.tape(work, "1.2.3").into(place, "tape.jar");
    var id = new PluginId("com.acme.tape", "1.2.3");
    for (Path at : List.of(place, jar)) {
      Installed admitted = rules.admit(at);
      assertEquals(new Installed(id, at, Set.of("com.acme.tape"), admitted.finder()), admitted);
    }
  }

  @Test
  void refusesTheHostsOwnApi() throws IOException {
    JarBuilder.tape(work, "1.0.0").againstApi(api + ".0").into(place, "tape.jar");
    JarBuilder.under(work).module("unused", "", "").againstApi(api + ".9").into(work, "unused.jar");
    try (var files = Files.walk(work)) {
      Path brought =
          files.filter(file -> file.getFileName().toString().startsWith("api-")).findAny().get();
      Files.copy(brought, place.resolve("api.jar"));
    }
    refused("it brings [io.pagoda.api], which must be the host's: remove that jar");
  }

  @Test
  void refusesWhatReachesBehindTheApi() {
    JarBuilder.tape(work, "1.0.0")
        .module("com.acme.tape", "requires io.pagoda.core;", TapeSource.PROVIDES)
        .againstHost()
        .into(place, "tape.jar");
    refused(
        "module com.acme.tape requires io.pagoda.core: of Pagoda, a plugin may require only "
            + "io.pagoda.api");
  }

  @Test
  void refusesWhatWasCompiledAgainstALaterApi() {
    String later = api.major() + "." + (api.minor() + 1);
    JarBuilder.tape(work, "1.0.0").againstApi(later + ".7").into(place, "tape.jar");
    refused(
        "com.acme.tape 1.0.0 was compiled against io.pagoda.api %s and this host has %s: "
            .formatted(later, api) + "it runs on %s to %d.x".formatted(later, api.major()));
  }

  @Test
  void refusesWhatWasCompiledAgainstAnotherMajorApi() {
    int next = api.major() + 1;
    JarBuilder.tape(work, "1.0.0").againstApi(next + ".0.0").into(place, "tape.jar");
    refused(
        "com.acme.tape 1.0.0 was compiled against io.pagoda.api %d.0 and this host has %s: "
            .formatted(next, api) + "it runs on %d.0 to %d.x".formatted(next, next));
  }

  @Test
  void admitsWhatWasCompiledAgainstAnEarlierMinorApi() {
    JarBuilder.tape(work, "1.0.0").againstApi(api.major() + ".0.3").into(place, "tape.jar");
    assertEquals("com.acme.tape", rules.admit(place).id().name());
  }

  @Test
  void refusesAnApiWithoutUsableVersion() {
    JarBuilder.tape(work, "1.0.0").againstApi("7").into(place, "tape.jar");
    refused("'7' is no version of io.pagoda.api, such as 1.2.0");
  }

  @Test
  void refusesAPluginWithoutVersion() {
    JarBuilder.under(work)
        .module("com.acme.tape", "", TapeSource.PROVIDES)
        .source("com/acme/tape/TapeTier.java", TapeSource.TIER)
        .source(PROVIDER, TapeSource.PROVIDER)
        .into(place, "tape.jar");
    refused("module com.acme.tape has no version: compile it with --module-version");
  }

  @Test
  void refusesWhatProvidesNothing() {
    JarBuilder.under(work).version("1").module("com.acme.idle", "", "").into(place, "idle.jar");
    refused(
        "exactly one module must provide a tier, a transport or an eviction policy in its "
            + "module-info; [] of [com.acme.idle] do");
  }

  @Test
  void refusesAnEmptyDirectory() {
    refused("there is no jar in it: put the plugin's there, or remove it");
  }

  @Test
  void refusesTwoProvidingModules() {
    JarBuilder.tape(work, "1.0.0").into(place, "tape.jar");
    JarBuilder.under(work)
        .version("1.0.0")
        .module(
            "com.acme.reel", "",
            "provides io.pagoda.spi.tier.TierProvider with com.acme.reel.ReelTierProvider;")
        .source("com/acme/reel/TapeTier.java", TapeSource.TIER.replace("acme.tape", "acme.reel"))
        .source(
            "com/acme/reel/ReelTierProvider.java",
            TapeSource.PROVIDER.replace("acme.tape", "acme.reel")
                .replace("TapeTierProvider", "ReelTierProvider"))
        .into(place, "reel.jar");
    refused(
        "exactly one module must provide a tier, a transport or an eviction policy in its "
            + "module-info; [com.acme.reel, com.acme.tape] of [com.acme.reel, com.acme.tape] do");
  }

  @Test
  void refusesAPluginWhoseDependencyIsMissing() {
    Path library =
        JarBuilder.under(work).version("1").module("com.acme.spool", "", "").into(work, "s.jar");
    JarBuilder.tape(work, "1.0.0")
        .module("com.acme.tape", "requires com.acme.spool;", TapeSource.PROVIDES)
        .against(library)
        .into(place, "tape.jar");
    refused("module com.acme.tape requires com.acme.spool: put its jar beside it");
  }

  @Test
  void refusesWhatLeansOnALibraryOfTheHost() {
    JarBuilder.tape(work, "1.0.0")
        .module("com.acme.tape", "requires hash4j;", TapeSource.PROVIDES)
        .againstHost()
        .into(place, "tape.jar");
    refused("module com.acme.tape requires hash4j: put its jar beside it");
  }

  @Test
  void refusesTwoVersionsOfOneModule() {
    JarBuilder.tape(work, "1.0.0").into(place, "tape-1.jar");
    JarBuilder.tape(work, "1.0.1").into(place, "tape-2.jar");
    var e = assertThrows(PluginException.class, () -> rules.admit(place));
    String message = String.valueOf(e.getMessage());
    assertTrue(
        message.startsWith("unreadable: Two versions of module com.acme.tape found in " + place),
        message);
    assertTrue(message.endsWith("; keep one of them"), message);
  }

  @Test
  void refusesAPackageInTwoJars() {
    JarBuilder.tape(work, "1.0.0").into(place, "tape.jar");
    for (String jar : List.of("spool-1.0.jar", "reel-2.0.jar")) {
      JarBuilder.under(work)
          .source("com/acme/spool/Spool.java", "package com.acme.spool; public class Spool {}")
          .into(place, jar);
    }
    refused(
        "package com.acme.spool is in two jars, reel-2.0.jar and spool-1.0.jar: keep one of them, "
            + "or make one jar of both");
  }

  private JarBuilder requiring(String module, String requires) {
    return JarBuilder.under(work).version("1").module(module, requires, "");
  }

  @Test
  void refusesModulesThatRequireEachOther() throws IOException {
    Path early = Files.createDirectory(work.resolve("early"));
    Path hub = requiring("com.acme.hub", "").into(early, "hub.jar");
    Path spool = requiring("com.acme.spool", "").into(early, "spool.jar");
    requiring("com.acme.hub", "requires com.acme.spool;").against(spool).into(place, "hub.jar");
    requiring("com.acme.spool", "requires com.acme.hub;").against(hub).into(place, "spool.jar");
    JarBuilder.tape(work, "1.0.0").into(place, "tape.jar");
    refused(
        "modules [com.acme.hub, com.acme.spool] require each other in a circle: build one of them "
            + "without the next");
  }

  @Test
  void refusesABrokenJar() throws IOException {
    Files.writeString(place.resolve("tape.jar"), "this is no archive");
    var e = assertThrows(PluginException.class, () -> rules.admit(place));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.startsWith("unreadable: Error reading " + place), message);
  }
}
