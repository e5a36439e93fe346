package io.pagoda.remote.http;

import io.pagoda.remote.http.WireRequest.Origin;
import io.pagoda.remote.objects.Try;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Connections to servers, kept for the next request.
 *
 * <p><b>Threads.</b> Any. Each exchange runs in a thread that may block; a request whose try is
 * given up has its connection closed.
 */
public final class Wire implements AutoCloseable {
  private final Executor executor;
  private final Duration connectTimeout;
  private final long idleNs;
  private final SSLContext tls;
  private final Map<Origin, ArrayDeque<Connection>> idle = new HashMap<>();
  private final Set<Connection> all = new HashSet<>();
  private boolean closed;

  /**
   * Begins with no connection.
   *
   * @param executor has a thread for each task, which may block
   * @param connectTimeout how long to connect may take
   * @param idle how long a connection is kept that nobody uses
   * @param tls whom to trust
   */
  public Wire(Executor executor, Duration connectTimeout, Duration idle, SSLContext tls) {
    this.executor = executor;
    this.connectTimeout = connectTimeout;
    this.idleNs = idle.toNanos();
    this.tls = tls;
  }

  /**
   * Makes a request.
   *
   * @param request prepares it, in the thread that makes it
   * @param one breaks it off when it is given up
   * @return the response, when all of it has come; fails with an {@link IOException}, or as the
   *     preparation does
   */
  public CompletableFuture<WireResponse> send(Supplier<WireRequest> request, Try one) {
    var result = new CompletableFuture<WireResponse>();
    executor.execute(() -> {
      try {
        result.complete(exchange(request.get(), one));
      } catch (IOException | RuntimeException e) {
        result.completeExceptionally(e);
      }
    });
    return result;
  }

  /** As {@link #send}, in this thread. */
  private WireResponse exchange(WireRequest request, Try one) throws IOException {
    Connection kept = kept(request.origin());
    if (kept != null) {
      try {
        return on(kept, request, one);
      } catch (StaleConnectionException e) {
        // The server closed it meanwhile; that says nothing of the request.
        if (request.upload() != null) {
          request.upload().rewind();
        }
      }
    }
    return on(connect(request.origin(), one), request, one);
  }

  private WireResponse on(Connection connection, WireRequest request, Try one) throws IOException {
    one.onStop(connection::abort);
    boolean reusable = false;
    try {
      WireResponse response = connection.exchange(request, one);
      reusable = connection.reusable();
      return response;
    } finally {
      one.onStop(() -> {});
      if (reusable) {
        keep(connection);
      } else {
        drop(connection);
      }
    }
  }

  private @Nullable Connection kept(Origin origin) {
    long now = System.nanoTime();
    while (true) {
      Connection last;
      synchronized (this) {
        var of = idle.get(origin);
        last = of == null ? null : of.pollLast();
      }
      if (last == null || now - last.usedAt() < idleNs) {
        return last;
      }
      drop(last);
    }
  }

  private Connection connect(Origin origin, Try one) throws IOException {
    var connection = new Connection(origin);
    synchronized (this) {
      if (closed) {
        throw new IOException("The client is closed");
      }
      all.add(connection);
    }
    one.onStop(connection::abort);
    try {
      connection.open(connectTimeout, tls);
      return connection;
    } catch (IOException | RuntimeException e) {
      drop(connection);
      throw e;
    }
  }

  private void keep(Connection connection) {
    synchronized (this) {
      if (!closed) {
        idle.computeIfAbsent(connection.origin(), _ -> new ArrayDeque<>()).addLast(connection);
        return;
      }
    }
    drop(connection);
  }

  private void drop(Connection connection) {
    synchronized (this) {
      all.remove(connection);
    }
    connection.close();
  }

  /** {@return how many connections there are} */
  public synchronized int connections() {
    return all.size();
  }

  /** Closes all connections. */
  @Override
  public void close() {
    List<Connection> open;
    synchronized (this) {
      closed = true;
      open = List.copyOf(all);
      idle.clear();
    }
    open.forEach(Connection::abort);
  }
}
