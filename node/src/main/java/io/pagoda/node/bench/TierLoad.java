package io.pagoda.node.bench;

import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;

/* The tier has `depth` pieces under way all the time: when one ends, another buffer takes its place
 * at once, and a checksum of what came (or of what goes next) is taken by another thread meanwhile,
 * as the engine does; like the engine's, that thread is given several at a time where many are
 * under way. What such threads use is not the tier's cost, but for what they start: waking them is.
 * The buffer that was used last is the next, so that no more memory is in use than fio's plus what
 * is being verified. */

/** One run: pieces of blocks go between a tier and host memory, in random order, for a while. */
final class TierLoad {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final double NANOS = 1e9;
  private static final long RAMP_NANOS = 50_000_000;
  private static final long RAMP_BYTES_PER_NANO = 2;

  /** What the names of threads begin with that take checksums. */
  static final String CHECKSUMS = "sum-";

  /** How many buffers are verified or sealed at most while the tier is busy with others. */
  static final int SPARE = 64;

  /*
   * Blocks come in bursts. With fewer buffers to take their place than come at once, it is whoever
   * takes checksums that goes on, and wakes the tier's thread for each; with many more, memory is
   * in use that fio does not need, whose buffers are as many as are under way.
   */
  private static final int SPARE_BLOCKS = 48;
  private static final int FEWEST_SPARE = 8;

  /** How many are handed over together at most, and what part of those under way. */
  private static final int TOGETHER = 16;

  private static final int PART = 8;

  /** How often a run is repeated in which nothing came. */
  private static final int TRIES = 20;

  private final TierSet set;
  private final TierCase what;
  private final ExecutorService checksums;
  private final int[] order;
  private final int[] bufferSums;
  private final int[] writtenBy;
  private final long end;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger open = new AtomicInteger();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder wrong = new LongAdder();
  private final LongAdder startNanos = new LongAdder();
  private final CompletableFuture<Long> ended = new CompletableFuture<>();

  private final ArrayDeque<Integer> ready = new ArrayDeque<>();
  private int starving;

  private final int together;
  private List<Arrived> arrived = new ArrayList<>();
  private int moving;

  /** A piece of a block that has come to a buffer, or gone from it. */
  private record Arrived(int buffer, int piece) {}

  private TierLoad(
      TierSet set, TierCase what, ExecutorService checksums, double seconds, long seed) {
    this.set = set;
    this.what = what;
    this.checksums = checksums;
    this.order = order(Math.multiplyExact(set.slots(), piecesPerBlock()), new Random(seed));
    this.together = Math.clamp(what.depth() / PART, 1, TOGETHER);
    this.bufferSums = new int[set.buffers()];
    this.writtenBy = new int[set.slots()];
    Arrays.fill(writtenBy, -1);
    for (int buffer = 0; buffer < Math.min(set.buffers(), what.depth() + spare()); buffer++) {
      bufferSums[buffer] = what.write() ? set.sum(buffer, what.blockBytes()) : 0;
      ready.add(buffer);
    }
    this.end = System.nanoTime() + rampNanos(what) + Math.round(seconds * NANOS);
  }

  /**
   * Runs for a while, and until all that is under way has ended; again where the machine stood
   * still all that while, so that nothing was measured.
   */
  static Flow run(
      TierSet set, TierCase what, ExecutorService checksums, double seconds, long seed) {
    Flow flow = new TierLoad(set, what, checksums, seconds, seed).run();
    for (int again = 0; again < TRIES && flow.bytes() == 0 && flow.wrongBytes() == 0; again++) {
      flow = new TierLoad(set, what, checksums, seconds, seed).run();
    }
    return flow;
  }

  /** {@return how many bytes are wrong of what one more run has written} */
  static long wrongAfterWriting(
      TierSet set, TierCase what, ExecutorService checksums, double seconds) {
    var load = new TierLoad(set, what, checksums, seconds, 0);
    load.run();
    // Reading needs a buffer: what that buffer held is not asked about any more.
    return IntStream.range(0, set.slots())
        .filter(slot -> load.writtenBy[slot] >= 0)
        .filter(slot -> set.read(slot) != load.bufferSums[load.writtenBy[slot]])
        .count() * what.blockBytes();
  }

  private static int[] order(int pieces, Random random) {
    var order = IntStream.range(0, pieces).boxed().toList();
    var shuffled = new ArrayList<>(order);
    Collections.shuffle(shuffled, random);
    return shuffled.stream().mapToInt(piece -> piece).toArray();
  }

  /** {@return more for small pieces: a thread that waits for its turn is late by several} */
  private int spare() {
    return what.pieceBytes() == what.blockBytes()
        ? Math.clamp(what.depth(), FEWEST_SPARE, SPARE_BLOCKS)
        : SPARE;
  }

  private int piecesPerBlock() {
    return Math.toIntExact(what.blockBytes() / what.pieceBytes());
  }

