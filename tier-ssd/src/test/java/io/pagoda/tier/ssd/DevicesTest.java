package io.pagoda.tier.ssd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.tier.BatchResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Several devices, of which one is slow, hangs, is ailing or goes. Odd slots are on the second. */
@Timeout(300)
class DevicesTest {
  private static final int BLOCK = Rig.BLOCK;

  @TempDir private Path directory;
  private final List<FaultyPort> ports = new ArrayList<>();
  private final List<AtomicInteger> answers = List.of(new AtomicInteger(), new AtomicInteger());

  private SsdSettings settings() {
    return Rig.settings(Engine.AUTO, 8, directory.resolve("a"), directory.resolve("b"));
  }

  /** Opens a tier of which every device answers what {@link #answers} says, if not 0. */
  private SsdTier open(SsdSettings of, Duration deadline) {
    return SsdTier.open(of, Rig.shape(of).at(new Pace(Pace.UNLIMITED, deadline)), "test", port -> {
      AtomicInteger answer = answers.get(ports.size());
      ports.add(
          new FaultyPort(
              port,
              (_, _, _) -> answer.get() == 0
                  ? FaultyPort.Script.PASS
                  : OptionalInt.of(answer.get())));
      return ports.getLast();
    });
  }

  private SsdTier open() {
    return open(settings(), Duration.ofSeconds(30));
  }

  private static PagodaException cause(BatchResult result) {
    return switch (result) {
      case BatchResult.Partial partial -> partial.cause();
      case BatchResult.Failed failed -> failed.cause();
      case BatchResult.Complete _ -> throw new AssertionError("nothing was missed");
    };
  }

  @ParameterizedTest
  @EnumSource(Rings.class)
  void movesBlocksOfAllDevices(Rings rings) {
    try (var tier = SsdTier.open(settings().with(rings), "test")) {
      Rig.fill(tier, 1, 5, 2, 7, 0, 1);
      Rig.expect(tier, 1, 0, 1, 2, 5, 7);
      Rig.expect(tier, 1, 7);
    }
  }

  /** The queue of the device that hangs is full: with one queue for both nothing would move. */
  @Test
  void aDeviceThatHangsHoldsUpNobodyElse() {
    try (var tier = open(settings().withQueueDepth(2), Duration.ofSeconds(30));
        var target = new HostMemory(BLOCK, 1, 2, 3, 5, 7)) {
      Rig.fill(tier, 1, 0, 1, 2, 3, 4, 5, 6, 7);
      answers.get(1).set(FaultyPort.Script.NEVER);
      var loaded = new CompletableFuture<BatchResult>();
      tier.load(target.batch(), loaded::complete);
      Rig.expect(tier, 1, 0, 4, 6);
      Rig.fill(tier, 2, 0, 2, 4, 6);
      Rig.expect(tier, 2, 6, 2);
      assertFalse(loaded.isDone());
      answers.get(1).set(0);
      ports.get(1).answerAll(-Errno.EIO.code());
      Rig.await(loaded);
    }
  }

  @Test
  void eachDeviceHasADeadlineOfItsOwn() {
    try (var tier = open(settings(), Duration.ofSeconds(5));
        var target = new HostMemory(BLOCK, 0, 1, 2)) {
      Rig.fill(tier, 1, 0, 1, 2);
      answers.get(1).set(FaultyPort.Script.NEVER);
      var partial = assertInstanceOf(BatchResult.Partial.class, Rig.load(tier, target.batch()));
      assertEquals("{1}", partial.missed().toString());
      assertTrue(String.valueOf(partial.cause().getMessage()).contains("ETIMEDOUT"));
      assertEquals(0, ports.get(0).late());
      assertEquals(4, ports.get(1).cancels());
      target.check(0, 0, BLOCK, 1);
      target.check(2, 0, BLOCK, 1);
    }
  }

  /** What is fatal to a device costs its blocks; the engine would give up the tier for it. */
  @Test
  void aDeviceThatGoesCostsItsOwnBlocks() {
    try (var tier = open();
        var source = new HostMemory(BLOCK, 0, 1, 2, 3).fill(2)) {
      Rig.fill(tier, 1, 0, 1, 2, 3, 4, 6);
      answers.get(1).set(-Errno.ENODEV.code());
      var partial = assertInstanceOf(BatchResult.Partial.class, Rig.store(tier, source.batch()));
      assertEquals("{1, 3}", partial.missed().toString());
      assertEquals(Fault.TRANSIENT, partial.cause().fault());
      String message = String.valueOf(partial.cause().getMessage());
      assertTrue(message.contains("/b is out of service") && message.contains("ENODEV"), message);
      Rig.expect(tier, 2, 0, 2);
      int asked = ports.get(1).asked().size();
      answers.get(1).set(0);
      var again = Rig.store(tier, source.batch());
      assertEquals("{1, 3}", ((BatchResult.Partial) again).missed().toString());
      try (var target = new HostMemory(BLOCK, 5, 7)) {
        assertEquals(Fault.PERMANENT, cause(Rig.load(tier, target.batch())).fault());
      }
      assertEquals(asked, ports.get(1).asked().size(), "it is asked for nothing any more");
      Rig.expect(tier, 1, 4, 6);
      answers.get(0).set(-Errno.EROFS.code());
      try (var target = new HostMemory(BLOCK, 4, 6)) {
        assertEquals(Fault.FATAL, cause(Rig.load(tier, target.batch())).fault(), "none is left");
      }
      assertEquals(Fault.FATAL, cause(Rig.store(tier, source.batch())).fault());
    }
  }

