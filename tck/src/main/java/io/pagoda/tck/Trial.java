package io.pagoda.tck;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierSpec;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.stream.IntStream;

/**
 * One tier under test. Closing the trial closes the tier and then checks, for every batch of the
 * trial, that it completed exactly once.
 */
final class Trial implements AutoCloseable {
  /** Trials of larger tiers leave the other slots alone, but for the last. */
  private static final int MOST_SLOTS = 32;

  private final StorageTier tier;
  private final TierSpec spec;
  private final Duration patience;
  private final Arena arena = Arena.ofShared();
  private final Queue<Receipt> accepted = new ConcurrentLinkedQueue<>();

  Trial(TierUnderTest test) {
    tier = test.open();
    spec = tier.spec();
    patience = test.patience();
    assertTrue(spec.slots() >= 8, () -> "the contract needs 8 slots or more: " + spec);
  }

  StorageTier tier() {
    return tier;
  }

  TierSpec spec() {
    return spec;
  }

  Duration patience() {
    return patience;
  }

  /** {@return the slots that trials use: all of them, or the first and the last of a large tier} */
  int[] slots() {
    int[] slots = IntStream.range(0, Math.min(spec.slots(), MOST_SLOTS)).toArray();
    slots[slots.length - 1] = spec.slots() - 1;
    return slots;
  }

  /** {@return how often to repeat what moves some blocks: less often where blocks are large} */
  int rounds(int most) {
    return Math.clamp((16L << 20) / spec.blockBytes(), 2, most);
  }

  HostBlocks memory(int blocks) {
    return memory(blocks, arena);
  }

  HostBlocks memory(int blocks, Arena owner) {
    return new HostBlocks(spec, blocks, owner);
  }

  Receipt load(BlockBatch batch, Runnable inspection) {
    return issue("load of " + batch, inspection, receipt -> tier.load(batch, receipt));
  }

  Receipt store(BlockBatch batch, Runnable inspection) {
    return issue("store of " + batch, inspection, receipt -> tier.store(batch, receipt));
  }

  /** A call of the tier. */
  @FunctionalInterface
  interface Call {
    void with(Completion completion);
  }

  /** Makes a call; one that throws is not expected to complete, and its exception goes on. */
  Receipt issue(String what, Runnable inspection, Call call) {
    Receipt receipt = new Receipt(what, inspection);
    call.with(receipt);
    accepted.add(receipt);
    return receipt;
  }

  /**
   * Stores one pattern per slot in one batch, and destroys the source as soon as the tier says that
   * it is done with it.
   */
  void store(int[] slots, long[] seeds) {
    HostBlocks source = memory(slots.length);
    for (int i = 0; i < slots.length; i++) {
      source.fill(i, seeds[i]);
    }
    store(source.batch(slots, seeds), () -> spoil(source)).arrives(patience);
  }

  private static void spoil(HostBlocks source) {
    source.check();
    source.scribble();
  }

  void store(int slot, long seed) {
    store(new int[] {slot}, new long[] {seed});
  }

  /** Loads slots in one batch and compares every byte, inside the completion. */
  void expect(int[] slots, long[] seeds) {
    HostBlocks target = memory(slots.length);
    for (int i = 0; i < slots.length; i++) {
      target.expect(i, seeds[i]);
    }
    load(target.batch(slots, seeds), target::check).arrives(patience);
  }

  void expect(int slot, long seed) {
    expect(new int[] {slot}, new long[] {seed});
  }

  /** Stores a pattern of its own in each of {@link #slots}, and returns the seeds. */
  long[] fillAll(long seed) {
    int[] slots = slots();
    long[] seeds = Arrays.stream(slots).mapToLong(slot -> seed + slot).toArray();
    store(slots, seeds);
    return seeds;
  }

  /** Closes the tier, in a thread of its own so that one that hangs fails the test. */
  void closeTier() {
    Receipt.await(inBackground("closing", tier::close), "close", patience);
  }

  /**
   * Runs {@code task} in {@code count} threads and waits for all; the first failure is thrown. A
   * thread that hangs is left behind.
   */
  void inThreads(int count, ThreadTask task) {
    var all = IntStream.range(0, count).mapToObj(thread -> started(task, thread)).toList();
    all.forEach(one -> Receipt.await(one, "a thread", patience.multipliedBy(2)));
  }

  private static CompletableFuture<Void> started(ThreadTask task, int thread) {
    return inBackground("trial-" + thread, () -> task.run(thread));
  }

  private static CompletableFuture<Void> inBackground(String name, Runnable task) {
    Executor thread = run -> Thread.ofPlatform().daemon().name(name).start(run);
    return CompletableFuture.runAsync(task, thread);
  }

  /** What one of several threads does. */
  @FunctionalInterface
  interface ThreadTask {
    void run(int thread);
  }

  @Override
  public void close() {
    closeTier();
    accepted.forEach(receipt -> receipt.completed(1));
    arena.close();
  }
}
