package io.pagoda.tier.ssd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pagoda.Fault;
import io.pagoda.spi.tier.BatchResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A device that does not answer. */
@Timeout(300)
class HangTest {
  private static final int BLOCK = Rig.BLOCK;
  private static final Duration DEADLINE = Duration.ofSeconds(1);

  @TempDir private Path directory;
  private final List<FaultyPort> ports = new ArrayList<>();

  private SsdTier open(FaultyPort.Script script) {
    var settings = Rig.settings(Engine.IO_URING, 8, directory);
    IoShape shape = Rig.shape(settings).at(new Pace(Pace.UNLIMITED, DEADLINE));
    return SsdTier.open(settings, shape, "test", port -> {
      ports.add(new FaultyPort(port, script));
      return ports.getLast();
    });
  }

  /** Reads of one slot hang. */
  private static FaultyPort.Script hangs(int slot) {
    return (_, op, _) -> !op.write() && op.position() / BLOCK == slot
        ? OptionalInt.of(FaultyPort.Script.NEVER)
        : FaultyPort.Script.PASS;
  }

  @Test
  void missesWhatIsNotAnsweredInTimeOnceTheKernelHasLetGo() {
    try (var tier = open(hangs(2));
        var target = new HostMemory(BLOCK, 1, 2, 3)) {
      Rig.fill(tier, 1, 1, 2, 3);
      long start = System.nanoTime();
      var partial = assertInstanceOf(BatchResult.Partial.class, Rig.load(tier, target.batch()));
      assertTrue(System.nanoTime() - start >= DEADLINE.toNanos());
      assertEquals("{1}", partial.missed().toString());
      assertEquals(Fault.TRANSIENT, partial.cause().fault());
      String message = String.valueOf(partial.cause().getMessage());
      assertTrue(message.contains("ETIMEDOUT") && message.contains("deadline"), message);
      assertEquals(4, ports.getLast().cancels());
      target.check(0, 0, BLOCK, 1);
      target.check(2, 0, BLOCK, 1);
      Rig.expect(tier, 1, 1, 3);
    }
  }

  /** Lets deadlines pass on the clock of the tier's own thread, with all that was due by then. */
  private void pass(int deadlines) {
    var passed = new CompletableFuture<Void>();
    ports.getLast()
        .executeAfter(() -> passed.complete(null), DEADLINE.multipliedBy(deadlines).toNanos());
    passed.orTimeout(120, TimeUnit.SECONDS).join();
  }

  @Test
  void cancelsNothingThatIsAnsweredInTime() {
    try (var tier = open((_, _, _) -> FaultyPort.Script.PASS)) {
      // A machine may stand still; where it does not, the tier has no reason.
      for (int late = -1; late != ports.getLast().late();) {
        late = ports.getLast().late();
        boolean inTime = quick(() -> Rig.fill(tier, 1, 1, 2, 3));
        pass(3);
        inTime &= quick(() -> Rig.expect(tier, 1, 1, 2, 3));
        assertTrue(!inTime || late == ports.getLast().late(), "what was in time is cancelled");
      }
    }
  }

  /** {@return whether it took less than the deadline of each of its operations} */
  private static boolean quick(Runnable what) {
    long start = System.nanoTime();
    what.run();
    return System.nanoTime() - start < DEADLINE.toNanos();
  }

  @Test
  void endsNothingWhileTheKernelMayStillMoveBytesAndSaysSoOnce() {
    var log = new Log();
    Logger logger = Logger.getLogger("io.pagoda.tier.ssd");
    Level before = logger.getLevel();
    logger.setLevel(Level.ALL);
    logger.addHandler(log);
    var loaded = new CompletableFuture<BatchResult>();
    boolean ended;
    try (var tier = open(hangs(2));
        var target = new HostMemory(BLOCK, 2)) {
      Rig.fill(tier, 1, 1, 2);
      FaultyPort port = ports.getLast();
      port.refuseCancels();
      tier.load(target.batch(), loaded::complete);
      pass(6);
      ended = loaded.isDone();
      // The tier cannot close before, so nothing may be asserted before.
      port.answerAll(-Errno.EIO.code());
      assertInstanceOf(BatchResult.Failed.class, Rig.await(loaded));
      Rig.expect(tier, 1, 1);
    } finally {
      logger.removeHandler(log);
      logger.setLevel(before);
    }
    assertFalse(ended, "a batch ended whose memory the kernel still had");
    assertEquals(4, ports.getLast().cancels(), "each of its operations is cancelled once");
    assertEquals(1, log.errors.size(), log.errors::toString);
    assertTrue(log.errors.getFirst().contains("slots-00000.pagoda"), log.errors::toString);
  }

  /** What arrives late is there all the same. */
  @Test
  void takesAnAnswerThatComesAfterTheCancel() {
    try (var tier = open(hangs(2));
        var target = new HostMemory(BLOCK, 2)) {
      Rig.fill(tier, 1, 2);
      ports.getLast().refuseCancels();
      var loaded = new CompletableFuture<BatchResult>();
      tier.load(target.batch(), loaded::complete);
      pass(3);
      ports.getLast().answerAll(16 << 10);
      assertEquals(BatchResult.COMPLETE, Rig.await(loaded));
    }
  }

  /** A pipe that nobody writes to is a file that really hangs, and lets the kernel cancel. */
  @Test
  void theKernelLetsGoOfAReadThatHangs() throws Exception {
    assumeTrue(Engine.ringMissing().isEmpty(), "needs io_uring");
    Path pipe = directory.resolve("pipe");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    var settings =
        new SsdSettings(List.of(directory), 1, BLOCK, 1, 8, Engine.IO_URING, false, false);
    IoShape shape = new IoShape(4096, BLOCK, 8 << 10, 1, 8).at(new Pace(Pace.UNLIMITED, DEADLINE));
    var loaded = new CompletableFuture<BatchResult>();
    try (var target = new HostMemory(BLOCK, 0);
        var port = RingPort.open(List.of(pipe), settings, "test");
        var dispatcher = new Dispatcher(
            port, settings.layout(), 0, List.of(pipe), shape, List.of(new Tally()),
            Transfer::complete)) {
      var transfer = new Transfer(target.batch(), false, loaded::complete);
      port.execute(() -> dispatcher.accept(transfer));
      var failed = assertInstanceOf(BatchResult.Failed.class, Rig.await(loaded));
      String message = String.valueOf(failed.cause().getMessage());
      assertTrue(message.contains("ETIMEDOUT"), message);
    }
  }

  private static final class Log extends Handler {
    final List<String> errors = new ArrayList<>();

    @Override
    public synchronized void publish(LogRecord entry) {
      if (entry.getLevel().intValue() >= Level.SEVERE.intValue()) {
        errors.add(java.text.MessageFormat.format(entry.getMessage(), entry.getParameters()));
      }
    }

    @Override
    public void flush() {
      // Nothing is kept back.
    }

    @Override
    public void close() {
      // Nothing is open.
    }
  }
}
