package io.pagoda.examples;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.pagoda.Connector;
import io.pagoda.Descriptor;
import io.pagoda.ReadableOperation;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Has an array, and tells over HTTP how to get it: each request exposes it once, for as long as the
 * connector's deadline says. The array's bytes do not go through HTTP.
 */
final class MediaProducer implements AutoCloseable {
  private final Connector connector;
  private final MemorySegment array;
  private final List<Integer> shape;
  private final String dtype;
  private final HttpServer server;

  MediaProducer(Connector connector, MemorySegment array, List<Integer> shape, String dtype)
      throws IOException {
    this.connector = connector;
    this.array = array;
    this.shape = shape;
    this.dtype = dtype;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/image", this::answer);
    server.start();
  }

  /** {@return where it answers} */
  URI address() {
    return URI.create("http://localhost:%d/image".formatted(server.getAddress().getPort()));
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      ReadableOperation exposed =
          connector.createReadable(List.of(Descriptor.of(array)), connector.terms().verify());
      MediaArray told = new MediaArray(shape, dtype, exposed.metadata());
      byte[] json = told.toJson().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, json.length);
      exchange.getResponseBody().write(json);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
