package io.pagoda.core.peer;

import io.pagoda.spi.transport.Endpoint;
import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.PeerMetadata;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.Transport;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A transport that moves nothing, whose grants end when a test says so. */
final class GrantsByHand {
  static final String TYPE = "by-hand";

  /** Whether a grant ends when it is revoked, and not later. */
  volatile boolean prompt = true;

  /** Whether metadata cannot be had. */
  volatile boolean silentAbout;

  private final List<GrantListener> listeners = new CopyOnWriteArrayList<>();
  private final AtomicInteger granted = new AtomicInteger();
  private final AtomicInteger revoked = new AtomicInteger();

  int granted() {
    return granted.get();
  }

  int revoked() {
    return revoked.get();
  }

  void endAll() {
    listeners.forEach(listener -> listener.ended(GrantListener.End.REVOKED));
  }

  Transport transport() {
    return proxy(Transport.class, (method, arguments) -> switch (method.getName()) {
      case "type" -> TYPE;
      case "register" -> region();
      case "listen" -> endpoint();
      case "grant" -> grant((GrantTerms) arguments[0], (GrantListener) arguments[1]);
      default -> throw new UnsupportedOperationException(method.getName());
    });
  }

  private static Region region() {
    return proxy(
        Region.class,
        (method, _) -> method.getName().equals("memory")
            ? MemorySegment.ofArray(new byte[(int) LentWords.BLOCK])
            : CompletableFuture.completedStage(null));
  }

  private static Endpoint endpoint() {
    return proxy(
        Endpoint.class,
        (_, _) -> new PeerMetadata(TYPE, "lender", new UUID(1, 2), "nowhere", Map.of()));
  }

  private Grant grant(GrantTerms terms, GrantListener listener) {
    granted.incrementAndGet();
    listeners.add(listener);
    return new Grant() {
      @Override
      public GrantMetadata metadata() {
        if (silentAbout) {
          throw new IllegalStateException("There is no metadata");
        }
        long[] bytes = new long[terms.windows().size()];
        return new GrantMetadata(
            TYPE, new UUID(1, 2), new byte[GrantMetadata.TOKEN_BYTES], Set.of(Right.READ),
            Instant.now(), bytes, new byte[0]);
      }

      @Override
      public CompletionStage<Void> revoke() {
        revoked.incrementAndGet();
        if (prompt) {
          listener.ended(GrantListener.End.REVOKED);
        }
        return CompletableFuture.completedStage(null);
      }
    };
  }

  private interface Answer {
    Object to(Method method, Object[] arguments);
  }

  private static <T> T proxy(Class<T> type, Answer answer) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(), new Class<?>[] {type},
            (_, method, arguments) -> method.getReturnType() == void.class
                ? null
                : answer.to(method, arguments)));
  }
}
