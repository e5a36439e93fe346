package io.pagoda.node;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The option that asks for a report for machines. */
final class JsonOption {
  private static final Path STDOUT = Path.of("-");

  @Option(names = "--json", arity = "0..1", fallbackValue = "-",
      paramLabel = "FILE") private Optional<Path> own = Optional.empty();

  @Spec(Spec.Target.MIXEE) private CommandSpec command = CommandSpec.create();

  /** Writes one JSON document. */
  @FunctionalInterface
  interface Document {
    /** Writes it. */
    void write(JsonGenerator json) throws IOException;
  }

  /** {@return where to: as this command was told, or else the one that it is a part of} */
  private Optional<Path> to() {
    return own.or(() -> above().flatMap(JsonOption::to));
  }

  private Optional<JsonOption> above() {
    return Optional.ofNullable(command.parent())
        .map(parent -> parent.mixins().get("json"))
        .map(CommandSpec::userObject)
        .map(JsonOption.class::cast);
  }

  /**
   * Checks, before the work is done, that its report can be written.
   *
   * @throws IOException if not
   */
  void check() throws IOException {
    Optional<Path> file = to().filter(path -> !path.equals(STDOUT));
    if (file.isPresent()) {
      Path parent = file.get().toAbsolutePath().getParent();
      if (parent == null || !Files.isWritable(parent) || Files.isDirectory(file.get())) {
        throw new IOException(
            "Cannot write %s: no such directory, or not allowed".formatted(file.get()));
      }
    }
  }

  /** Refuses to be said, and says why. */
  void refuse(String why) {
    if (to().isPresent()) {
      throw new ParameterException(command.commandLine(), "--json cannot be had: " + why);
    }
  }

  /** {@return whether standard output is for machines, so that nothing else may go there} */
  boolean takesStandardOutput() {
    return to().equals(Optional.of(STDOUT));
  }

  /** Writes the document to where it was asked for, if it was. */
  void write(Terminal terminal, Document document) throws IOException {
    if (takesStandardOutput()) {
      write(terminal.out(), document);
      terminal.out().flush();
    } else {
      Optional<Path> file = to();
      if (file.isPresent()) {
        writeFile(file.get(), document);
      }
    }
  }

  private static void writeFile(Path file, Document document) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      write(out, document);
    } catch (IOException e) {
      throw new IOException("Cannot write %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static void write(OutputStream out, Document document) throws IOException {
    var lines = new DefaultIndenter("  ", "\n");
    var printer = new DefaultPrettyPrinter().withObjectIndenter(lines).withArrayIndenter(lines);
    try (JsonGenerator json = new JsonFactory().createGenerator(new Unclosed(out))) {
      json.setPrettyPrinter(printer);
      document.write(json);
      json.writeRaw('\n');
    }
  }

  /** Whoever opened the stream closes it. */
  private static final class Unclosed extends FilterOutputStream {
    Unclosed(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      out.write(bytes, from, length);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }
}
