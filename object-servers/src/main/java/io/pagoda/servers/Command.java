package io.pagoda.servers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Commands that end soon. */
final class Command {
  private Command() {}

  /**
   * Runs a command to its end.
   *
   * @return what it printed
   * @throws IOException if it failed: with what it printed, errors included
   */
  static String run(Map<String, String> environment, List<String> command) throws IOException {
    Path errors = Files.createTempFile("pagoda-command", ".err");
    try {
      var builder = new ProcessBuilder(command).redirectError(errors.toFile());
      builder.environment().putAll(environment);
      Process process = builder.start();
      var printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = process.onExit().join().exitValue();
      if (status != 0) {
        throw new IOException(
            "%s ended with %d: %s%s"
                .formatted(command.getFirst(), status, printed, Files.readString(errors)));
      }
      return printed;
    } finally {
      Files.delete(errors);
    }
  }

  /** {@return the program of this name on the PATH} */
  static Optional<Path> find(String name) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
        .map(directory -> Path.of(directory, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** {@return a script of this source tree, found from the working directory upwards} */
  static Optional<Path> script(String name) {
    return Stream.iterate(Path.of("").toAbsolutePath(), at -> at != null, Path::getParent)
        .map(at -> at.resolve("dev").resolve(name))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
