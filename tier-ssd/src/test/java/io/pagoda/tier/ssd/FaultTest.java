package io.pagoda.tier.ssd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.tier.BatchResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the kernel may answer, one answer at a time, and many at random. */
class FaultTest {
  private static final int BLOCK = Rig.BLOCK;

  @TempDir private Path directory;
  private final List<FaultyPort> ports = new ArrayList<>();

  private SsdTier open(Engine engine, FaultyPort.Script script) {
    return Rig.open(Rig.settings(engine, 8, directory), port -> {
      ports.add(new FaultyPort(port, script));
      return ports.getLast();
    });
  }

  /** Fails operations of one slot, one way, with one answer; blocks have four operations. */
  private static FaultyPort.Script answers(boolean write, int slot, int answer) {
    return (_, op, _) -> op.write() == write && op.position() / BLOCK == slot
        ? OptionalInt.of(answer)
        : FaultyPort.Script.PASS;
  }

  @ParameterizedTest
  @CsvSource({"5, EIO, PERMANENT", "28, ENOSPC, TRANSIENT", "122, EDQUOT, TRANSIENT",
    "19, ENODEV, FATAL", "30, EROFS, FATAL", "22, EINVAL, PERMANENT", "125, ECANCELED, TRANSIENT",
    "9, EBADF, FATAL", "71, errno 71, PERMANENT"})
  void namesTheErrorOfAWrite(int errno, String name, Fault fault) {
    int[] slots = {3, 1, 6};
    try (var tier = open(Engine.IO_URING, answers(true, 1, -errno))) {
      var source = new HostMemory(BLOCK, slots);
      var partial =
          assertInstanceOf(BatchResult.Partial.class, Rig.store(tier, source.fill(1).batch()));
      source.close();
      assertEquals("{1}", partial.missed().toString());
      assertFailure(partial.cause(), fault, "write", BLOCK, name);
      Rig.expect(tier, 1, 3, 6);
    }
  }

  @ParameterizedTest
  @CsvSource({"5, EIO, PERMANENT", "6, ENXIO, FATAL", "12, ENOMEM, TRANSIENT"})
  void namesTheErrorOfARead(int errno, String name, Fault fault) {
    try (var tier = open(Engine.IO_URING, answers(false, 1, -errno));
        var target = new HostMemory(BLOCK, 1, 3, 1)) {
      Rig.fill(tier, 1, 1, 3);
      var partial = assertInstanceOf(BatchResult.Partial.class, Rig.load(tier, target.batch()));
      assertEquals("{0, 2}", partial.missed().toString());
      assertFailure(partial.cause(), fault, "read", BLOCK, name);
      target.check(1, 0, BLOCK, 1);
    }
  }

  private void assertFailure(
      PagodaException cause, Fault fault, String what, long offset, String name) {
    assertEquals(fault, cause.fault());
    String message = String.valueOf(cause.getMessage());
    Path file = directory.resolve("slots-00000.pagoda");
    String start =
        "Cannot %s 16384 bytes at offset %d of %s: %s,".formatted(what, offset, file, name);
    assertTrue(message.startsWith(start), message);
  }

  @Test
  void reportsTheCauseOfTheFirstBlockThatWasMissed() {
    FaultyPort.Script script = (_, op, _) -> OptionalInt.of(op.position() / BLOCK == 5 ? -5 : -28);
    try (var tier = open(Engine.IO_URING, script);
        var source = new HostMemory(BLOCK, 5, 2, 1)) {
      var failed =
          assertInstanceOf(BatchResult.Failed.class, Rig.store(tier, source.fill(1).batch()));
      assertEquals(Fault.PERMANENT, failed.cause().fault());
    }
  }

  /** What is left of a block that is lost already is not asked for, once its failure is known. */
  @Test
  void givesUpABlockAfterItsFirstFailure() {
    var settings =
        new SsdSettings(List.of(directory), 8, BLOCK, 8, 1, Engine.IO_URING, true, false);
    try (var tier = Rig.open(settings, port -> {
      ports.add(new FaultyPort(port, answers(true, 2, -5)));
      return ports.getLast();
    });
        var source = new HostMemory(BLOCK, 2, 4)) {
      assertInstanceOf(BatchResult.Partial.class, Rig.store(tier, source.fill(1).batch()));
      assertEquals(1 + 4, ports.getLast().asked().size());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 11})
  void repeatsWhatWasInterrupted(int errno) {
    FaultyPort.Script everyOther =
        (submission, _, _) -> submission % 2 == 0 ? OptionalInt.of(-errno) : FaultyPort.Script.PASS;
    try (var tier = open(Engine.IO_URING, everyOther)) {
      Rig.fill(tier, 1, 0, 1, 2, 3, 4, 5, 6, 7);
      Rig.expect(tier, 1, 7, 3, 0);
    }
  }

  @ParameterizedTest
  @CsvSource({"4, EINTR", "11, EAGAIN"})
  void doesNotRepeatForEver(int errno, String name) {
    try (var tier = open(Engine.IO_URING, answers(true, 0, -errno));
        var source = new HostMemory(BLOCK, 0)) {
      var failed =
          assertInstanceOf(BatchResult.Failed.class, Rig.store(tier, source.fill(1).batch()));
      assertFailure(failed.cause(), Fault.TRANSIENT, "write", 0, name);
      assertEquals(4 * 8, ports.getLast().asked().size());
    }
  }