  @Test
  void aDeviceThatTakesNothingIsOnlyReadAndTriedAgain() {
    try (var tier = open();
        var source = new HostMemory(BLOCK, 1, 3).fill(2)) {
      Rig.fill(tier, 1, 0, 1, 2, 3, 5);
      answers.get(1).set(-Errno.EIO.code());
      for (int i = 0; i < Outages.FAILURES; i++) {
        assertTrue(
            String.valueOf(cause(Rig.store(tier, source.batch())).getMessage())
                .startsWith("Cannot write"));
      }
      String refused = refusal(tier, source);
      assertTrue(refused.contains("/b is only read for a while"), refused);
      assertEquals(refused, tier.trouble());
      Rig.fill(tier, 2, 0, 2, 4);
      answers.get(1).set(0);
      Rig.expect(tier, 1, 5);
      long start = System.nanoTime();
      while (!Rig.store(tier, source.batch()).equals(BatchResult.COMPLETE)) {
        assertTrue(System.nanoTime() - start < 60 * Outages.PAUSE, "it is not tried again");
      }
      Rig.expect(tier, 2, 0, 1, 2, 3, 4);
      Rig.fill(tier, 3, 7);
    }
  }

  /** {@return why a store fails for which the second device is asked for nothing} */
  private String refusal(SsdTier tier, HostMemory source) {
    long start = System.nanoTime();
    while (System.nanoTime() - start < 60 * Outages.PAUSE) {
      int asked = ports.get(1).asked().size();
      String why = String.valueOf(cause(Rig.store(tier, source.batch())).getMessage());
      // On a slow machine it is time to try again meanwhile.
      if (asked == ports.get(1).asked().size()) {
        return why;
      }
    }
    throw new AssertionError("the device is asked each time");
  }

  /** Both devices sync at once: each waits until the other has begun. */
  @Test
  void syncsOfSeveralDevicesRunAtTheSameTime() {
    var both = new CyclicBarrier(2);
    try (var vault = vault(disk -> new Syncing(disk) {
      @Override
      void sync(int device) throws IOException {
        try {
          both.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
          throw new IOException("the other device did not sync meanwhile", e);
        }
      }
    })) {
      assertEquals(BatchResult.COMPLETE, vault.store(new int[] {0, 1, 2, 3}, 10, 11, 12, 13));
    }
    try (var vault = vault(UnaryOperator.identity())) {
      assertEquals(4, vault.found().size());
      vault.found().values().forEach(vault::verifies);
    }
  }

  @Test
  void aSyncThatTakesItsTimeHoldsUpNobodyElse() {
    var done = new CountDownLatch(1);
    var slow = new CompletableFuture<BatchResult>();
    try (var vault = vault(disk -> new Syncing(disk) {
      @Override
      void sync(int device) throws IOException {
        try {
          if (device == 1 && !done.await(60, TimeUnit.SECONDS)) {
            throw new IOException("the other device was held up");
          }
        } catch (InterruptedException e) {
          throw new IOException(e);
        }
      }
    })) {
      vault.storing(new int[] {1}, new long[] {5}, slow::complete);
      assertEquals(BatchResult.COMPLETE, vault.store(0, 4));
      assertEquals(BatchResult.COMPLETE, vault.store(new int[] {2, 4}, 6, 7));
      assertFalse(slow.isDone());
      done.countDown();
      assertEquals(BatchResult.COMPLETE, Rig.await(slow));
    }
  }

  private Vault vault(UnaryOperator<Disk> disks) {
    Path[] places = settings().directories().toArray(Path[]::new);
    return Vault.open(Vault.settings(Durability.POWER, 8, places), port -> port, disks);
  }

  /** A later block has the higher generation, whichever devices they are on. */
  @Test
  void countsGenerationsOfAllDevicesTogether() {
    try (var vault = vault(UnaryOperator.identity())) {
      for (int slot : new int[] {1, 0, 3, 2, 5}) {
        assertEquals(BatchResult.COMPLETE, vault.store(slot, slot));
      }
    }
    try (var vault = vault(UnaryOperator.identity())) {
      long last = 0;
      for (int slot : new int[] {1, 0, 3, 2, 5}) {
        assertTrue(vault.found(slot).generation() > last);
        last = vault.found(slot).generation();
      }
      vault.keeper().forgetAll().toCompletableFuture().join();
      vault.store(4, 9);
    }
    try (var vault = vault(UnaryOperator.identity())) {
      assertEquals(java.util.Map.of(4, 9L), vault.names());
    }
  }

  /** A disk whose syncs of slots do something first; the second device's files begin at 1. */
  private abstract static class Syncing extends PassingDisk {
    Syncing(Disk disk) {
      super(disk);
    }

    abstract void sync(int device) throws IOException;

    @Override
    public void syncSlots(int file) throws IOException {
      sync(file);
      super.syncSlots(file);
    }
  }
}
