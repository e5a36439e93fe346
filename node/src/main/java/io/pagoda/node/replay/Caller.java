package io.pagoda.node.replay;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.Job;
import io.pagoda.Match;
import io.pagoda.Outcome;
import io.pagoda.PoolSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * A pretended inference engine: it serves one request at a time from its own memory.
 *
 * <p><b>Threads.</b> One at a time.
 */
final class Caller implements AutoCloseable {
  private static final int FIRST_BLOCKS = 256;

  private final BlockStore store;
  private final List<String> tiers;
  private final Latencies latencies;
  private EnginePool pool;

  Caller(BlockStore store, List<String> tiers, PoolSpec geometry, Latencies latencies) {
    this.store = store;
    this.tiers = tiers;
    this.latencies = latencies;
    this.pool = EnginePool.register(store, geometry, FIRST_BLOCKS);
  }

  /** Matches, fetches, verifies, and puts what was missing. */
  Served serve(Request request) {
    BlockKeys keys = request.keys();
    if (keys.size() == 0) {
      return nothing(request);
    }
    grow(keys.size());
    int[] blocks = pool.take(keys.size());
    return serve(request, blocks, store.match(keys));
  }

  private Served nothing(Request request) {
    List<Integer> none = Collections.nCopies(tiers.size(), 0);
    return new Served(request, 0, none, Optional.empty(), List.of(), Optional.empty());
  }

  private Served serve(Request request, int[] blocks, Match match) {
    BlockKeys keys = request.keys();
    int matched = match.blocks();
    List<Integer> matchedByTier = tiers.stream().map(match::blocksAt).toList();
    Optional<Outcome> fetch = fetch(match, blocks);
    int arrived = fetch.map(Outcome::blocks).orElse(0);
    List<Mismatch> mismatches = verify(keys, blocks, arrived);
    return new Served(
        request, matched, matchedByTier, fetch, mismatches, put(keys, blocks, arrived));
  }

  private Optional<Outcome> fetch(Match match, int[] blocks) {
    int matched = match.blocks();
    if (matched == 0) {
      match.close();
      return Optional.empty();
    }
    pool.poison(blocks, matched);
    int[] targets = Arrays.copyOf(blocks, matched);
    long start = System.nanoTime();
    return Optional.of(settle(store.fetch(match, pool.pool(), targets), start, latencies::fetched));
  }

  private List<Mismatch> verify(BlockKeys keys, int[] blocks, int arrived) {
    List<Mismatch> mismatches = new ArrayList<>();
    for (int i = 0; i < arrived; i++) {
      pool.verify(keys, i, blocks[i]).ifPresent(mismatches::add);
    }
    return mismatches;
  }

  private Optional<Outcome> put(BlockKeys keys, int[] blocks, int arrived) {
    if (arrived == keys.size()) {
      return Optional.empty();
    }
    pool.fill(keys, blocks, arrived);
    long start = System.nanoTime();
    return Optional.of(settle(store.put(keys, pool.pool(), blocks), start, latencies::put));
  }

  private static Outcome settle(Job job, long start, LongConsumer took) {
    Outcome outcome = job.settled().toCompletableFuture().join();
    took.accept(System.nanoTime() - start);
    return outcome;
  }

  private void grow(int blocks) {
    if (blocks > pool.blocks()) {
      EnginePool outgrown = pool;
      pool = EnginePool.register(store, outgrown.pool().parts().getFirst().spec(), blocks);
      outgrown.close();
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
