package io.pagoda.core.plugin;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;

/** Compiles sources and packs them into a jar, as a plugin's author would. */
public final class JarBuilder {
  private final Path work;
  private final Map<String, String> sources = new LinkedHashMap<>();
  private final Map<String, String> resources = new LinkedHashMap<>();
  private final List<String> modulePath = new ArrayList<>();
  private final List<String> options = new ArrayList<>();
  private Path api = moduleOnPath("io.pagoda.api");

  private JarBuilder(Path work) {
    this.work = work;
  }

  /** Starts a jar, with room for intermediate files in a new directory below {@code work}. */
  public static JarBuilder under(Path work) {
    try {
      return new JarBuilder(Files.createTempDirectory(work, "jar"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts the plugin {@code com.acme.tape}, whose tier type is {@code tape}. */
  public static JarBuilder tape(Path work, String version) {
    return plugin(work, "tape", version);
  }

  /** Starts the same plugin by another name and of another type. */
  public static JarBuilder plugin(Path work, String name, String version) {
    UnaryOperator<String> renamed =
        text -> text.replace("acme.tape", "acme." + name).replace("\"tape\"", '"' + name + '"');
    return under(work).version(version)
        .module("com.acme." + name, "", renamed.apply(TapeSource.PROVIDES))
        .source("com/acme/" + name + "/TapeTier.java", renamed.apply(TapeSource.TIER))
        .source("com/acme/" + name + "/TapeTierProvider.java", renamed.apply(TapeSource.PROVIDER));
  }

  /** Writes the module's descriptor. */
  public JarBuilder module(String name, String requires, String provides) {
    return source(
        "module-info.java",
        "module %s { requires io.pagoda.api; %s %s }".formatted(name, requires, provides));
  }

  /** Adds or replaces a source file. */
  public JarBuilder source(String file, String text) {
    sources.put(file, text);
    return this;
  }

  /** Replaces a part of a source file. */
  public JarBuilder change(String file, String from, String to) {
    String changed = sources.getOrDefault(file, "").replace(from, to);
    if (changed.equals(sources.get(file))) {
      throw new AssertionError("no '" + from + "' in " + file);
    }
    return source(file, changed);
  }

  /** Adds a resource. */
  public JarBuilder resource(String file, String text) {
    resources.put(file, text);
    return this;
  }

  /** Sets the module's version. */
  public JarBuilder version(String version) {
    options.addAll(List.of("--module-version", version));
    return this;
  }

  /** Compiles against another jar too. */
  public JarBuilder against(Path jar) {
    modulePath.add(jar.toString());
    return this;
  }

  /** Compiles against all that this JVM runs. */
  public JarBuilder againstHost() {
    modulePath.add(System.getProperty("jdk.module.path", ""));
    return this;
  }

  /** Compiles against the api as if it had another version. */
  public JarBuilder againstApi(String version) {
    api = work.resolve("api-" + version + ".jar");
    run("jar", apiOf(version));
    return this;
  }

  private List<String> apiOf(String version) {
    Path classes = moduleOnPath("io.pagoda.api");
    if (Files.isDirectory(classes)) {
      return List.of(
          "--create", "--file=" + api, "--module-version=" + version, "-C", classes.toString(),
          ".");
    }
    try {
      Files.copy(classes, api);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return List.of("--update", "--file=" + api, "--module-version=" + version);
  }

  /** Writes the jar into {@code directory}, which is created if it is absent. */
  public Path into(Path directory, String name) {
    Path jar = directory.resolve(name);
    Path classes = work.resolve("classes");
    try {
      Files.createDirectories(directory);
      run("javac", compilation(classes));
      for (var resource : resources.entrySet()) {
        Path file = classes.resolve(resource.getKey());
        Files.createDirectories(file.getParent());
        Files.writeString(file, resource.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    run("jar", List.of("--create", "--file=" + jar, "-C", classes.toString(), "."));
    return jar;
  }

  private List<String> compilation(Path classes) throws IOException {
    var arguments = new ArrayList<>(options);
    boolean modular = sources.containsKey("module-info.java");
    arguments.addAll(List.of("-proc:none", "-d", classes.toString()));
    var path = new ArrayList<>(modulePath);
    path.add(api.toString());
    path.add(moduleOnPath("org.jspecify").toString());
    arguments.add(modular ? "--module-path" : "--class-path");
    arguments.add(String.join(File.pathSeparator, path));
    for (var source : sources.entrySet()) {
      Path file = work.resolve("src").resolve(source.getKey());
      Files.createDirectories(file.getParent());
      arguments.add(Files.writeString(file, source.getValue()).toString());
    }
    return arguments;
  }

  private static void run(String tool, List<String> arguments) {
    var output = new StringWriter();
    var printer = new PrintWriter(output, true);
    int status = ToolProvider.findFirst(tool)
        .orElseThrow()
        .run(printer, printer, arguments.toArray(String[]::new));
    if (status != 0) {
      throw new AssertionError(tool + " " + arguments + " failed: " + output);
    }
  }

  /** {@return where a module on this JVM's module path is} */
  public static Path moduleOnPath(String name) {
    String path = System.getProperty("jdk.module.path", "");
    Path[] entries =
        Pattern.compile(File.pathSeparator).splitAsStream(path).map(Path::of).toArray(Path[]::new);
    return ModuleFinder.of(entries)
        .find(name)
        .flatMap(ModuleReference::location)
        .map(Path::of)
        .orElseThrow(() -> new AssertionError("no " + name + " on " + path));
  }
}
