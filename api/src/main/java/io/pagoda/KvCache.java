package io.pagoda;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The door by tokens: a model's KV cache, asked for as inference engines ask, with token ids, slots
 * and masks. Behind it is a {@link BlockStore}; several models may share one.
 *
 * <p>In one step, for a decoder that waits anyway:
 *
 * {@snippet :
 * Pool pool = cache.register(EngineMemory.of(cache.model(), KvLayout.LAYER_FIRST, blocks)
 *     .rank(0, layerTensors));
 * var request = KvRequest.of(Tokens.of(promptIds)).in(Namespace.of(tenant, adapter));
 * KvTask task = cache.fetch(request.from(alreadyInGpu), pool, SlotMapping.ofBlocks(blockTable));
 * task.outcome().thenAccept(outcome -> schedule(outcome.tokens().to()));
 * }
 *
 * <p>In two steps, for a scheduler that has to find room first, and launches a batch at a time:
 *
 * {@snippet :
 * KvMatch match = cache.match(request);                       // pinned
 * SlotMapping slots = allocate(match.tokens().count());       // or match.close()
 * List<KvTask> tasks = cache.launch(pool, List.of(new KvLaunch(match, slots), ...));
 * for (KvTask ended : cache.poll()) { ... }                   // once per scheduling step
 * }
 *
 * <p><b>Threads.</b> Safe for use by many threads. No method waits for a transfer, except {@link
 * #await} and {@link #close}.
 *
 * <p><b>Memory.</b> Tokens, masks and mappings are read before a method returns, and never changed.
 * Of tasks it remembers all that have not settled, and the last 16,384 that have and whose end
 * nobody was told of; of plans that are neither launched nor closed the last 4,096.
 *
 * <p><b>Failures.</b> Whatever goes wrong below makes fewer tokens. Methods throw only for misuse:
 * a mask with a hole, slots that are not blocks, a plan that was launched before, a closed cache.
 */
public interface KvCache extends AutoCloseable {
  /** {@return the model whose cache it is} */
  ModelSpec model();

  /** {@return the store behind it} */
  BlockStore store();

  /** Makes an engine's memory known. */
  default Pool register(EngineMemory memory) {
    return store().register(memory.parts());
  }

  /** Finds what the store holds of a request, and pins it for as long as the store is set to. */
  default KvMatch match(KvRequest request) {
    return match(request, Duration.ZERO);
  }

  /**
   * Finds what the store holds of a request, from the start of its mask on, and pins it.
   *
   * @param keep how long it stays pinned unless it is launched or closed; zero for what the store
   *     is set to
   */
  KvMatch match(KvRequest request, Duration keep);

  /**
   * Plans to store what the store lacks of a request.
   *
   * @throws IllegalArgumentException if the mask does not start at token 0
   */
  KvDraft draft(KvRequest request);

  /** Launches a plan as the store is set to. */
  default KvTask launch(KvPlan plan, Pool pool, SlotMapping slots) {
    return launch(pool, List.of(new KvLaunch(plan, slots))).getFirst();
  }

  /**
   * Launches plans together: matches in one batch, drafts in another. If one is refused, none is
   * launched and all can be launched again. Should the store refuse the drafts when the matches are
   * launched already, because it is being closed, say, the tasks of the drafts have failed.
   *
   * @param pool where to, or where from
   * @param launches what
   * @return a task for each, in order
   * @throws IllegalStateException if a plan was launched or closed before
   * @throws IllegalArgumentException if a plan is of another cache, or a mapping does not fit
   */
  List<KvTask> launch(Pool pool, List<KvLaunch> launches);

  /** Matches and launches at once, as the store is set to. */
  default KvTask fetch(KvRequest request, Pool pool, SlotMapping slots) {
    return fetch(request, pool, slots, JobOptions.DEFAULT);
  }

  /**
   * Matches and launches at once.
   *
   * @param slots where to, for the tokens in the mask; all of them are checked, also those of
   *     blocks that the store turns out not to hold
   * @param options how; their namespace is that of the request
   */
  KvTask fetch(KvRequest request, Pool pool, SlotMapping slots, JobOptions options);

  /** Drafts and launches at once, as the store is set to. */
  default KvTask put(KvRequest request, Pool pool, SlotMapping slots) {
    return put(request, pool, slots, JobOptions.DEFAULT);
  }

  /**
   * Drafts and launches at once.
   *
   * @param slots where from, for the tokens in the mask
   * @param options how; their namespace is that of the request
   * @throws IllegalArgumentException if the mask does not start at token 0
   */
  KvTask put(KvRequest request, Pool pool, SlotMapping slots, JobOptions options);

  /** Brings what the store holds of a request up into host memory. */
  default KvTask prefetch(KvRequest request) {
    return prefetch(request, JobOptions.DEFAULT);
  }

  /**
   * Brings what the store holds of a request up into host memory.
   *
   * @param options how; their namespace is that of the request
   */
  KvTask prefetch(KvRequest request, JobOptions options);

  /** {@return a task by its number, unless it was not launched, or its end was told} */
  Optional<KvTask> task(long id);

  /**
   * Tells how tasks stand, without waiting. Who learns here that a task has ended was told: the
   * next time it is {@link KvStatus.State#NOT_FOUND}.
   *
   * @return a status for each, in order
   */
  List<KvStatus> status(long... ids);

  /**
   * Waits until tasks have settled, but not longer than {@code timeout}, and tells how they stand.
   * Plans that were not launched are not waited for.
   *
   * @return as {@link #status}
   */
  List<KvStatus> await(Duration timeout, long... ids) throws InterruptedException;

  /**
   * {@return the tasks that have settled and whose end nobody was told of yet; each is returned
   * once, to one thread}
   */
  List<KvTask> poll();

  /**
   * Ends tasks, and abandons plans. What has ended stays as it is, and unknown numbers are ignored.
   *
   * @return completes when nothing of them touches the caller's memory any more
   */
  CompletionStage<Void> cancel(long... ids);

  /** Tells why a request does not find more than it does. For people, not for every request. */
  KvMiss explainMiss(KvRequest request);

  /**
   * Forgets every block of the store, those of other models behind it too; for new weights.
   *
   * @return as {@link BlockStore#reset}
   */
  default CompletionStage<Void> reset() {
    return store().reset();
  }

  /** {@return what it was asked for since it was opened} */
  KvStatistics statistics();

  /**
   * Abandons its plans, cancels its tasks and waits until they have settled, but not for ever where
   * a device hangs. The store stays open. A second call does nothing.
   */
  @Override
  void close();
}