  @Test
  void failsWritesThatNeverMoveAnything() {
    try (var tier = open(Engine.IO_URING, answers(true, 0, 0));
        var source = new HostMemory(BLOCK, 0)) {
      var failed =
          assertInstanceOf(BatchResult.Failed.class, Rig.store(tier, source.fill(1).batch()));
      assertEquals(Fault.PERMANENT, failed.cause().fault());
    }
  }

  /** An end of file is asked about once: it does not go away. */
  @Test
  void failsReadsAtTheEndOfTheFile() {
    try (var tier = open(Engine.IO_URING, answers(false, 0, 0));
        var target = new HostMemory(BLOCK, 0)) {
      Rig.fill(tier, 1, 0);
      int before = ports.getLast().asked().size();
      assertInstanceOf(BatchResult.Failed.class, Rig.load(tier, target.batch()));
      assertEquals(before + 4, ports.getLast().asked().size());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4096, 8192, 12288, 4097, 6000, 16383})
  void continuesShortOnesFromTheLastWholePage(int most) {
    FaultyPort.Script shortened = (_, _, bytes) -> OptionalInt.of(Math.min(bytes, most));
    // Real short answers of odd lengths need the page cache; positions stay those of direct I/O.
    for (Engine engine : List.of(Engine.IO_URING, Engine.FILE_CHANNEL)) {
      var settings = new SsdSettings(
          List.of(directory.resolve(engine.name())), 8, BLOCK, 8, 4, engine, false, false);
      var shape = new IoShape(4096, 16 << 10, 8 << 10, 3, 4);
      try (var tier =
          SsdTier.open(settings, shape, "test", port -> new FaultyPort(port, shortened))) {
        Rig.fill(tier, 1, 0, 7, 2);
        Rig.expect(tier, 1, 2, 0, 7);
      }
    }
  }

  /** Less than a page again and again is no progress. */
  @ParameterizedTest
  @ValueSource(ints = {1, 512, 4095})
  void failsWhenLessThanAPageArrivesEachTime(int most) {
    FaultyPort.Script shortened = (_, _, bytes) -> OptionalInt.of(Math.min(bytes, most));
    var settings =
        new SsdSettings(List.of(directory), 8, BLOCK, 8, 4, Engine.IO_URING, false, false);
    var shape = new IoShape(4096, 16 << 10, 8 << 10, 3, 4);
    try (var tier = SsdTier.open(settings, shape, "test", port -> new FaultyPort(port, shortened));
        var source = new HostMemory(BLOCK, 1)) {
      assertInstanceOf(BatchResult.Failed.class, Rig.store(tier, source.fill(1).batch()));
    }
  }

  @Test
  void failsARangeWhosePagesCannotBeReadFirst() {
    try (var tier = open(Engine.IO_URING, answers(false, 2, -5));
        var source = new HostMemory(BLOCK, 2, 3)) {
      var partial = assertInstanceOf(
          BatchResult.Partial.class, Rig.store(tier, source.fill(1, 100, 1).batch().range(1, 100)));
      assertEquals("{0}", partial.missed().toString());
      assertTrue(
          ports.getLast().asked().stream().noneMatch(a -> a.write() && a.position() < 3 * BLOCK));
    }
  }

  /** Every block that is said to have moved has the right bytes, whatever the kernel answered. */
  @ParameterizedTest
  @ValueSource(strings = {"IO_URING", "FILE_CHANNEL"})
  void tellsTheTruthUnderRandomAnswers(Engine engine) {
    long seed = Long.getLong("pagoda.seed", System.nanoTime());
    var random = new Random(seed);
    FaultyPort.Script script = (_, _, bytes) -> switch (random.nextInt(40)) {
      case 0 -> OptionalInt.of(-5);
      case 1 -> OptionalInt.of(0);
      case 2, 3 -> OptionalInt.of(-11);
      case 4, 5 -> OptionalInt.of(-4);
      case 6, 7, 8, 9 -> OptionalInt.of(Math.max(4096, bytes / 8192 * 4096));
      default -> FaultyPort.Script.PASS;
    };
    int[] slots = {0, 1, 2, 3, 4, 5, 6, 7};
    int[] ages = new int[8];
    int moved = 0;
    try (var tier = open(engine, script)) {
      for (int age = 1; age <= 60; age++) {
        moved += storeTruthfully(tier, slots, ages, age);
        moved += loadTruthfully(tier, slots, ages, "seed " + seed + ", round " + age);
      }
    }
    assertTrue(moved > 300, "seed " + seed + ": only " + moved + " blocks moved");
  }

  private static int storeTruthfully(SsdTier tier, int[] slots, int[] ages, int age) {
    try (var source = new HostMemory(BLOCK, slots)) {
      BatchResult result = Rig.store(tier, source.fill(age).batch());
      int moved = 0;
      for (int slot : slots) {
        ages[slot] = result.moved(slot) ? age : 0;
        moved += result.moved(slot) ? 1 : 0;
      }
      return moved;
    }
  }

  /** Age 0 is a slot whose content is undefined: it may be loaded, but nothing is known of it. */
  private static int loadTruthfully(SsdTier tier, int[] slots, int[] ages, String round) {
    try (var target = new HostMemory(BLOCK, slots)) {
      BatchResult result = Rig.load(tier, target.batch());
      int moved = 0;
      for (int slot : slots) {
        if (result.moved(slot) && ages[slot] > 0) {
          target.check(slot, 0, BLOCK, ages[slot]);
          moved++;
        }
      }
      return moved;
    } catch (AssertionError e) {
      throw new AssertionError(round, e);
    }
  }
}
