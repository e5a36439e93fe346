package io.pagoda.node.replay;

import java.util.Optional;

/**
 * Requests in the order of their arrival: a trace, or a generated workload.
 *
 * <p><b>Threads.</b> One at a time.
 */
public interface RequestSource extends AutoCloseable {
  /** {@return the next request, or nothing at the end} */
  Optional<Request> next();

  /** {@return how much lies behind, from 0 to 1} */
  double progress();

  /** {@return tokens in each block} */
  int tokensPerBlock();

  @Override
  void close();
}
