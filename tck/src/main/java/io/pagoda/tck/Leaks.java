package io.pagoda.tck;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * Whether something that is opened, used and closed leaves anything open behind it.
 *
 * @param what it is, for messages
 * @param patience how long what is left may take to go
 * @param use opens it, uses it and closes it; given how often that was done
 */
record Leaks(String what, Duration patience, Use use) {
  /** How often it is opened before anything is counted: what is opened once for all is not. */
  private static final int WARM_UPS = 3;

  /** How often it is opened then. */
  private static final int ROUNDS = 12;

  /**
   * So many more are a leak. It is half of what would be left if each left one: what was counted
   * before may have been more than stays.
   */
  private static final int LEAK = ROUNDS / 2;

  /** How long to wait before counting again. */
  private static final Duration PAUSE = Duration.ofMillis(20);

  /** Opens, uses, closes. */
  @FunctionalInterface
  interface Use {
    /** Does so once. */
    void once(int round);
  }

  void expectNoDescriptors() {
    Path descriptors = Path.of("/proc/self/fd");
    Assumptions.assumeTrue(Files.isDirectory(descriptors), "there is no " + descriptors);
    expectNone("file descriptors", () -> entries(descriptors));
  }

  void expectNoThreads() {
    expectNone("threads", () -> Thread.getAllStackTraces().size());
  }

  private void expectNone(String of, IntSupplier count) {
    times(WARM_UPS);
    int before = count.getAsInt();
    times(ROUNDS);
    long deadline = System.nanoTime() + patience.toNanos();
    while (count.getAsInt() - before >= LEAK && System.nanoTime() < deadline) {
      LockSupport.parkNanos(PAUSE.toNanos());
    }
    int left = count.getAsInt() - before;
    assertTrue(
        left < LEAK, () -> "%d %s were opened, used and closed, and %d more %s are there"
            .formatted(ROUNDS, what, left, of));
  }

  private void times(int times) {
    for (int round = 0; round < times; round++) {
      use.once(round);
    }
  }

  private static int entries(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      return (int) entries.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
