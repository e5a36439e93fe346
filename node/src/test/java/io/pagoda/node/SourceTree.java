package io.pagoda.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** The modules of this build, as javac left them. */
final class SourceTree {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private SourceTree() {}

  /** {@return where the file called {@code name} is} */
  static Path path(String name) {
    return ROOT.resolve(name);
  }

  /** {@return what the file called {@code name} holds} */
  static String text(String name) throws IOException {
    return Files.readString(path(name));
  }

  /** {@return the compiled classes of each module, by the name of its folder} */
  static Map<String, Path> classes() {
    var classes = new TreeMap<String, Path>();
    try (var folders = Files.newDirectoryStream(ROOT, Files::isDirectory)) {
      for (Path folder : folders) {
        Path compiled = folder.resolve("target/classes");
        if (Files.exists(folder.resolve("pom.xml"))
            && Files.exists(compiled.resolve("module-info.class"))) {
          classes.put(folder.getFileName().toString(), compiled);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return classes;
  }

  /** {@return the module in {@code classes}} */
  static ModuleDescriptor module(Path classes) {
    try (var bytes = Files.newInputStream(classes.resolve("module-info.class"))) {
      return ModuleDescriptor.read(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
