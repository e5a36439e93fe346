package io.pagoda.node.bench;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A plain pair of C programs that send and receive over loopback, as a yardstick.
 *
 * @param program where it is
 */
public record CompiledPair(Path program) {
  /**
   * A pair, or why there is none.
   *
   * @param pair the program, if it could be compiled
   * @param missing why not; empty if it could
   */
  public record Attempt(Optional<CompiledPair> pair, String missing) {}

  /** Compiles the program in the distribution into {@code directory}, if there is a compiler. */
  public static Attempt compile(Path directory) throws IOException {
    Path source = Path.of(System.getProperty("pagoda.home", ""), "bench", "pair.c");
    if (!Files.exists(source)) {
      return new Attempt(Optional.empty(), "there is no " + source);
    }
    Optional<Path> compiler =
        Stream.of("cc", "gcc", "clang").flatMap(CompiledPair::find).findFirst();
    if (compiler.isEmpty()) {
      return new Attempt(Optional.empty(), "no C compiler was found: apt-get install gcc");
    }
    Path program = directory.resolve("pair");
    String said =
        run(List.of(compiler.get().toString(), "-O2", "-o", program.toString(), source.toString()));
    return Files.isExecutable(program)
        ? new Attempt(Optional.of(new CompiledPair(program)), "")
        : new Attempt(Optional.empty(), compiler.get() + " could not compile it: " + said);
  }

  private static Stream<Path> find(String name) {
    return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .map(directory -> Path.of(directory, name))
        .filter(Files::isExecutable);
  }

  /** {@return how long each of some batches took, in nanoseconds} */
  long[] batches(long size, int count, int batches) throws IOException {
    String said = run(
        List.of(
            program.toString(), Long.toString(size), Integer.toString(count),
            Integer.toString(batches)));
    long[] nanos = said.lines().mapToLong(CompiledPair::number).toArray();
    if (nanos.length != batches) {
      throw new IOException("%s failed: %s".formatted(program, said));
    }
    return nanos;
  }

  private static long number(String line) {
    return line.chars().allMatch(Character::isDigit) ? Long.parseLong(line) : 0;
  }

  private static String run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    return said;
  }
}
