package io.pagoda;

import java.util.concurrent.CompletionStage;

/**
 * Memory of this process and of a peer, and bytes that move between both. It ends once, at the
 * latest at its deadline, and how never changes.
 *
 * <p><b>Threads.</b> Safe for use by many threads. What depends on a stage runs in threads of its
 * own and may block.
 *
 * <p><b>Memory.</b> Its descriptors are in use until {@link #settled} completes.
 *
 * <p><b>Failures.</b> The stages never complete exceptionally; what went wrong is in the end.
 */
public interface Operation {
  /** {@return which way bytes move} */
  OperationKind kind();

  /** {@return where it is} */
  OperationState state();

  /** {@return completes with how it ended, at the latest at its deadline} */
  CompletionStage<OperationEnd> ended();

  /**
   * {@return completes, with the end, when it has ended <em>and</em> nothing reads or writes its
   * memory here any more}
   */
  CompletionStage<OperationEnd> settled();

  /**
   * Calls it off, unless it has ended. The peer hears of it.
   *
   * @return completes when it has {@linkplain #settled settled}: whether it was cancelled
   */
  CompletionStage<Boolean> cancel();
}
