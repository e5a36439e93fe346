package io.pagoda.node.bench;

import io.pagoda.spi.transport.RemoteBatch.Direction;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One-sided puts and gets of UCX over its TCP, in a JVM of its own, as a yardstick. What it needs
 * is no part of the distribution: UCX's classes are taken from where Maven keeps them, its library
 * from the system.
 */
public final class UcxPair implements AutoCloseable {
  /** Whose classes. */
  public static final String ARTIFACT = "org.openucx:jucx:1.12.1";

  private static final Path IN_REPOSITORY =
      Path.of(".m2", "repository", "org", "openucx", "jucx", "1.12.1", "jucx-1.12.1.jar");

  private final Process process;
  private final BufferedReader answers;
  private final Path log;

  private UcxPair(Process process, Path log) {
    this.process = process;
    this.log = log;
    answers = process.inputReader();
  }

  /**
   * A pair, or why there is none.
   *
   * @param pair ready to be asked
   * @param missing why not; empty if it is there
   */
  public record Attempt(Optional<UcxPair> pair, String missing) {
    /** Nobody asked for one. */
    public static final Attempt NONE = new Attempt(Optional.empty(), "");
  }

  /** {@return where the classes are unless somebody says otherwise} */
  public static Path jar() {
    return Path.of(System.getProperty("user.home", "")).resolve(IN_REPOSITORY);
  }

  /**
   * Starts one.
   *
   * @param jar UCX's classes
   * @param bytes of the largest batch
   * @param directory what it says goes there
   */
  public static Attempt start(Path jar, long bytes, Path directory) throws IOException {
    Path source = Path.of(System.getProperty("pagoda.home", ""), "bench", "UcxPair.java");
    if (!Files.exists(source)) {
      return new Attempt(Optional.empty(), "there is no " + source);
    }
    if (!Files.exists(jar)) {
      return new Attempt(
          Optional.empty(),
          "there is no %s: mvn dependency:get -Dartifact=%s brings it".formatted(jar, ARTIFACT));
    }
    Path log = directory.resolve("ucx.log");
    UcxPair pair = new UcxPair(process(source, jar, bytes, log), log);
    if (pair.answer() != null) {
      return new Attempt(Optional.of(pair), "");
    }
    pair.close();
    return new Attempt(Optional.empty(), "UCX does not start: " + pair.said());
  }

  private static Process process(Path source, Path jar, long bytes, Path log) throws IOException {
    List<String> command = List.of(
        Path.of(System.getProperty("java.home", ""), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED", "-cp", jar.toString(), source.toString(),
        Long.toString(bytes));
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
    builder.environment().putIfAbsent("UCX_TLS", "tcp");
    return builder.start();
  }

  /** {@return how long each of some batches took, in nanoseconds} */
  long[] batches(Direction direction, long size, int count, int batches) throws IOException {
    String word = direction == Direction.READ ? "get" : "put";
    process.outputWriter().write("%s %d %d %d%n".formatted(word, size, count, batches));
    process.outputWriter().flush();
    String answer = answer();
    if (answer == null) {
      throw new IOException("UCX's pair has ended: " + said());
    }
    long[] numbers = Arrays.stream(answer.split(" ")).mapToLong(Long::parseLong).toArray();
    if (numbers.length != batches + 1 || numbers[batches] != 0) {
      throw new IOException("UCX did not bring all bytes over: " + answer);
    }
    return Arrays.copyOf(numbers, batches);
  }

  private @Nullable String answer() throws IOException {
    return answers.readLine();
  }

  /** {@return what it said last of itself} */
  private String said() throws IOException {
    String all = Files.readString(log).strip();
    if (all.contains("libucp") || all.contains("libucs") || all.contains("libjucx")) {
      return "its library is not there: apt-get install libucx0";
    }
    return all.isEmpty() ? "it said nothing" : all.substring(all.lastIndexOf('\n') + 1);
  }

  @Override
  public void close() throws IOException {
    process.outputWriter().close();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
