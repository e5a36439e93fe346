package io.pagoda.transport.tcp;

import io.pagoda.PagodaException;
import io.pagoda.spi.transport.Capabilities;
import io.pagoda.spi.transport.CostEstimate;
import io.pagoda.spi.transport.Endpoint;
import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.MemoryPlace;
import io.pagoda.spi.transport.Peer;
import io.pagoda.spi.transport.PeerMetadata;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.Road;
import io.pagoda.spi.transport.TransferHandle;
import io.pagoda.spi.transport.Transport;
import io.pagoda.spi.transport.TransportUse;
import io.pagoda.spi.transport.Window;
import io.pagoda.tck.TransportContract;
import io.pagoda.tck.TransportLeakContract;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Transports that break one promise each, under test by the contract. */
final class Liars {
  private Liars() {}

  /** Breaks none: the control. */
  static class Honest implements TransportContract, TransportLeakContract {
    @Override
    public Transport open(String name) {
      return new Liar(Rig.of(Backend.AUTO).open(name));
    }

    @Override
    public Duration patience() {
      return Duration.ofSeconds(30);
    }

    @Override
    public boolean thorough() {
      return Boolean.getBoolean("pagoda.test.long");
    }
  }

  /** Tells everything twice. */
  static class TellsTwice extends Honest {
    @Override
    public Transport open(String name) {
      return new Liar(Rig.of(Backend.AUTO).open(name)) {
        @Override
        public Grant grant(GrantTerms terms, GrantListener listener) {
          return super.grant(terms, new GrantListener() {
            @Override
            public void notified(Peer peer, byte[] message) {
              listener.notified(peer, message);
              listener.notified(peer, message);
            }

            @Override
            public void ended(End end) {
              listener.ended(end);
            }
          });
        }
      };
    }
  }

  /** Says that a fence is there before it is. */
  static class FencesTooSoon extends Honest {
    @Override
    public Duration patience() {
      return Duration.ofSeconds(2);
    }

    @Override
    public Transport open(String name) {
      return new Liar(Rig.of(Backend.AUTO).open(name)) {
        @Override
        TransferHandle handle(RemoteBatch batch, TransferHandle right) {
          return new LyingHandle(right) {
            @Override
            public CompletionStage<Void> cancel() {
              return CompletableFuture.completedFuture(null);
            }
          };
        }
      };
    }
  }

  /** Forgets to revoke. */
  static class NeverRevokes extends Honest {
    @Override
    public Duration patience() {
      return Duration.ofSeconds(1);
    }

    @Override
    public Transport open(String name) {
      return new Liar(Rig.of(Backend.AUTO).open(name)) {
        @Override
        public Grant grant(GrantTerms terms, GrantListener listener) {
          Grant right = super.grant(terms, listener);
          return new Grant() {
            @Override
            public GrantMetadata metadata() {
              return right.metadata();
            }

            @Override
            public CompletionStage<Void> revoke() {
              return CompletableFuture.completedFuture(null);
            }
          };
        }
      };
    }
  }

  /** Opens everything from the window's start on to the region's end. */
  static class OpensTooMuch extends Honest {
    @Override
    public Transport open(String name) {
      return new Liar(Rig.of(Backend.AUTO).open(name)) {
        @Override
        public Grant grant(GrantTerms terms, GrantListener listener) {
          return super.grant(
              new GrantTerms(
                  terms.windows().stream().map(window -> Window.of(window.region())).toList(),
                  terms.rights(), terms.lifetime(), terms.uses()),
              listener);
        }
      };
    }
  }

  /** Leaves the last range out. */
  static class ForgetsARange extends Honest {
    @Override
    public Transport open(String name) {
      return new Liar(Rig.of(Backend.AUTO).open(name)) {
        @Override
        RemoteBatch batch(RemoteBatch right) {
          return right.size() < 1_000 ? right : AlmostTheBatch.of(right).without(right.size() - 1);
        }
      };
    }
  }

  /** Never gives a registration back. */
  static class KeepsRegistrations extends Honest {
    @Override
    public Duration patience() {
      return Duration.ofSeconds(1);
    }

    @Override
    public Transport open(String name) {
      return new Liar(Rig.of(Backend.AUTO).open(name)) {
        @Override
        public TransportUse use() {
          TransportUse right = super.use();
          return new TransportUse(
              right.registrations() + 1, right.grants(), right.links(), right.transfers(),
              right.bufferBytes());
        }
      };
    }
  }

  /** Passes everything on. */
  static class Liar implements Transport {
    private final Transport right;

    Liar(Transport right) {
      this.right = right;
    }

    /** {@return what is posted for a batch on a link} */
    TransferHandle post(Link link, RemoteBatch batch, Duration deadline) {
      return handle(batch, link.post(batch(batch), deadline));
    }

    TransferHandle handle(RemoteBatch batch, TransferHandle handle) {
      return handle;
    }

    RemoteBatch batch(RemoteBatch batch) {
      return batch;
    }

    @Override
    public String type() {
      return right.type();
    }

    @Override
    public UUID generation() {
      return right.generation();
    }

    @Override
    public Capabilities capabilities() {
      return right.capabilities();
    }

    @Override
    public Region register(MemorySegment memory, MemoryPlace place) {
      return right.register(memory, place);
    }

    @Override
    public Grant grant(GrantTerms terms, GrantListener listener) {
      return right.grant(terms, listener);
    }

    @Override
    public Endpoint listen() {
      return right.listen();
    }

    @Override
    public Link connect(PeerMetadata peer, Duration deadline) {
      return new LyingLink(this, right.connect(peer, deadline));
    }

    @Override
    public TransportUse use() {
      return right.use();
    }

    @Override
    public void close() {
      right.close();
    }
  }

  private record LyingLink(Liar liar, Link right) implements Link {
    @Override
    public Peer peer() {
      return right.peer();
    }

    @Override
    public Road path() {
      return right.path();
    }

    @Override
    public boolean alive() {
      return right.alive();
    }

    @Override
    public CompletionStage<PagodaException> lost() {
      return right.lost();
    }

    @Override
    public TransferHandle post(RemoteBatch batch, Duration deadline) {
      return liar.post(right, batch, deadline);
    }

    @Override
    public CostEstimate estimate(RemoteBatch.Direction direction, int ranges, long bytes) {
      return right.estimate(direction, ranges, bytes);
    }

    @Override
    public void close() {
      right.close();
    }
  }
}
