package io.pagoda.tier.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.tier.gpu.Pins.Pin;
import io.pagoda.tier.gpu.Pins.Registration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Host memory that devices and tiers of a process have pinned, against a driver of bits. */
class PinsTest {
  private static final int SPACE = 64;

  private final long seed = Long.getLong("pagoda.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);
  private final Pins pins = new Pins();
  private final BitSet registered = new BitSet();
  private int calls;
  private int refusedFrom = SPACE;

  /** As the driver does, refuses what is registered in part. */
  private synchronized Registration register(long address, long bytes) {
    calls++;
    int from = Math.toIntExact(address);
    int end = Math.toIntExact(address + bytes);
    if (end > refusedFrom) {
      throw new PagodaException(Fault.PERMANENT, "no more memory is locked");
    }
    assertTrue(registered.get(from, end).isEmpty(), "twice; seed " + seed);
    registered.set(from, end);
    return () -> unregister(from, end);
  }

  private synchronized void unregister(int from, int end) {
    assertEquals(end - from, registered.get(from, end).cardinality(), "once; seed " + seed);
    registered.clear(from, end);
  }

  private List<Pin> take(long address, long bytes) {
    return pins.take(address, bytes, this::register);
  }

  private BitSet bits(int from, int end) {
    var bits = new BitSet();
    bits.set(from, end);
    return bits;
  }

  @Test
  void whatTwoHoldStaysWhenTheFirstLetsGo() {
    List<Pin> first = take(8, 16);
    List<Pin> second = take(8, 16);
    assertEquals(1, calls, "the driver takes a range once");
    first.forEach(pins::release);
    assertEquals(bits(8, 24), registered, "the second relies on it");
    second.forEach(pins::release);
    assertTrue(registered.isEmpty(), registered::toString);
    assertEquals(0, pins.count());
  }

  @Test
  void ofWhatOverlapsOnlyTheRestIsRegistered() {
    List<Pin> first = take(8, 8);
    List<Pin> second = take(24, 8);
    List<Pin> all = take(4, 32);
    assertEquals(List.of(8L, 16L, 24L, 32L, 36L), all.stream().map(Pin::end).toList());
    first.forEach(pins::release);
    second.forEach(pins::release);
    assertEquals(bits(4, 36), registered);
    all.forEach(pins::release);
    assertTrue(registered.isEmpty(), registered::toString);
  }

  @Test
  void whatIsRefusedHalfWayIsGivenBackAndTheOthersKeepTheirs() {
    List<Pin> first = take(8, 8);
    refusedFrom = 20;
    assertThrows(PagodaException.class, () -> take(4, 32));
    assertEquals(bits(8, 16), registered);
    first.forEach(pins::release);
    assertTrue(registered.isEmpty(), registered::toString);
    assertEquals(0, pins.count());
  }

  @RepeatedTest(50)
  void whatSomebodyHoldsIsRegisteredAndInTheEndNothing() {
    List<List<Pin>> held = new ArrayList<>();
    List<BitSet> wanted = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      if (held.isEmpty() || random.nextInt(5) > 1) {
        int from = random.nextInt(SPACE);
        int end = random.nextInt(from + 1, SPACE + 1);
        held.add(take(from, end - from));
        wanted.add(bits(from, end));
      } else {
        int which = random.nextInt(held.size());
        held.remove(which).forEach(pins::release);
        wanted.remove(which);
      }
      for (BitSet one : wanted) {
        var missing = (BitSet) one.clone();
        missing.andNot(registered);
        assertTrue(missing.isEmpty(), missing + " are held; seed " + seed);
      }
    }
    held.forEach(one -> one.forEach(pins::release));
    assertTrue(registered.isEmpty(), registered + "; seed " + seed);
  }

  @RepeatedTest(10)
  void manyAtOnceShareAndLeaveNothing() throws Exception {
    List<Callable<Void>> tasks = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      tasks.add(() -> {
        for (int round = 0; round < 200; round++) {
          List<Pin> taken = new ArrayList<>(take(0, 16));
          taken.addAll(take(16, 16));
          taken.forEach(pins::release);
        }
        return null;
      });
    }
    try (var threads = Executors.newFixedThreadPool(8)) {
      for (Future<Void> one : threads.invokeAll(tasks)) {
        one.get();
      }
    }
    assertTrue(registered.isEmpty(), registered + "; seed " + seed);
    assertEquals(0, pins.count());
  }

  @Test
  void aCopyEndsWhereAPieceDoesWhetherThatIsPinnedOrNot() {
    long piece = 1L << 30;
    assertEquals(piece, Pinned.seam(0, 3 * piece));
    assertEquals(piece, Pinned.seam(piece - 1, 3 * piece));
    assertEquals(2 * piece, Pinned.seam(piece, 3 * piece));
    assertEquals(piece + 5, Pinned.seam(piece, piece + 5));
  }
}
