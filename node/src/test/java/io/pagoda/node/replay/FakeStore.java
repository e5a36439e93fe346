package io.pagoda.node.replay;

import io.pagoda.BlockKey;
import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.Draft;
import io.pagoda.Ending;
import io.pagoda.Fetch;
import io.pagoda.Job;
import io.pagoda.JobOptions;
import io.pagoda.Match;
import io.pagoda.Namespace;
import io.pagoda.Outcome;
import io.pagoda.Pool;
import io.pagoda.PoolPart;
import io.pagoda.PoolSpec;
import io.pagoda.Put;
import io.pagoda.StoreStatistics;
import io.pagoda.StoreStatistics.HopCount;
import io.pagoda.StoreStatistics.TierCount;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A store of one tier in the heap, which can be told to serve wrong bytes or to fail. */
public class FakeStore implements BlockStore {
  private final int capacity;
  private final Map<BlockKey, byte[]> blocks = new LinkedHashMap<>(16, 0.75f, true);
  private int openPools;
  private long evictions;
  private long fetched;

  /** Creates a store that keeps the {@code capacity} blocks used last. */
  public FakeStore(int capacity) {
    this.capacity = capacity;
  }

  /** What arrives of a fetch of {@code matched} blocks; to be overridden. */
  protected int arriving(int matched) {
    return matched;
  }

  /** What is stored of a put of {@code wanted} blocks; to be overridden. */
  protected int storing(int wanted) {
    return wanted;
  }

  /** The bytes that arrive for a block; to be overridden. Nothing leaves the pool as it was. */
  protected byte[] served(BlockKey key, byte[] right) {
    return right;
  }

  /** {@return how many pools are registered} */
  public synchronized int openPools() {
    return openPools;
  }

  /** {@return the bytes kept for {@code key}} */
  public synchronized byte[] kept(BlockKey key) {
    byte[] bytes = blocks.get(key);
    if (bytes == null) {
      throw new IllegalArgumentException("not there: " + key);
    }
    return bytes;
  }

  @Override
  public synchronized Pool register(List<PoolPart> parts) {
    openPools++;
    return new FakePool(parts.getFirst());
  }

  @Override
  public synchronized Match match(BlockKeys keys, Duration keep) {
    int found = 0;
    while (found < keys.size() && blocks.get(keys.key(found)) != null) {
      found++;
    }
    return new FakeMatch(keys, found);
  }

  @Override
  public synchronized Job fetch(Match match, Pool pool, int... into) {
    FakePool target = (FakePool) pool;
    int arrived = arriving(Math.min(match.blocks(), into.length));
    for (int i = 0; i < arrived; i++) {
      BlockKey key = match.keys().key(i);
      target.write(into[i], served(key, kept(key)));
    }
    fetched += arrived;
    return new Ended(Outcome.of(arrived, into.length, "told to bring fewer"));
  }

  @Override
  public synchronized Job put(BlockKeys keys, Pool pool, int... from) {
    FakePool source = (FakePool) pool;
    int stored = storing(keys.size());
    for (int i = 0; i < stored; i++) {
      int block = from[i];
      blocks.computeIfAbsent(keys.key(i), _ -> source.read(block));
    }
    while (blocks.size() > capacity) {
      blocks.remove(blocks.keySet().iterator().next());
      evictions++;
    }
    return new Ended(Outcome.of(stored, keys.size(), "told to store fewer"));
  }

  @Override
  public Job put(BlockKeys keys, Pool pool, int[] from, JobOptions options) {
    return put(keys, pool, from);
  }

  @Override
  public List<Job> fetch(Pool pool, List<Fetch> fetches) {
    return fetches.stream().map(f -> fetch(f.match(), pool, f.blocks())).toList();
  }

  @Override
  public List<Job> put(Pool pool, List<Put> puts) {
    return puts.stream().map(p -> put(p.draft().keys(), pool, p.blocks())).toList();
  }

  @Override
  public CompletionStage<Void> reset() {
    throw new UnsupportedOperationException(
        "a fake store has no reset: it matches, fetches and puts");
  }

  @Override
  public Ending explain(BlockKeys keys) {
    throw new UnsupportedOperationException(
        "a fake store has no explain: it matches, fetches and puts");
  }

  @Override
  public Job prefetch(Match match, JobOptions options) {
    throw new UnsupportedOperationException(
        "a fake store has no prefetch: it matches, fetches and puts");
  }

  @Override
  public Draft draft(BlockKeys keys, Namespace namespace) {
    throw new UnsupportedOperationException(
        "a fake store has no draft: it matches, fetches and puts");
  }

  @Override
  public synchronized StoreStatistics statistics() {
    var tier = new StoreStatistics.Tier(
        "heap",
        Map.of(
            TierCount.SLOTS, (long) capacity, TierCount.USED, (long) blocks.size(), TierCount.HITS,
            fetched, TierCount.EVICTIONS, evictions, TierCount.LOST, 0L, TierCount.CORRUPT, 0L));
    var hops = List.of(
        new StoreStatistics.Hop(
            "heap", "engine",
            Map.of(
                HopCount.BLOCKS, fetched, HopCount.BYTES, 4096 * fetched, HopCount.BUSY_NANOS,
                1_000_000L)),
        new StoreStatistics.Hop("engine", "heap", Map.of()));
    return new StoreStatistics(List.of(tier), hops, new StoreStatistics.Jobs(Map.of()));
  }

  @Override
  public void close() {}

  private final class FakePool implements Pool {
    private final PoolPart part;
    private final PoolSpec spec;
    private final MemorySegment memory;

    FakePool(PoolPart part) {
      this.part = part;
      this.spec = part.spec();
      this.memory = part.memory().getFirst();
    }

    @Override
    public List<PoolPart> parts() {
      return List.of(part);
    }

    @Override
    public int blocks() {
      return spec.blocks();
    }

    void write(int block, byte[] bytes) {
      for (int at = 0, chunk = 0; at < bytes.length; at += (int) spec.chunkBytes(), chunk++) {
        MemorySegment.copy(
            MemorySegment.ofArray(bytes), at, memory, offset(block, chunk), spec.chunkBytes());
      }
    }

    byte[] read(int block) {
      byte[] bytes = new byte[(int) spec.blockBytes()];
      for (int at = 0, chunk = 0; at < bytes.length; at += (int) spec.chunkBytes(), chunk++) {
        MemorySegment.copy(
            memory, offset(block, chunk), MemorySegment.ofArray(bytes), at, spec.chunkBytes());
      }
      return bytes;
    }

    private long offset(int block, int chunk) {
      return spec.offset(block, chunk / spec.tensors(), chunk % spec.tensors());
    }

    @Override
    public void close() {
      synchronized (FakeStore.this) {
        openPools--;
      }
    }
  }

  private record FakeMatch(BlockKeys keys, int blocks) implements Match {
    @Override
    public int blocksAt(String tier) {
      return blocks;
    }

    @Override
    public void close() {}
  }

  private record Ended(Outcome end) implements Job {
    @Override
    public CompletionStage<Outcome> outcome() {
      return CompletableFuture.completedStage(end);
    }

    @Override
    public CompletionStage<Outcome> settled() {
      return outcome();
    }

    @Override
    public CompletionStage<Outcome> finished() {
      return outcome();
    }

    @Override
    public CompletionStage<Outcome> cancel() {
      return outcome();
    }
  }
}
