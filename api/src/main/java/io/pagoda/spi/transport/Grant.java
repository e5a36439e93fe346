package io.pagoda.spi.transport;

import java.util.concurrent.CompletionStage;

/**
 * The right of peers to read or write some memory of this process, until it is revoked or too
 * old. Whoever has its {@link #metadata} has the right: it contains a token that nobody can
 * guess. Grants are told of one by one; a peer that is connected needs nothing else of a new one.
 *
 * <p><b>Threads.</b> Safe for use by many threads.
 *
 * <p><b>Memory.</b> Its regions are in use until it has {@linkplain GrantListener#ended ended}. No
 * byte outside its windows is read or written for a peer.
 *
 * <p><b>Failures.</b> A batch under a grant that has ended fails at the peer that posted it, with
 * the reason, and moves nothing.
 */
public interface Grant extends AutoCloseable {
  /** {@return what a peer needs to use it, beside its {@linkplain PeerMetadata way here}} */
  GrantMetadata metadata();

  /**
   * Ends the grant: nothing new begins under it, and what runs is brought to its end or cut off. A
   * peer that does not go on with what it has begun is cut off after some seconds.
   *
   * @return completes when nothing touches its windows any more; the same at every call
   */
  CompletionStage<Void> revoke();

  /** Revokes the grant, and waits for nothing. */
  @Override
  default void close() {
    var _ = revoke();
  }
}
