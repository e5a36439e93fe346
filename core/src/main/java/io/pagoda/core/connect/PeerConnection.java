package io.pagoda.core.connect;

import io.pagoda.Connection;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.Notification;
import io.pagoda.spi.transport.PeerMetadata;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.RemoteBatch.Direction;
import io.pagoda.spi.transport.Road;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The way to one start of a peer by one transport. */
final class PeerConnection implements Connection {
  private static final Logger LOG = System.getLogger(PeerConnection.class.getPackageName());

  /** Telling is one byte: who does not take it by then will not. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Track track;
  private final PeerMetadata peer;
  private final CompletableFuture<Link> opened;

  PeerConnection(Track track, PeerMetadata peer, CompletableFuture<Link> opened) {
    this.track = track;
    this.peer = peer;
    this.opened = opened;
  }

  /** {@return completes when it is open, or cannot be} */
  CompletableFuture<Link> opened() {
    return opened;
  }

  /** {@return the link, if it is open now} */
  Optional<Link> link() {
    boolean there = opened.isDone() && !opened.isCompletedExceptionally();
    return there ? Optional.of(opened.join()) : Optional.empty();
  }

  @Override
  public String peer() {
    return peer.name();
  }

  @Override
  public Road path() {
    return link().map(Link::path)
        .orElseGet(() -> new Road(track.type(), "not connected to " + peer.address(), ""));
  }

  @Override
  public boolean alive() {
    return link().map(Link::alive).orElse(false);
  }

  /**
   * Tells the peer what became of an operation. One that cannot be told sees that the link is lost,
   * or that its deadline has passed.
   *
   * @return completes when it has heard, or will not
   */
  CompletionStage<Boolean> tell(Offer offer, Told told) {
    return opened.thenCompose(link -> {
      RemoteBatch pulse = new RemoteBatch(
          Direction.READ, track.control(), new long[] {track.landing()}, offer.control(),
          new long[1], new long[] {1}).thenTell(new Notification(told.encode()));
      return link.post(pulse, PATIENCE).ended();
    }).handle((end, failure) -> {
      String why = failure != null ? failure.toString() : end.completed() ? "" : end.toString();
      if (!why.isEmpty()) {
        LOG.log(
            Level.DEBUG, "{0} could not be told that operation {1} is {2}: {3}", peer.name(),
            told.key(), told.what(), why);
      }
      return true;
    });
  }

  /** Closes it, as soon as it is open. */
  void close() {
    var _ = opened.thenAccept(Link::close);
  }
}
