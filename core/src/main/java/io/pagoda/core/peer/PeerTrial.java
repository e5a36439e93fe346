package io.pagoda.core.peer;

import io.pagoda.BlockKeys;
import io.pagoda.spi.transport.Road;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * One peer, to be tried by hand.
 *
 * <p><b>Failures.</b> Whatever is asked of a peer that is not there throws {@link
 * io.pagoda.PagodaException} with the reason.
 */
public final class PeerTrial {
  private final PeerNode node;

  PeerTrial(PeerNode node) {
    this.node = node;
  }

  /** {@return what it is called here} */
  public String name() {
    return node.name();
  }

  /** {@return where it lends, as the configuration says; its name may not be resolved} */
  public InetSocketAddress address() {
    return node.address();
  }

  /** {@return why there is no conversation with it; empty if there is one} */
  public String trouble() {
    return node.session().isPresent() ? "" : node.trouble();
  }

  /** {@return what it calls itself} */
  public String ownName() {
    return session().welcome().name();
  }

  /** {@return how its bytes come} */
  public Road path() {
    return session().path();
  }

  /** {@return how long it lends a block at most} */
  public Duration lifetime() {
    return Duration.ofMillis(session().welcome().lifetime());
  }

  /** {@return what both sides have proven to each other when they met} */
  public String proof() {
    return session().veiled()
        ? "both sides know it; what they say is sealed with it"
        : "none: whoever reaches the port may ask; set pagoda.peers.secret-file at both sides";
  }

  /** {@return how long a question and its answer take, in nanoseconds} */
  public long ping() {
    Session session = session();
    long start = System.nanoTime();
    session.ping();
    return System.nanoTime() - start;
  }

  /** {@return keys of some blocks that it has, at most {@code most} and 8,192} */
  public BlockKeys sample(int most) {
    return session().sample(Math.min(most, Message.MOST_LENT));
  }

  private Session session() {
    return node.session().orElseThrow(() -> Session.gone(node.trouble()));
  }

  @Override
  public String toString() {
    return node.toString();
  }
}
