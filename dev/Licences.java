import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Gathers the licences and notices that the jars of a distribution bring into its directory
 * {@code licences}, one directory for each jar that brings any. It is run from its source.
 */
public final class Licences {
  private static final Pattern NAMES = Pattern.compile(
      "(META-INF/)?([^/]*/)?(LICEN[CS]E|NOTICE|COPYING)[^/]*(?<!\\.class)",
      Pattern.CASE_INSENSITIVE);

  private Licences() {}

  /**
   * Does it.
   *
   * @param args where the distribution is, and its own licence
   */
  public static void main(String[] args) throws IOException {
    Path home = Path.of(args[0]);
    Path licences = Files.createDirectories(home.resolve("licences"));
    copy(Path.of(args[1]), licences.resolve("LICENSE"));
    for (String part : List.of("lib", "plugins")) {
      for (Path jar : jars(home.resolve(part))) {
        gather(jar, licences);
      }
    }
  }

  private static List<Path> jars(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    }
  }

  private static void gather(Path jar, Path licences) throws IOException {
    Path own = licences.resolve(jar.getFileName().toString().replaceFirst("\\.jar$", ""));
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      for (ZipEntry entry : (Iterable<ZipEntry>) zip.stream().map(e -> (ZipEntry) e)::iterator) {
        if (!entry.isDirectory() && NAMES.matcher(entry.getName()).matches()) {
          String name = entry.getName().replaceFirst("^META-INF/", "").replace('/', '-');
          Files.createDirectories(own);
          try (var text = zip.getInputStream(entry)) {
            Files.copy(text, own.resolve(name), StandardCopyOption.REPLACE_EXISTING);
          }
        }
      }
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
  }
}
