package io.pagoda.core.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.core.plugin.PluginContent.Part;
import io.pagoda.spi.tier.TierProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginDirectoryTest {
  @TempDir Path work;
  private Path plugins = Path.of("");
  private PluginDirectory directory = new PluginDirectory(plugins);

  @BeforeEach
  void nameTheDirectory() {
    plugins = work.resolve("plugins");
    directory = new PluginDirectory(plugins);
  }

  private List<String> there() throws IOException {
    try (Stream<Path> files = Files.walk(plugins)) {
      return files.skip(1).map(file -> plugins.relativize(file).toString()).sorted().toList();
    }
  }

  private Path tape(String version) {
    return JarBuilder.tape(work, version).into(work.resolve("built-" + version), "tape.jar");
  }

  private static Path zip(Path zip, String prefix, Path... files) throws IOException {
    try (var out = new ZipOutputStream(Files.newOutputStream(zip))) {
      for (Path file : files) {
        out.putNextEntry(new ZipEntry(prefix + file.getFileName()));
        Files.copy(file, out);
      }
    }
    return zip;
  }

  private void serves(String version) {
    try (Plugins found = Plugins.in(plugins);
        var lease = found.lease(TierProvider.class, "tape", "a test")) {
      assertEquals("com.acme.tape " + version + " in " + place(version), lease.toString());
    }
  }

  private Path place(String version) {
    return plugins.resolve("com.acme.tape-" + version);
  }

  @Test
  void takesAJar() throws IOException {
    PluginContent content = directory.install(tape("1.0.0"));
    var id = new PluginId("com.acme.tape", "1.0.0");
    String api = ApiVersion.in(ModuleLayer.boot()).toString();
    assertEquals(
        new PluginContent(
            id, place("1.0.0"), api, Set.of(Contract.TIER),
            List.of(new Part(id, "tape.jar", false))),
        content);
    assertEquals(List.of("com.acme.tape-1.0.0", "com.acme.tape-1.0.0/tape.jar"), there());
    serves("1.0.0");
  }

  @Test
  void takesADirectoryWithAllThatIsInIt() throws IOException {
    tape("1.0.0");
    Path from = work.resolve("built-1.0.0");
    Files.createDirectory(from.resolve("native"));
    Files.writeString(from.resolve("native/libreel.so"), "no library");
    directory.install(from);
    assertEquals(
        List.of(
            "com.acme.tape-1.0.0", "com.acme.tape-1.0.0/native",
            "com.acme.tape-1.0.0/native/libreel.so", "com.acme.tape-1.0.0/tape.jar"),
        there());
    assertTrue(Files.exists(from.resolve("native/libreel.so")));
    serves("1.0.0");
  }

  @Test
  void takesAZipOfFilesAndOneOfADirectory() throws IOException {
    directory.install(zip(work.resolve("files.zip"), "", tape("1.0.0")));
    serves("1.0.0");
    directory.uninstall("com.acme.tape");
    directory.install(zip(work.resolve("directory.zip"), "tape/", tape("2.0.0")));
    serves("2.0.0");
  }

  /** Who installs it and who runs the store need not be the same user. */
  @Test
  void othersMayReadWhatItTook() throws IOException {
    directory.install(tape("1.0.0"));
    String usual = PosixFilePermissions.toString(Files.getPosixFilePermissions(plugins));
    String given = PosixFilePermissions.toString(Files.getPosixFilePermissions(place("1.0.0")));
    assertEquals(usual, given);
  }

  private void refused(String expected, Path from) throws IOException {
    List<String> before = Files.exists(plugins) ? there() : List.of();
    var e = assertThrows(PluginException.class, () -> directory.install(from));
    assertEquals(expected, e.getMessage());
    assertEquals(before, there());
  }

  @Test
  void whatItRefusesLeavesNothing() throws IOException {
    Path absent = work.resolve("absent.jar");
    refused("there is no " + absent + ": name a directory, a jar or a zip", absent);
    Path text = Files.writeString(work.resolve("tape.txt"), "no plugin");
    refused(text + " is no plugin: name a directory, a jar or a zip", text);
    Path fake = Files.writeString(work.resolve("fake.zip"), "no archive");
    refused(fake + ": there is no jar in it: put the plugin's there, or remove it", fake);
    Path hostile = zip(work.resolve("hostile.zip"), "../../", tape("1.0.0"));
    refused(
        hostile + " would write outside of itself, to ../../tape.jar: do not trust it", hostile);
    Path behind = JarBuilder.tape(work, "1.0.0")
        .module("com.acme.tape", "requires io.pagoda.core;", TapeSource.PROVIDES)
        .againstHost()
        .into(work, "behind.jar");
    refused(
        behind + ": module com.acme.tape requires io.pagoda.core: of Pagoda, a plugin may require "
            + "only io.pagoda.api",
        behind);
    directory.install(tape("1.0.0"));
    refused("com.acme.tape 1.0.0 is in " + place("1.0.0") + " already", tape("1.0.0"));
    Files.createDirectory(place("2.0.0"));
    refused(
        place("2.0.0") + " is in the way, and is not com.acme.tape 2.0.0: remove it",
        tape("2.0.0"));
  }

  @Test
  void takesOutWhatIsCalledSo() throws IOException {
    directory.install(tape("1.0.0"));
    directory.install(tape("2.0.0"));
    Path broken = Files.createDirectory(plugins.resolve("broken"));
    assertEquals(broken, directory.uninstall("broken"));
    var several = assertThrows(PluginException.class, () -> directory.uninstall("com.acme.tape"));
    assertEquals(
        "several plugins are called 'com.acme.tape': say which of "
            + "[com.acme.tape-1.0.0, com.acme.tape-2.0.0]",
        several.getMessage());
    assertEquals(place("1.0.0"), directory.uninstall("com.acme.tape 1.0.0"));
    assertEquals(place("2.0.0"), directory.content("com.acme.tape").place());
    var none = assertThrows(PluginException.class, () -> directory.uninstall("com.acme.reel"));
    assertEquals(
        "no plugin in " + plugins + " is called 'com.acme.reel'; there are [com.acme.tape-2.0.0]",
        none.getMessage());
    assertEquals(place("2.0.0"), directory.uninstall("com.acme.tape-2.0.0"));
    assertEquals(List.of(), there());
  }
}
