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
import org.junit.jupiter.api.Test;

/** A tier that was used and closed leaves nothing open behind it. */
public interface TierLeakContract extends TierUnderTest {
  /** How often a tier is opened before anything is counted: what is opened once for all is not. */
  int WARM_UPS = 3;

  /** How often it is opened then: what each leaves behind is at least so many. */
  int ROUNDS = 6;

  /** How long to wait before counting again. */
  Duration PAUSE = Duration.ofMillis(20);

  /** Files and sockets are closed. */
  @Test
  default void leavesNoDescriptorOpen() {
    Path descriptors = Path.of("/proc/self/fd");
    Assumptions.assumeTrue(Files.isDirectory(descriptors), "there is no " + descriptors);
    leavesNothing("file descriptors", () -> entries(descriptors));
  }

  /** Threads of its own have ended, or end soon. */
  @Test
  default void leavesNoThreadRunning() {
    leavesNothing("threads", () -> Thread.getAllStackTraces().size());
  }

  private void leavesNothing(String what, IntSupplier count) {
    use(WARM_UPS);
    int before = count.getAsInt();
    use(ROUNDS);
    long deadline = System.nanoTime() + patience().toNanos();
    while (count.getAsInt() - before >= ROUNDS && System.nanoTime() < deadline) {
      LockSupport.parkNanos(PAUSE.toNanos());
    }
    int left = count.getAsInt() - before;
    assertTrue(
        left < ROUNDS, () -> "%d tiers were opened, used and closed, and %d more %s are there"
            .formatted(ROUNDS, left, what));
  }

  private void use(int times) {
    for (int round = 0; round < times; round++) {
      try (var trial = new Trial(this)) {
        trial.store(round % 8, 5_000 + round);
        trial.expect(round % 8, 5_000 + round);
      }
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
