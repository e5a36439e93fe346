package io.pagoda.core.connect;

import io.pagoda.spi.Availability;
import io.pagoda.spi.transport.Capabilities;
import io.pagoda.spi.transport.Capabilities.Feature;
import io.pagoda.spi.transport.Endpoint;
import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.MemoryPlace;
import io.pagoda.spi.transport.PeerMetadata;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.Transport;
import io.pagoda.spi.transport.TransportUse;
import io.pagoda.spi.transport.Window;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** A transport that moves nothing, of which everything happens when a test says so. */
public final class HandTransport implements Transport {
  private static final String TYPE = "by-hand";

  private final UUID generation = UUID.randomUUID();
  private final List<GrantListener> listeners = new CopyOnWriteArrayList<>();
  private volatile CompletableFuture<Void> released = CompletableFuture.completedFuture(null);
  private volatile Function<GrantListener, CompletionStage<Void>> revoking =
      _ -> CompletableFuture.completedFuture(null);
  private volatile Supplier<Link> linking = () -> {
    throw new IllegalStateException("nobody is to be linked to");
  };

  /** Links to nobody, and has nothing to wait for, until it is told otherwise. */
  public HandTransport() {}

  /** {@return those who hear of grants, in the order in which these were given} */
  List<GrantListener> listeners() {
    return listeners;
  }

  /** Says when every region is released. */
  public void released(CompletableFuture<Void> when) {
    released = when;
  }

  /** Says what is done to revoke a grant, of which who hears of it is given. */
  void revoking(Function<GrantListener, CompletionStage<Void>> how) {
    revoking = how;
  }

  /** Says how links are made. */
  public void linking(Supplier<Link> how) {
    linking = how;
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public UUID generation() {
    return generation;
  }

  @Override
  public Capabilities capabilities() {
    Map<Feature, String> missing =
        Arrays.stream(Feature.values()).collect(Collectors.toMap(each -> each, _ -> "by hand"));
    return new Capabilities(
        Availability.READY, Set.of(), missing,
        new Capabilities.Limits(1 << 24, Long.MAX_VALUE, 1 << 16, 16 << 10));
  }

  @Override
  public Region register(MemorySegment memory, MemoryPlace place) {
    return new Region() {
      @Override
      public MemorySegment memory() {
        return memory;
      }

      @Override
      public MemoryPlace place() {
        return place;
      }

      @Override
      public void close() {
        // The test says when it is released.
      }

      @Override
      public CompletionStage<Void> released() {
        return released;
      }
    };
  }

  @Override
  public Grant grant(GrantTerms terms, GrantListener listener) {
    listeners.add(listener);
    long[] bytes = terms.windows().stream().mapToLong(Window::bytes).toArray();
    GrantMetadata metadata = new GrantMetadata(
        TYPE, generation, new byte[GrantMetadata.TOKEN_BYTES], terms.rights(),
        Instant.now().plusSeconds(60), bytes, new byte[0]);
    return new Grant() {
      @Override
      public GrantMetadata metadata() {
        return metadata;
      }

      @Override
      public CompletionStage<Void> revoke() {
        return revoking.apply(listener);
      }
    };
  }

  @Override
  public Endpoint listen() {
    return new Endpoint() {
      @Override
      public PeerMetadata metadata() {
        return new PeerMetadata(TYPE, "far", generation, "nowhere", Map.of());
      }

      @Override
      public void close() {
        // Nobody comes.
      }
    };
  }

  @Override
  public Link connect(PeerMetadata peer, Duration deadline) {
    return linking.get();
  }

  @Override
  public TransportUse use() {
    return new TransportUse(0, 0, 0, 0, 0);
  }

  @Override
  public void close() {
    // It has nothing.
  }
}