  private Flow run() {
    open.incrementAndGet();
    for (int i = 0; i < what.depth(); i++) {
      startNext();
    }
    close();
    awaitRamp();
    Moment from = moment();
    double seconds = (ended.join() - from.nanos) / NANOS;
    return new Flow(bytes.sum() - from.bytes, seconds, cpu(from), wrong.sum());
  }

  /** How far it had come when it began to count. */
  private record Moment(CpuTimes others, long ownNanos, long startNanos, long bytes, long nanos) {}

  private Moment moment() {
    return new Moment(
        CpuTimes.ofOthers(), THREADS.getCurrentThreadCpuTime(), startNanos.sum(), bytes.sum(),
        System.nanoTime());
  }

  /** The calling thread's time ends here: what it takes to look at the others is not counted. */
  private Flow.Cpu cpu(Moment from) {
    long own = THREADS.getCurrentThreadCpuTime() - from.ownNanos;
    CpuTimes others = CpuTimes.ofOthers();
    long starts = startNanos.sum() - from.startNanos;
    double sums = (others.since(from.others, CHECKSUMS) - starts) / NANOS;
    double compilers =
        (others.since(from.others, "C1 Comp") + others.since(from.others, "C2 Comp")) / NANOS;
    double all = (own + others.since(from.others, "")) / NANOS;
    double tier = others.since(from.others, "pagoda-") / NANOS;
    return new Flow.Cpu(all - sums - compilers, sums, compilers, tier);
  }

  /** As fio does: what is counted is to begin when all that is under way is at various stages. */
  private void awaitRamp() {
    try {
      ended.get(rampNanos(what), TimeUnit.NANOSECONDS);
    } catch (TimeoutException _) {
      // That is what was waited for.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException _) {
      // Whoever waits for the end is told.
    }
  }

  /** {@return longer than a disk needs for as much as is under way} */
  private static long rampNanos(TierCase what) {
    return RAMP_NANOS + what.depth() * what.pieceBytes() / RAMP_BYTES_PER_NANO;
  }

  private void startNext() {
    Integer buffer;
    synchronized (ready) {
      buffer = ready.poll();
      starving += buffer == null ? 1 : 0;
    }
    if (buffer != null) {
      start(buffer);
    }
  }

  private void start(int buffer) {
    if (System.nanoTime() >= end) {
      return;
    }
    begun();
    int piece = order[Math.floorMod(next.getAndIncrement(), order.length)];
    int slot = piece / piecesPerBlock();
    long from = piece % piecesPerBlock() * what.pieceBytes();
    BlockBatch batch = set.batch(buffer, slot, from, what.pieceBytes(), bufferSums[buffer]);
    if (what.write()) {
      writtenBy[slot] = buffer;
      set.tier().store(batch, result -> ended(result, batch, buffer, piece));
    } else {
      set.tier().load(batch, result -> ended(result, batch, buffer, piece));
    }
  }

  private void ended(BatchResult result, BlockBatch batch, int buffer, int piece) {
    try {
      TierSet.check(result, batch);
      startNext();
      handOver(new Arrived(buffer, piece));
    } catch (RuntimeException e) {
      ended.completeExceptionally(e);
    }
  }

  private void begun() {
    open.incrementAndGet();
    synchronized (ready) {
      moving++;
    }
  }

  /** Hands pieces over when there are enough, or nobody would bring more, or soon will. */
  private void handOver(Arrived piece) {
    List<Arrived> group = List.of();
    synchronized (ready) {
      arrived.add(piece);
      moving--;
      if (arrived.size() >= together || moving == 0 || System.nanoTime() >= end) {
        group = arrived;
        arrived = new ArrayList<>();
      }
    }
    if (!group.isEmpty()) {
      List<Arrived> whole = group;
      checksums.execute(() -> checksum(whole));
    }
  }

  private void checksum(List<Arrived> group) {
    int[] sums = new int[group.size()];
    for (int i = 0; i < sums.length; i++) {
      sums[i] = set.sum(group.get(i).buffer, what.pieceBytes());
    }
    for (int i = 0; i < sums.length; i++) {
      compare(sums[i], group.get(i).buffer, group.get(i).piece);
    }
  }

  private void compare(int sum, int buffer, int piece) {
    bytes.add(what.pieceBytes());
    int expected = what.write() ? bufferSums[buffer] : set.filled(what.pieceBytes(), piece);
    wrong.add(sum == expected ? 0 : what.pieceBytes());
    free(buffer);
    close();
  }

  private void free(int buffer) {
    boolean wanted;
    synchronized (ready) {
      wanted = starving > 0;
      starving -= wanted ? 1 : 0;
      if (!wanted) {
        ready.push(buffer);
      }
    }
    if (wanted) {
      long before = THREADS.getCurrentThreadCpuTime();
      start(buffer);
      startNanos.add(THREADS.getCurrentThreadCpuTime() - before);
    }
  }

  private void close() {
    if (open.decrementAndGet() == 0) {
      ended.complete(System.nanoTime());
    }
  }
}
