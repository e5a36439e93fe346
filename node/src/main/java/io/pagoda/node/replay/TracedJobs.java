package io.pagoda.node.replay;

import io.pagoda.BlockKeys;
import io.pagoda.BlockStore;
import io.pagoda.Draft;
import io.pagoda.Fetch;
import io.pagoda.Job;
import io.pagoda.JobOptions;
import io.pagoda.Match;
import io.pagoda.Outcome;
import io.pagoda.PoolSpec;
import io.pagoda.Put;
import io.pagoda.core.trace.TraceLine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The jobs of a trace that is being replayed, from their beginning until they are known to be over.
 *
 * <p><b>Threads.</b> One at a time.
 */
final class TracedJobs implements AutoCloseable {
  private final BlockStore store;
  private final Latencies latencies;
  private final Memory memory;
  private final Map<Long, Running> running = new LinkedHashMap<>();
  private final Map<Long, CompletionStage<Outcome>> finishing = new LinkedHashMap<>();

  TracedJobs(BlockStore store, PoolSpec geometry, Latencies latencies) {
    this.store = store;
    this.latencies = latencies;
    this.memory = new Memory(store, geometry);
  }

  /**
   * A job that was begun.
   *
   * @param job the store's
   * @param wanted how many blocks were asked for
   * @param fetched the keys of a fetch, whose bytes are to be verified
   * @param blocks where they go
   * @param loan the memory it uses, if any
   */
  private record Running(
      Job job, int wanted, Optional<BlockKeys> fetched, List<Integer> blocks,
      Optional<Loan> loan) {}

  /** Memory that several jobs use. */
  private static final class Loan {
    private final EnginePool pool;
    private int users;

    Loan(EnginePool pool, int users) {
      this.pool = pool;
      this.users = users;
    }
  }

  /**
   * How a job ended.
   *
   * @param outcome as it says
   * @param wanted how many blocks were asked for
   * @param fetch whether it was a fetch
   * @param mismatches blocks that arrived wrong
   */
  record Over(Outcome outcome, int wanted, boolean fetch, List<Mismatch> mismatches) {}

  void fetch(TraceLine.Fetched line, List<Match> matches) {
    List<Integer> counts = new ArrayList<>();
    for (int i = 0; i < matches.size(); i++) {
      counts.add(Math.min(line.blocks().get(i), matches.get(i).blocks()));
    }
    int total = counts.stream().mapToInt(count -> count).sum();
    Loan loan = new Loan(memory.lend(total), matches.size());
    int[] targets = loan.pool.take(total);
    loan.pool.poison(targets, total);
    List<Fetch> fetches = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < matches.size(); i++) {
      int[] blocks = Arrays.copyOfRange(targets, from, from + counts.get(i));
      fetches.add(new Fetch(matches.get(i), blocks, JobOptions.DEFAULT));
      from += blocks.length;
    }
    long start = System.nanoTime();
    List<Job> jobs = store.fetch(loan.pool.pool(), fetches);
    for (int i = 0; i < jobs.size(); i++) {
      time(jobs.get(i), start, latencies::fetched);
      Fetch fetch = fetches.get(i);
      begin(
          line.number() + i,
          new Running(
              jobs.get(i), counts.get(i), Optional.of(fetch.match().keys()),
              Arrays.stream(fetch.blocks()).boxed().toList(), Optional.of(loan)));
    }
  }

  void prefetch(TraceLine.Prefetched line, Match match) {
    Job job = store.prefetch(match, JobOptions.DEFAULT);
    begin(
        line.number(),
        new Running(job, match.blocks(), Optional.empty(), List.of(), Optional.empty()));
  }

  void put(TraceLine.Put line) {
    Loan loan = new Loan(memory.lend(line.keys().size()), 1);
    int[] blocks = filled(loan.pool, line.keys());
    long start = System.nanoTime();
    Job job =
        store.put(line.keys(), loan.pool.pool(), blocks, JobOptions.DEFAULT.in(line.namespace()));
    stored(line.number(), job, line.keys(), loan, start);
  }

  void launch(TraceLine.Launched line, List<Draft> drafts) {
    int total = drafts.stream().mapToInt(draft -> draft.keys().size()).sum();
    Loan loan = new Loan(memory.lend(total), drafts.size());
    List<Put> puts = new ArrayList<>();
    for (Draft draft : drafts) {
      puts.add(new Put(draft, filled(loan.pool, draft.keys()), JobOptions.DEFAULT));
    }
    long start = System.nanoTime();
    List<Job> jobs = store.put(loan.pool.pool(), puts);
    for (int i = 0; i < jobs.size(); i++) {
      stored(line.number() + i, jobs.get(i), drafts.get(i).keys(), loan, start);
    }
  }

  private static int[] filled(EnginePool pool, BlockKeys keys) {
    int[] blocks = pool.take(keys.size());
    pool.fill(keys, blocks, 0);
    return blocks;
  }

  private void stored(long number, Job job, BlockKeys keys, Loan loan, long start) {
    time(job, start, latencies::put);
    finishing.put(number, job.finished());
    begin(number, new Running(job, keys.size(), Optional.empty(), List.of(), Optional.of(loan)));
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the time is taken whoever waits
  private static void time(Job job, long start, LongConsumer took) {
    job.settled().thenAccept(_ -> took.accept(System.nanoTime() - start));
  }

  private void begin(long number, Running job) {
    running.put(number, job);
  }

  void cancel(long number) {
    Running job = running.get(number);
    if (job != null) {
      job.job.cancel();
    }
  }

  /** Waits for a job to end; returns nothing if none with that number runs. */
  Optional<Over> end(long number) {
    return over(running.remove(number));
  }

  /** Waits until nothing of a put is left to do; returns nothing if there is none. */
  Optional<Outcome> finish(long number) {
    CompletionStage<Outcome> finished = finishing.remove(number);
    return finished == null ? Optional.empty() : Optional.of(finished.toCompletableFuture().join());
  }

  /** Waits for all jobs to end, of which the trace does not say how they did. */
  List<Over> endAll() {
    List<Over> overs = new ArrayList<>();
    for (Long number : List.copyOf(running.keySet())) {
      end(number).ifPresent(overs::add);
    }
    return overs;
  }

  private Optional<Over> over(@Nullable Running job) {
    if (job == null) {
      return Optional.empty();
    }
    Outcome outcome = job.job.settled().toCompletableFuture().join();
    List<Mismatch> mismatches = new ArrayList<>();
    job.fetched.ifPresent(keys -> {
      EnginePool pool = job.loan.orElseThrow().pool;
      for (int i = 0; i < outcome.blocks(); i++) {
        pool.verify(keys, i, job.blocks.get(i)).ifPresent(mismatches::add);
      }
    });
    job.loan.ifPresent(this::leave);
    return Optional.of(new Over(outcome, job.wanted, job.fetched.isPresent(), mismatches));
  }

  private void leave(Loan loan) {
    if (--loan.users == 0) {
      memory.takeBack(loan.pool);
    }
  }

  @Override
  public void close() {
    endAll();
    memory.close();
  }
}
